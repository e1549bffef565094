"""Terminals on sockets of their own, for a reverse proxy: who gets to them, and what termd tells the proxy."""

import os
import re
import shutil
import stat

import pytest

from support import behind_proxy, processes, shell
from support.behind_proxy import authorize, enter, open_terminal, place_of, redeem, ticket_of
from support.termd import run
from support.toml import merged
from support.wait import wait_until


@pytest.fixture
def make_behind_proxy(make_termd):
    def make(config=None, **options):
        return make_termd(config=merged(behind_proxy.CONFIG, config or {}), **options)

    return make


@pytest.fixture
def termd(make_behind_proxy):
    return make_behind_proxy()


def test_a_link_leads_to_the_shell_and_a_reload_to_the_same(termd, sshd):
    session = termd.open(sshd.target)
    cookie = enter(termd, session)

    with open_terminal(termd, session, cookie) as page:
        shell_id = shell.process_id(page)
    with open_terminal(termd, session, cookie) as page:
        assert shell.process_id(page) == shell_id


def test_the_link_has_its_secret_where_no_server_sees_it(termd, sshd):
    session = termd.open(sshd.target)

    assert session["url"] == f"{behind_proxy.ORIGIN}{place_of(session, 'enter')}#{ticket_of(session)}"
    assert session["websocket_url"] == f"wss://terminals.example.org{place_of(session, 'ws')}"
    assert ticket_of(session) != session["token"]


def test_such_a_session_has_a_socket_and_takes_no_port(termd, sshd):
    session = termd.open(sshd.target)

    worker = termd.show(session)["worker"]
    assert worker["port"] is None
    assert worker["socket"] == str(termd.session_directory(session) / "ttyd.sock")
    status = termd.api("GET", "/v1/status").json()
    assert status["ports"] == {"free": 0, "total": 0}
    assert processes.look(worker["pid"]) is not None


def test_a_ticket_is_good_once(termd, sshd):
    session = termd.open(sshd.target)
    enter(termd, session)

    assert redeem(termd, session).status == 401


def test_an_old_ticket_is_refused(make_behind_proxy, sshd):
    termd = make_behind_proxy({"workers": {"ticket_ttl": "1ms"}})

    assert redeem(termd, termd.open(sshd.target)).status == 401


def test_the_cookie_is_for_this_host_and_this_session_alone(termd, sshd):
    session, other = termd.open(sshd.target), termd.open("--no-reuse", sshd.target)

    answer = redeem(termd, session)
    name = f"__Host-termd-{session['id']}"
    assert re.fullmatch(
        rf"{name}=[A-Za-z0-9_-]{{43}}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+", answer.headers["set-cookie"]
    )
    cookie = answer.headers["set-cookie"].split(";")[0]
    renamed = cookie.replace(session["id"], other["id"])
    assert authorize(termd, session, cookie=cookie).status == 204
    assert authorize(termd, other, cookie=cookie).status == 401
    assert authorize(termd, other, cookie=renamed).status == 401
    assert authorize(termd, other, cookie=f"{cookie}; {renamed}").status == 401


def test_the_attach_argument_is_for_the_websocket_alone_and_no_secret_of_the_browser(termd, sshd):
    session = termd.open(sshd.target)
    cookie = enter(termd, session)

    page = authorize(termd, session, "", cookie=cookie)
    assert page.status == 204 and page.headers["x-termd-attach"] == ""
    first, second = (authorize(termd, session, cookie=cookie).headers["x-termd-attach"] for _ in range(2))
    assert first != second and first not in cookie and first != session["token"]


def test_a_program_comes_with_its_token_and_no_cookie(termd, sshd):
    session = termd.open(sshd.target)

    assert authorize(termd, session, Authorization=f"Bearer {session['token']}", origin=None).status == 204
    assert authorize(termd, session, Authorization=f"Bearer {ticket_of(session)}", origin=None).status == 401
    asked = behind_proxy.ask(termd, "POST", "/v1/authorize", origin=None, X_Termd_Session=session["id"],
                             Authorization=f"Bearer {session['token']}")
    assert asked.status == 204 and asked.headers["x-termd-attach"]


