"""The Python manager and redis-server: programs that serve a Unix socket of their own."""

import contextlib
import subprocess
import sys
from pathlib import Path

from support import processes
from support.ports import PortRange
from support.termd import find_ttyd
from support.wait import wait_until

import asking
from surroundings import directory


@contextlib.contextmanager
def serving(command, socket):
    """A program, once its socket is there; it and everything below it is gone afterwards."""
    program = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        wait_until(socket.exists, 20, f"{command[0]} to serve")
        yield program.pid
    finally:
        below = processes.descendants(program.pid)
        program.kill()
        program.wait(10)
        processes.kill(below)


class PythonManager:
    def __init__(self, socket, pid):
        self.socket, self.pid = socket, pid

    def open(self, count, callers=1, command="cat"):
        return asking.ask(self.socket, [asking.http("POST", "/sessions", {"command": command})], callers, count)

    def sessions(self):
        return asking.get(self.socket, "/sessions")["sessions"]


@contextlib.contextmanager
def python_manager(ports, interval=0):
    taken = PortRange(ports)
    try:
        with directory() as at:
            socket, program = at / "s", Path(__file__).with_name("python_manager.py")
            with serving([sys.executable, program, socket, find_ttyd(), taken.first, interval], socket) as pid:
                yield PythonManager(socket, pid)
    finally:
        taken.release()


@contextlib.contextmanager
def redis():
    """Its socket, and its process."""
    with directory() as at:
        command = ["redis-server", "--port", 0, "--unixsocket", at / "s", "--save", "", "--appendonly", "no", "--dir", at]
        with serving(command, at / "s") as pid:
            yield at / "s", pid
