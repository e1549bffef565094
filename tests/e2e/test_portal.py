"""The example of a portal: its client of the control API, and its back end, against a real termd."""

import getpass
import os
import re
import signal
import socket
import subprocess
import sys
import threading

import pytest

from support import processes, shell
from support.portal import FOLDER, PASSWORDS, Portal, Visitor, target
from support.termd import build_directory, find_ttyd
from support.wait import wait_until

from termd_client import TermdClient, TermdError, TermdUnreachable  # support.portal says where it lies

OPERATOR = {"control": {"operators": ["root", getpass.getuser()]}}


@pytest.fixture
def termd(make_termd):
    """A termd for which the user of these tests, and so the portal, is an operator."""
    return make_termd(OPERATOR)


@pytest.fixture
def client(termd):
    return TermdClient(termd.socket)


@pytest.fixture
def make_portal(make_termd):  # make_termd: so that the portal is gone when termd is
    made = []

    def make(*arguments):
        made.append(Portal(*arguments))
        return made[-1].start()

    yield make
    for portal in made:
        assert portal.stop() == 0


@pytest.fixture
def portal(termd, sshd, make_portal):
    return make_portal(termd.socket, [target(sshd), target(sshd, "db2")])


def open_at(client, sshd, **fields):
    return client.open("127.0.0.1", port=sshd.port, login=sshd.login, **fields)


def code_of(answer):
    return answer.status, answer.code


# ---- the client


def test_a_client_of_the_standard_library_lives_a_whole_life(client, sshd, connect):
    session = open_at(client, sshd, user="alice", ttl="10m", labels={"team": "ops"}, title="the database")
    assert (session["state"], session["user"], session["title"]) == ("ready", "alice", "the database")
    page = connect(session)
    assert shell.ask(page, "$((6*7))") == "42"

    assert [found["id"] for found in client.list()] == [session["id"]]
    assert [found["id"] for found in client.list(user="alice", label="team=ops")] == [session["id"]]
    assert client.list(user="bob") == []
    assert client.show(session["id"][:6])["id"] == session["id"]
    beat = client.heartbeat(session["id"])
    assert 0 < beat["expires_in"] <= 600 and beat["idle_in"] > 0 and beat["notices"] == []
    assert client.extend(session["id"], "1h")["expires_at"] > session["expires_at"]
    client.message(session["id"], "lunch at twelve")
    page.read_until("lunch at twelve")
    second = client.tokens(session["id"], role="view", ttl="5m")
    assert second["role"] == "view" and second["token"] != session["token"]
    assert client.status()["sessions"]["ready"] == 1

    closed = client.close(session["id"], message="good bye")
    assert (closed["state"], closed["end_reason"]) == ("closed", "admin")
    assert client.list() == []


def test_what_an_operator_closes_for_a_user_is_closed_by_the_user(client, sshd):
    session = open_at(client, sshd, user="alice")

    with pytest.raises(TermdError) as refused:
        client.close(session["id"], user="bob")
    assert (refused.value.status, refused.value.code) == (403, "forbidden")
    assert client.close(session["id"], user="alice")["end_reason"] == "user"


def test_revoked_tokens_open_nothing(client, sshd, connect):
    session = open_at(client, sshd, user="alice")
    client.revoke_tokens(session["id"])

    page = connect(session)

    page.wait_for_end()
    assert "$" not in page.text() and "#" not in page.text()


def test_refusals_are_exceptions_with_the_code_and_detail_of_the_problem(client):
    with pytest.raises(TermdError) as unknown:
        client.show("0123456789abcdef")
    assert (unknown.value.status, unknown.value.code) == (404, "not_found")
    assert unknown.value.detail and not isinstance(unknown.value, TermdUnreachable)

    with pytest.raises(TermdError) as wrong:
        client.open("no host", user="alice")
    assert wrong.value.code == "invalid_request"
    assert [problem["field"] for problem in wrong.value.errors] == ["host"]


@pytest.mark.parametrize("session", ["../status", "a?now=true", "a/b", "%2e", "", "ä", "\n"])
def test_a_strange_id_stays_one_part_of_the_path(client, session):
    with pytest.raises(TermdError) as refused:
        client.extend(session, "1h")
    assert refused.value.code in ("not_found", "invalid_request", "method_not_allowed")


def test_a_termd_that_is_not_there_is_its_own_exception(tmp_path):
    with pytest.raises(TermdUnreachable, match="there is no"):
        TermdClient(tmp_path / "none.sock").list()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "left.sock"))
        with pytest.raises(TermdUnreachable, match="nobody listens"):
            TermdClient(tmp_path / "left.sock").list()


ANSWERS = {
    "nothing": b"",
    "no HTTP": b"220 mail.example.org ESMTP\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    "a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\nhi",
}


