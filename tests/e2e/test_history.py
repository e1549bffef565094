"""What is on record: who was where, when, and why it ended; and the trail of what happened."""

import http.client
import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import leftovers, processes
from support.many import ROOM, open_session
from support.wait import wait_until

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}, "ends": {"argv": ["/bin/sh", "-c", "exit 7"]}}, "sessions": ROOM}


@pytest.fixture
def termd(make_termd):
    return make_termd(config=CONFIG)


def history(termd, query=""):
    return termd.api("GET", f"/v1/history{query}").json()["sessions"]


def audit(termd, query=""):
    """The types of the events, oldest first."""
    return [row["type"] for row in reversed(termd.api("GET", f"/v1/audit{query}").json()["events"])]


def close(termd, session):
    assert termd.api("DELETE", f"/v1/sessions/{session['id']}").status == http.client.OK


def recorded_end(termd, session):
    """The session's row, as soon as it has its end."""
    return wait_until(lambda: next((row for row in history(termd) if row["id"] == session["id"] and row["end_reason"]), None), 15, "the end on record")


def test_a_session_is_on_record_when_its_opening_is_answered(termd):
    session = open_session(termd, "sleeps", user="alice", title="a title", labels={"team": "ops"})

    [row] = history(termd)

    for name in ("id", "user", "host", "command", "mode", "title", "labels", "created_at"):
        assert row[name] == session[name], name
    assert row["end_reason"] is None and row["closed_at"] is None


def test_the_end_of_a_session_is_on_record(termd):
    session = open_session(termd, "sleeps")
    close(termd, session)

    row = recorded_end(termd, session)

    shown = termd.show(session)
    assert row["end_reason"] == "user" or row["end_reason"] == "admin"
    for name in ("end_reason", "exit", "closed_at"):
        assert row[name] == shown[name], name


def test_a_session_that_ended_while_termd_was_away_is_on_record_once(termd):
    session = open_session(termd, "sleeps")
    shim = processes.look(processes.look(session["ssh"]["pid"]).parent)
    termd.kill9()
    processes.send(processes.look(session["ssh"]["pid"]), signal.SIGTERM)
    wait_until(lambda: not shim.running(), 15, "the shim to end")

    termd.start()

    row = recorded_end(termd, session)
    assert (row["end_reason"], row["exit"]) == ("exited", {"signal": "TERM"})
    assert len(history(termd)) == 1
    assert audit(termd, f"?session={session['id']}").count("session.closed") == 1


def test_a_session_whose_directory_is_gone_is_on_record_as_lost(termd):
    session = open_session(termd, "sleeps")
    termd.kill9()
    for process in termd.processes_of(session):
        processes.send(process, signal.SIGKILL)
    wait_until(lambda: termd.processes_of(session) == [], 15, "the end of its processes")
    for path in termd.session_directory(session).iterdir():
        path.unlink()
    termd.session_directory(session).rmdir()
    leftovers.remove_cgroups({session["id"]})

    termd.start()

    assert recorded_end(termd, session)["end_reason"] == "lost"


def test_the_trail_tells_the_whole_story_in_order(termd):
    session = open_session(termd, "sleeps")
    close(termd, session)
    recorded_end(termd, session)

    assert audit(termd, f"?session={session['id']}") == ["session.opening", "token.issued", "session.ready", "session.closing", "session.closed"]
    assert "daemon.started" in audit(termd)
    assert audit(termd, "?type=daemon.*") == ["daemon.started"]


def test_termctl_shows_what_is_on_record(termd):
    session = open_session(termd, "sleeps", user="alice")
    close(termd, session)
    recorded_end(termd, session)

    shown = termd.ctl("history", "--user", "alice", "--since", "1h").stdout
    assert shown.split()[:3] == [session["id"], "alice", "sleeps"] and "admin" in shown
    assert termd.ctl("history", "--until", "1h").stdout == ""
    assert termd.ctl("-o", "id", "history").stdout == session["id"] + "\n"
    trail = termd.ctl("audit", "--session", session["id"], "--type", "session.*").stdout.splitlines()
    assert "session.closed" in trail[0] and "reason=admin" in trail[0] and "session.opening" in trail[-1]
    whole = termd.ctl("audit", "verify")
    assert whole.code == 0 and "whole" in whole.stdout
    assert termd.ctl("history", "--since", "yesterday").code == 2


