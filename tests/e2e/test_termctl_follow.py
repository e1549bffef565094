"""termctl's commands that act on termd itself, and those that stay and follow, against the fake server."""

import json
import os
import signal
import subprocess
import threading

import pytest

from support.fake_termd import ID, SESSION, STATUS, check_refusal, problem, reply
from support.termd import build_directory
from support.wait import wait_until

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def event(revision, kind="session.ready", **about):
    data = json.dumps({"revision": revision, "type": kind, "at": "2026-11-20T21:25:15.000Z"} | about)
    return f"id: {revision}\nevent: {kind}\ndata: {data}\n\n".encode()


LAGGED = b'event: lagged\ndata: {"from":9}\n\n'


def endless(stop, *parts):
    """These parts, and then a connection that stays until the test is over."""
    yield from parts
    stop.wait(30)


@pytest.fixture
def stop():
    event_of_the_end = threading.Event()
    yield event_of_the_end
    event_of_the_end.set()


class Following:
    """A termctl that runs on; text() is what it has printed so far."""

    def __init__(self, fake, *arguments, **options):
        self.out, self.err = "", ""
        self.process = subprocess.Popen(
            [build_directory() / "cli/termctl", *arguments],
            env=os.environ | {"TERMCTL_SOCKET": fake.server_address}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
        )  # fmt: skip
        self.threads = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in ("out", "err")]
        for thread in self.threads:
            thread.start()

    def _read(self, name):
        for line in self.process.stdout if name == "out" else self.process.stderr:
            setattr(self, name, getattr(self, name) + line)

    def wait_for(self, words, name="out"):
        wait_until(lambda: words in getattr(self, name), 20, lambda: f"{words!r} in {getattr(self, name)!r}; {self.err!r}")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        code = self.process.wait(20)
        for thread in self.threads:
            thread.join(20)
        return code


@pytest.fixture
def follow(fake):
    started = []

    def start(*arguments, **options):
        started.append(Following(fake, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait(10)


# termd itself


def test_reload_prints_what_has_changed(fake):
    fake.answer = reply(200, {"changed": ["sessions.ttl", "log.level"]})

    assert fake.ctl("reload").stdout == "sessions.ttl changed\nlog.level changed\n"
    assert json.loads(fake.ctl("-o", "json", "reload").stdout) == {"changed": ["sessions.ttl", "log.level"]}
    assert [asked[:2] for asked in fake.asked] == [("POST", "/v1/reload")] * 2
    fake.answer = reply(200, {"changed": []})
    assert fake.ctl("reload").stdout == "nothing has changed\n"


def test_a_configuration_that_is_refused_is_told_with_every_problem(fake):
    errors = [{"field": "sessions.ttl", "problem": "must be text"}, {"field": "", "problem": "f.toml:3:1: unknown key"}]
    fake.answer = problem(400, "invalid_request", detail="the configuration is not valid", errors=errors)

    check_refusal(fake.ctl("reload"), 2, "sessions.ttl: must be text", "f.toml:3:1: unknown key")


def test_shutdown_and_drain_ask_and_say_nothing(fake):
    fake.answer = reply(200, {})
    for name in ("shutdown", "drain"):
        outcome = fake.ctl(name)
        assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "", "")
    assert [asked[:2] for asked in fake.asked] == [("POST", "/v1/shutdown"), ("POST", "/v1/drain")]
    fake.answer = problem(403, "forbidden", detail="operators only")
    for name in ("shutdown", "drain", "reload"):
        check_refusal(fake.ctl(name), 6, "operators only")


def test_drain_waits_for_the_last_session(fake):
    left = iter([2, 2, 1, 0])
    fake.answer = lambda method, *_: reply(200, {} if method == "POST" else STATUS | {"sessions": {"ready": next(left), "closed": 7}})

    outcome = fake.ctl("drain", "--wait")

    assert (outcome.code, outcome.stdout) == (0, "")
    assert outcome.stderr == "waiting for 2 sessions to end\nwaiting for 1 session to end\n"


def test_drain_waits_no_longer_than_it_may(fake):
    fake.answer = lambda method, *_: reply(200, {} if method == "POST" else STATUS)

    outcome = fake.ctl("--timeout", "500ms", "drain", "--wait")

    assert outcome.code == 7 and "termctl close --all" in outcome.stderr


# events


def test_events_are_lines_and_go_on_until_interrupted(fake, follow, stop):
    fake.answer = lambda *_: endless(stop, STREAM, b": hello\n\n", event(7, session=SESSION)[:40], event(7, session=SESSION)[40:])

    events = follow("events", "--since", "6")
    events.wait_for(ID)

    assert events.interrupt() == 0
    assert events.out.split() == ["7", events.out.split()[1], "session.ready", ID, "alice", "automation@10.0.0.5:22", "ready"]
    assert events.err == ""
    assert fake.asked == [("GET", "/v1/events", {"since": "6"}, None)]


def test_events_as_json_are_one_object_a_line(fake, follow, stop):
    fake.answer = lambda *_: endless(stop, STREAM, event(7, session=SESSION), event(8, "daemon.stopping"))

    events = follow("-o", "json", "events")
    events.wait_for("daemon.stopping")

    assert events.interrupt() == 0
    lines = [json.loads(line) for line in events.out.splitlines()]
    assert [line["revision"] for line in lines] == [7, 8] and lines[0]["session"] == SESSION
    assert fake.asked == [("GET", "/v1/events", {}, None)]


def test_events_that_lag_are_told_and_taken_up_where_they_were_left(fake, follow, stop):
    streams = iter([[STREAM, event(7), event(8), LAGGED]])
    fake.answer = lambda *_: next(streams, None) or endless(stop, STREAM, event(9))

    events = follow("events")
    events.wait_for("\n9 ")

    assert events.interrupt() == 0
    assert [line.split()[0] for line in events.out.splitlines()] == ["7", "8", "9"]
    assert events.err == "termctl: some events were missed – going on after 8\n"
    assert [asked[2] for asked in fake.asked] == [{}, {"since": "8"}]


def test_a_lag_that_does_not_end_the_stream_is_told_only(fake, follow, stop):
    fake.answer = lambda *_: endless(stop, STREAM, LAGGED, event(9))

    events = follow("events", "--since", "3")
    events.wait_for("9 ")

    assert events.interrupt() == 0
    assert events.err == "termctl: some events were missed – going on after 3\n"
    assert len(fake.asked) == 1


def test_a_termd_that_only_ever_says_lagged_is_not_asked_for_ever(fake):
    fake.answer = STREAM + LAGGED

    outcome = fake.ctl("events")

    assert outcome.code == 3 and len(fake.asked) == 1


def test_events_end_quietly_when_nobody_reads_them(fake, follow, stop):
    fake.answer = lambda *_: endless(stop, STREAM, event(7))
    events = follow("events")
    events.wait_for("7")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [build_directory() / "cli/termctl", "--socket", fake.server_address, "events"],
        stdout=writer, stderr=subprocess.PIPE, text=True, timeout=30,
    )  # fmt: skip
    os.close(writer)
    assert done.stderr == ""