@pytest.fixture
def impostor(tmp_path):
    """A function that makes something else than termd answer on a socket, whose path it returns."""
    listeners = []

    def listen(answer):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(tmp_path / "control.sock"))
        listener.listen()
        listeners.append((listener, threading.Thread(target=serve, args=(listener, answer), daemon=True)))
        listeners[-1][1].start()
        return tmp_path / "control.sock"

    def serve(listener, answer):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                connection.recv(65536)
                connection.sendall(answer)

    yield listen
    for listener, thread in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listener.close()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_that_is_none_is_as_good_as_no_termd(impostor, answer):
    with pytest.raises(TermdUnreachable):
        TermdClient(impostor(answer), timeout=10).list()


def test_many_threads_share_a_client_within_the_connections_termd_allows(client):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(client.status())) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(answers) == 100


# ---- the back end


def test_a_user_opens_sees_extends_and_ends_a_terminal(termd, portal, connect):
    alice = portal.visitor("alice")
    assert alice.ask("GET", "/api/targets").json() == {"targets": ["db1", "db2"]}
    opened = alice.open("db2")
    session = opened["session"]
    assert (session["title"], session["state"]) == ("db2", "ready")
    assert shell.ask(connect(opened["url"]), "$((6*7))") == "42"
    assert termd.show(session)["user"] == "alice" and termd.show(session)["labels"] == {"via": "portal"}

    beat = alice.heartbeat().json()
    assert [shown["id"] for shown in beat["sessions"]] == [session["id"]]
    assert 0 < beat["sessions"][0]["expires_in"] <= 1800 and beat["ended"] == []
    assert termd.show(session)["last_heartbeat_at"]
    longer = alice.ask("POST", f"/api/sessions/{session['id']}/extend", {"ttl": "2h"}).json()["session"]
    assert longer["expires_at"] > session["expires_at"]
    again = alice.ask("POST", f"/api/sessions/{session['id']}/url").json()["url"]
    assert again != opened["url"] and shell.ask(connect(again), "$((6*7))") == "42"

    closed = alice.ask("DELETE", f"/api/sessions/{session['id']}").json()["session"]
    assert (closed["state"], closed["end_reason"]) == ("closed", "user")
    assert alice.heartbeat(session["id"]).json() == {"sessions": [], "notices": [], "ended": [closed]}


def test_heartbeats_bring_the_notices_and_say_why_a_session_ended(make_termd, make_portal, sshd):
    config = {"sessions": {"ttl": "1h", "idle_timeout": "0", "warn_before": "3599s"}}
    termd = make_termd(OPERATOR | config)
    alice = make_portal(termd.socket, [target(sshd)]).visitor("alice")
    session = alice.open()["session"]

    def notices():
        return alice.heartbeat().json()["notices"]

    notice = wait_until(notices, 15, "a notice that the session closes soon")[0]
    assert notice["session"] == session["id"] and "closes in" in notice["text"]
    assert termd.ctl("close", session["id"]).code == 0
    ended = alice.heartbeat(session["id"]).json()["ended"]
    assert [(one["id"], one["end_reason"]) for one in ended] == [(session["id"], "admin")]
    assert alice.heartbeat("0123456789abcdef").json()["ended"] == [
        {"id": "0123456789abcdef", "state": "closed", "end_reason": None}
    ]


def test_two_users_do_not_see_each_others_sessions(termd, portal):
    alice, bob = portal.visitor("alice"), portal.visitor("bob")
    hers, his = alice.open()["session"], bob.open()["session"]
    assert hers["id"] != his["id"]

    assert [shown["id"] for shown in alice.heartbeat().json()["sessions"]] == [hers["id"]]
    known = bob.heartbeat(hers["id"]).json()
    assert [shown["id"] for shown in known["sessions"]] == [his["id"]]
    assert known["ended"] == [{"id": hers["id"], "state": "closed", "end_reason": None}]
    for method, path in (("DELETE", ""), ("POST", "/url"), ("POST", "/extend")):
        body = {"ttl": "1h"} if path == "/extend" else {}
        assert code_of(bob.ask(method, f"/api/sessions/{hers['id']}{path}", body)) == (404, "not_found")
        assert code_of(alice.ask(method, f"/api/sessions/{hers['id'][:6]}{path}", body)) == (404, "not_found")
    assert termd.show(hers)["state"] == "ready"


def test_a_wrong_password_does_not_sign_in(portal):
    somebody = portal.visitor()
    for name, password in (("alice", PASSWORDS["bob"]), ("alice", ""), ("mallory", PASSWORDS["alice"]), ("a:b", "c")):
        answer = somebody.sign_in(name, password)
        assert code_of(answer) == (401, "unauthorized") and "set-cookie" not in answer.headers
    for body in ({"name": "alice"}, {"name": 1, "password": []}, {"name": "alice", "password": "\ud800"}, {}):
        assert somebody.ask("POST", "/api/sign-in", body).status == 401