def test_pages_follow_one_another_without_gap_or_repetition(termd):
    sessions = [open_session(termd, "sleeps", user=f"user{i % 2}")["id"] for i in range(5)]
    seen, query = [], "?limit=2"
    while query:
        page = termd.api("GET", f"/v1/history{query}").json()
        seen += [row["id"] for row in page["sessions"]]
        query = page["next"] and f"?limit=2&before={page['next']}"

    assert seen == sessions[::-1]
    assert [row["user"] for row in history(termd, "?user=user1")] == ["user1"] * 2


@pytest.mark.parametrize("target", [
    "/v1/history?limit=0", "/v1/history?limit=1001", "/v1/history?since=yesterday", "/v1/history?reason=boredom",
    "/v1/history?before=x", "/v1/history?what=ever", "/v1/audit?type=nothing", "/v1/audit?limit=many",
])
def test_a_bad_filter_is_refused(termd, target):
    answer = termd.api("GET", target)
    assert (answer.status, answer.code) == (http.client.BAD_REQUEST, "invalid_request")


def test_a_trail_that_somebody_changed_is_found_out(termd):
    open_session(termd, "sleeps")
    assert termd.api("GET", "/v1/audit/verify").json()["valid"] is True

    with sqlite3.connect(termd.state / "history.db") as file:
        file.execute("UPDATE audit SET user = 'mallory' WHERE seq = 2")

    verdict = termd.api("GET", "/v1/audit/verify").json()
    assert (verdict["valid"], verdict["first_bad"]) == (False, 2)
    said = termd.ctl("audit", "verify")
    assert said.code == 1 and "changed at row 2" in said.stdout


def test_no_token_is_on_record(termd):
    session = open_session(termd, "sleeps")
    close(termd, session)
    recorded_end(termd, session)

    files = [path.read_bytes() for path in termd.state.glob("history.db*")]
    assert files and all(session["token"].encode() not in content for content in files)


def test_nothing_is_opened_that_cannot_be_put_on_record_and_what_runs_goes_on(make_termd):
    termd = make_termd(config=CONFIG, start=False)
    (termd.state / "history.db").mkdir()  # nothing can be written into that
    termd.start()

    answer = wait_until(lambda: refused(termd), 15, "a refusal")

    assert (answer.status, answer.code) == (http.client.SERVICE_UNAVAILABLE, "history_unavailable")
    (termd.state / "history.db").rmdir()
    wait_until(lambda: termd.api("POST", "/v1/sessions", {"command": "sleeps"}).status == http.client.CREATED, 15, "it to recover by itself")


def test_a_session_taken_up_while_nothing_could_be_written_is_joined_again_and_not_ended(make_termd):
    termd = make_termd(config=CONFIG | {"sessions": {"unattached_timeout": "0"}})
    session = open_session(termd, "sleeps")
    termd.kill9()
    for path in termd.state.glob("history.db*"):
        path.unlink()
    (termd.state / "history.db").mkdir()
    termd.start()
    termd.wait_for_state(session, "ready")

    answer = wait_until(lambda: refused(termd), 15, "a refusal")
    assert answer.code == "history_unavailable" and termd.show(session)["state"] == "ready"

    (termd.state / "history.db").rmdir()

    def joined():
        answer = termd.api("POST", "/v1/sessions", {"command": "sleeps"})
        return answer.status == http.client.OK and answer.json()["id"] == session["id"]

    wait_until(joined, 15, "the running session to be given again")
    assert termd.show(session)["ssh"]["pid"] == session["ssh"]["pid"]
    assert [row["id"] for row in history(termd)] == [session["id"]]


def refused(termd):
    answer = termd.api("POST", "/v1/sessions", {"command": "sleeps"})
    return answer if answer.status == http.client.SERVICE_UNAVAILABLE else None


