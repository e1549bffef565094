"""termd and the shim under Valgrind's memcheck, over a whole life: no error, no leak, and at the end no descriptor that they
opened themselves."""

import http.client
import re
import shutil

import pytest

from support.many import ROOM, SANITIZED, open_session
from support.termd import build_directory
from support.wait import wait_until

pytestmark = pytest.mark.skipif(SANITIZED, reason="a sanitized program does not run under Valgrind")

CONFIG = {
    "commands": {"shell": {"argv": ["/bin/sh"]}},
    "sessions": ROOM,
    # Under Valgrind everything takes its time.
    "ssh": {"connect_timeout": "60s"},
    "workers": {"stop_grace": "20s", "start_timeout": "60s"},
    "probe": {"interval": "20s", "timeout": "10s"},
    "hooks": [{"events": ["session.closed"], "argv": ["/bin/cat"]}],
}
LEAKS = ["--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]
OPTIONS = ["--track-fds=yes", "--child-silent-after-fork=yes", *LEAKS]
DEADLINE = 90


class Valgrind:
    """A tree of programs like a build's, in which the shim runs under Valgrind, and the words to run termd so."""

    def __init__(self, folder):
        self._reports, self.tree = folder / "reports", folder / "tree"
        self._reports.mkdir()
        self._build = build_directory()
        programs, shims = self._build / "supervisor", self.tree / "supervisor/shim"
        shims.mkdir(parents=True)
        # Copies: a link is not what a program finds itself at, and it looks for others beside itself.
        shutil.copy(programs / "termd", shims.parent)
        (shims / "termd-attach").symlink_to(programs / "shim/termd-attach")
        (self.tree / "cli").symlink_to(self._build / "cli")
        wrapper = shims / "termd-shim"
        wrapper.write_text("#!/bin/sh\nexec " + " ".join([*self.words("shim"), str(programs / "shim/termd-shim")]) + ' "$@"\n')
        wrapper.chmod(0o755)

    def words(self, name):
        pidfds = self._build / "tests/support/pidfds-for-valgrind.so"
        return ["env", f"LD_PRELOAD={pidfds}", "valgrind", *OPTIONS, f"--log-file={self._reports}/{name}.%p"]

    def reports(self, name):
        return {path: path.read_text() for path in self._reports.glob(f"{name}.*")}


def complaints(path, report):
    """What memcheck found, one line each; a report that is cut off is one, too."""
    its_own = r"file descriptor \d+: " + re.escape(str(path))
    descriptors = [line for line in report.splitlines() if re.search(f"== Open (?!{its_own})", line)]
    # Valgrind 3.24 looks for descriptors that are closed twice, and does not know that ioctl_tty(2)'s TIOCGPTPEER opens one.
    closed_twice = [block for block in re.split(r"==\d+== \n", report) if "is already closed" in block]
    errors = sum(1 for block in closed_twice if "termd::os::pty::~pty" in block)
    good = f"ERROR SUMMARY: {errors} errors " in report and "FILE DESCRIPTORS: " in report
    return descriptors + ([] if good else [report])


def test_a_whole_life_has_no_memory_errors_no_leaks_and_leaves_no_descriptor_open(make_termd, connect, tmp_path, monkeypatch):
    if not shutil.which("valgrind"):
        pytest.skip("there is no valgrind")
    valgrind = Valgrind(tmp_path)
    monkeypatch.setenv("TERMD_BUILD", str(valgrind.tree))
    termd = make_termd(config=CONFIG, start=False)
    termd.prefix = valgrind.words("termd")
    termd.start(deadline=DEADLINE)

    session, other = open_session(termd, "shell"), open_session(termd, "shell")
    page = connect(session, deadline=DEADLINE)
    page.type("echo $((6 * 7))\n")
    page.read_until("\n42", DEADLINE)
    first = termd.show(session)["worker"]["pid"]
    assert termd.ctl("restart", session["id"]).code == 0
    wait_until(lambda: termd.show(session)["worker"]["pid"] not in (first, None), DEADLINE, "another ttyd")
    termd.wait_for_state(session, "ready", DEADLINE)
    page = connect(session, deadline=DEADLINE)
    page.type("echo $((7 * 8))\n")
    page.read_until("\n56", DEADLINE)
    assert termd.api("POST", "/v1/reload").status == http.client.OK
    assert termd.api("DELETE", f"/v1/sessions/{session['id']}", deadline=DEADLINE).status == http.client.OK
    assert termd.api("GET", "/v1/history").status == http.client.OK
    assert termd.stop(DEADLINE) == 0

    assert len(valgrind.reports("termd")) == 1 and len(valgrind.reports("shim")) == 2
    reports = valgrind.reports("termd") | valgrind.reports("shim")
    assert [words for path, report in reports.items() for words in complaints(path, report)] == []
