"""termctl attach: a session's terminal in a terminal, beside the browsers'."""

import os
import signal
import socket

import pytest

from support import processes, shell, unix_http
from support.many import SANITIZED, open_session
from support.on_terminal import OnTerminal
from support.wait import wait_until


@pytest.fixture
def attach():
    """A function that attaches to a session; what is open is closed after the test."""
    open_ones = []

    def start(termd, session, *options, **terminal):
        open_ones.append(OnTerminal(termd.socket, "attach", session["id"], *options, **terminal))
        return open_ones[-1]

    yield start
    for each in open_ones:
        each.close()


def clients(termd, session):
    return termd.show(session)["clients"]


def has_clients(termd, session, *roles):
    wait_until(lambda: [c["role"] for c in clients(termd, session)] == list(roles), 15, lambda: f"{roles} attached, not {clients(termd, session)}")


def test_it_is_the_session_s_terminal(termd, sshd, attach):
    session = termd.open(sshd.target)
    terminal = attach(termd, session, rows=31, columns=91)

    assert shell.ask(terminal, "$((6*7))") == "42"
    assert shell.ask(terminal, "$(stty size)") == "31 91"
    (client,) = clients(termd, session)
    assert client["role"] == "control"
    assert client["user"] == session["user"]
    terminal.type("exit\r")
    assert terminal.end() == 0
    terminal.wait_for("termctl: session ended: the command exited with code 0")


def test_its_size_follows_the_window(termd, sshd, attach):
    terminal = attach(termd, termd.open(sshd.target))
    shell.process_id(terminal)

    terminal.resize(rows=40, columns=132)

    wait_until(lambda: shell.ask(terminal, "$(stty size)") == "40 132", 15, "the new size")


def test_the_session_goes_on_when_somebody_detaches(termd, sshd, attach):
    session = termd.open(sshd.target)
    first = attach(termd, session)
    first.wait_for("Enter ~ . detaches")
    pid = shell.process_id(first)

    first.type("\r~?")
    first.wait_for("send ~")
    first.type("\r~.")
    assert first.end() == 0
    first.wait_for("termctl: detached; the session goes on")
    has_clients(termd, session)

    second = attach(termd, session, "--escape", "none")
    assert shell.process_id(second) == pid
    second.type("\r~.\r")  # a word like any other
    assert shell.ask(second, "$((6*7))") == "42"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
def test_the_terminal_is_as_it_was_whatever_ends_termctl(termd, sshd, attach, how):
    session = termd.open(sshd.target)
    terminal = attach(termd, session)
    shell.process_id(terminal)
    terminal.type("printf '\\033[?1049h\\033[?1000h\\033[?25l'\r")
    terminal.wait_for("\x1b[?1000h")
    assert terminal.settings() != terminal.before

    terminal.process.send_signal(how)

    assert terminal.process.wait(20) == (-how if how == signal.SIGKILL else 0)
    wait_until(lambda: terminal.settings() == terminal.before, 15, "the terminal as it was")
    for undone in ("\x1b[?1047l", "\x1b[?1000l", "\x1b[?25h"):
        terminal.wait_for(undone)
    has_clients(termd, session)


def test_somebody_who_looks_on_cannot_type_and_does_not_set_the_size(termd, sshd, attach):
    session = termd.open(sshd.target)
    typing = attach(termd, session, rows=30, columns=90)
    shell.process_id(typing)
    looking = attach(termd, session, "--view", rows=24, columns=80)
    has_clients(termd, session, "control", "view")

    looking.type("echo never-\"run\"\r")
    typing.type("echo seen-\"by all\"\r")

    looking.wait_for("seen-by all")
    assert shell.ask(typing, "$(stty size)") == "30 90"
    assert "never-run" not in typing.text()


def test_who_is_taken_over_is_told_so(termd, sshd, attach, connect):
    session = termd.open(sshd.target)
    terminal = attach(termd, session)
    pid = shell.process_id(terminal)

    page = connect(session)

    assert terminal.end() == 0
    terminal.wait_for("termctl: taken over by another window")
    assert shell.process_id(page) == pid
    back = attach(termd, session)
    page.read_until("taken over by another window")
    assert shell.process_id(back) == pid


def test_a_second_one_is_refused_when_that_is_the_rule(make_termd, sshd, attach):
    termd = make_termd(config={"sessions": {"on_second_client": "refuse"}})
    session = termd.open(sshd.target)
    shell.process_id(attach(termd, session))

    second = attach(termd, session)

    assert second.end() == 1
    second.wait_for("termctl: somebody else is using this session")