def test_who_guesses_has_to_wait_and_others_do_not(portal):
    guesser = portal.visitor()
    for _ in range(5):
        assert guesser.sign_in("alice", "a wrong password").status == 401

    refused = guesser.sign_in("alice", PASSWORDS["alice"])

    assert code_of(refused) == (429, "too_many_attempts") and int(refused.headers["retry-after"]) > 0
    assert portal.visitor().sign_in("bob", PASSWORDS["bob"]).status == 200


@pytest.mark.parametrize("method, path", [("GET", "/api/me"), ("GET", "/api/targets"), ("POST", "/api/sessions"),
                                          ("POST", "/api/heartbeat"), ("DELETE", "/api/sessions/0123456789abcdef")])
def test_nobody_gets_anything_without_signing_in(portal, method, path):
    somebody = portal.visitor()
    assert code_of(somebody.ask(method, path)) == (401, "unauthorized")
    assert code_of(somebody.ask(method, path, headers={"Cookie": "portal=" + "A" * 43})) == (401, "unauthorized")


def test_signing_out_removing_the_user_and_a_new_password_end_a_sign_in(portal):
    alice, bob = portal.visitor("alice"), portal.visitor("bob")
    assert alice.ask("POST", "/api/sign-out").status == 200
    assert alice.ask("GET", "/api/me").status == 401

    portal.accounts("remove", "bob")
    assert bob.ask("GET", "/api/me").status == 401
    assert portal.accounts("list").split() == ["alice"]
    alice = portal.visitor("alice")
    portal.accounts("add", "alice", password="another password")
    assert alice.ask("GET", "/api/me").status == 401
    assert alice.sign_in("alice", "another password").status == 200


def test_cookies_of_other_programs_do_not_matter(portal):
    alice = portal.visitor("alice")
    assert alice.ask("GET", "/api/me", headers={"Cookie": f'x={{"a": [1]}}; =; {alice.cookie}; y'}).status == 200


FORGED = {
    "no token": {"X-CSRF-Token": None},
    "a wrong token": {"X-CSRF-Token": "A" * 43},
    "strange letters": {"X-CSRF-Token": "\xe4"},
    "another origin": {"Origin": "http://evil.example.org"},
    "the terminal's origin": {"Origin": "http://127.0.0.1:7680"},
    "no origin at all": {"Origin": "null"},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_a_request_that_another_site_made_up_is_refused(termd, portal, headers):
    alice = portal.visitor("alice")
    other = portal.visitor("bob")

    assert code_of(alice.ask("POST", "/api/sessions", {"target": "db1"}, headers)) == (403, "csrf")
    assert code_of(alice.ask("POST", "/api/sessions", {"target": "db1"}, {"X-CSRF-Token": other.csrf})) == (403, "csrf")
    assert termd.list() == []
    assert alice.ask("POST", "/api/heartbeat", {"known": []}, {"Origin": portal.url}).status == 200


MALFORMED = {
    "a form": (415, b"target=db1", {"Content-Type": "application/x-www-form-urlencoded"}),
    "plain text": (415, b'{"target": "db1"}', {"Content-Type": "text/plain"}),
    "no JSON": (400, b"{", {}),
    "no object": (400, b"[]", {}),
    "deep": (400, b"[" * 5000, {}),
    "too large": (413, b" " * 9000, {}),
    "chunked": (411, b"2\r\n{}\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"}),
    "another field": (400, b'{"target": "db1", "user": "root"}', {}),
    "another type": (400, b'{"target": ["db1"]}', {}),
    "an unknown target": (400, b'{"target": "root@db9"}', {}),
    "another host": (421, b'{"target": "db1"}', {"Host": "evil.example.org"}),
}


