"""Parts that die and what goes on without them: the terminal is not its ttyd, and not its termd either."""

import fcntl
import signal
import socket
import struct
import threading

from support import processes, shell
from support.many import open_session, show
from support.termd import run
from support.ttyd_client import Refused, Terminal
from support.wait import wait_until
from support.watch import Watch

RETURN = 3  # seconds until a killed ttyd has to be back (issue "a session", point 3)


def back_within(session, seconds):
    """A new page of the session, as soon as its ttyd lets us in."""
    arrived = []

    def try_to_enter():
        try:
            arrived.append(Terminal.load(session["url"], deadline=1))
        except (OSError, Refused, RuntimeError):
            return False
        return True

    wait_until(try_to_enter, seconds, "a page from the new ttyd")
    return arrived[0]


def who_connects(listener):
    connection, _ = listener.accept()
    with connection:
        return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def test_ttyd_killed_the_same_shell_is_back(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)
    before = termd.ttyd_of(session)
    page.type("echo kept-$((20+3))\r")
    page.read_until("kept-23")

    processes.send(before, signal.SIGKILL)

    with back_within(session, RETURN) as again:
        again.read_until("kept-23")
        assert shell.process_id(again) == shell_id
    after = termd.wait_for_state(session, "ready")
    assert after["worker"]["pid"] != before.pid
    assert after["worker"]["port"] == session["worker"]["port"]  # the address in the user's hands stays good
    assert after["worker"]["restarts"] == 1
    assert after["ssh"]["pid"] == session["ssh"]["pid"]


def test_a_frame_that_kills_ttyd_costs_one_reload(termd, sshd, connect):
    """ttyd dies of an empty frame (its issue 1546), so anybody in the page can do that."""
    session = termd.open(sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)

    page.send(b"")
    page.type("echo survived-$((40+2))\r")
    wait_until(lambda: page.ended or "survived-42" in page.text(), 15, "the end of ttyd, or an answer through a mended one")

    with back_within(session, RETURN) as again:
        assert shell.process_id(again) == shell_id


def test_ttyd_killed_without_anybody_there_is_back_too(termd, sshd):
    session = termd.open(sshd.target)

    processes.send(termd.ttyd_of(session), signal.SIGKILL)

    back_within(session, RETURN).close()


def test_a_stopped_session_can_be_closed(termd, sshd):
    """Stopped processes do not act on TERM before they get CONT."""
    session = termd.open(sshd.target)
    for process in termd.processes_of(session):
        processes.send(process, signal.SIGSTOP)

    assert termd.ctl("close", session["id"]).code == 0

    assert termd.leftovers() == []


def test_termd_killed_typing_goes_on(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)

    termd.kill9()

    assert shell.process_id(page) == shell_id
    assert shell.ask(page, "$((6*7))") == "42"
    again = connect(session)  # and a new page finds in, too
    assert shell.process_id(again) == shell_id


def test_termd_back_lists_the_session_and_closes_it(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)
    termd.kill9()

    termd.start()

    assert [s["id"] for s in termd.list()] == [session["id"]]
    adopted = termd.wait_for_state(session, "ready")
    for name in ("user", "host", "port", "login", "command", "created_at", "expires_at"):
        assert adopted[name] == session[name], name
    assert adopted["ssh"] == session["ssh"]
    assert adopted["worker"]["pid"] == session["worker"]["pid"]
    assert shell.process_id(page) == shell_id
    assert shell.process_id(connect(session)) == shell_id  # the token is still good
    closed = termd.ctl_json("close", session["id"])
    page.wait_for_end()
    assert termd.show(session)["state"] == "closed", closed
    assert termd.list() == []
    assert termd.leftovers() == []


def test_an_adopted_session_is_looked_after(termd, sshd, connect):
    session = termd.open(sshd.target)
    shell_id = shell.process_id(connect(session))
    termd.kill9()
    termd.start()
    termd.wait_for_state(session, "ready")

    processes.send(termd.ttyd_of(session), signal.SIGKILL)

    with back_within(session, RETURN) as again:
        assert shell.process_id(again) == shell_id


def test_a_new_termd_gives_no_port_twice(termd, sshd):
    first = termd.open(sshd.target)
    termd.kill9()
    termd.start()

    second = termd.open("--no-reuse", sshd.target)

    assert second["worker"]["port"] != first["worker"]["port"]


