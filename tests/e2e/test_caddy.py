"""etc/caddy/Caddyfile in a real Caddy: what gets through it to the terminals, and what does not."""

import shutil
from urllib.parse import urlsplit

import pytest

from support import shell
from support.caddy import Caddy
from support.ports import PortRange
from support.reverse_proxy import NAME, termd_config
from support.ttyd_client import Refused
from support.visitor import Visitor


@pytest.fixture
def termd(make_termd):
    port = PortRange(1)
    daemon = make_termd(config=termd_config(port.first))
    daemon.proxy_port = port.first
    yield daemon
    port.release()


@pytest.fixture
def visitor(show_in_report, termd):
    assert shutil.which("caddy"), "no caddy on this machine: install it"
    caddy = Caddy(termd, termd.proxy_port)
    show_in_report(caddy)
    try:
        yield Visitor(caddy.start())
    finally:
        caddy.destroy()


@pytest.fixture
def session(termd, sshd):
    return termd.open(sshd.target)


def test_a_link_leads_to_the_shell_once_and_the_cookie_from_then_on(visitor, session):
    status, headers, _ = visitor.ask(urlsplit(session["url"]).path)
    assert status == 200
    assert any("script-src 'sha256-" in policy for policy in headers.get_all("Content-Security-Policy")), "the page's own"
    assert visitor.enter(session) == 204
    assert visitor.enter(session) == 401

    status, headers, page = visitor.ask(f"/s/{session['id']}/")
    assert status == 200 and b"<html" in page[:1000].lower()
    assert headers["X-Content-Type-Options"] == "nosniff" and headers.get_all("Cache-Control") == ["no-store"]
    assert not [name for name in headers if name.lower().startswith("x-termd")]
    assert any("frame-ancestors 'none'" in policy for policy in headers.get_all("Content-Security-Policy"))
    with visitor.terminal(session) as terminal:
        shell_id = shell.process_id(terminal)
    with visitor.terminal(session) as terminal:
        assert shell.process_id(terminal) == shell_id


def test_nobody_else_gets_through(visitor, termd, sshd, session):
    other = termd.open("--no-reuse", sshd.target)
    assert visitor.ask(f"/s/{session['id']}/")[0] == 401
    assert visitor.enter(session) == 204

    assert visitor.ask(f"/s/{other['id']}/")[0] == 401
    for origin in ("https://evil.example", f"http://{NAME}:{visitor.proxy.port}", "null"):
        with pytest.raises(Refused):
            visitor.terminal(session, origin=origin)
    assert visitor.ask(f"/s/{session['id']}/", host="evil.example")[2] == b""  # Caddy has nothing at that name
    for path in ("/", "/v1/authorize", "/v1/sessions", f"/s/{session['id']}/x"):
        assert visitor.ask(path)[0] == 404


def test_nothing_that_a_browser_makes_up_gets_through(visitor, session):
    forged = {"X-Termd-Socket": "/run/docker.sock", "X-Termd-Attach": "x", "X-Termd-Session": session["id"], "X-Original-URI": "/",
              "X-Original-Host": "evil.example"}

    assert visitor.ask(f"/s/{session['id']}/", **forged)[0] == 401
    with pytest.raises(Refused):
        visitor.terminal(session, query=f"?arg={session['token']}")
    assert visitor.enter(session) == 204
    with visitor.terminal(session, query="?arg=nonsense", **forged) as terminal:
        assert shell.ask(terminal, "$((6*7))") == "42"


def test_while_termd_is_away_a_page_says_so_and_afterwards_the_cookie_counts(visitor, termd, session):
    assert visitor.enter(session) == 204
    termd.kill9()
    for page in ("", "enter"):
        status, headers, text = visitor.ask(f"/s/{session['id']}/{page}")
        assert status == 503 and b"tries again by itself" in text, page
        assert headers["Content-Type"].startswith("text/html") and headers.get_all("Cache-Control") == ["no-store"]
    termd.start()
    termd.wait_for_state(session, "ready")
    assert visitor.ask(f"/s/{session['id']}/")[0] == 200
