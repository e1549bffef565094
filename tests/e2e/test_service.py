"""termd as a service manager starts and ends it: what its signals mean, and `termd --end-sessions`."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from support.many import ROOM, open_session
from support.termd import build_directory
from support.wait import wait_until

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM | {"unattached_timeout": "0"}}


def end_sessions(termd, reason):
    command = [build_directory() / "supervisor/termd", "--config", termd.config_file, "--end-sessions", reason]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def reasons(termd):
    return [row["end_reason"] for row in termd.api("GET", "/v1/history").json()["sessions"]]


def test_a_signal_makes_termd_leave_its_sessions_to_the_next(make_termd):
    termd = make_termd(config=CONFIG)
    session = open_session(termd, "sleeps")

    os.kill(termd.pid, signal.SIGUSR1)

    assert termd.wait_for_end() == 0
    termd.start()
    assert termd.wait_for_state(session, "ready")["ssh"]["pid"] == session["ssh"]["pid"]


@pytest.mark.parametrize(("number", "reason"), [(signal.SIGTERM, "shutdown"), (signal.SIGPWR, "reboot")])
def test_a_signal_that_ends_the_sessions_says_why(make_termd, number, reason):
    termd = make_termd(config=CONFIG)
    open_session(termd, "sleeps")

    os.kill(termd.pid, number)

    assert termd.wait_for_end() == 0
    assert termd.leftovers() == []
    termd.start()
    assert reasons(termd) == [reason]


@pytest.mark.parametrize("reason", ["shutdown", "reboot"])
@pytest.mark.parametrize("termd_is", ["running", "killed"])
def test_sessions_are_ended_with_or_without_a_termd(make_termd, termd_is, reason):
    termd = make_termd(config=CONFIG)
    for _ in range(3):
        open_session(termd, "sleeps")
    termd.remember_sessions()
    if termd_is == "killed":
        termd.kill9()

    done = end_sessions(termd, reason)

    assert done.returncode == 0, done.stderr
    wait_until(lambda: not termd.running(), 5, "termd to end")
    termd.socket.unlink(missing_ok=True)  # one that was killed cannot
    assert termd.leftovers() == []
    assert end_sessions(termd, reason).returncode == 0, "nothing to end is no failure"
    termd.start()
    assert reasons(termd) == [reason] * 3


def test_sessions_are_ended_whatever_has_become_of_the_configuration(make_termd):
    termd = make_termd(config=CONFIG)
    open_session(termd, "sleeps")
    good = termd.config_file.read_text()
    termd.config_file.write_text(good + "\n[nonsense]\n")

    done = end_sessions(termd, "shutdown")

    termd.config_file.write_text(good)

    assert done.returncode == 0 and "nonsense" in done.stderr
    assert termd.leftovers() == []


def test_the_sessions_end_only_for_a_reason_that_is_one(make_termd):
    termd = make_termd(config=CONFIG)
    open_session(termd, "sleeps")
    assert end_sessions(termd, "lost").returncode == 2
    assert len(termd.list()) == 1


class Manager:
    """What systemd would hear of a termd."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(self.path)
        self.heard = []

    def hears(self, words):
        try:
            while True:
                self.heard.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return words in self.heard


def test_a_service_manager_hears_how_it_goes(make_termd, tmp_path, monkeypatch):
    manager = Manager(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", manager.path)
    termd = make_termd(config=CONFIG)
    wait_until(lambda: manager.hears("READY=1"), 10, lambda: f"READY=1, not {manager.heard}")
    assert "STATUS=0 sessions" in manager.heard

    open_session(termd, "sleeps")
    wait_until(lambda: manager.hears("STATUS=1 session"), 10, lambda: f"one session, not {manager.heard}")
    termd.ctl("drain")
    wait_until(lambda: manager.hears("STATUS=1 session, draining"), 10, lambda: f"that it drains, not {manager.heard}")
    assert termd.stop() == 0
    assert manager.hears("STOPPING=1")


def test_what_runs_in_a_session_is_not_spared_by_the_oom_killer_as_termd_is(make_termd):
    termd = make_termd(config=CONFIG)
    try:
        Path(f"/proc/{termd.pid}/oom_score_adj").write_text("-500")
    except PermissionError:
        pytest.skip("this machine lets nobody be spared by the OOM killer (CAP_SYS_RESOURCE)")

    session = open_session(termd, "sleeps")

    for process in (session["ssh"]["pid"], session["worker"]["pid"]):
        assert Path(f"/proc/{process}/oom_score_adj").read_text().strip() == "0"