REFUSED = {
    "a page of another origin": {"origin": "https://evil.example.org"},
    "a page of another port": {"origin": "https://terminals.example.org:8443"},
    "a page without TLS": {"origin": "http://terminals.example.org"},
    "a page of nowhere": {"origin": "null"},
    "a WebSocket that names no origin": {"origin": None},
    "a host that was rebound to us": {"host": "evil.example.org"},
    "a host that begins like ours": {"host": "terminals.example.org.evil.example.org"},
    "no host": {"host": ""},
}


@pytest.mark.parametrize("request_from", REFUSED.values(), ids=REFUSED)
def test_a_good_cookie_does_not_help(termd, sshd, request_from):
    session = termd.open(sshd.target)
    cookie = enter(termd, session)

    assert authorize(termd, session, cookie=cookie).status == 204
    assert authorize(termd, session, cookie=cookie, **request_from).status == 401
    again = termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {}).json()
    assert redeem(termd, again | {"id": session["id"]}, **request_from).status == 401


@pytest.mark.parametrize("page", ["index.html", "../x/", "ws/", "ws%2F", "enter", "token/../ws"])
def test_only_the_pages_of_a_terminal_are_let_through(termd, sshd, page):
    session = termd.open(sshd.target)

    assert authorize(termd, session, page, cookie=enter(termd, session)).status == 401


def test_a_view_link_may_look_and_not_type(termd, sshd):
    session = termd.open(sshd.target)
    typist = open_terminal(termd, session, enter(termd, session))
    shell.process_id(typist)
    shared = termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {"role": "view"}).json()

    with open_terminal(termd, session, enter(termd, session, shared["url"].partition("#")[2])) as viewer:
        viewer.read_until("=:")  # what the typist was answered
        viewer.type("exit\r")
    wait_until(lambda: len(termd.show(session)["clients"]) == 1, 15, "the viewer to be gone, with all that he typed")
    assert shell.ask(typist, "$((6*7))") == "42"
    typist.close()


def test_revoked_secrets_are_worth_nothing(termd, sshd):
    session = termd.open(sshd.target)
    cookie = enter(termd, session)
    other = termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {}).json()

    assert termd.api("DELETE", f"/v1/sessions/{session['id']}/tokens").status == 204

    assert authorize(termd, session, cookie=cookie).status == 401
    assert authorize(termd, session, Authorization=f"Bearer {session['token']}").status == 401
    assert redeem(termd, session, other["url"].partition("#")[2]).status == 401


def test_cookies_and_used_tickets_outlive_termd(termd, sshd):
    session, other = termd.open(sshd.target), termd.open("--no-reuse", sshd.target)
    cookie = enter(termd, session)
    with open_terminal(termd, session, cookie) as page:
        shell_id = shell.process_id(page)

    termd.kill9()
    termd.start()
    termd.wait_for_state(session, "ready")

    with open_terminal(termd, session, cookie) as page:
        assert shell.process_id(page) == shell_id
    assert redeem(termd, session).status == 401
    assert enter(termd, other)


def test_a_ttyd_that_was_killed_comes_back_on_its_socket(termd, sshd):
    session = termd.open(sshd.target)
    cookie = enter(termd, session)
    with open_terminal(termd, session, cookie) as page:
        shell_id = shell.process_id(page)

    before = termd.ttyd_of(session)
    processes.kill([before])
    wait_until(lambda: termd.show(session)["worker"]["pid"] not in (None, before.pid), 15, "another ttyd")
    termd.wait_for_state(session, "ready")

    with open_terminal(termd, session, cookie) as page:
        assert shell.process_id(page) == shell_id


def test_nothing_is_left_of_a_closed_session(termd, sshd):
    session = termd.open(sshd.target)
    cookie = enter(termd, session)

    termd.ctl("close", session["id"], "--now")

    wait_until(lambda: not termd.session_directory(session).exists(), 10, "the socket to go")
    assert authorize(termd, session, cookie=cookie).status == 401


