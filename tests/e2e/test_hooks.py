"""[[hooks]]: programs that are run on events, and never in anybody's way."""

import json
import os
import subprocess

import pytest

from support import many, processes
from support.termd import CHECKOUT
from support.wait import wait_until

COMMANDS = {"sleep": {"argv": ["/bin/sleep", "1000"]}, "missing": {"argv": ["/does/not/exist"]}}

# Writes what it gets and has into a file of its own for each run.
RECORDER = """\
#!/usr/bin/python3 -I
import json, os, sys
seen = {"input": sys.stdin.read(), "argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(),
        "fds": sorted(int(n) for n in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + n))}
path = f"%(folder)s/{os.environ['TERMD_EVENT']}.{os.getpid()}"
with open(path + ".part", "w") as file:
    json.dump(seen, file)
os.rename(path + ".part", path + ".run")
"""


def script(folder, name, text):
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def hooked(make_termd, tmp_path):
    """A function that starts a termd with one hook: hooked(text of the script, events=[…], …)."""

    def start(text, *arguments, events=("*",), **options):
        hook = {"events": list(events), "argv": [script(tmp_path, "hook", text), *arguments]} | options
        return make_termd({"commands": COMMANDS, "hooks": [hook], "sessions": many.ROOM})

    return start


def runs(folder, type="*"):
    return [json.loads(path.read_text()) for path in sorted(folder.glob(f"{type}.*.run"))]


def outcomes(termd):
    lines = termd.api("GET", "/metrics").body.decode().splitlines()
    return {line.split('"')[1]: int(line.split()[1]) for line in lines if line.startswith("termd_hooks_total{")}


def test_a_hook_gets_the_event_and_nothing_else(hooked, tmp_path):
    termd = hooked(RECORDER % {"folder": tmp_path}, "one two", "$HOME", events=["session.ready"])
    session = many.open_session(termd, "sleep")
    wait_until(lambda: runs(tmp_path), 15, "the hook's record")

    (seen,) = runs(tmp_path)
    assert seen["input"].count("\n") == 1 and seen["input"].endswith("\n")
    event = json.loads(seen["input"])
    assert event["type"] == "session.ready" and event["session"]["id"] == session["id"] and event["revision"] > 0
    assert seen["argv"] == ["one two", "$HOME"]  # no shell has looked at them
    assert set(seen["env"]) <= {"PATH", "LANG", "TERMD_EVENT", "LC_CTYPE", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}
    assert seen["env"]["TERMD_EVENT"] == "session.ready"
    assert seen["cwd"] == "/" and seen["fds"] == [0, 1, 2]
    assert session["token"] not in json.dumps(seen)


def test_patterns_choose_the_events(hooked, tmp_path):
    termd = hooked(RECORDER % {"folder": tmp_path}, events=["session.closed", "daemon.*"])
    many.close(termd, many.open_session(termd, "sleep"))
    assert termd.stop() == 0

    seen = {json.loads(run["input"])["type"] for run in runs(tmp_path)}
    assert seen == {"daemon.started", "daemon.stopping", "session.closed"}


def test_hooks_of_the_last_events_come_to_their_end(hooked, tmp_path):
    termd = hooked(RECORDER % {"folder": tmp_path}, events=["session.closed"])
    sessions = many.open_many(termd, "sleep", 12)

    assert termd.stop() == 0

    closed = {json.loads(run["input"])["session"]["id"] for run in runs(tmp_path)}
    assert closed == {session["id"] for session in sessions}


def test_a_hook_that_hangs_holds_up_nothing_and_is_ended(hooked, tmp_path):
    stubborn = f"#!/bin/sh\ntrap '' TERM\necho $$ > {tmp_path}/hook.pid.part\nmv {tmp_path}/hook.pid.part {tmp_path}/hook.pid\nwhile :; do sleep 1000; done\n"
    termd = hooked(stubborn, events=["session.ready"], timeout="500ms")
    session = many.open_session(termd, "sleep")
    wait_until((tmp_path / "hook.pid").exists, 15, "the hook to begin")
    hook = processes.look(int((tmp_path / "hook.pid").read_text()))

    assert many.close(termd, session)["state"] == "closed"  # meanwhile
    wait_until(lambda: outcomes(termd)["timed_out"] == 1, 15, "the hook to be ended")
    wait_until(lambda: not hook.running(), 15, "the hook to be gone")
    assert "was ended after 500ms" in termd.log()


