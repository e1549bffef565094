"""etc/nginx/termd.conf in a real nginx: what gets through it to the terminals, and what does not."""

# flake8: noqa: F811

import json
import os
import re
import urllib.error
from urllib.parse import urlsplit

import pytest

from support import shell
from support.behind_nginx import behind_nginx, place, termd  # noqa: F401  fixtures, which the tests name again
from support.reverse_proxy import NAME
from support.ttyd_client import Refused
from support.visitor import Visitor
from support.wait import wait_until


@pytest.fixture
def visitor(place):
    return Visitor(place[1])


@pytest.fixture
def session(termd, sshd):
    return termd.open(sshd.target)


def test_a_link_leads_to_the_shell(visitor, session):
    link = urlsplit(session["url"])
    assert visitor.ask(link.path)[0] == 200
    assert visitor.enter(session) == 204

    status, headers, page = visitor.ask(f"/s/{session['id']}/")
    assert status == 200 and b"<html" in page[:1000].lower()
    assert json.loads(visitor.ask(f"/s/{session['id']}/token")[2]) == {"token": ""}
    with visitor.terminal(session) as terminal:
        shell_id = shell.process_id(terminal)
    with visitor.terminal(session) as terminal:
        assert shell.process_id(terminal) == shell_id


def test_a_used_link_is_refused(visitor, session):
    assert visitor.enter(session) == 204
    assert visitor.enter(session) == 401


def test_an_old_link_is_refused(behind_nginx, sshd):
    termd, nginx = behind_nginx({"workers": {"ticket_ttl": "1ms"}})

    assert Visitor(nginx).enter(termd.open(sshd.target)) == 401


def test_without_the_cookie_a_page_says_what_to_do(visitor, session):
    status, headers, page = visitor.ask(f"/s/{session['id']}/")

    assert status == 401 and headers["Content-Type"].startswith("text/html")
    assert b"Ask for a new one" in page


def test_the_cookie_of_one_session_opens_no_other(visitor, termd, sshd, session):
    other = termd.open("--no-reuse", sshd.target)
    assert visitor.enter(session) == 204

    assert visitor.ask(f"/s/{session['id']}/")[0] == 200
    assert visitor.ask(f"/s/{other['id']}/")[0] == 401
    with pytest.raises(Refused) as refused:
        visitor.terminal(other)
    assert refused.value.status == 401


@pytest.mark.parametrize("origin", ["https://evil.example", f"https://{NAME}", f"http://{NAME}", "null"])
def test_a_page_of_another_origin_gets_no_terminal(visitor, session, origin):
    assert visitor.enter(session) == 204
    visitor.terminal(session).close()

    with pytest.raises(Refused) as refused:
        visitor.terminal(session, origin=origin)
    assert refused.value.status == 401


def test_a_name_that_was_rebound_is_refused(visitor, session):
    assert visitor.enter(session) == 204
    port = visitor.proxy.port

    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1:{port}"):
        assert visitor.ask(f"/s/{session['id']}/", host=host)[0] == 421
    assert visitor.ask(f"/s/{session['id']}/", host=NAME)[0] == 401  # the name, and another port
    with pytest.raises(urllib.error.URLError, match="UNRECOGNIZED_NAME"):  # no handshake for it
        visitor.ask("/", name="evil.example")


def test_what_a_browser_writes_behind_the_address_reaches_nobody(visitor, termd, session):
    assert visitor.enter(session) == 204
    visitor.cookie = None

    with pytest.raises(Refused):
        visitor.terminal(session, query=f"?arg={session['token']}")
    program = {"Authorization": f"Bearer {session['token']}"}
    with visitor.terminal(session, query="?arg=nonsense", **program) as terminal:
        assert shell.ask(terminal, "$((6*7))") == "42"


def test_no_header_of_a_browser_chooses_a_socket_or_attaches(visitor, session):
    forged = {"X-Termd-Socket": "/run/docker.sock", "X-Termd-Attach": "x", "X-Termd-Session": session["id"], "X-Original-URI": "/"}

    assert visitor.ask(f"/s/{session['id']}/", **forged)[0] == 401
    assert visitor.enter(session) == 204
    assert b"<html" in visitor.ask(f"/s/{session['id']}/", **forged)[2][:1000].lower()


def test_nothing_else_is_there(visitor, session):
    assert visitor.enter(session) == 204

    for path in ("/", "/v1/sessions", "/v1/authorize", "/v1/enter", "/termd-authorize", f"/s/{session['id']}",
                 f"/s/{session['id']}/ws/", f"/s/{session['id']}/%2e%2e/", "/s/"):
        assert visitor.ask(path)[0] == 404, path
    for method in ("POST", "PUT", "DELETE"):
        assert visitor.ask(f"/s/{session['id']}/", method)[0] == 403


def test_every_answer_carries_the_headers_that_protect_a_page(visitor, session):
    assert visitor.enter(session) == 204

    for path in (f"/s/{session['id']}/", f"/s/{session['id']}/enter", "/nowhere"):
        _, headers, _ = visitor.ask(path)
        assert any("frame-ancestors 'none'" in policy for policy in headers.get_all("Content-Security-Policy")), path
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
        own = any("script-src 'sha256-" in policy for policy in headers.get_all("Content-Security-Policy"))
        assert own == path.endswith("/enter"), path
        assert headers.get_all("Cache-Control") == ["no-store"]
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Server"] == "nginx"
        assert not [name for name in headers if name.lower().startswith("x-termd")]


def test_secrets_are_in_no_log_of_nginx(visitor, session):
    visitor.enter(session)
    with visitor.terminal(session) as terminal:
        shell.ask(terminal, "$((6*7))")
    visitor.proxy.stop()

    log = visitor.proxy.log()
    assert f"/s/{session['id']}/ws" in log
    for secret in (urlsplit(session["url"]).fragment, session["token"], visitor.cookie.split("=")[1]):
        assert secret not in log


def test_a_closed_session_is_gone_at_once(visitor, termd, session):
    assert visitor.enter(session) == 204
    terminal = visitor.terminal(session)
    shell.ask(terminal, "$((6*7))")

    termd.ctl("close", session["id"], "--now")

    wait_until(lambda: terminal.ended, 10, "the WebSocket to be closed")
    assert visitor.ask(f"/s/{session['id']}/")[0] == 401
    terminal.close()


def test_while_termd_is_away_nobody_gets_through_and_afterwards_the_cookie_counts(visitor, termd, session):
    assert visitor.enter(session) == 204
    with visitor.terminal(session) as terminal:
        shell_id = shell.process_id(terminal)
        termd.kill9()
        for page in ("", "token", "enter"):
            status, headers, text = visitor.ask(f"/s/{session['id']}/{page}")
            assert status == 503 and b"tries again by itself" in text, page
            assert headers["Content-Type"].startswith("text/html") and headers.get_all("Cache-Control") == ["no-store"]
        assert shell.process_id(terminal) == shell_id  # who is there stays
        termd.start()
        termd.wait_for_state(session, "ready")
    with visitor.terminal(session) as terminal:
        assert shell.process_id(terminal) == shell_id


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_nginx_gets_to_the_terminals_as_a_member_of_the_group_alone(visitor, termd, session):
    """Its workers are www-data, and what they open they open as that."""
    assert visitor.enter(session) == 204
    assert visitor.ask(f"/s/{session['id']}/")[0] == 200
    termd.session_directory(session).chmod(0o700)
    try:
        assert visitor.ask(f"/s/{session['id']}/")[0] == 503
    finally:
        termd.session_directory(session).chmod(0o710)
    assert re.search(r"Permission denied", visitor.proxy.log())
