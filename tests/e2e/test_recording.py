"""Recordings: what the terminal showed, as a file that asciinema plays."""

import http.client
import json
import os
import re
import stat
import time

import pytest

from support import asciinema, leftovers, processes, shell
from support.asciinema import Cast
from support.many import SANITIZED, memory
from support.processes import look
from support.wait import wait_until

COMMANDS = {
    "shell": {"argv": ["/bin/bash", "--norc", "--noprofile"]},
    "flood": {"argv": ["/bin/bash", "-c", "while :; do echo \"line $((++n)) äöü€😀 $(printf '\\033[1mbold\\033[0m')\"; done"]},
    "sleeps": {"argv": ["/bin/sleep", "1000"]},
}
NOTICE = "this session is recorded"
DAY = 24 * 3600


@pytest.fixture
def recording(make_termd):
    """A function that starts a termd which records: recording(mode="required", …)."""
    return lambda mode="on", **more: make_termd(config={"commands": COMMANDS, "recording": {"mode": mode, **more}})


def file_of(termd, session):
    return termd.state / "recordings" / f"{session['id']}.cast"


def fetch(termd, session, **options):
    return termd.api("GET", f"/v1/sessions/{session['id']}/recording", **options)


def cast_of(termd, session):
    answer = fetch(termd, session)
    assert answer.status == http.client.OK and answer.headers["content-type"] == "application/x-asciicast"
    return Cast.parse(answer.body.decode())


def open_shell(termd):
    return termd.open("--command", "shell")


def close(termd, session):
    assert termd.api("DELETE", f"/v1/sessions/{session['id']}").status == http.client.OK


def audit(termd, session, type):
    rows = termd.api("GET", f"/v1/audit?session={session['id']}&type={type}").json()["events"]
    return [row["details"] for row in rows]


def wait_for_audit(termd, session, type):
    wait_until(lambda: audit(termd, session, type), 15, lambda: f"{type}; termd's log: {termd.log()}")
    return audit(termd, session, type)


def shown(termd, session, words):
    wait_until(lambda: words in cast_of(termd, session).output, 15, f"{words} in the recording")


def test_what_the_terminal_shows_is_what_asciinema_plays(recording, connect, tmp_path):
    termd = recording()
    session = open_shell(termd)
    page = connect(session, columns=100, rows=30)
    page.read_until(NOTICE)
    page.type("printf 'umlauts äöü and a smile 😀 %s\\n' here\r")
    page.read_until(r"smile 😀 here")
    page.resize(132, 43)
    assert shell.ask(page, "$(stty size)") == "43 132"
    page.type("exit\r")
    wait_until(lambda: not termd.list(), 15, "the end")

    path = tmp_path / "session.cast"
    path.write_text(termd.ctl("recording", session["id"]).stdout)

    cast = Cast.parse(path.read_text())
    assert (cast.header["width"], cast.header["height"]) == (80, 24)
    assert cast.header["env"] == {"TERM": "xterm-256color"}
    assert abs(cast.header["timestamp"] - time.time()) < 300
    assert cast.all("r") == ["100x30", "132x43"]
    assert cast.all("i") == []
    assert NOTICE in cast.output and "smile 😀 here" in cast.output
    assert asciinema.cat(path) == cast.output == asciinema.play(path)
    assert path.read_bytes() == file_of(termd, session).read_bytes()
    assert stat.S_IMODE(os.stat(file_of(termd, session)).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(file_of(termd, session).parent).st_mode) == 0o700


def test_a_session_says_whether_it_is_recorded(recording, make_termd):
    termd = recording()
    session = open_shell(termd)
    assert termd.show(session)["recording"] == "on"
    assert "recording" in termd.ctl("show", session["id"]).stdout
    close(termd, session)
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert row["recording"] == "on"
    [opening] = audit(termd, session, "session.opening")
    assert opening["recording"] == "on"

    other = make_termd(config={"commands": COMMANDS})
    session = open_shell(other)
    assert other.show(session)["recording"] == "off"
    assert fetch(other, session).code == "not_found"
    assert not (other.state / "recordings").exists()


