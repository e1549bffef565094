"""Recordings on a disk that is full, or takes its time: the terminal never waits, and what is missing is said."""

import contextlib
import http.client
import os
import re

import pytest

from support import asciinema, leftovers, processes, shell
from support.asciinema import Cast
from support.strace import Strace
from support.wait import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give termd a small disk")

COMMANDS = {"shell": {"argv": ["/bin/bash", "--norc", "--noprofile"]}}


@pytest.fixture
def recording(make_termd):
    """A function that starts a termd which records on a disk of 8 MiB, that has nothing else."""

    def start(mode):
        termd = make_termd(config={"commands": COMMANDS, "recording": {"mode": mode}}, start=False)
        folder = termd.state / "recordings"
        folder.mkdir(mode=0o700)
        mount = f'mount -t tmpfs -o size=8m,mode=700 none "{folder}" && exec "$0" "$@"'
        termd.prefix = ["unshare", "--mount", "sh", "-c", mount]
        return termd.start()

    return start


def folder(termd):
    return f"/proc/{termd.pid}/root{termd.state}/recordings"


@contextlib.contextmanager
def full(termd):
    filler = f"{folder(termd)}/filler"
    with open(filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    yield
    os.unlink(filler)


def stopped(termd, session):
    rows = termd.api("GET", f"/v1/audit?session={session['id']}&type=recording.stopped").json()["events"]
    return rows[0]["details"]["detail"] if rows else None


def type_much(page):
    page.type("head -c 300000 /dev/zero | tr '\\0' x; echo; echo do''ne\r")
    page.read_until("done")


def writer_of(session):
    """The thread of the session's shim that writes its recording."""
    shim = leftovers.shim_of(session)
    for thread in os.listdir(f"/proc/{shim.pid}/task"):
        with open(f"/proc/{shim.pid}/task/{thread}/comm") as name:
            if name.read().strip() == "recording":
                return int(thread)
    raise AssertionError("it has no thread that records")


def slow_writes(session, seconds):
    wanted = ["-e", "trace=write", "-e", f"inject=write:delay_enter={round(seconds * 1e6)}"]
    return Strace(writer_of(session), *wanted, alone=True)


def test_a_full_disk_ends_the_recording_and_not_the_session(recording, check, connect, tmp_path):
    termd = recording("on")
    checker = check(termd)
    session = termd.open("--command", "shell")
    page = connect(session)
    shell.ask(page, "$((6*7))")
    with full(termd):
        type_much(page)
        wait_until(lambda: stopped(termd, session), 15, "the recording to stop")
        assert "No space left on device" in stopped(termd, session)
        assert shell.ask(page, "$((6*8))") == "48"
    assert termd.show(session)["recording"] == "stopped"
    copy = tmp_path / "copy.cast"
    with open(f"{folder(termd)}/{session['id']}.cast", "rb") as file:
        copy.write_bytes(file.read())
    assert "42" in asciinema.cat(copy)
    checker.check()


def test_a_full_disk_ends_a_session_that_must_be_recorded(recording, check, connect):
    termd = recording("required")
    checker = check(termd)
    session = termd.open("--command", "shell")
    page = connect(session)
    with full(termd):
        page.type("head -c 300000 /dev/zero | tr '\\0' x\r")
        page.read_until("can no longer be recorded")
        wait_until(lambda: not termd.list(), 15, "its end")
        [row] = termd.api("GET", "/v1/history").json()["sessions"]
        assert row["end_reason"] == "failed" and "No space left on device" in row["detail"]
    checker.check()


def test_on_a_full_disk_no_session_that_must_be_recorded_is_opened(recording):
    termd = recording("required")
    with full(termd):
        answer = termd.api("POST", "/v1/sessions", {"command": "shell"})
        assert (answer.status, answer.code) == (http.client.BAD_GATEWAY, "start_failed")
        assert "No space left on device" in answer.json()["detail"]
        assert [name for name in os.listdir(folder(termd)) if name.endswith(".cast")] == []
    assert termd.api("POST", "/v1/sessions", {"command": "shell"}).status == http.client.CREATED


def test_a_slow_disk_makes_gaps_and_no_terminal_wait(recording, connect):
    termd = recording("on")
    session = termd.open("--command", "shell")
    page = connect(session)
    shell.ask(page, "$((6*7))")
    with slow_writes(session, 4) as trace:
        page.type("head -c 1500000 /dev/zero | tr '\\0' x; echo; echo do''ne\r")
        page.read_until("done", deadline=4)  # sooner than a single write
        wait_until(lambda: "recording.gap" in termd.log(), 30, "it to be told")
    assert trace.injected()
    shell.ask(page, "$((6*8))")
    path = f"{folder(termd)}/{session['id']}.cast"

    def text():
        with open(path) as file:
            return file.read()

    wait_until(lambda: "=:48" in text().replace('\\"', ""), 15, "what came afterwards")
    gaps = Cast.parse(text()).all("m")
    assert gaps and all(re.fullmatch(r"gap: \d+ bytes", gap) for gap in gaps)
    assert termd.show(session)["recording"] == "on"


def test_a_disk_that_hangs_ends_a_session_that_must_be_recorded(recording, connect):
    termd = recording("required")
    session = termd.open("--command", "shell")
    page = connect(session)
    shell.ask(page, "$((6*7))")
    with slow_writes(session, 60):
        page.type("echo x\r")
        page.read_until("can no longer be recorded", deadline=30)
        ssh = termd.show(session)["ssh"]["pid"]
        wait_until(lambda: not (ssh and processes.look(ssh)), 30, "the end of what ran in it")
    # A thread in a call that cannot be interrupted keeps its process; so the very end waits for the disk.
    wait_until(lambda: not termd.list(), 30, "its end")
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert row["end_reason"] == "failed" and "has taken nothing for 10s" in row["detail"]
