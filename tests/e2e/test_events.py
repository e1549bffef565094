"""GET /v1/events: what happens is told, in order, once, to those whom it concerns."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support import many, unix_http
from support.event_stream import EventStream
from support.wait import wait_until

SLEEP = {"commands": {"sleep": {"argv": ["/bin/sleep", "1000"]}}}
WRONG = "A" * 43


@pytest.fixture
def follow():
    """A function that follows the events of a termd; let go after the test."""
    streams = []

    def begin(termd, **options):
        streams.append(EventStream(termd.socket, **options))
        return streams[-1]

    yield begin
    for stream in streams:
        stream.close()


def types_of(stream, session):
    return [e.type for e in stream.seen if e.session and e.session["id"] == session["id"]]


def test_the_life_of_a_session_is_told(make_termd, follow, connect):
    termd = make_termd(SLEEP)
    stream = follow(termd)
    assert stream.answer.status == 200
    assert stream.answer.getheader("Content-Type") == "text/event-stream"

    session = many.open_session(termd, "sleep")
    page = connect(session)
    stream.wait_for("session.attached", session)
    page.close()
    stream.wait_for("session.detached", session)
    many.close(termd, session)
    last = stream.wait_for("session.closed", session)

    assert types_of(stream, session) == [
        "session.opening",
        "token.issued",
        "session.ready",
        "session.attached",
        "session.detached",
        "session.closing",
        "session.closed",
    ]
    assert last.session["state"] == "closed" and last.session["end_reason"] == "user"
    for event in stream.seen:
        assert event.data["revision"] == event.revision and event.data["type"] == event.type and event.data["at"]
    revisions = [event.revision for event in stream.seen]
    assert revisions == list(range(revisions[0], revisions[0] + len(revisions)))
    assert session["token"] not in str(stream.seen)


def test_a_session_that_does_not_start_has_failed(make_termd, follow):
    termd = make_termd({"commands": {"missing": {"argv": ["/does/not/exist"]}}})
    stream = follow(termd)

    assert termd.api("POST", "/v1/sessions", {"command": "missing"}).status == 502

    failed = stream.wait_for("session.failed")
    assert failed.session["end_reason"] == "start_failed"
    assert stream.next().type == "session.closed"


def test_a_refused_token_is_told(make_termd, follow, connect):
    termd = make_termd(SLEEP)
    stream = follow(termd)
    session = many.open_session(termd, "sleep")

    connect(session["url"].replace(session["token"], WRONG))

    refused = stream.wait_for("token.refused", session)
    assert refused.data["count"] == 1


def test_a_new_token_is_told_with_its_role(make_termd, follow):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")
    stream = follow(termd)

    grant = termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {"role": "view"}).json()

    issued = stream.wait_for("token.issued", session)
    assert issued.data["role"] == "view" and grant["token"] not in str(issued.data)


def test_since_replays_what_was_missed_and_nothing_twice(make_termd, follow):
    termd = make_termd(SLEEP)
    first = follow(termd)
    session = many.open_session(termd, "sleep")
    ready = first.wait_for("session.ready", session)
    first.close()
    many.close(termd, session)

    for options in ({"since": ready.revision}, {"since": 1, "headers": {"Last-Event-ID": str(ready.revision)}}):
        again = follow(termd, **options)
        again.wait_for("session.closed", session)
        assert types_of(again, session) == ["session.closing", "session.closed"]
        assert again.seen[0].revision == ready.revision + 1


def test_since_before_the_ring_is_told_as_lagged(make_termd, follow):
    termd = make_termd(SLEEP)
    stream = follow(termd, since=1)

    lagged = stream.next()
    assert lagged.type == "lagged" and lagged.revision is None
    started = stream.next()
    assert started.type == "daemon.started" and started.revision == lagged.data["from"]


@pytest.mark.parametrize("query", ["since=", "since=x", "since=-1", "since=1.5", "since=99999999999999999999", "from=1"])
def test_a_wrong_question_is_refused(termd, query):
    answer = termd.api("GET", f"/v1/events?{query}")

    assert answer.status == 400 and answer.code == "invalid_request"
    assert answer.json()["errors"][0]["field"] == query.split("=")[0]


def test_revisions_go_on_after_a_restart_and_what_was_missed_is_said(make_termd, follow):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")
    before = follow(termd, since=1).wait_for("session.ready", session).revision
    termd.kill9()
    termd.start()

    stream = follow(termd, since=before)

    assert stream.next().type == "lagged"
    assert stream.next().type == "daemon.started"
    adopted = stream.wait_for("daemon.adopted")
    assert adopted.session["id"] == session["id"] and adopted.revision > before
    stream.wait_for("session.ready", session)


def test_a_stream_does_not_hold_up_the_end_and_is_told_of_it(make_termd, follow):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")
    stream = follow(termd)

    assert termd.stop() == 0

    told = [event.type for event in stream]  # to its proper end: a cut one would raise IncompleteRead
    assert told == ["daemon.stopping", "session.closing", "session.closed"]
    assert stream.seen[-1].session["id"] == session["id"]


def test_a_head_request_gets_no_stream(termd):
    answer = termd.api("HEAD", "/v1/events")

    assert answer.status == 200 and answer.body == b""
    assert answer.headers["content-type"] == "text/event-stream"


def test_an_old_client_gets_a_stream_without_chunks(termd):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(termd.socket))
        client.sendall(b"GET /v1/events?since=1 HTTP/1.0\r\n\r\n")
        seen = b""
        while b"daemon.started" not in seen:
            seen += client.recv(65536)
    head, _, body = seen.partition(b"\r\n\r\n")
    assert b"chunked" not in head and b"Connection: close" in head
    assert body.startswith(b"event: lagged\n")


def test_streams_count_as_connections_and_are_given_back(termd, follow):
    streams = [follow(termd) for _ in range(32)]

    assert termd.api("GET", "/healthz").status == 429
    for stream in streams:
        stream.close()
    wait_until(lambda: termd.api("GET", "/healthz").status == 200, 10, "room for another connection")


def test_a_client_that_does_not_read_costs_little_and_holds_up_nobody(make_termd, follow):
    termd = make_termd(SLEEP | {"sessions": many.ROOM}, ports=20)
    session = many.open_session(termd, "sleep", labels={f"l{i}": "x" * 200 for i in range(16)})
    lazy, good = follow(termd), follow(termd)

    def issue(_):
        assert termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {}).status == 201

    for _ in range(10):
        many.together(issue, range(500), callers=8)
        for _ in range(500):
            assert good.next().type == "token.issued"

    told = [event.type for event in lazy]
    assert told[-1] == "lagged" and lazy.seen[-1].revision is None
    assert lazy.seen[-1].data["from"] == lazy.seen[-2].revision + 1
    assert set(told[:-1]) == {"token.issued"} and len(told) < 5000


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_others_are_told_of_their_own_sessions_only(make_termd, follow):
    """nobody may connect, and sees what belongs to nobody: neither other sessions nor termd itself."""
    termd = make_termd(SLEEP | {"sessions": {"reuse": False}})
    os.chmod(termd.root, 0o755)
    os.chmod(termd.socket, 0o666)
    others = many.open_session(termd, "sleep")
    own = many.open_session(termd, "sleep", user="nobody")
    # In a process of its own, which is another user from its start.
    reader = subprocess.run(
        [
            "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", sys.executable, "-B", "-c",
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "from support.event_stream import EventStream\n"
            "stream = EventStream(sys.argv[2], since=1)\n"
            "stream.wait_for('session.ready')\n"
            "print(*[(e.type, e.session and e.session['id']) for e in stream.seen], sep='\\n')",
            str(Path(__file__).resolve().parents[1]), str(termd.socket),
        ],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert reader.returncode == 0, reader.stderr
    assert own["id"] in reader.stdout
    assert others["id"] not in reader.stdout and "daemon." not in reader.stdout
    assert unix_http.request(termd.socket, "GET", "/healthz").status == 200
