"""The log of typed lines: what stands in the audit trail after somebody has typed into real shells, and what does not."""

import contextlib
import re

import pytest

from support import leftovers, shell
from support.wait import TimedOut, wait_until

SHELLS = {
    "bash": ["/bin/bash", "--norc", "--noprofile", "-i"],
    "zsh": ["/usr/bin/zsh", "-f", "-i"],
    "fish": ["/usr/bin/fish", "--no-config", "-i"],
}
COMMANDS = {name: {"argv": argv} for name, argv in SHELLS.items()}
ASKS = "/usr/bin/python3 -c \"import getpass; print(len(getpass.getpass('Pass''word: ')))\""
PROMPT = "[#$%>] "  # how those of all of them end, root's and others'
UP, LEFT, TAB, END = "\x1b[A", "\x1b[D", "\t", "\x05"


@pytest.fixture
def termd(make_termd):
    return make_termd(config={"commands": COMMANDS, "history": {"commands": True}})


def rows(termd, session):
    """The audit rows of typed lines, oldest first."""
    found = termd.api("GET", f"/v1/audit?session={session['id']}&type=command.typed").json()["events"]
    return [row["details"] for row in reversed(found)]


def lines(termd, session):
    """Their texts; None for a line that was not shown."""
    return [row.get("text") for row in rows(termd, session)]


class Typist:
    """Types as a person does: when there is a prompt. (docs/recording.md says what may become of keys typed ahead of it.)"""

    def __init__(self, page):
        self.page = page
        shell.ask(page, "$PWD")
        wait_until(lambda: re.search(rf"a\d+=:/[\s\S]*{PROMPT}", page.text()), 15, lambda: f"a prompt in {page.text()!r}")

    def keys(self, keys, pattern):
        """Type keys, and wait until this is in the new output."""
        seen = len(self.page.text())
        self.page.type(keys)
        wait_until(lambda: re.search(pattern, self.page.text()[seen:]), 15, lambda: f"{pattern} after {keys!r} in {self.page.text()[seen:]!r}")

    def enter(self, answer):
        """End the line, and wait until the shell waits for the next."""
        self.keys("\r", rf"{answer}[\s\S]*{PROMPT}")

    def line(self, text, answer):
        self.keyed(text)
        self.enter(answer)

    def start(self, text, pattern):
        """Start what is going to read keys itself."""
        self.keyed(text)
        self.keys("\r", pattern)

    def keyed(self, text):
        for key in re.findall(r"\x1b\[.|.", text):
            self.page.type(key)


def wait_for(termd, session, wanted):
    wait_until(lambda: lines(termd, session) == wanted, 15, lambda: f"{wanted}, not {lines(termd, session)}")


@pytest.fixture(params=SHELLS)
def at_shell(request, termd, connect):
    """A session with each of the shells, and somebody who types there."""
    session = termd.open("--command", request.param)
    typist = Typist(connect(session))
    wait_until(lambda: rows(termd, session), 15, "the first line")
    return session, typist, lines(termd, session)


def test_lines_are_on_record_as_the_shell_showed_them(termd, at_shell):
    session, typist, before = at_shell
    typist.line("echo one t''wo", "one two")
    typist.line("echo umlauts äöü", "umlauts äöü")

    wait_for(termd, session, [*before, "echo one t''wo", "echo umlauts äöü"])
    assert all(row["echoed"] for row in rows(termd, session))


def test_passwords_are_on_record_without_their_text(termd, at_shell):
    session, typist, before = at_shell
    typist.start(ASKS, "Password: ")
    typist.line("hunter2-geheim", "14")
    typist.line("echo af''ter", "after")

    wait_for(termd, session, [*before, ASKS, None, "echo af''ter"])
    assert rows(termd, session)[-2] == {"echoed": False}
    nowhere(termd, session, b"hunter2")


def nowhere(termd, session, secret):
    """Neither in what termd has on its disks, nor in what it answers, nor in its memory's places for the session."""
    for path in termd.root.rglob("*"):
        assert not (path.is_file() and secret in path.read_bytes()), path
    for target in (f"/v1/audit?session={session['id']}", f"/v1/sessions/{session['id']}/log", "/v1/history"):
        assert secret not in termd.api("GET", target).body


def test_recalled_corrected_and_completed_lines_are_those_that_ran(termd, at_shell):
    session, typist, before = at_shell
    typist.line("echo fi''rst", "first")
    typist.keys(UP, "echo")
    typist.enter("first")
    typist.keys("ecxx", "ecx")
    typist.line("\x7f\x7fho se''cond", "second")
    typist.line("echo thrd" + LEFT * 2 + "i" + END, "third")
    typist.keys("ls /etc/hostn" + TAB, "ame")
    typist.enter("/etc/hostname")

    wait_for(termd, session, [*before, "echo fi''rst", "echo fi''rst", "echo se''cond", "echo third", "ls /etc/hostname"])


