"""Sessions that cannot start: each says why by its code within the time-out, and leaves nothing over."""

import http.client
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import scripts
from support.ports import PortRange
from support.sshd import Sshd
from support.wait import wait_until


def refused(termd, sshd, status, code, *, login_failure=None, exit_code=1, **changes):
    """Try to open a session by both ways, which must fail with that code and leave nothing but its record; the API's problem."""
    body = {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login} | changes
    answer = termd.api("POST", "/v1/sessions", body)
    assert (answer.status, answer.code) == (status, code), answer.body
    problem = answer.json()
    assert problem["status"] == status and problem["title"]
    nothing_over(termd)

    outcome = termd.ctl("open", f"{body['login']}@{body['host']}:{body['port']}")
    assert outcome.code == exit_code, outcome
    assert outcome.stdout == "" and outcome.stderr.strip()
    nothing_over(termd)
    assert [row["reason"] for row in on_record(termd, "login.failed")] == [login_failure] * (2 if login_failure else 0)
    return problem


def on_record(termd, event):
    """What the audit trail says of events of that type."""
    return [row["details"] for row in termd.api("GET", f"/v1/audit?type={event}").json()["events"]]


def nothing_over(termd):
    assert termd.list() == []
    assert termd.leftovers() == []
    assert termd.ctl_json("status")["ports"]["free"] == len(termd.range.ports)


def test_a_closed_port(termd, sshd):
    nobody = PortRange(1)

    problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed", login_failure="unreachable", port=nobody.first)

    assert "Connection refused" in problem["detail"]
    nobody.release()


def test_a_host_that_does_not_answer(make_termd, sshd):
    """A listener that accepts nobody stands for a host behind a silent firewall."""
    termd = make_termd(config={"ssh": {"connect_timeout": "1s"}, "workers": {"start_timeout": "15s"}})
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)

        problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed", login_failure="timed_out", port=listener.getsockname()[1])

    assert problem["detail"]


def test_a_host_that_stalls_in_the_middle_of_the_login(make_termd, sshd):
    """It greets like an sshd and never says another word; ssh's own time-out does not cover that."""
    termd = make_termd(config={"ssh": {"connect_timeout": "1s"}, "workers": {"start_timeout": "2s"}})
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as background:
        staying = background.submit(greet_and_stay, listener, 2)

        problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed", login_failure="timed_out", port=listener.getsockname()[1])

        assert problem["detail"]
        staying.result(15)


def greet_and_stay(listener, times):
    """Greet that many clients, one after the other, and hold each until it gives up."""
    for _ in range(times):
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            while connection.recv(65536):
                pass


def test_a_refused_key(make_termd, sshd):
    stranger = sshd.new_key("stranger_key")
    termd = make_termd(config={"ssh": {"keys": [str(stranger)]}})

    problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed", login_failure="refused")

    assert "Permission denied" in problem["detail"]
    for name in ("stranger_key", "stranger_key.pub"):
        (sshd.root / name).unlink()


def test_a_login_that_does_not_exist(termd, sshd):
    problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed", login_failure="refused", login="nobody-of-that-name")

    assert "Permission denied" in problem["detail"]


def test_an_unknown_host_key(make_termd, sshd):
    termd = make_termd(known_hosts="")

    refused(termd, sshd, http.client.CONFLICT, "host_untrusted", login_failure="host_unknown")


def test_another_host_key_than_the_known_one(make_termd, sshd):
    other = Sshd()
    known = other.known_hosts().replace(f":{other.port} ", f":{sshd.port} ")
    other.stop()
    termd = make_termd(known_hosts=known)

    refused(termd, sshd, http.client.CONFLICT, "host_key_changed", login_failure="host_changed")


def test_ttyd_missing(make_termd, sshd):
    termd = make_termd(config={"ttyd": {"path": "/nonexistent"}})

    problem = refused(termd, sshd, http.client.SERVICE_UNAVAILABLE, "ttyd_missing")

    assert "/nonexistent" in problem["detail"]
    assert [row["code"] for row in on_record(termd, "session.refused")] == ["ttyd_missing"] * 2


def test_ttyd_that_never_listens(make_termd, sshd, tmp_path):
    mute = scripts.write(tmp_path, "mute_ttyd", scripts.MUTE_TTYD)
    termd = make_termd(config={"ttyd": {"path": str(mute)}, "workers": {"start_timeout": "2s"}})

    refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed")

    assert (tmp_path / "mute_ttyd.ready").exists()


def test_ttyd_that_dies_at_once(make_termd, sshd, tmp_path):
    dying = scripts.write(tmp_path, "dying_ttyd", scripts.DYING_TTYD)
    termd = make_termd(config={"ttyd": {"path": str(dying)}, "workers": {"start_timeout": "3s"}})

    problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed")

    assert "out of cheese" in problem["detail"]


def test_no_key_that_can_be_read(make_termd, sshd, tmp_path):
    termd = make_termd(config={"ssh": {"keys": [str(tmp_path / "no_such_key"), str(tmp_path)]}})

    refused(termd, sshd, http.client.SERVICE_UNAVAILABLE, "ssh_key_missing")


