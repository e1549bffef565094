"""What termd makes of session directories that are not what it left: reported, set aside, and nothing else is touched."""

import json
import os
import random
import shutil
import signal

import pytest

from support import processes
from support.checked_text import checked
from support.many import ROOM, open_session
from support.wait import wait_until

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM | {"unattached_timeout": "0"}}
OTHERS = "k3v9q0w1x2y4z5a{}"  # ids that nobody has


@pytest.fixture
def termd(make_termd):
    return make_termd(config=CONFIG)


def damaged(text):
    """A sample of what a record may have become; the same one every time."""
    chance = random.Random(1)
    for length in (0, 1, len(text) // 2, len(text) - 2):
        yield text[:length]
    for _ in range(4):
        at, bit = chance.randrange(len(text)), chance.randrange(8)
        yield text[:at] + bytes([text[at] ^ (1 << bit)]) + text[at + 1 :]


def content(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file() and not path.is_symlink()}


def test_a_damaged_record_of_a_living_session_costs_nobody_else_anything(termd):
    """It is set aside, its processes are not touched, and the others are taken up."""
    hurt, whole = open_session(termd, "sleeps", user="hurt"), open_session(termd, "sleeps", user="whole")
    record = termd.session_directory(hurt) / "session.json"
    good = record.read_bytes()
    for bad in damaged(good):
        termd.kill9()
        record.write_bytes(bad)
        termd.log_file.write_text("")
        termd.start()

        termd.wait_for_state(whole, "ready")
        assert termd.show(whole)["ssh"]["pid"] == whole["ssh"]["pid"]
        assert processes.look(hurt["ssh"]["pid"]).running(), bad
        assert hurt["id"] not in {session["id"] for session in termd.list()}, bad
        assert f"set aside: {record} is damaged" in termd.log(), bad
        assert record.read_bytes() == bad

    termd.kill9()
    record.write_bytes(good)
    termd.start()
    assert termd.wait_for_state(hurt, "ready")["ssh"]["pid"] == hurt["ssh"]["pid"]
    rows = termd.api("GET", "/v1/history").json()["sessions"]
    assert {row["id"]: row["end_reason"] for row in rows} == {hurt["id"]: None, whole["id"]: None}


def of_a_newer_termd(text):
    newer = json.loads(text) | {"version": 2, "new": "words"}
    del newer["check"]
    return checked(newer)


@pytest.mark.parametrize("name", ["session.json", "exit.json"])
def test_what_a_newer_termd_wrote_is_left_to_it(termd, name):
    ended, whole = open_session(termd, "sleeps", user="ended"), open_session(termd, "sleeps", user="whole")
    directory = termd.session_directory(ended)
    shim = processes.look(processes.look(ended["ssh"]["pid"]).parent)
    termd.kill9()
    processes.send(processes.look(ended["ssh"]["pid"]), signal.SIGTERM)
    wait_until(lambda: not shim.running(), 15, "the shim to end")
    good = (directory / name).read_bytes()
    (directory / name).write_bytes(of_a_newer_termd(good))
    before = content(directory)

    termd.start()

    termd.wait_for_state(whole, "ready")
    assert f"set aside: {directory / name} was written by a newer termd (version 2)" in termd.log()
    assert content(directory) == before
    termd.kill9()
    (directory / name).write_bytes(good)
    termd.start()
    assert termd.wait_for_state(ended, "closed")["end_reason"] == "exited"


def test_a_damaged_record_of_an_ended_session_is_kept_for_people(termd):
    ended, whole = open_session(termd, "sleeps", user="ended"), open_session(termd, "sleeps", user="whole")
    directory = termd.session_directory(ended)
    shim = processes.look(processes.look(ended["ssh"]["pid"]).parent)
    termd.kill9()
    processes.send(processes.look(ended["ssh"]["pid"]), signal.SIGTERM)
    wait_until(lambda: not shim.running(), 15, "the shim to end")
    good = (directory / "session.json").read_bytes()
    (directory / "session.json").write_bytes(good[: len(good) // 2])
    before = content(directory)

    termd.start()

    termd.wait_for_state(whole, "ready")
    assert f"set aside: {directory}/session.json" in termd.log() and content(directory) == before
    termd.kill9()
    (directory / "session.json").write_bytes(good)
    termd.start()
    assert termd.wait_for_state(ended, "closed")["end_reason"] == "exited"


@pytest.mark.parametrize("damage", [lambda text: text[:-3], lambda text: text.replace(b"TERM", b"KILL")])
def test_a_damaged_last_word_is_no_last_word(termd, damage):
    ended = open_session(termd, "sleeps")
    directory = termd.session_directory(ended)
    shim = processes.look(processes.look(ended["ssh"]["pid"]).parent)
    termd.kill9()
    processes.send(processes.look(ended["ssh"]["pid"]), signal.SIGTERM)
    wait_until(lambda: not shim.running(), 15, "the shim to end")
    last_word = (directory / "exit.json").read_bytes()
    assert damage(last_word) != last_word
    (directory / "exit.json").write_bytes(damage(last_word))

    termd.start()

    assert termd.wait_for_state(ended, "closed")["end_reason"] == "lost"
    assert termd.leftovers() == []


def a_file(sessions, path):
    path.write_text("a file")


def a_link(sessions, path):
    path.symlink_to(sessions.parent.parent / "precious")


def a_foreign_one(sessions, path):
    path.mkdir(mode=0o700)
    (path / "session.json").write_text("theirs")
    os.chown(path, 12345, 12345)


def one_whose_record_is_a_link(sessions, path):
    path.mkdir(mode=0o700)
    (path / "session.json").symlink_to(sessions.parent.parent / "precious" / "kept")


def one_whose_record_is_a_pipe(sessions, path):
    path.mkdir(mode=0o700)
    os.mkfifo(path / "session.json")


def one_whose_record_is_a_directory(sessions, path):
    (path / "session.json").mkdir(parents=True)


def one_with_another_name(sessions, path):
    shutil.copytree(next(p for p in sessions.iterdir() if (p / "session.json").is_file()), path, ignore=shutil.ignore_patterns("*.sock", "ssh.log", "lock"))


STRANGE = [a_file, a_link, a_foreign_one, one_whose_record_is_a_link, one_whose_record_is_a_pipe, one_whose_record_is_a_directory, one_with_another_name]


@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_directory_of_ours_is_set_aside_and_not_touched(termd, make):
    if make is a_foreign_one and os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    whole = open_session(termd, "sleeps")
    termd.kill9()
    precious = termd.root / "precious"
    precious.mkdir()
    (precious / "kept").write_text("kept")
    path = termd.runtime / "sessions" / OTHERS.format(6)
    make(termd.runtime / "sessions", path)

    termd.start()

    termd.wait_for_state(whole, "ready")
    wait_until(lambda: f"set aside: {path}" in termd.log(), 15, "the report")
    assert os.path.lexists(path) and (precious / "kept").read_text() == "kept"
    (path.unlink if path.is_symlink() or path.is_file() else lambda: shutil.rmtree(path))()


def test_what_was_left_half_written_is_cleared_away(termd):
    """Its termd was killed before the record had its name; nothing ever ran there."""
    termd.kill9()
    path = termd.runtime / "sessions" / OTHERS.format(7)
    path.mkdir(mode=0o700)
    (path / "session.json.new").write_text('{"version": 1, "id"')

    termd.start()

    wait_until(lambda: not path.exists(), 15, "the directory to go")
    assert "set aside" not in termd.log()


def test_a_thousand_stale_directories_do_not_hold_up_the_start(termd):
    whole = open_session(termd, "sleeps")
    termd.kill9()
    ids = [f"{n:016d}" for n in range(1000)]
    for n, name in enumerate(ids):
        path = termd.runtime / "sessions" / name
        path.mkdir(mode=0o700)
        if n % 2:
            (path / "session.json").write_text("half")

    termd.start()

    assert termd.wait_for_state(whole, "ready")["ssh"]["pid"] == whole["ssh"]["pid"]
    wait_until(lambda: not any((termd.runtime / "sessions" / name).exists() for name in ids[::2]), 30, "what was never on record to go")
    assert all((termd.runtime / "sessions" / name / "session.json").read_text() == "half" for name in ids[1::2])
    for name in ids[1::2]:
        shutil.rmtree(termd.runtime / "sessions" / name)
