"""What operators do to the daemon itself: reload, drain, shutdown."""

import os
import signal
import subprocess

import pytest

from support import many, processes
from support.event_stream import EventStream
from support.toml import merged, to_toml
from support.wait import wait_until

SLEEP = {"commands": {"sleep": {"argv": ["/bin/sleep", "1000"]}}}


def rewrite(termd, changes):
    termd.config = merged(termd.config, changes)
    termd.config_file.write_text(to_toml(termd.config))


def test_drain_lets_sessions_go_on_and_opens_none(make_termd):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")
    with EventStream(termd.socket) as events:
        answer = termd.api("POST", "/v1/drain")
        assert (answer.status, answer.json()) == (200, {"draining": True})
        assert termd.api("POST", "/v1/drain").status == 200
        refused = termd.api("POST", "/v1/sessions", {"command": "sleep"})
        assert (refused.status, refused.code) == (503, "draining")
        assert termd.show(session)["state"] == "ready"
        assert termd.api("GET", "/v1/status").json()["draining"] is True
        many.close(termd, session)
        events.wait_for("session.closed", session)
        assert [event.type for event in events.seen].count("daemon.draining") == 1


def test_shutdown_ends_all_sessions_and_termd(make_termd):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")

    answer = termd.api("POST", "/v1/shutdown")

    assert (answer.status, answer.json()) == (202, {"stopping": True})
    wait_until(lambda: not termd.running(), 15, "termd to end")
    assert "session.closed session=" + session["id"] in termd.log() and "reason=shutdown" in termd.log()
    assert termd.leftovers() == []


def test_shutdown_with_nothing_to_end_is_answered_too(termd):
    assert termd.api("POST", "/v1/shutdown").status == 202
    wait_until(lambda: not termd.running(), 15, "termd to end")


def test_being_told_to_end_again_and_again_is_no_bad_end(termd):
    assert termd.api("POST", "/v1/shutdown").status == 202
    process = processes.look(termd.pid)
    while process.running():
        processes.send(process, signal.SIGTERM)

    assert termd.stop() == 0


def test_reload_takes_what_it_can_and_names_the_rest(make_termd):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")
    rewrite(termd, {
        "sessions": {"max_per_user": 1}, "log": {"level": "debug"},
        "commands": {"cat": {"argv": ["/bin/cat"]}},
        "workers": {"ports": "7680-7681"}, "metrics": {"listen": "127.0.0.1:1"},
    })  # fmt: skip
    with EventStream(termd.socket) as events:
        answer = termd.api("POST", "/v1/reload")
        told = events.wait_for("daemon.reloaded")

    assert answer.status == 200
    assert answer.json() == {
        "changed": ["sessions.max_per_user", "commands.cat.argv", "log.level"],
        "restart_needed": ["workers.ports", "metrics.listen"],
    }
    assert told.data["changed"] == answer.json()["changed"]
    assert termd.api("POST", "/v1/sessions", {"command": "cat"}).code == "user_limit"
    many.close(termd, session)
    many.open_session(termd, "cat")
    assert termd.api("POST", "/v1/reload").json()["changed"] == []


def test_reload_of_a_broken_file_changes_nothing_and_says_everything(make_termd):
    termd = make_termd(SLEEP)
    good = termd.config_file.read_text()
    termd.config_file.write_text(good + '\n[sesions]\nttl = "1h"\n[probe]\nfailures = "three"\ninterval = "1s"\n')

    answer = termd.api("POST", "/v1/reload")

    assert (answer.status, answer.code) == (400, "invalid_request")
    problems = answer.json()["errors"]
    assert len(problems) == 3  # the timeout of probes contradicts the new interval, too
    assert all(problem["field"].startswith(f"{termd.config_file}:") for problem in problems)
    assert "did you mean 'sessions'" in problems[0]["problem"]
    many.open_session(termd, "sleep")

    termd.config_file.unlink()
    gone = termd.api("POST", "/v1/reload")
    assert gone.status == 400 and gone.json()["errors"][0]["field"] == str(termd.config_file)
    termd.config_file.write_text(good)
    assert termd.api("POST", "/v1/reload").json() == {"changed": [], "restart_needed": []}


def test_sighup_reloads_and_ends_nothing(make_termd):
    termd = make_termd(SLEEP)
    session = many.open_session(termd, "sleep")
    rewrite(termd, {"sessions": {"ttl": "7m"}})
    with EventStream(termd.socket) as events:
        os.kill(termd.pid, signal.SIGHUP)
        assert events.wait_for("daemon.reloaded").data["changed"] == ["sessions.ttl"]
    termd.config_file.write_text("broken")
    os.kill(termd.pid, signal.SIGHUP)
    wait_until(lambda: "the old one stays" in termd.log(), 10, "the complaint in the log")
    assert termd.show(session)["state"] == "ready"


def test_a_command_line_or_body_that_means_nothing_is_refused(termd):
    for what in ("drain", "reload", "shutdown"):
        assert termd.api("POST", f"/v1/{what}?now=true").code == "invalid_request"
        assert termd.api("POST", f"/v1/{what}", {"now": True}).code == "invalid_request"
        assert termd.api("GET", f"/v1/{what}").status == 405
    assert termd.running() and not termd.api("GET", "/v1/status").json()["draining"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize("what", ["drain", "reload", "shutdown"])
def test_only_operators_may(termd, what):
    os.chmod(termd.root, 0o755)
    os.chmod(termd.socket, 0o666)

    asked = subprocess.run(
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
         "curl", "-s", "--unix-socket", termd.socket, "-X", "POST", f"http://termd/v1/{what}"],
        capture_output=True, text=True,
    )  # fmt: skip

    assert '"code":"forbidden"' in asked.stdout
    assert termd.running() and not termd.api("GET", "/v1/status").json()["draining"]
