"""What every command of termctl prints, as a table and as JSON, byte for byte as in tests/golden/cli/commands.

TERMD_UPDATE_GOLDEN=1 writes the files anew; what has changed is then git's to show. Times are relative to now and are
pinned by the unit tests; here the answers have none.
"""

import os
from pathlib import Path

import pytest

from support.fake_termd import CLOSED, ID, OPENED, OTHER, SESSION, STATUS, reply
from support.termd import CHECKOUT, run

GOLDEN = CHECKOUT / "tests/golden/cli/commands"
TIMELESS = SESSION | {"created_at": None}
SECOND = TIMELESS | {"id": OTHER, "user": "bob", "host": "web", "port": 0, "command": "docker", "state": "degraded"}
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 7\nevent: daemon.draining\n"
STREAM += b'data: {"revision":7,"type":"daemon.draining","at":null}\n\n'

# The command: its arguments, and what termd answers.
COMMANDS = {
    "open": (["root@db1"], OPENED | {"created_at": None}),
    "ls": ([], {"sessions": [TIMELESS, SECOND]}),
    "show": ([ID], TIMELESS),
    "close": ([ID], CLOSED | {"created_at": None}),
    "share": (["--view", ID], {"token": "T", "url": "http://127.0.0.1:7681/?arg=T", "role": "view"}),
    "message": ([ID, "five minutes"], {}),
    "extend": ([ID, "8h"], TIMELESS | {"expires_at": None}),
    "heartbeat": ([ID], {"expires_in": 1800, "idle_in": None, "notices": ["closes in 60 s"]}),
    "restart": ([ID], SECOND),
    "log": ([ID], {"lines": ["ttyd: listening", "ssh: a\\x1b[2Jb"]}),
    "recording": ([ID], b'{"version": 2, "width": 80, "height": 24}\n[0.5, "o", "hello\\r\\n"]\n'),
    "status": ([], STATUS | {"limits": {"max_per_user": 3, "max_total": 1000}, "ports": {"free": 997, "total": 1000}}),
    "top": ([], None),
    "history": (["--user", "alice"], {"sessions": [TIMELESS, SECOND | {"end_reason": "exited", "exit": {"code": 7}}], "next": None}),
    "audit": (["--type", "session.*"], {"events": [
        {"seq": 2, "at": None, "type": "session.closed", "session": ID, "user": "alice", "details": {"reason": "exited", "exit": {"code": 7}}, "hash": "0" * 64},
        {"seq": 1, "at": None, "type": "session.opening", "session": ID, "user": "alice", "details": {"host": "db1", "login": "me"}, "hash": "0" * 64},
    ], "next": None}),
    "audit verify": ([], {"valid": True, "rows": 12, "problem": None, "first_bad": None}),
    "events": ([], STREAM),
    "host ls": ([], {"hosts": [
        {"host": "db1", "type": "ssh-ed25519", "fingerprint": "SHA256:aaa", "mark": None},
        {"host": None, "type": "ssh-rsa", "fingerprint": "SHA256:bbb", "mark": "revoked"},
    ]}),
    "host scan": (["db1:2222"], {"host": "db1", "port": 2222, "authority": False,
        "offered": [{"type": "ssh-ed25519", "fingerprint": "SHA256:aaa"}, {"type": "ssh-rsa", "fingerprint": "SHA256:bbb"}, {"type": "ecdsa-sha2-nistp256", "fingerprint": "SHA256:ccc"}],
        "known": [{"type": "ssh-ed25519", "fingerprint": "SHA256:aaa"}, {"type": "ssh-dss", "fingerprint": "SHA256:ddd"}],
        "revoked": [{"type": "ssh-rsa", "fingerprint": "SHA256:bbb"}]}),
    "host trust": (["[fe80::1]:2222", "SHA256:aaa"], {"host": "fe80::1", "port": 2222, "type": "ssh-ed25519", "fingerprint": "SHA256:aaa"}),
    "host forget": (["db1"], {"host": "db1", "port": 22, "forgotten": [{"type": "ssh-ed25519", "fingerprint": "SHA256:aaa"}]}),
    "reload": ([], {"changed": ["sessions.ttl", "log.level"]}),
    "drain": ([], {"draining": True}),
    "shutdown": ([], {}),
    "config check": ([str(CHECKOUT / "tests/golden/cli/print-config.toml")], {}),
    "completion": (["bash"], {}),
}
ELSEWHERE = {
    "doctor": "it looks at this machine: tests/unit/cli/doctor_test.cpp pins its lines",
    "attach": "it needs a terminal: tests/e2e/test_attach.py",
}


def top_answer(method, path, *_):
    return reply(200, COMMANDS["status"][1] if path == "/v1/status" else COMMANDS["ls"][1])


@pytest.mark.parametrize("output", ["table", "json"])
@pytest.mark.parametrize("name", COMMANDS)
def test_output_of_every_command(fake, name, output):
    arguments, answer = COMMANDS[name]
    if name == "events":
        fake.answer = answer
    elif name == "top":
        fake.answer = lambda method, path, *_: b"" if path == "/v1/events" else top_answer(method, path)
    else:
        fake.answer = reply(200, answer, "application/x-asciicast" if name == "recording" else "application/json")

    outcome = fake.ctl("-o", output, *name.split(), *arguments, environment={"TZ": "UTC"})

    assert outcome.code == (3 if name == "events" else 0), outcome  # a stream that ends is told
    golden = GOLDEN / f"{name.replace(' ', '-')}.{output}"
    if os.environ.get("TERMD_UPDATE_GOLDEN"):
        GOLDEN.mkdir(exist_ok=True)
        golden.write_text(outcome.stdout)
    assert outcome.stdout == golden.read_text()


def test_every_command_is_pinned():
    words = [line.split("\t")[0] for line in run("cli/termctl", "__complete", "").stdout.splitlines()]
    pinned = {name.split()[0] for name in COMMANDS} | set(ELSEWHERE)
    assert words and set(words) == pinned
    assert {path.stem for path in Path(GOLDEN).iterdir()} == {name.replace(" ", "-") for name in COMMANDS}
