"""The checker itself: it finds whatever is planted for it, and nothing where nothing is."""

import os
import signal
import socket
import sqlite3
import subprocess
from contextlib import closing

import pytest

from support import leftovers, processes
from support.checker import TOKEN_LENGTH, Checker
from support.many import ROOM, close, open_session
from support.unix_http import Answer
from support.wait import wait_until

STRANGER = "k3v9q0w1x2y4z5a6"  # a session that there never was


@pytest.fixture
def checker(make_termd, sshd):
    termd = make_termd(config={"commands": {"cat": {"argv": ["/bin/cat"]}}, "sessions": ROOM})
    with Checker(termd, [sshd.client_key]) as checker:
        yield checker


@pytest.fixture
def session(checker):
    session = open_session(checker.termd, "cat")
    checker.check()
    return session


def found(checker, words):
    """Waits until exactly one problem has the words in it."""
    problems = []

    def one():
        problems[:] = checker.problems()
        return sum(words in problem for problem in problems) == 1

    wait_until(one, 10, lambda: f"{words!r} among {problems}")


def tampered(termd, statement, *values):
    with closing(sqlite3.connect(termd.state / "history.db", timeout=10)) as history, history:
        history.execute(statement, values)


def test_nothing_is_wrong_with_sessions_of_both_kinds_also_after_a_restart(checker, session, sshd):
    checker.saw(checker.termd.open(sshd.target))
    checker.check()

    checker.termd.kill9()
    checker.termd.start()

    checker.check()
    for one in checker.termd.list():
        close(checker.termd, one)
    checker.check()
    assert len(checker.acknowledged) == 2


def test_a_stray_process_is_found(checker):
    checker.acknowledged.add(STRANGER)
    with subprocess.Popen(["sleep", "1000"], env={leftovers.MARK: STRANGER}) as stray:
        try:
            found(checker, f"stray process {stray.pid} ")
        finally:
            stray.kill()


def test_a_process_of_a_listed_session_that_is_gone_is_missed(checker, session):
    ttyd = checker.termd.ttyd_of(session)
    processes.send(processes.look(ttyd.parent), signal.SIGSTOP)  # or it would tell
    try:
        processes.send(ttyd, signal.SIGKILL)
        found(checker, f"ttyd {ttyd.pid} of session {session['id']} is not a running child")
        found(checker, f"zombie {ttyd.pid} ")
        found(checker, f"nobody listens on port {session['worker']['port']}")
    finally:
        processes.send(processes.look(ttyd.parent), signal.SIGCONT)


def test_a_directory_and_a_socket_without_a_session_are_found(checker):
    directory = checker.termd.runtime / "sessions" / STRANGER
    directory.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(directory / "attach.sock"))
        found(checker, f"session directory {directory}")
        found(checker, f"socket {directory}/attach.sock")
    (directory / "attach.sock").unlink()
    directory.rmdir()


def test_a_port_that_somebody_holds_is_found(checker):
    port = checker.termd.range.first
    with socket.create_server(("127.0.0.1", port)):
        found(checker, f"port {port} is held")


def test_a_control_group_without_a_session_is_found(checker, session):
    if not (groups := leftovers.cgroups([session["id"]])):
        pytest.skip("no control groups that termd may write to on this machine")
    left = groups[0].replace(session["id"], STRANGER)
    os.mkdir(left)
    checker.acknowledged.add(STRANGER)
    try:
        found(checker, f"control group {left}")
    finally:
        os.rmdir(left)


def test_a_missing_row_and_a_missing_end_are_found(checker, session):
    other = open_session(checker.termd, "cat")
    close(checker.termd, session)
    checker.check()

    tampered(checker.termd, "UPDATE sessions SET closed_at = NULL, end_reason = NULL WHERE id = ?", session["id"])
    tampered(checker.termd, "DELETE FROM sessions WHERE id = ?", other["id"])

    found(checker, f"session {session['id']} is over, and its row says None")
    found(checker, f"session {other['id']} has no row")


def test_a_second_end_is_found(checker, session):
    reason = close(checker.termd, session)["end_reason"]
    checker.check()
    again = """INSERT INTO audit SELECT (SELECT max(seq) + 1 FROM audit), at, boot_ns, boot_id, type, session, user, details, hash
        FROM audit WHERE session = ? AND type = 'session.closed'"""

    tampered(checker.termd, again, session["id"])

    found(checker, f"session {session['id']} is over, and its row says {reason}, with 2 ends")
    found(checker, "termctl audit verify")


def test_descriptors_that_belong_to_nothing_are_found(checker):
    with socket.socket(socket.AF_UNIX) as idle:
        idle.connect(str(checker.termd.socket))
        found(checker, f"termd had {checker.descriptors} descriptors")


def test_a_token_is_found_wherever_it_stands(checker, session, sshd):
    token, termd = session["token"], checker.termd
    marked = {leftovers.MARK: session["id"], "LINK": session["url"]}
    with subprocess.Popen(["sh", "-c", "read _", token], env=marked, stdin=subprocess.PIPE) as shows:
        found(checker, f"token {token[:6]}… in cmdline of {shows.pid} ")
        found(checker, f"token {token[:6]}… in environ of {shows.pid} ")
    tampered(termd, "UPDATE sessions SET detail = ?", f"see {session['url']}")
    found(checker, f"token {token[:6]}… in {termd.state}/history.db-wal")
    (termd.state / "hints").write_bytes(sshd.client_key.read_bytes())
    found(checker, f"a private key in {termd.state}/hints")


def test_a_token_in_another_answer_is_found(checker, session):
    told = Answer(200, {}, f'{{"hint": "{session["token"]}"}}'.encode())

    checker._hear(checker.termd.socket, "GET", "/v1/status", told)

    found(checker, f"token {session['token'][:6]}… in the answer to /v1/status")
    assert len(session["token"]) == TOKEN_LENGTH