def test_wrong_tickets_are_counted_by_address(termd, sshd):
    session = termd.open(sshd.target)
    wrong = "A" * 43

    answers = [redeem(termd, session, wrong, X_Real_IP="192.0.2.7").status for _ in range(11)]

    assert answers == [401] * 10 + [429]
    assert redeem(termd, session, wrong, X_Real_IP="192.0.2.8").status == 401
    assert redeem(termd, session, X_Real_IP="192.0.2.7").status == 204, "a good one opens whoever else guesses there"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give to any group")
def test_the_proxys_group_gets_to_the_terminals_and_to_nothing_else(make_behind_proxy, sshd):
    termd = make_behind_proxy({"workers": {"proxy_group": "www-data"}})
    session = termd.open(sshd.target)
    folder = termd.session_directory(session)

    def is_open(path):
        """To the group, and how wide."""
        about = path.stat()
        assert about.st_mode & 0o007 == 0, path
        return path.group() == "www-data" and stat.S_IMODE(about.st_mode) & 0o070

    assert is_open(folder) == is_open(folder.parent) == 0o010
    assert {path.name for path in folder.iterdir() if is_open(path)} == {"ttyd.sock"}
    assert is_open(termd.runtime / "proxy.sock") == 0o060


def test_a_group_that_is_not_there_is_named(make_behind_proxy):
    termd = make_behind_proxy({"workers": {"proxy_group": "no-such-group"}}, start=False)
    problem = "workers.proxy_group: there is no group no-such-group"

    checked = run("supervisor/termd", "--check-config", "--config", termd.config_file)
    assert checked.code == 2 and checked.stdout == f"{termd.config_file}: {problem}\n"
    termd.launch()
    assert termd.wait_for_end() == 1 and problem in termd.log()


def test_sessions_are_ended_whatever_has_become_of_the_proxys_group(termd, sshd):
    session = termd.open(sshd.target)
    termd.kill9()
    text = termd.config_file.read_text()
    termd.config_file.write_text(text.replace('proxy_group = ""', 'proxy_group = "no-such-group"'))

    ended = run("supervisor/termd", "--config", termd.config_file, "--end-sessions", "shutdown")

    assert ended.code == 0, ended.stderr
    assert not termd.session_directory(session).exists()
    termd.config_file.write_text(text)


def as_nobody(termd, groups):
    """termd is to run as an ordinary user, in these groups."""
    for path in [termd.root, *termd.root.rglob("*")]:
        shutil.chown(path, "nobody")
    termd.prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", groups]
    return termd


NO_SSH = {"workers": {"proxy_group": "www-data"}, "commands": {"shell": {"argv": ["/bin/sh"]}}}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be other users")
def test_an_ordinary_user_serves_the_proxys_group_when_he_is_in_it(make_behind_proxy):
    termd = as_nobody(make_behind_proxy(NO_SSH, start=False), "--groups=www-data").start()
    session = termd.open("--command", "shell")

    socket = termd.session_directory(session) / "ttyd.sock"
    assert (socket.owner(), socket.group()) == ("nobody", "www-data")
    with open_terminal(termd, session, enter(termd, session)) as page:
        assert shell.ask(page, "$((6*7))") == "42"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be other users")
def test_who_is_not_in_the_proxys_group_is_told_so_at_the_start(make_behind_proxy):
    termd = as_nobody(make_behind_proxy(NO_SSH, start=False), "--clear-groups")
    termd.launch()

    assert termd.wait_for_end() == 1
    assert "termd's user is not in the group www-data" in termd.log()


def test_the_proxys_socket_serves_nothing_of_the_control_api(termd, sshd):
    termd.open(sshd.target)

    for path in ("/v1/sessions", "/v1/status", "/metrics", "/v1/events"):
        assert behind_proxy.ask(termd, "GET", path).status == 404


def test_the_page_behind_a_link_brings_its_own_policy(termd):
    page = behind_proxy.ask(termd, "GET", "/v1/enter")

    assert page.status == 200 and page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
