"""A session as its user sees it: open the page, type, resize, reload, leave."""

import http.client

import pytest

from support import behind_proxy, ports, shell
from support.toml import merged
from support.ttyd_client import get, get_token
from support.wait import wait_until


def test_open_hands_out_a_session_with_its_addresses(termd, sshd):
    session = termd.open(sshd.target)

    assert session["state"] == "ready"
    assert session["end_reason"] is None and session["exit"] is None
    assert (session["host"], session["port"], session["login"]) == ("127.0.0.1", sshd.port, sshd.login)
    assert session["command"] == "ssh"
    assert session["ssh"]["authenticated"] is True
    port = session["worker"]["port"]
    assert port in termd.range.ports
    assert session["url"] == f"http://127.0.0.1:{port}/?arg={session['token']}"
    assert session["websocket_url"] == f"ws://127.0.0.1:{port}/ws?arg={session['token']}"
    assert termd.session_directory(session).is_dir()


def test_open_prints_the_url(termd, sshd):
    outcome = termd.ctl("open", sshd.target)

    assert outcome.code == 0
    assert f"http://127.0.0.1:{termd.list()[0]['worker']['port']}/?arg=" in outcome.stdout


def test_the_page_and_its_token_are_served(termd, sshd):
    session = termd.open(sshd.target)

    status, page = get(session["url"])
    assert status == 200 and b"</html>" in page
    assert get_token(session["url"]) == ""


def test_what_is_typed_is_answered(termd, sshd, connect):
    page = connect(termd.open(sshd.target))

    assert shell.ask(page, "$((6*7))") == "42"


def test_the_shell_is_one_of_the_login_asked_for(termd, sshd, connect):
    page = connect(termd.open(sshd.target))

    assert shell.ask(page, "$(id -un)") == sshd.login
    assert shell.ask(page, "$(tty)").startswith("/dev/pts/")


def test_the_first_size_and_every_later_one_reach_the_terminal(termd, sshd, connect):
    page = connect(termd.open(sshd.target), columns=100, rows=30)

    assert shell.ask(page, "$(stty size)") == "30 100"
    page.resize(132, 43)
    assert shell.ask(page, "$(stty size)") == "43 132"


@pytest.mark.parametrize("asked, given", [((1, 1), "10 20"), ((9999, 9999), "200 400")])
def test_a_size_out_of_range_is_brought_into_it(termd, sshd, connect, asked, given):
    page = connect(termd.open(sshd.target))

    page.resize(*asked)

    assert shell.ask(page, "$(stty size)") == given


def test_a_reload_finds_the_same_shell_and_its_earlier_output(termd, sshd, connect):
    session = termd.open(sshd.target)
    before = connect(session)
    shell_id = shell.process_id(before)
    before.type("echo before-the-reload-$((1000+1))\r")
    before.read_until("before-the-reload-1001")
    before.close()

    after = connect(session)

    after.read_until("before-the-reload-1001")
    assert shell.process_id(after) == shell_id