def test_a_hook_that_hangs_does_not_hold_up_the_end(hooked, tmp_path):
    termd = hooked("#!/bin/sh\nexec sleep 1000\n", events=["session.closed"], timeout="1h")
    many.close(termd, many.open_session(termd, "sleep"))

    assert termd.stop(20) == 0
    assert "hooks that did not come to an end" in termd.log()


def test_a_flood_of_events_is_bounded(hooked, tmp_path):
    termd = hooked("#!/bin/sh\nexec sleep 1000\n", events=["token.issued"], timeout="1h")
    session = many.open_session(termd, "sleep")

    def issue(_):
        assert termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {}).status == 201

    many.together(issue, range(400))

    running = [p for p in processes.everything() if p.parent == termd.pid and "sleep 1000" in p.command()]
    assert len(running) == 8
    assert outcomes(termd)["dropped"] == 401 - 8 - 256
    assert termd.log(1 << 20).count("too many hooks are waiting") == 1


def test_a_hook_that_cannot_run_or_fails_is_logged(hooked, tmp_path):
    termd = hooked("#!/bin/sh\necho 'out of\x1b[2J cheese' >&2\nexit 3\n", events=["session.ready"])
    many.open_session(termd, "sleep")
    wait_until(lambda: outcomes(termd)["failed"] == 1, 15, "the failure")
    assert "hook: out of\\x1b[2J cheese" in termd.log().replace(f"{tmp_path}/hook: ", "") and "ended with 3" in termd.log()

    (tmp_path / "hook").unlink()
    many.open_session(termd, "sleep")
    wait_until(lambda: outcomes(termd)["failed"] == 2, 15, "the second failure")
    assert f"cannot start {tmp_path}/hook" in termd.log()


def test_a_hook_that_does_not_read_is_no_harm(hooked):
    termd = hooked("#!/bin/sh\nexec <&-\nexit 0\n", events=["session.ready"])
    many.open_session(termd, "sleep", labels={f"l{i}": "x" * 200 for i in range(16)})
    wait_until(lambda: outcomes(termd)["done"] == 1, 15, "the hook's end")


def test_mail_is_sent_on_failure(make_termd, tmp_path):
    sendmail = script(tmp_path, "sendmail", f'#!/bin/sh\necho "$*" > {tmp_path}/arguments\ncat > {tmp_path}/part\nmv {tmp_path}/part {tmp_path}/mail\n')
    hook = [str(CHECKOUT / "etc/hooks/mail-on-failure"), f"--sendmail={sendmail}", "ops@example.org", "boss@example.org"]
    termd = make_termd({"commands": COMMANDS, "hooks": [{"events": ["session.failed"], "argv": hook}]})

    answer = termd.api("POST", "/v1/sessions", {"command": "missing", "title": "a title"})
    assert answer.code == "start_failed"
    wait_until((tmp_path / "mail").exists, 15, "the mail")

    mail = (tmp_path / "mail").read_text()
    head, _, body = mail.partition("\n\n")
    assert "To: ops@example.org, boss@example.org" in head
    assert "Subject: termd: session.failed" in head and "Auto-Submitted: auto-generated" in head
    assert "end_reason: start_failed" in body and "title: a title" in body
    assert (tmp_path / "arguments").read_text().split() == ["-t", "-i"]


def test_mail_headers_cannot_be_forged(tmp_path):
    sendmail = script(tmp_path, "sendmail", "#!/bin/sh\nexec cat\n")
    event = {"type": "session.failed", "at": "now", "session": {"user": "a\nBcc: x@example.org", "host": "h\r\nX: y", "login": "l"}}

    sent = subprocess.run(
        [CHECKOUT / "etc/hooks/mail-on-failure", f"--sendmail={sendmail}", "ops@example.org"],
        input=json.dumps(event), capture_output=True, text=True, env=os.environ,
    )  # fmt: skip

    assert sent.returncode == 0
    head = sent.stdout.partition("\n\n")[0]
    assert not any(line.startswith(("Bcc:", "X:")) for line in head.splitlines())