def test_keys_are_recorded_only_when_that_is_wanted(recording, connect):
    for wanted in (False, True):
        termd = recording(input=wanted)
        session = open_shell(termd)
        page = connect(session)
        page.type("echo re''ady; read -s secret; echo got''it\r")
        page.read_until("ready")
        page.type("hunter2\r")
        page.read_until("gotit")
        shown(termd, session, "gotit\r\n")
        text = fetch(termd, session).body.decode()
        assert ("hunter2" in "".join(Cast.parse(text).all("i"))) == wanted
        assert "hunter2" not in Cast.parse(text).output


def test_a_recording_can_be_had_by_its_owner_and_later_too(recording, connect):
    termd = recording()
    session = open_shell(termd)
    page = connect(session)
    assert shell.ask(page, "$((6*7))") == "42"
    shown(termd, session, "42")
    close(termd, session)
    whole = cast_of(termd, session).output

    termd.stop()
    termd.start()  # it knows of it by its history alone

    assert cast_of(termd, session).output == whole
    assert termd.ctl("recording", session["id"][:8]).code == 0
    assert fetch(termd, {"id": "nosuchsession000"}).code == "not_found"
    assert fetch(termd, {"id": "%2a"}).code == "not_found"
    assert termd.ctl("recording", "nosuchsession000").code == 4
    assert {row["by"] for row in audit(termd, session, "recording.fetched")} == {"root"}
    file_of(termd, session).unlink()
    assert fetch(termd, session).code == "not_found"


@pytest.mark.parametrize("attempt", range(5))
def test_a_recording_plays_after_its_shim_was_killed(recording, connect, attempt):
    termd = recording()
    session = termd.open("--command", "flood")
    connect(session).read_until(f"line {500 + 100 * attempt} ")
    processes.kill([leftovers.shim_of(session)])
    wait_until(lambda: not termd.list(), 15, "the session to be lost")

    raw = asciinema.cat(file_of(termd, session))

    assert "line 100 " in raw
    assert cast_of(termd, session).output == raw
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert (row["end_reason"], row["recording"]) == ("lost", "on")


def test_what_a_crash_has_cut_off_is_not_handed_out(recording, connect):
    termd = recording()
    session = open_shell(termd)
    shell.ask(connect(session), "$((6*7))")
    shown(termd, session, "42")
    close(termd, session)
    whole = cast_of(termd, session).output
    for torn in (b"[", b'[12.000001, "o", "caf\xc3', b'[12.000001, "o", "half'):
        with open(file_of(termd, session), "ab") as file:
            file.write(torn)
        assert cast_of(termd, session).output == whole


def test_a_recording_goes_on_without_a_termd_and_with_the_next(recording, connect):
    termd = recording()
    session = open_shell(termd)
    page = connect(session)
    shell.ask(page, "before")
    termd.kill9()
    assert shell.ask(page, "$((1000+1))") == "1001"
    termd.start()
    termd.wait_for_state(session, "ready")
    assert shell.ask(page, "$((1000+2))") == "1002"
    shown(termd, session, "=:1002:=")

    assert termd.show(session)["recording"] == "on"
    assert "=:1001:=" in cast_of(termd, session).output


def test_a_large_recording_comes_whole_and_costs_termd_no_memory(recording, connect):
    termd = recording()
    session = open_shell(termd)
    page = connect(session)
    page.type("head -c 20000000 /dev/zero | tr '\\0' x; echo; echo do''ne\r")
    page.read_until("xxx")
    page.close()
    wait_until(lambda: file_of(termd, session).stat().st_size > 20_000_000, 60, "the end of it in the file")
    before = memory(look(termd.pid))

    answer = fetch(termd, session)

    assert answer.status == http.client.OK
    assert Cast.parse(answer.body.decode()).output.count("x" * 1000) >= 19_000
    assert SANITIZED or memory(look(termd.pid)) - before < 4 << 20