def test_the_shell_goes_on_while_nobody_is_there(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    sign, done = termd.root / "sign", termd.root / "done"
    page.type(f"echo waiting-$((3+4)); until [ -e {sign} ]; do sleep 0.05; done; ")
    page.type(f"echo written-while-$((1+1))-alone; touch {done}\r")
    page.read_until("waiting-7")
    page.close()
    wait_until(lambda: termd.show(session)["clients"] == [], 15, "the page to be noticed as gone")
    sign.touch()
    wait_until(done.exists, 15, "the shell to have written")

    connect(session).read_until("written-while-2-alone")


def test_a_second_window_takes_over(termd, sshd, connect):
    session = termd.open(sshd.target)
    first = connect(session)
    shell_id = shell.process_id(first)

    second = connect(session)

    assert shell.process_id(second) == shell_id
    first.wait_for_end()


def test_bytes_of_all_kinds_pass_unharmed(termd, sshd, connect):
    page = connect(termd.open(sshd.target))
    page.type("stty -opost; printf '<%s>' \"$(seq 1 20000 | tr '\\n' ,)\"; printf '\\316\\273\\n'; stty opost\r")

    numbers = page.read_until(r"<(1,[\d,]*)>λ").group(1)

    assert numbers == ",".join(map(str, range(1, 20001))) + ","


@pytest.mark.parametrize("code", [0, 3])
def test_exit_in_the_shell_closes_the_session_with_its_code(termd, sshd, connect, code):
    session = termd.open(sshd.target)
    page = connect(session)
    page.type(f"exit {code}\r")
    page.wait_for_end()

    closed = termd.wait_for_state(session, "closed")

    assert closed["end_reason"] == "exited"
    assert closed["exit"] == {"code": code}
    assert termd.list() == []
    assert ports.is_free(session["worker"]["port"])
    assert termd.leftovers() == []
    assert not termd.session_directory(session).exists()


def test_the_last_words_of_a_shell_arrive(termd, sshd, connect):
    page = connect(termd.open(sshd.target))

    page.type("echo last-$((40+2))-words; exit\r")

    page.wait_for_end()
    assert "last-42-words" in page.text()


def test_a_session_is_shared_by_open_again_with_a_new_token(termd, sshd, connect):
    first = termd.open(sshd.target)
    second = termd.open(sshd.target)

    assert second["id"] == first["id"]
    assert second["token"] != first["token"]
    shell_id = shell.process_id(connect(first))
    assert shell.process_id(connect(second)) == shell_id


def test_no_reuse_makes_a_session_of_its_own(termd, sshd, connect):
    first = termd.open(sshd.target)
    second = termd.open("--no-reuse", sshd.target)

    assert second["id"] != first["id"]
    assert second["worker"]["port"] != first["worker"]["port"]
    assert shell.process_id(connect(first)) != shell.process_id(connect(second))
    assert {session["id"] for session in termd.list()} == {first["id"], second["id"]}


def test_list_and_show_tell_tables_and_json(termd, sshd):
    session = termd.open(sshd.target)

    table = termd.ctl("ls")
    assert table.code == 0 and session["id"] in table.stdout and "127.0.0.1" in table.stdout
    assert "\x1b" not in table.stdout  # a pipe gets no colours
    shown = termd.ctl("show", session["id"])
    assert shown.code == 0 and session["id"] in shown.stdout
    by_prefix = termd.ctl_json("show", session["id"][:6])
    assert by_prefix["id"] == session["id"]
    assert session["token"] not in table.stdout + shown.stdout
    assert not {"token", "url", "websocket_url"} & by_prefix.keys()


def test_status_counts_sessions_and_ports(termd, sshd):
    free = termd.ctl_json("status")["ports"]["free"]
    termd.open(sshd.target)

    status = termd.ctl_json("status")

    assert status["sessions"]["ready"] == 1
    assert status["ports"]["free"] == free - 1
    assert termd.ctl("status").code == 0


def test_the_control_socket_speaks_plain_http(termd, sshd):
    answer = termd.api("POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login})

    assert answer.status == http.client.CREATED
    session = answer.json()
    assert termd.api("GET", f"/v1/sessions/{session['id']}").json()["id"] == session["id"]
    assert [s["id"] for s in termd.api("GET", "/v1/sessions").json()["sessions"]] == [session["id"]]
    assert termd.api("POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login}).status == 200
    closed = termd.api("DELETE", f"/v1/sessions/{session['id']}")
    assert closed.status == 200 and closed.json()["state"] == "closed" and closed.json()["end_reason"] in ("user", "admin")
    assert termd.leftovers() == []


@pytest.mark.parametrize("access", [{}, behind_proxy.CONFIG], ids=["a port", "a socket"])
def test_ttyd_says_when_it_listens(make_termd, access):
    """In the words by which termd knows when to ask it (protocol/ttyd_log.hpp); without them an opening takes longer."""
    termd = make_termd(config=merged(access, {"commands": {"cat": {"argv": ["/bin/cat"]}}}))
    session = termd.open("--command", "cat")

    lines = termd.api("GET", f"/v1/sessions/{session['id']}/log").json()["lines"]
    assert any(" Listening on port: " in line for line in lines)