@pytest.mark.parametrize("status, body, headers", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_right_is_refused(termd, portal, status, body, headers):
    alice = portal.visitor("alice")

    assert alice.ask("POST", "/api/sessions", body, headers).status == status
    assert termd.list() == []
    assert "Traceback" not in portal.log()


def test_the_page_comes_with_the_headers_that_protect_it(portal):
    somebody = portal.visitor()
    for path, kind in (("/", "text/html"), ("/portal.js", "text/javascript"), ("/portal.css", "text/css")):
        answer = somebody.ask("GET", path)
        assert answer.status == 200 and answer.headers["content-type"].startswith(kind)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-src http://127.0.0.1:*" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    for path in ("/../portal.py", "/portal.py", "/page/index.html", "/?x"):
        assert somebody.ask("GET", path).status in (401, 404)
    for method in ("HEAD", "PUT", "TRACE"):
        assert somebody.ask(method, "/").status == 501
    cookie = somebody.sign_in("alice", PASSWORDS["alice"]).headers["set-cookie"]
    assert "; HttpOnly" in cookie and "; SameSite=Strict" in cookie and "Secure" not in cookie


def test_behind_tls_the_cookie_is_for_tls_alone(termd, sshd, make_portal):
    portal = make_portal(termd.socket, [target(sshd)], "--origin", "https://portal.example.org")
    assert portal.url == "https://portal.example.org"

    answer = portal.visitor().sign_in("alice", PASSWORDS["alice"])

    assert answer.headers["set-cookie"].startswith("__Host-portal=") and "; Secure" in answer.headers["set-cookie"]


def test_slow_and_many_clients_do_not_keep_others_out(portal):
    crowd = [socket.create_connection(("127.0.0.1", portal.port)) for _ in range(100)]
    try:
        for one in crowd:
            one.sendall(b"GET / HTTP/1.1\r\nHos")
        assert portal.visitor("alice").ask("GET", "/api/me").status == 200
        for one in crowd:
            one.settimeout(30)
            assert one.recv(100)[:12] in (b"", b"HTTP/1.1 408", b"HTTP/1.0 408")
    finally:
        for one in crowd:
            one.close()


def test_a_termd_that_is_down_is_said_and_recovers(termd, portal):
    alice = portal.visitor("alice")
    session = alice.open()["session"]
    termd.kill9()

    for method, path, body in (("POST", "/api/sessions", {"target": "db1"}), ("POST", "/api/heartbeat", {"known": []}),
                               ("DELETE", f"/api/sessions/{session['id']}", {})):
        answer = alice.ask(method, path, body)
        assert code_of(answer) == (503, "termd_unreachable") and "terminal service" in answer.json()["detail"]

    termd.start()
    assert [shown["id"] for shown in alice.heartbeat(session["id"]).json()["sessions"]] == [session["id"]]


def test_termds_refusals_reach_the_user(make_termd, make_portal, sshd):
    termd = make_termd(OPERATOR | {"sessions": {"max_per_user": 1}})
    portal = make_portal(termd.socket, [target(sshd), f"nowhere={sshd.login}@127.0.0.1:1"])
    alice, bob = portal.visitor("alice"), portal.visitor("bob")
    session = alice.open()["session"]

    assert alice.open()["session"]["id"] == session["id"]  # the same one again
    assert code_of(alice.ask("POST", "/api/sessions", {"target": "nowhere"})) == (429, "user_limit")
    assert code_of(bob.ask("POST", "/api/sessions", {"target": "nowhere"})) == (502, "start_failed")
    assert code_of(alice.ask("POST", f"/api/sessions/{session['id']}/extend", {"ttl": "9d"})) == (400, "invalid_request")


def test_a_portal_that_is_no_operator_is_told_what_to_do(impostor, make_portal, sshd):
    body = b'{"status": 403, "code": "forbidden", "detail": "only an operator may act for somebody else"}'
    head = b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/problem+json\r\nContent-Length: %d\r\n\r\n" % len(body)

    portal = make_portal(impostor(head + body), [target(sshd)])

    assert "control.operators" in portal.log()
    assert code_of(portal.visitor("alice").ask("POST", "/api/sessions", {"target": "db1"})) == (502, "portal_not_operator")


def test_one_command_shows_all_of_it_and_leaves_nothing_behind(tmp_path):
    # What `run` becomes once everything is built; a test does not build.
    environment = os.environ | {"TERMD_BUILD": str(build_directory()), "TERMD_TTYD": find_ttyd()}
    below = []
    with open(tmp_path / "output", "w+") as output:
        shown = subprocess.Popen([sys.executable, FOLDER / "demo.py"], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            text = wait_until(
                lambda: "Ctrl-C" in (tmp_path / "output").read_text() and (tmp_path / "output").read_text(),
                60, lambda: f"the portal; output: {(tmp_path / 'output').read_text()}",
            )
            below = processes.descendants(shown.pid)
            url = re.search(r"http://localhost:(\d+)/", text)
            alice = Visitor(url[0].rstrip("/"), int(url[1]))
            assert alice.sign_in("alice", re.search(r"alice +(\S+)", text)[1]).status == 200
            session = alice.open("here")["session"]["id"]
            shown.send_signal(signal.SIGINT)
            code = shown.wait(60)
        finally:
            left = [process for process in below if process.running()]
            shown.kill()
            shown.wait(10)
            processes.kill(left)

    assert code == 0 and "Traceback" not in (tmp_path / "output").read_text()
    assert below and left == []
    assert processes.marked("TERMD_SESSION", session) == []


def test_users_that_others_could_read_are_not_used(termd, portal):
    portal.users.chmod(0o644)

    assert code_of(portal.visitor().sign_in("alice", PASSWORDS["alice"])) == (503, "no_accounts")
    assert "chmod 600" in portal.log() and PASSWORDS["alice"] not in portal.users.read_text()