def test_two_share_a_session_when_that_is_the_rule(make_termd, sshd, attach):
    termd = make_termd(config={"sessions": {"on_second_client": "share"}})
    session = termd.open(sshd.target)
    first, second = attach(termd, session), attach(termd, session)
    has_clients(termd, session, "control", "control")

    pid = shell.process_id(first)

    assert shell.process_id(second) == pid
    wait_until(lambda: str(pid) in second.text(), 15, "both to see the same")


def test_it_outlives_termd(termd, sshd, attach):
    session = termd.open(sshd.target)
    terminal = attach(termd, session)
    pid = shell.process_id(terminal)

    termd.kill9()
    assert shell.process_id(terminal) == pid
    termd.start()
    wait_until(lambda: clients(termd, session), 15, "the new termd to know who is there")

    assert shell.process_id(terminal) == pid
    assert clients(termd, session)[0]["user"] == session["user"]


def test_a_large_paste_and_much_output_do_not_wait_for_each_other(make_termd, attach):
    termd = make_termd(config={"commands": {"echo": {"argv": ["/bin/sh", "-c", "stty raw -echo; echo ready; exec cat"]}}})
    terminal = attach(termd, open_session(termd, "echo"), "--escape", "none")
    terminal.wait_for("ready")
    pasted = "0123456789abcde\r" * (8192 if SANITIZED else 65536)

    terminal.type(pasted)

    wait_until(lambda: terminal.output.count(b"\r") >= pasted.count("\r"), 60, lambda: f"all of it back, not {len(terminal.output)} bytes")
    assert pasted in terminal.text()


def test_it_can_be_suspended(termd, sshd, attach):
    terminal = attach(termd, termd.open(sshd.target))
    pid = shell.process_id(terminal)

    terminal.type("\r~\x1a")

    wait_until(lambda: processes.look(terminal.process.pid).state == "T", 15, "termctl to stop")
    assert terminal.settings() == terminal.before
    terminal.process.send_signal(signal.SIGCONT)
    assert shell.process_id(terminal) == pid


def test_attaching_is_on_record_with_who_it_was(termd, sshd, attach):
    session = termd.open(sshd.target)
    attach(termd, session, "--view")

    def attached():
        events = termd.ctl_json("audit", "--session", session["id"], "--type", "session.attached")["events"]
        return [e["details"] for e in events]

    wait_until(lambda: attached() == [{"role": "view", "by": session["user"]}], 15, lambda: f"one who looked on, not {attached()}")


def test_without_a_terminal_it_says_so(termd, sshd):
    outcome = termd.ctl("attach", termd.open(sshd.target)["id"])

    assert outcome.code == 2
    assert outcome.stderr == "termctl: attach needs a terminal – run it in one\n"


def test_one_that_is_not_there_is_told_from_one_that_has_ended(termd, sshd, attach):
    session = termd.open(sshd.target)
    termd.ctl("close", session["id"])

    terminal = attach(termd, session)
    assert terminal.end() == 1
    terminal.wait_for("the session is closed: user")
    nobody = OnTerminal(termd.socket, "attach", "nobody")
    assert nobody.end() == 4
    nobody.close()


class TestTheRequest:
    @pytest.fixture
    def target(self, termd, sshd):
        return f"/v1/sessions/{termd.open(sshd.target)['id']}/attach"

    def test_takes_a_client_that_speaks_the_protocol(self, termd, target):
        answer = termd.api("GET", target)

        assert answer.status == 426
        assert answer.headers["upgrade"] == "termd-attach"
        assert termd.api("GET", target, headers={"Connection": "Upgrade", "Upgrade": "websocket"}).status == 426

    def test_refuses_what_it_does_not_know(self, termd, target):
        assert termd.api("GET", target + "?role=root").status == 400
        assert termd.api("GET", target + "?rolle=view").status == 400

    def test_hangs_up_on_a_client_that_does_not_wait_for_the_answer(self, termd, target):
        answer = unix_http.raw(termd.socket, request_for(target) + b"\0\0\0\1\1")

        assert answer.startswith(b"HTTP/1.1 101 ")
        assert answer.endswith(b"\r\n\r\n")

    def test_many_come_and_go_and_nothing_stays(self, termd, target):
        shim = termd.processes_of({"id": target.split("/")[3]})
        before = sum(len(os.listdir(f"/proc/{p.pid}/fd")) for p in shim)

        for _ in range(100):
            assert upgrade(termd, target).startswith(b"HTTP/1.1 101 ")

        wait_until(lambda: sum(len(os.listdir(f"/proc/{p.pid}/fd")) for p in shim) == before, 15, "the shim to let go of them")


def request_for(target):
    return f"GET {target} HTTP/1.1\r\nHost: termd\r\nConnection: Upgrade\r\nUpgrade: termd-attach\r\n\r\n".encode()


def upgrade(termd, target):
    """What is answered; the connection is closed then."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(termd.socket))
        connection.sendall(request_for(target))
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(4096)):
            answer += part
        return answer
