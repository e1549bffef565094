"""A worker is killed: how long until its port answers again, and until somebody has noticed."""

import contextlib
import os
import signal
import socket
import time

from support.many import open_many, show

from peers.supervisors import S6, Runit, Supervisord, supervising
from results import Goal, Row, in_turn
from surroundings import a_termd, client, pick


def revived(pid, port):
    """Killed, until the next one answers: milliseconds."""
    return client("starter", "revive", pid, port)[0][0] / 1000


def one_after_the_other(kill, items):
    """A function that kills another one of the items each time: each has lived for a while then, and is killed once."""
    rest = iter(items)
    return lambda: kill(next(rest))


def kill_of(workers):
    return lambda n: revived(workers.pid(n), workers.port(n))


def kill_session(termd):
    def kill(session):
        worker = show(termd, session)["worker"]
        return revived(worker["pid"], worker["port"])

    return kill


class Listener:
    """Hears of events as they come, without a look at them."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(20)
        self._socket.connect(str(path))
        self._socket.sendall(b"GET /v1/events HTTP/1.1\r\nHost: termd\r\n\r\n")
        self.wait_for(b"200")

    def wait_for(self, word):
        heard = b""
        while word not in heard:
            heard += self._socket.recv(65536)


def noticed(termd):
    """From the kill until the event is there, milliseconds."""

    def kill(session):
        pid = show(termd, session)["worker"]["pid"]
        listener = Listener(termd.socket)
        began = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        listener.wait_for(b"session.degraded")
        return (time.perf_counter() - began) * 1000

    return kill


def rows():
    rounds = pick(7, 1)
    with contextlib.ExitStack() as stack:
        termd = stack.enter_context(a_termd(2 * rounds))
        sessions = open_many(termd, "cat", 2 * rounds)
        ways = {"termd": one_after_the_other(kill_session(termd), sessions[:rounds])}
        for kind in (Supervisord, S6, Runit):
            workers = stack.enter_context(supervising(kind, rounds))
            workers.start_all()
            ways[kind.name] = one_after_the_other(kill_of(workers), range(rounds))
        measured = in_turn(rounds, ways)
        others = [min(each) for each in zip(*(values for name, values in measured.items() if name != "termd"))]
        ahead = [one / other for one, other in zip(measured["termd"], others)]
        yield Row("a killed worker, until it answers again", "ms", measured, [Goal("x the fastest of the others", 1, ahead)])

        detection = in_turn(rounds, {"termd": one_after_the_other(noticed(termd), sessions[rounds:])})
        yield Row("a killed worker, until it is known", "ms", detection, [Goal("ms", 2, detection["termd"])])