def copy_of_the_key(sshd, folder, *, mode=0o600, owner=None):
    path = folder / "key"
    path.write_bytes(sshd.client_key.read_bytes())
    path.chmod(mode)
    if owner is not None:
        os.chown(path, owner, -1)
    return path


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_not_used(make_termd, sshd, tmp_path, mode):
    key = copy_of_the_key(sshd, tmp_path, mode=mode)
    termd = make_termd(config={"ssh": {"keys": [str(key)]}})

    problem = refused(termd, sshd, http.client.SERVICE_UNAVAILABLE, "ssh_key_missing")

    assert f"{key} is open to others (mode 0{mode:o})" in problem["detail"] and "chmod 600" in problem["detail"]
    key.chmod(0o600)
    assert termd.open(sshd.target)["state"] == "ready"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_key_of_another_user_is_not_used(make_termd, sshd, tmp_path):
    key = copy_of_the_key(sshd, tmp_path, owner=65534)
    termd = make_termd(config={"ssh": {"keys": [str(key)]}})

    problem = refused(termd, sshd, http.client.SERVICE_UNAVAILABLE, "ssh_key_missing")

    assert "another user (uid 65534)" in problem["detail"] and "chown" in problem["detail"]


def test_of_several_keys_the_first_that_is_in_order_is_used_and_all_that_are_not_are_named(make_termd, sshd, tmp_path):
    key, missing = copy_of_the_key(sshd, tmp_path, mode=0o644), tmp_path / "no_such_key"
    termd = make_termd(config={"ssh": {"keys": [str(missing), str(key)]}})
    problem = refused(termd, sshd, http.client.SERVICE_UNAVAILABLE, "ssh_key_missing")
    assert f"{missing} cannot be found" in problem["detail"] and f"{key} is open" in problem["detail"]

    both = make_termd(config={"ssh": {"keys": [str(key), str(sshd.client_key)]}})

    assert both.open(sshd.target)["state"] == "ready"


def test_a_host_that_takes_no_keys_at_all(make_termd):
    """It wants a password, for which nobody is asked: that a key was refused is what there is to say."""
    server = Sshd(only_passwords=True)
    try:
        termd = make_termd(sshd=server)
        problem = refused(termd, server, http.client.BAD_GATEWAY, "start_failed", login_failure="refused")
        assert "Permission denied (password)" in problem["detail"]
    finally:
        server.stop()


def test_the_first_key_that_can_be_read_is_used(make_termd, sshd, tmp_path):
    termd = make_termd(config={"ssh": {"keys": [str(tmp_path / "no_such_key"), str(sshd.client_key)]}})

    assert termd.open(sshd.target)["state"] == "ready"


def test_no_free_port_when_a_stranger_holds_it(make_termd, sshd):
    termd = make_termd(ports=1)
    with socket.create_server(("127.0.0.1", termd.range.first)):
        answer = termd.api("POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login})
        assert (answer.status, answer.code) == (http.client.SERVICE_UNAVAILABLE, "no_free_port")
        assert termd.ctl("open", sshd.target).code == 5
        assert termd.list() == []

    assert termd.leftovers() == []
    assert termd.open(sshd.target)["worker"]["port"] == termd.range.first  # free again, and found to be


def test_no_free_port_when_sessions_hold_them_all(make_termd, sshd):
    termd = make_termd(ports=1)
    first = termd.open(sshd.target)

    answer = termd.api(
        "POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login, "reuse": False}
    )

    assert (answer.status, answer.code) == (http.client.SERVICE_UNAVAILABLE, "no_free_port")
    assert [session["id"] for session in termd.list()] == [first["id"]]


def test_a_port_held_by_a_stranger_is_passed_over(make_termd, sshd):
    termd = make_termd(ports=2)
    with socket.create_server(("127.0.0.1", termd.range.first)):
        assert termd.open(sshd.target)["worker"]["port"] == termd.range.ports[1]


def test_an_ssh_that_does_not_exist(make_termd, sshd):
    termd = make_termd(config={"ssh": {"path": "/nonexistent/ssh"}})

    problem = refused(termd, sshd, http.client.BAD_GATEWAY, "start_failed")

    assert problem["detail"]


def test_a_command_that_ends_at_once_with_an_error(make_termd):
    termd = make_termd(config={"commands": {"fails": {"argv": ["/bin/sh", "-c", "exit 9"]}}})

    outcome = termd.ctl("open", "--command", "fails")

    # Whether it was quick enough to end before ttyd was up is chance; nothing may be left in either case.
    assert outcome.code in (0, 1), outcome
    if outcome.code == 1:
        assert "code 9" in outcome.stderr
    wait_until(lambda: termd.list() == [], 15, "the end of the session")
    nothing_over(termd)


def test_an_unknown_command(termd):
    outcome = termd.ctl("open", "--command", "never-heard-of")

    assert outcome.code in (1, 2) and "command" in outcome.stderr
    nothing_over(termd)


def test_failing_again_and_again_uses_nothing_up(make_termd, sshd):
    """More tries than there are ports and places for the user."""
    termd = make_termd(ports=2)
    nobody = PortRange(1)

    for _ in range(6):
        answer = termd.api("POST", "/v1/sessions", {"host": "127.0.0.1", "port": nobody.first, "login": sshd.login})
        assert answer.code == "start_failed"

    nobody.release()
    nothing_over(termd)
    assert termd.open(sshd.target)["state"] == "ready"


@pytest.mark.parametrize("again", range(3))
def test_a_client_that_hangs_up_while_opening_leaves_no_half_session(termd, sshd, again):
    """The session may come to be or not; what there is can be listed and closed."""
    body = b'{"host": "127.0.0.1", "port": %d, "login": "%s"}' % (sshd.port, sshd.login.encode())
    head = b"POST /v1/sessions HTTP/1.1\r\nHost: termd\r\nContent-Type: application/json\r\n"
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(termd.socket))
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    settled = ("ready", "closed")
    wait_until(lambda: all(session["state"] in settled for session in termd.list()), 20, "no session half open")
    for session in termd.list():
        assert termd.ctl("close", session["id"]).code == 0
    wait_until(lambda: termd.leftovers() == [], 10, lambda: f"nothing left, instead of {termd.leftovers()}")