def test_a_shell_that_ended_while_termd_was_dead_is_cleared_away(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    termd.kill9()
    page.type("exit 5\r")
    page.wait_for_end()

    termd.start()

    closed = termd.wait_for_state(session, "closed")
    assert (closed["end_reason"], closed["exit"]) == ("exited", {"code": 5})
    assert termd.leftovers() == []


def test_a_shim_that_is_just_ending_when_termd_comes_back_is_waited_for(termd, sshd):
    session = termd.open(sshd.target)
    directory = termd.session_directory(session)
    shim = processes.look(termd.ssh_of(session).parent)
    termd.kill9()
    processes.send(processes.look(session["ssh"]["pid"]), signal.SIGKILL)
    wait_until(lambda: not shim.running(), 15, "the shim to end")

    # As it is for an instant: its sockets are gone, its lock is not.
    with open(directory / "lock") as lock, Watch(directory / "lock") as opened:
        fcntl.flock(lock, fcntl.LOCK_EX)
        starting = threading.Thread(target=termd.start)
        starting.start()
        opened.wait()  # found to be held,
        opened.wait()  # and looked at again
        fcntl.flock(lock, fcntl.LOCK_UN)
        starting.join(20)

    closed = wait_until(lambda: show(termd, session), 15, "the session, of which termd knows nothing until it has ended")
    assert (closed["state"], closed["end_reason"], closed["exit"]) == ("closed", "exited", {"signal": "KILL"})
    assert "set aside" not in termd.log() and termd.leftovers() == []


def test_a_shim_at_its_gate_whose_termd_was_killed_leaves_no_directory(termd):
    termd.kill9()
    directory = termd.runtime / "sessions" / "k3v9q0w1x2y4z5a6"  # made, and not yet on record
    directory.mkdir(0o700)

    with open(directory / "lock", "w") as lock, Watch(directory / "lock") as opened:
        fcntl.flock(lock, fcntl.LOCK_EX)
        starting = threading.Thread(target=termd.start)
        starting.start()
        opened.wait()  # found to be held: the shim has not yet seen that its gate was closed
        fcntl.flock(lock, fcntl.LOCK_UN)
        starting.join(20)

    wait_until(lambda: not directory.exists(), 15, "the directory to go")
    assert "set aside" not in termd.log() and termd.leftovers() == []


def test_a_new_termd_waits_for_what_a_child_of_the_killed_one_still_holds(termd, sshd):
    """As one does that was forked when termd was killed, until it has become its own program."""
    session = termd.open(sshd.target)
    termd.kill9()
    termd.socket.unlink()
    with open(termd.runtime / "lock") as lock, socket.socket(socket.AF_UNIX) as listener, Watch(lock.name) as opened:
        fcntl.flock(lock, fcntl.LOCK_EX)
        listener.bind(str(termd.socket))
        listener.listen()
        starting = threading.Thread(target=termd.start)
        starting.start()
        opened.wait()  # found to be held,
        opened.wait()  # and looked at again
        fcntl.flock(lock, fcntl.LOCK_UN)
        listener.settimeout(15)
        while who_connects(listener) != termd.pid:
            pass  # it is the test, which asks whether termd serves
    starting.join(20)

    assert termd.wait_for_state(session, "ready")["ssh"] == session["ssh"]


def test_a_termd_that_is_told_to_end_while_it_clears_up_has_every_end_on_record_before_it_goes(make_termd):
    termd = make_termd(config={"commands": {"strays": {"argv": ["/bin/sh", "-c", "setsid sleep 1000 & exec sleep 1000"]}}})
    session = open_session(termd, "strays")
    shim = processes.look(processes.look(session["ssh"]["pid"]).parent)
    termd.kill9()
    processes.send(shim, signal.SIGKILL)
    wait_until(lambda: not shim.running(), 15, "the shim to end")

    with open(termd.runtime / "lock") as lock, Watch(lock.name) as opened:
        fcntl.flock(lock, fcntl.LOCK_EX)
        termd.launch()
        opened.wait()  # by now it keeps signals for when it serves
        termd.ask_to_end()
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert termd.wait_for_end() == 0

    assert not termd.session_directory(session).exists() and termd.leftovers() == []
    termd.start()
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert (row["id"], row["end_reason"]) == (session["id"], "lost")


def test_a_session_that_is_taken_up_by_a_termd_that_was_told_to_end_is_told_to_end(make_termd):
    termd = make_termd(config={"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}})
    session = open_session(termd, "sleeps")
    control = termd.session_directory(session) / "control.sock"
    termd.kill9()
    away = control.rename(control.with_name("away"))

    with open(termd.runtime / "lock") as lock, Watch(lock.name) as opened, Watch(control.with_name("lock")) as looked_at:
        fcntl.flock(lock, fcntl.LOCK_EX)
        termd.launch()
        opened.wait()  # by now it keeps signals for when it serves
        termd.ask_to_end()
        fcntl.flock(lock, fcntl.LOCK_UN)
        looked_at.wait()
        looked_at.wait()  # again, while it serves
        away.rename(control)
        assert termd.wait_for_end() == 0

    assert termd.leftovers() == []
    termd.start()
    [row] = termd.api("GET", "/v1/history").json()["sessions"]
    assert (row["end_reason"], row["exit"]) == ("shutdown", {"signal": "TERM"})  # not killed from outside


def test_ttyd_that_died_while_termd_was_dead_is_back(termd, sshd, connect):
    session = termd.open(sshd.target)
    shell_id = shell.process_id(connect(session))
    ttyd = termd.ttyd_of(session)
    termd.kill9()
    processes.send(ttyd, signal.SIGKILL)

    termd.start()

    with back_within(session, 10) as again:
        assert shell.process_id(again) == shell_id


def test_a_killed_ssh_ends_the_session_and_says_how(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)

    processes.send(termd.ssh_of(session), signal.SIGKILL)

    page.wait_for_end()
    closed = termd.wait_for_state(session, "closed")
    assert (closed["end_reason"], closed["exit"]) == ("exited", {"signal": "KILL"})
    assert termd.leftovers() == []


def test_a_session_that_lost_its_shim_is_cleared_away(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    ssh = termd.ssh_of(session)
    shim = processes.look(ssh.parent)
    assert "termd-shim" in shim.command()

    processes.send(shim, signal.SIGKILL)

    page.wait_for_end()
    assert termd.wait_for_state(session, "closed")["end_reason"] == "lost"
    assert not ssh.running()
    assert termd.leftovers() == []


def test_a_second_termd_on_the_same_directories_is_refused(termd, make_termd, sshd):
    session = termd.open(sshd.target)

    second = run("supervisor/termd", "--config", str(termd.config_file), deadline=20)

    assert second.code not in (0, -9) and second.stderr.strip()
    assert [s["id"] for s in termd.list()] == [session["id"]]
