"""What is in the package: how tight its units are, how its programs are built, what lintian says of it."""

import json
import re
import subprocess

import pytest
from support.termd import CHECKOUT

MOST_EXPOSED = 1.5  # of 10, as systemd-analyze counts
PROGRAMS = ["usr/sbin/termd", "usr/bin/termctl", "usr/libexec/termd/termd-shim", "usr/libexec/termd/termd-attach"]


@pytest.fixture(scope="module")
def content(package, tmp_path_factory):
    place = tmp_path_factory.mktemp("content")
    subprocess.run(["dpkg-deb", "-x", package.file, place], check=True)
    return place


@pytest.mark.parametrize("unit", ["termd.service", "termd-sessions.service"])
def test_the_services_are_in_a_tight_sandbox(content, unit):
    [file] = content.glob(f"**/systemd/system/{unit}")
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", file], capture_output=True, text=True)
    exposure = re.search(r"exposure level for \S+ ([0-9.]+)", done.stdout)
    assert exposure, done.stdout + done.stderr
    assert float(exposure[1]) <= MOST_EXPOSED, "\n".join(line for line in done.stdout.splitlines() if "✗" in line)


def test_lintian_finds_no_error(package):
    done = subprocess.run(["lintian", "--fail-on", "error", "--allow-root", package.file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", ["man1/termctl.1.gz", "man5/termd.toml.5.gz", "man8/termd.8.gz"])
def test_the_manual_pages_can_be_read(content, page):
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", content / "usr/share/man" / page], capture_output=True, text=True, env={"MANWIDTH": "100", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.count("\n") > 50


def test_the_manual_page_of_the_configuration_has_every_key(content):
    page = subprocess.run(["man", "-l", content / "usr/share/man/man5/termd.toml.5.gz"], capture_output=True, text=True, env={"MANWIDTH": "500", "PATH": "/usr/bin:/bin"}).stdout
    keys = re.findall(r"^#(\w+) = ", (CHECKOUT / "etc/termd.toml").read_text(), re.MULTILINE)
    assert len(keys) > 40
    assert [key for key in keys if not re.search(rf"^ +{key} = ", page, re.MULTILINE)] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_programs_are_hardened(content, program):
    def readelf(*options):
        return subprocess.run(["readelf", "--wide", *options, content / program], check=True, capture_output=True, text=True).stdout

    assert "DYN (Position-Independent Executable" in readelf("--file-header")
    assert "GNU_RELRO" in readelf("--program-headers")
    assert "BIND_NOW" in readelf("--dynamic") or "NOW" in readelf("--dynamic")
    assert "__stack_chk_fail" in readelf("--dyn-syms")
    # Not the note of it: that goes when one part of the C library has none.
    code = subprocess.run(["objdump", "--disassemble", content / program], check=True, capture_output=True, text=True).stdout
    assert code.count("endbr64") > 100, "indirect jumps and calls have marked targets (CET)"


WANTED = ["-fstack-protector-strong", "-fcf-protection", "-D_FORTIFY_SOURCE=2", "-O2"]


def test_the_package_is_compiled_with_all_that_hardens(tmp_path):
    """The package of these tests is made of a build for debugging; this is how that of scripts/package is compiled."""
    makefile = (CHECKOUT / "debian/rules").read_text().split("\n%:")[0]
    (tmp_path / "flags").write_text(makefile + "\nshow:\n\tmeson setup --prefix=/usr --buildtype=plain $(PLACE) $(SOURCE) -Dtests=false >&2\n")
    flags = subprocess.run(["make", "-f", tmp_path / "flags", "show", f"PLACE={tmp_path}/build", f"SOURCE={CHECKOUT}"], capture_output=True, text=True, env=dpkg_flags())
    assert flags.returncode == 0, flags.stderr
    commands = [entry["command"] for entry in json.loads((tmp_path / "build/compile_commands.json").read_text())]
    assert len(commands) > 100
    for command in commands:
        assert [flag for flag in WANTED if flag not in command] == [], command
        assert "-fPIE" in command or "-fPIC" in command, command


def dpkg_flags():
    """What debhelper puts into the environment of a build."""
    path = {"PATH": "/usr/bin:/bin"}
    maintainer = {"DEB_BUILD_MAINT_OPTIONS": "hardening=+all", "DEB_CXXFLAGS_MAINT_APPEND": "-fcf-protection", "DEB_CFLAGS_MAINT_APPEND": "-fcf-protection"}
    listed = subprocess.run(["dpkg-buildflags", "--export=cmdline"], check=True, capture_output=True, text=True, env=path | maintainer).stdout
    return path | dict(re.findall(r'(\w+)="([^"]*)"', listed))