def test_a_line_that_is_given_up_is_not_on_record(termd, at_shell):
    session, typist, before = at_shell
    typist.keys("echo nev", "nev")
    typist.keys("\x03", rf"\n[\s\S]*{PROMPT}|\x1b\[K")  # fish 4 empties the line where it is
    typist.line("echo nex''t", "next")

    wait_for(termd, session, [*before, "echo nex''t"])


def test_a_line_that_takes_several_rows_is_one(termd, at_shell):
    session, typist, before = at_shell
    long = "echo " + "wort " * 30 + "e''nd"
    typist.line(long, "end")

    wait_for(termd, session, [*before, long])


def test_what_is_typed_into_a_full_screen_program_is_not_on_record(termd, at_shell):
    session, typist, before = at_shell
    typist.start("vim -u NONE -i NONE -n", r"\x1b\[\?1049h")
    typist.keys("ihello from vim\r\rmore\x1b", "more")
    typist.keys(":q!\r", rf"\x1b\[\?1049l[\s\S]*{PROMPT}")
    typist.line("echo ou''t", "out")

    wait_for(termd, session, [*before, "vim -u NONE -i NONE -n", "echo ou''t"])


def test_lines_typed_over_ssh_are_on_record_too(termd, sshd, connect):
    session = termd.open(sshd.target)
    typist = Typist(connect(session))
    wait_until(lambda: rows(termd, session), 15, "the first line")
    before = len(rows(termd, session))
    typist.start("read -rs -p 'Secret: ' x; echo l''en ${#x}", "Secret: ")
    typist.line("hunter2", "len 7")
    typist.line("echo o''k", "ok")

    wanted = ["read -rs -p 'Secret: ' x; echo l''en ${#x}", None, "echo o''k"]
    wait_until(lambda: lines(termd, session)[before:] == wanted, 15, lambda: f"{wanted}, not {lines(termd, session)}")
    nowhere(termd, session, b"hunter2")


def test_a_message_in_the_middle_of_a_line_does_not_spoil_it(termd, connect):
    session = termd.open("--command", "bash")
    typist = Typist(connect(session))
    wait_until(lambda: rows(termd, session), 15, "the first line")
    typist.keys("echo bef", "bef")
    assert termd.ctl("message", session["id"], "five minutes").code == 0
    typist.page.read_until("five minutes")
    typist.line("ore a''nd after", "before and after")

    wait_until(lambda: lines(termd, session)[1:] == ["echo before a''nd after"], 15, lambda: str(lines(termd, session)))


def test_nothing_is_on_record_unless_that_is_configured(make_termd, connect):
    termd = make_termd(config={"commands": COMMANDS})
    session = termd.open("--command", "bash")
    shell.ask(connect(session), "$((6*7))")
    termd.api("DELETE", f"/v1/sessions/{session['id']}")
    assert rows(termd, session) == []


def test_a_typed_line_is_in_the_audit_trail_and_nowhere_else(termd, connect):
    session = termd.open("--command", "bash")
    typist = Typist(connect(session))
    typist.line("echo wo''rd-of-its-own", "word-of-its-own")
    wait_until(lambda: "echo wo''rd-of-its-own" in lines(termd, session), 15, "the row")

    assert "wo''rd" not in termd.log()
    assert b"wo''rd" not in termd.api("GET", f"/v1/sessions/{session['id']}/log").body
    assert termd.ctl("audit", "verify").code == 0


def test_lines_typed_while_no_termd_was_there_are_told_to_the_next(termd, connect):
    session = termd.open("--command", "bash")
    typist = Typist(connect(session))
    wait_until(lambda: rows(termd, session), 15, "the first line")
    before = lines(termd, session)
    termd.kill9()
    for n in range(5):
        typist.line(f"echo a''way {n}", f"away {n}")
    termd.start()

    wait_for(termd, session, [*before, *(f"echo a''way {n}" for n in range(5))])


def test_more_lines_than_anybody_types_are_counted_and_not_told(termd, connect):
    session = termd.open("--command", "bash")
    page = connect(session)
    typist = Typist(page)
    wait_until(lambda: rows(termd, session), 15, "the first line")
    typist.start("echo re''ady; cat", "ready")
    for n in range(100):
        page.type(f"word {n}\r")
        page.read_until(rf"word {n}\r\nword {n}\b")
    page.type("\x04")
    typed = 102

    def all_are_known():
        nonlocal typed
        shell.ask(page, "$$")  # what was left out is told with the next that is not
        typed += 1
        with contextlib.suppress(TimedOut):
            wait_until(lambda: accounted(rows(termd, session)) == typed, 1, "")
            return True

    wait_until(all_are_known, 15, lambda: f"all of {typed}: {rows(termd, session)}")
    assert any("untold" in row for row in rows(termd, session))


def accounted(found):
    return len(found) + sum(row.get("untold", 0) for row in found)
