"""The README's examples for programs run as they are printed.

The shell blocks of one section are run as one script, in their order. Only the line that says where the socket lies is
changed. A line "#> TEXT" says what the block prints there; "…" in it stands for anything.
"""

import getpass
import os
import re
import subprocess

import pytest

from support.termd import CHECKOUT

SECTION = "Use it from your program"
SOCKET_LINE = "SOCKET=/run/termd/control.sock"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"^#> ?(.*)$", re.MULTILINE)


def blocks():
    section = (CHECKOUT / "README.md").read_text().split(f"\n## {SECTION}\n")[1].split("\n## ")[0]
    return BLOCK.findall(section)


def script(found, mark):
    """One script that prints the mark after each block, and stops at the first command that fails."""
    text = "set -euo pipefail\n" + "".join(f"{block}\necho {mark}\n" for block in found)
    assert text.count(SOCKET_LINE + "\n") == 1, f"the examples begin with {SOCKET_LINE}"
    return text


def as_printed(expected, printed):
    pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", expected))
    return re.fullmatch(pattern, printed) is not None


def everybody_is_db1(folder, sshd):
    """An ssh by which any host and login lead to the sshd of the tests: the README's names stay as they are."""
    path = folder / "ssh"
    path.write_text(f'#!/bin/sh\nexec ssh -o HostName=127.0.0.1 -o Port={sshd.port} -o User={sshd.login} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def termd(make_termd, sshd, tmp_path):
    operators = ["root", getpass.getuser()]
    return make_termd({"control": {"operators": operators}, "ssh": {"path": str(everybody_is_db1(tmp_path, sshd))}})


def test_the_examples_for_programs_do_what_the_readme_says(termd):
    found, mark = blocks(), "--- the block is over ---"
    assert len(found) >= 5

    text = script(found, mark).replace(SOCKET_LINE, f"SOCKET={termd.socket}")
    outcome = subprocess.run(
        ["bash", "-c", text], cwd=CHECKOUT, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    for block, printed in zip(found, outcome.stdout.split(f"{mark}\n")):
        expected, lines = EXPECTED.findall(block), printed.splitlines()
        assert len(lines) == len(expected) and all(map(as_printed, expected, lines)), f"{block}\nprints:\n{printed}"
    assert termd.list() == []


@pytest.mark.parametrize("expected, printed, same", [("a … c", "a b c", True), ("a … c", "a b d", False), ("a.c", "abc", False)])
def test_what_is_printed_is_compared_and_not_only_there(expected, printed, same):
    assert as_printed(expected, printed) is same


@pytest.mark.parametrize("program", ["scripts/lib/demo.py", "bench/run.py"])
def test_the_demo_and_the_bench_need_nothing_of_python_but_its_standard_library(program):
    imported = f"import runpy; runpy.run_path({str(CHECKOUT / program)!r}, run_name='imported')"
    done = subprocess.run(["/usr/bin/python3", "-S", "-c", imported], capture_output=True, text=True)  # -S: nothing that was installed
    assert done.returncode == 0, done.stderr