def test_at_its_largest_size_a_recording_stops_and_the_session_goes_on(recording, connect, tmp_path):
    termd = recording(max_size="256K")
    session = open_shell(termd)
    page = connect(session)
    page.type("head -c 400000 /dev/zero | tr '\\0' x\r")
    [why] = wait_for_audit(termd, session, "recording.stopped")
    assert why == {"detail": "max_size is reached"}
    assert shell.ask(page, "$((6*7))") == "42"

    assert termd.show(session)["recording"] == "stopped"
    assert file_of(termd, session).stat().st_size <= 256 << 10
    cast = cast_of(termd, session)
    assert cast.all("m") == ["the recording stops: max_size is reached"]
    assert "42" not in cast.output
    assert asciinema.cat(file_of(termd, session)) == cast.output
    assert any("max_size" in line for line in termd.ctl("log", session["id"]).stdout.splitlines())
    close(termd, session)
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert row["recording"] == "stopped"


def test_a_required_recording_that_stops_ends_its_session(recording, connect):
    termd = recording("required", max_size="256K")
    session = open_shell(termd)
    page = connect(session)
    page.type("head -c 400000 /dev/zero | tr '\\0' x\r")
    page.read_until("can no longer be recorded")
    wait_until(lambda: not termd.list(), 15, "the end of the session")

    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert (row["end_reason"], row["recording"]) == ("failed", "stopped")
    assert row["detail"] == "its recording failed: max_size is reached"


def test_what_must_be_recorded_and_cannot_be_does_not_run(recording):
    termd = recording("required")
    (termd.state / "recordings").rmdir()

    answer = termd.api("POST", "/v1/sessions", {"command": "shell"})

    assert (answer.status, answer.code) == (http.client.BAD_GATEWAY, "start_failed")
    detail = answer.json()["detail"]
    assert detail.startswith("it has to be recorded and cannot be: ") and detail.endswith("No such file or directory")
    assert termd.list() == []
    assert termd.ctl("open", "--command", "shell").code == 1


def test_what_need_not_be_recorded_runs_all_the_same(recording, connect):
    termd = recording()
    (termd.state / "recordings").rmdir()
    session = open_shell(termd)
    page = connect(session)
    assert shell.ask(page, "$((6*7))") == "42"
    assert NOTICE not in page.text()
    [why] = wait_for_audit(termd, session, "recording.stopped")
    assert "No such file" in why["detail"]
    assert termd.show(session)["recording"] == "stopped"


def test_old_recordings_are_removed_and_those_of_the_living_are_not(recording, connect):
    termd = recording(keep="30d")
    old, young, living = [termd.open("--command", "shell", "--no-reuse") for _ in range(3)]
    for session in (old, young):
        close(termd, session)
    now = time.time()
    for session, days in ((old, 31), (living, 40), (young, 29)):
        os.utime(file_of(termd, session), (now, now - days * DAY))
    stranger = termd.state / "recordings" / "notes.txt"
    stranger.write_text("mine")
    os.utime(stranger, (now, now - 100 * DAY))

    assert termd.ctl("reload").code == 0

    wait_until(lambda: not file_of(termd, old).exists(), 15, "the old one to go")
    assert file_of(termd, young).exists() and file_of(termd, living).exists() and stranger.exists()
    wait_until(lambda: "1 removed, older than 30d" in termd.log(), 10, lambda: f"word of it, not {termd.log()}")
    assert fetch(termd, old).code == "not_found"


def test_recording_begins_with_the_next_session_when_that_is_configured(make_termd):
    termd = make_termd(config={"commands": COMMANDS})
    before = open_shell(termd)
    termd.config_file.write_text(termd.config_file.read_text() + '\n[recording]\nmode = "on"\n')
    assert json.loads(termd.ctl("-o", "json", "reload").stdout)["changed"] == ["recording.mode"]
    after = termd.open("--command", "shell", "--no-reuse")

    assert termd.show(before)["recording"] == "off"
    assert termd.show(after)["recording"] == "on"
    shown(termd, after, NOTICE)


def test_nothing_of_a_recording_is_a_control_character(recording, connect):
    termd = recording()
    session = open_shell(termd)
    page = connect(session)
    page.type("printf '\\033]0;title\\007\\033[31m\\302\\2332J\\177\\n'; echo do''ne\r")
    page.read_until("done")
    shown(termd, session, "done\r\n")
    printed = termd.ctl("recording", session["id"]).stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed)
