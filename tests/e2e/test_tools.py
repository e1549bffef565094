"""The tools of these tests themselves: a checker that never finds anything would make every test pass."""

import os
import signal
import socket
import subprocess

import pytest

from support import leftovers, ports, processes, shell
from support.sshd import MARK, Sshd
from support.termd import Termd, find_ttyd
from support.ttyd_client import Refused, Terminal
from support.wait import TimedOut, wait_until


@pytest.fixture
def bare_ttyd():
    """The URL of a ttyd as it comes, with a bash."""
    block = ports.PortRange(1)
    command = [find_ttyd(), "-W", "-i", "127.0.0.1", "-p", str(block.first), "bash", "--norc"]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: ports.listening(block.ports), 10, "a bare ttyd")
    yield f"http://127.0.0.1:{block.first}/"
    server.kill()
    server.wait(10)
    block.release()


def test_the_client_speaks_with_a_bare_ttyd(bare_ttyd):
    with Terminal.load(bare_ttyd, columns=90, rows=33) as page:
        assert shell.ask(page, "$((6*7))") == "42"
        assert shell.ask(page, "$(stty size)") == "33 90"
        page.type("exit\r")
        page.wait_for_end()


def test_the_client_tells_a_refusal(bare_ttyd):
    with pytest.raises(Refused):
        Terminal(bare_ttyd.replace("http:", "ws:") + "no/such/path")


def test_what_a_bare_ttyd_does_is_a_new_shell_for_every_page(bare_ttyd):
    """What termd is for; and shell.ask tells the two apart."""
    with Terminal.load(bare_ttyd) as first, Terminal.load(bare_ttyd) as second:
        assert shell.process_id(first) != shell.process_id(second)


def test_waiting_in_vain_says_for_what():
    with pytest.raises(TimedOut, match="the moon"):
        wait_until(lambda: False, 0.05, "the moon")


@pytest.fixture
def unstarted(sshd):
    daemon = Termd(sshd)
    (daemon.runtime / "sessions").mkdir(parents=True)
    yield daemon
    daemon.destroy()
    assert not daemon.root.exists()


def test_nothing_is_found_where_nothing_is(unstarted):
    assert unstarted.leftovers() == []


@pytest.mark.parametrize("trace", [
    {"env": {leftovers.MARK: "itsid"}},
    {"env": {"SOMETHING": "{root}/x"}},
    {"cwd": "{root}"},
    {"args": ["sh", "-c", "read x", "{root}/x"]},
], ids=["mark", "environment", "directory", "argument"])
def test_a_process_left_over_is_found(unstarted, trace):
    unstarted.sessions.add("itsid")
    root = str(unstarted.root)
    environment = {key: value.format(root=root) for key, value in trace.get("env", {}).items()}
    command = [word.format(root=root) for word in trace.get("args", ["sh", "-c", "read x"])]
    folder = f"{trace['cwd'].format(root=root)}/run" if "cwd" in trace else "/"
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, cwd=folder) as left:
        assert [line.split()[:2] for line in unstarted.leftovers()] == [["process", str(left.pid)]]
        left.kill()


def test_a_socket_a_port_and_a_directory_left_over_are_found(unstarted):
    (unstarted.runtime / "sessions/itsid").mkdir()
    with socket.socket(socket.AF_UNIX) as bound, socket.create_server(("127.0.0.1", unstarted.range.first)):
        bound.bind(str(unstarted.runtime / "control.sock"))
        kinds = [line.split()[0] for line in unstarted.leftovers()]

    assert kinds == ["socket", "listener", "session"]


def test_a_zombie_is_told_from_a_process():
    child = subprocess.Popen(["true"])
    wait_until(lambda: processes.look(child.pid).zombie, 10, "a zombie")
    zombie = processes.look(child.pid)

    assert zombie.alive() and not zombie.running() and zombie in processes.descendants(os.getpid())
    child.wait()
    assert not zombie.alive()


def test_a_stopped_sshd_takes_everything_along():
    server = Sshd(bare_home=True)
    known = server.root / "known_hosts"
    known.write_text(server.known_hosts())
    options = ["-i", server.client_key, "-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes", "-p", str(server.port)]
    command = "setsid sleep 1000 >/dev/null 2>&1 & echo $!"
    done = subprocess.run(["ssh", *options, f"{server.login}@127.0.0.1", command], capture_output=True, text=True)
    left = processes.look(int(done.stdout))
    assert left.running() and left.environment()[MARK] == str(server.root)

    server.stop()

    assert not left.running() and not server.root.exists() and ports.is_free(server.port)


def test_a_signal_reaches_only_the_process_meant():
    child = subprocess.Popen(["sleep", "1000"])
    meant = processes.look(child.pid)
    another = processes.Process(meant.pid, meant.parent, meant.state, meant.started + 1)  # as if the id were given anew

    processes.send(another, signal.SIGKILL)
    assert meant.running()
    processes.send(meant, signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