def test_who_was_refused_is_in_the_trail(make_termd):
    termd = make_termd(config=CONFIG | {"sessions": ROOM | {"max_per_user": 1}, "targets": {"deny": ["10.0.0.0/8"]}})
    open_session(termd, "sleeps", user="alice", reuse=False)

    limit = termd.api("POST", "/v1/sessions", {"command": "sleeps", "user": "alice", "reuse": False})
    denied = termd.api("POST", "/v1/sessions", {"host": "10.1.2.3", "login": "root", "user": "bob"})

    assert (limit.code, denied.code) == ("user_limit", "target_denied")
    by_user = {row["user"]: row["details"] for row in termd.api("GET", "/v1/audit?type=session.refused").json()["events"]}
    assert by_user == {
        "alice": {"by": "root", "user": "alice", "host": "", "login": "root", "code": "user_limit"},
        "bob": {"by": "root", "user": "bob", "host": "10.1.2.3", "login": "root", "code": "target_denied"},
    }


def test_who_tries_again_and_again_does_not_fill_the_trail(make_termd):
    termd = make_termd(config=CONFIG | {"targets": {"deny": ["10.0.0.0/8"]}})

    for _ in range(60):
        assert termd.api("POST", "/v1/sessions", {"host": "10.1.2.3", "login": "root"}).code == "target_denied"

    rows = termd.api("GET", "/v1/audit?type=session.refused").json()["events"]
    assert 10 <= len(rows) < 60


LOSSES = [
    pytest.param(lambda file: os.truncate(file, 0), id="emptied"),
    pytest.param(lambda file: os.truncate(file, file.stat().st_size - 4096), id="cut"),
    pytest.param(lambda file: file.unlink(), id="removed"),
    pytest.param(lambda file: [part.unlink() for part in file.parent.glob("history.db*")], id="all of it removed"),
    pytest.param(lambda file: file.with_name("history.db-wal").unlink(), id="log removed"),
    pytest.param(lambda file: os.truncate(file.with_name("history.db-wal"), 0), id="log emptied"),
]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_session_that_is_opened_after_the_file_was_lost_is_on_record(termd, lose):
    open_session(termd, "sleeps", user="early")
    assert [row["user"] for row in history(termd)] == ["early"]
    lose(termd.state / "history.db")

    session = open_session(termd, "sleeps", user="late")

    assert [row["id"] for row in history(termd, "?user=late")] == [session["id"]]
    termd.kill9()
    termd.start()
    assert [row["id"] for row in history(termd, "?user=late")] == [session["id"]]
    assert "history: " in termd.log()


@pytest.mark.parametrize("lose", LOSSES)
def test_who_is_here_when_the_file_is_lost_is_on_record_in_the_new_one(termd, lose):
    early = open_session(termd, "sleeps", user="early")
    lose(termd.state / "history.db")

    open_session(termd, "sleeps", user="late")

    wait_until(lambda: [row["id"] for row in history(termd, "?user=early")] == [early["id"]], 15, "the session that was there before")


def test_one_user_cannot_fill_the_queue_of_questions(termd):
    """All ask for what has to be looked for in everything; more than four at once are too many."""
    termd.stop()
    with sqlite3.connect(termd.state / "history.db") as file:
        file.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
            " INSERT INTO sessions (id, user, host, port, login, command, mode, title, labels, created_at, boot_id)"
            " SELECT 'x' || i, 'u', 'h', 22, 'l', 'c', 'm', 't', '{}', i, 'b' FROM n"
        )
    file.close()
    termd.start()

    def refused():
        with ThreadPoolExecutor(12) as many:
            answers = list(many.map(lambda _: termd.api("GET", "/v1/history?host=nowhere"), range(12)))
        statuses = {(answer.status, answer.status != http.client.OK and answer.code) for answer in answers}
        assert statuses <= {(http.client.OK, False), (http.client.TOO_MANY_REQUESTS, "too_many_requests")}
        return len(statuses) == 2

    wait_until(refused, 60, "a question too many")
    assert history(termd, "?host=nowhere") == []
