"""One termd makes way for the next: the sessions go on, and clients wait instead of failing."""

import http.client
import os
import socket
import subprocess
import threading

import pytest

from support import dead_ends, shell, unix_http
from support.many import ROOM, open_session
from support.termd import build_directory
from support.wait import wait_until

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM | {"unattached_timeout": "0"}}


def leave(termd, *, by_hand=False):
    if by_hand:
        assert termd.ctl("shutdown", "--keep-sessions").code == 0
    else:
        answer = termd.api("POST", "/v1/shutdown", {"keep_sessions": True})
        assert (answer.status, answer.json()) == (http.client.ACCEPTED, {"stopping": True})
    wait_until(lambda: not termd.running(), 15, "termd to end")


@pytest.mark.parametrize("by_hand", [True, False])
def test_the_same_ssh_goes_on_under_the_next_termd(termd, sshd, connect, by_hand):
    session = termd.open(sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)

    leave(termd, by_hand=by_hand)

    assert shell.process_id(page) == shell_id
    termd.start()
    again = termd.wait_for_state(session, "ready")
    assert again["ssh"]["pid"] == session["ssh"]["pid"] and shell.process_id(page) == shell_id
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert row["id"] == session["id"] and row["end_reason"] is None
    trail = [event["type"] for event in termd.api("GET", "/v1/audit").json()["events"]]
    assert "session.closed" not in trail and trail.count("daemon.started") == 2


def test_a_plain_shutdown_ends_the_sessions(make_termd):
    termd = make_termd(config=CONFIG)
    open_session(termd, "sleeps")

    answer = termd.api("POST", "/v1/shutdown", {"keep_sessions": False})

    assert answer.status == http.client.ACCEPTED
    wait_until(lambda: not termd.running(), 15, "termd to end")
    assert termd.leftovers() == []


@pytest.mark.parametrize("body", [{"keep_sessions": "yes"}, {"keep": True}])
def test_a_shutdown_that_is_not_understood_is_refused(make_termd, body):
    termd = make_termd(config=CONFIG)
    answer = termd.api("POST", "/v1/shutdown", body)
    assert (answer.status, answer.code) == (http.client.BAD_REQUEST, "invalid_request")
    assert termd.running()


@pytest.mark.parametrize("host_keys", ["strict", "ask"])  # the host is logged in to, or asked for its key
@pytest.mark.parametrize("how", ["leave", "term"])
def test_an_opening_that_waits_is_told_that_termd_is_ending(make_termd, sshd_that_hangs, how, host_keys):
    termd = make_termd(config={"ssh": {"host_keys": host_keys}} | {"sessions": ROOM})
    answers = []
    opening = threading.Thread(target=lambda: answers.append(termd.api("POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd_that_hangs, "login": "root"})))
    opening.start()
    wait_until(lambda: termd.list() or dead_ends.scanners(termd), 15, "the opening to be under way")

    leave(termd) if how == "leave" else termd.stop()

    opening.join(15)
    assert [(answer.status, answer.code) for answer in answers] == [(http.client.SERVICE_UNAVAILABLE, "draining")]
    assert termd.leftovers() == []


@pytest.fixture
def sshd_that_hangs():
    """Takes connections and says nothing: a login that never comes to its end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


class Activated:
    """A termd whose control socket is kept open here, as a socket unit does, until the end of `with`."""

    def __init__(self, termd, path=None):
        self.termd = termd
        self.path = path or termd.socket
        self.listener = socket.socket(socket.AF_UNIX)
        termd.runtime.mkdir(mode=0o755, exist_ok=True)
        self.listener.bind(str(self.path))
        self.listener.listen(16)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.termd.running():
            self.termd.stop()
        self.listener.close()
        self.path.unlink()

    def start(self):
        """The shell becomes termd, so that it has the number that LISTEN_PID says."""
        script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"'
        command = ["/bin/sh", "-c", script, build_directory() / "supervisor/termd", "--config", self.termd.config_file]

        def as_third():
            os.dup2(self.listener.fileno(), 3)

        with open(self.termd.log_file, "ab") as log:
            self.termd._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, close_fds=False, preexec_fn=as_third)


@pytest.mark.parametrize("end", ["leave", "kill"])
def test_a_client_of_a_passed_socket_waits_for_the_next_termd(make_termd, end):
    termd = make_termd(config=CONFIG, start=False)
    with Activated(termd) as activated:
        activated.start()
        session = open_session(termd, "sleeps")
        leave(termd) if end == "leave" else termd.kill9()
        answers = []
        asking = threading.Thread(target=lambda: answers.append(unix_http.request(termd.socket, "GET", "/v1/sessions", deadline=30)))
        asking.start()

        activated.start()

        asking.join(30)
        [answer] = answers
        assert answer.status == http.client.OK and [s["id"] for s in answer.json()["sessions"]] == [session["id"]]
        assert termd.wait_for_state(session, "ready")["ssh"]["pid"] == session["ssh"]["pid"]


@pytest.mark.parametrize("name", ["control.sock", "elsewhere.sock"])
def test_a_passed_socket_that_is_not_where_the_configuration_says_is_told(make_termd, name):
    termd = make_termd(config=CONFIG, start=False)
    path = termd.runtime / name
    with Activated(termd, path) as activated:
        activated.start()
        assert unix_http.request(path, "GET", "/healthz").status == http.client.OK

    told = f"control.socket says {termd.socket}, and the socket that was passed is {path}" in termd.log()
    assert told == (path != termd.socket)


def test_what_is_passed_must_be_a_listening_socket(make_termd):
    termd = make_termd(config=CONFIG, start=False)
    with Activated(termd) as activated:
        activated.listener.close()
        activated.listener = open(termd.config_file, "rb")
        activated.start()

        wait_until(lambda: not termd.running(), 15, "termd to end")

    assert "not one listening Unix socket was passed" in termd.log()
