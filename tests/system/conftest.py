"""The package of this build, and a machine with systemd on which it is installed."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.machine import TTYD, Machine, lacking
from support.shell import process_id
from support.termd import CHECKOUT, build_directory
from support.toml import to_toml
from support.wait import wait_until

CONFIG = {
    "ttyd": {"path": TTYD},
    "ssh": {"host_keys": "accept-new", "login": "dev", "keys": ["/etc/termd/key"]},
    "sessions": {"unattached_timeout": "0", "gone_timeout": "0", "max_per_user": 20},
    "commands": {"sh": {"argv": ["/bin/bash", "--norc"]}},
}


@pytest.fixture(scope="session", autouse=True)
def needs():
    if why := lacking():
        pytest.fail(why) if os.environ.get("TERMD_REQUIRE_SYSTEM") == "1" else pytest.skip(why)


@dataclass(frozen=True)
class Package:
    file: Path
    newer: Path  # the same with a higher version


@pytest.fixture(scope="session")
def package(needs, tmp_path_factory):
    """Made of what is compiled already: only the real package has a compiler's run of its own (scripts/package)."""
    place = tmp_path_factory.mktemp("package")
    environment = os.environ | {"TERMD_BUILT": str(build_directory()), "TERMD_SKIP_SETUP": "1", "DEB_BUILD_OPTIONS": "noautodbgsym"}
    done = subprocess.run([CHECKOUT / "scripts/package", place], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    [file] = place.glob("termd_*.deb")
    content, newer = place / "content", place / "newer.deb"
    subprocess.run(["dpkg-deb", "-R", file, content], check=True)
    control = content / "DEBIAN/control"
    control.write_text(control.read_text().replace("\nVersion: ", "\nVersion: 9:"))
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", "-Znone", content, newer], check=True, capture_output=True)
    return Package(file, newer)


@pytest.fixture(scope="session")
def template(needs):
    """The root that machines are copies of."""
    done = subprocess.run([CHECKOUT / "tests/system/make-root"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def environment():
    """Of systemd-nspawn."""
    return {}


@pytest.fixture(scope="module")
def machine(package, template, environment, tmp_path_factory):
    """A machine that is up, with termd on it and an sshd that lets termd's key in."""
    box = Machine(template, environment)
    try:
        prepare(box, tmp_path_factory.mktemp("key") / "key")
        box.boot()
        install(box, package.file)
        box.run("install", "-o", "termd", "-g", "termd", "-m", "600", "/root/key", "/etc/termd/key")
        configure(box)
        yield box
    finally:
        box.destroy()


def prepare(box, key):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    for user in ("dev", "stranger", "portal"):
        subprocess.run(["useradd", "--root", box.root, "--create-home", "--shell", "/bin/bash", user], check=True)
    subprocess.run(["chroot", box.root, "install", "-d", "-o", "dev", "-m", "700", "/home/dev/.ssh"], check=True)
    (box.root / "home/dev/.ssh/authorized_keys").write_text(key.with_suffix(".pub").read_text())
    (box.root / "root/key").write_text(key.read_text())
    # Sooner than the unit says, for the test that waits for it.
    drop_in = box.root / "etc/systemd/system/termd.service.d/watchdog.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nWatchdogSec=8\n")


def install(box, file):
    (box.root / "root/termd.deb").write_bytes(file.read_bytes())
    return box.run("dpkg", "--install", "/root/termd.deb")


def configure(box, more=None):
    (box.root / "etc/termd/termd.toml").write_text(to_toml(CONFIG | (more or {})))
    box.run("systemctl", "restart", "termd")


@pytest.fixture
def termd(machine):
    """The machine with termd running and, before and after, without a session."""
    machine.run("systemctl", "start", "termd")
    yield machine
    machine.run("systemctl", "start", "termd")
    machine.run("termctl", "close", "--all", "--now", check=False)
    wait_until(lambda: machine.api("GET", "/v1/sessions").json()["sessions"] == [], 30, "all sessions to end")


@pytest.fixture
def open_shell(termd, connect):
    """A function that opens a session and a page of it: (session, page, number of its shell)."""

    def opened(**request):
        answer = termd.api("POST", "/v1/sessions", {"user": "alice", "reuse": False} | (request or {"host": "127.0.0.1"}))
        assert answer.status == 201, answer.body
        session = answer.json()
        with termd.network():
            page = connect(session)
        return session, page, process_id(page)

    return opened