def test_a_stream_that_termd_ends_is_a_failure(fake):
    fake.answer = STREAM + event(7)

    outcome = fake.ctl("events")

    assert outcome.code == 3 and outcome.stdout.startswith("7 ") and "ended the stream" in outcome.stderr


@pytest.mark.parametrize(
    "answer, code",
    [
        (problem(403, "forbidden", detail="no"), 6), (reply(200, {}), 1), (b"", 3), (b"nonsense\r\n\r\n", 1),
        (STREAM + b"data: no json\n\n", 1), (STREAM + b"data: " + b"x" * (2 << 20), 1),
        (STREAM.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 1),
    ],
    ids=["forbidden", "json", "nothing", "no http", "data without json", "endless event", "bad chunk"],
)  # fmt: skip
def test_what_is_no_stream_of_events_is_a_failure(fake, answer, code):
    fake.answer = answer

    check_refusal(fake.ctl("events"), code)


def test_events_may_come_in_chunks(fake, follow, stop):
    text = event(7)
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (text[:11], text[11:]))
    fake.answer = lambda *_: endless(stop, STREAM[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", chunks)

    events = follow("events")
    events.wait_for("session.ready")

    assert events.interrupt() == 0


@pytest.mark.parametrize("arguments", [["--since", "soon"], ["--since", ""], ["-o", "id"]])
def test_events_know_what_they_can_do(fake, arguments):
    check_refusal(fake.ctl("events", *arguments), 2)


# log -f


def test_log_follows_until_the_session_is_gone(fake):
    logs = iter([["a", "b"], ["a", "b"], ["b", "c"]])

    def answer(*_):
        lines = next(logs, None)
        return reply(200, {"lines": lines}) if lines else problem(404, "not_found", detail="it has ended")

    fake.answer = answer

    outcome = fake.ctl("log", "-f", ID)

    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "a\nb\nc\n", "")
    check_refusal(fake.ctl("log", "-f", ID), 4)
