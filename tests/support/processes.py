"""Looking at processes through /proc, and ending those that a test started.

A process is named by its id and its start time together, and ended through a pidfd, so a process id that the kernel
has given to somebody else in the meantime is never touched.
"""

import os
import signal
from dataclasses import dataclass

from support.wait import wait_until


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    state: str
    started: int  # clock ticks since boot: with the pid it names a process for good

    @property
    def zombie(self):
        return self.state in "ZX"

    def command(self):
        return _read(self.pid, "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()

    def name(self):
        """What the kernel calls it: its program's name, at most 15 bytes of it."""
        return _read(self.pid, "comm").decode(errors="replace").strip()

    def environment(self):
        """The environment it was started with; empty when gone, a zombie, or not ours to read."""
        pairs = (entry.partition(b"=") for entry in _read(self.pid, "environ").split(b"\0") if entry)
        return {os.fsdecode(key): os.fsdecode(value) for key, _, value in pairs}

    def raw(self, name):
        """A file below its /proc as it is, such as "cmdline"; empty when it is gone."""
        return _read(self.pid, name)

    def mentions(self, text):
        """Whether its program, directory, arguments or environment contain the text."""
        places = [_link(self.pid, "exe"), _link(self.pid, "cwd"), self.command(), *self.environment().values()]
        return any(text in place for place in places)

    def alive(self):
        """Whether it is still there, be it as a zombie."""
        now = look(self.pid)
        return now is not None and now.started == self.started

    def running(self):
        """Whether it is still there and not a zombie."""
        now = look(self.pid)
        return now is not None and now.started == self.started and not now.zombie

    def __str__(self):
        return f"{self.pid} (parent {self.parent}, {self.state}) {self.command() or 'no command line'}"


def look(pid):
    """The process with that id now, or None."""
    # The name in the second field may hold blanks and brackets, so count from the last bracket.
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    if len(fields) < 20:
        return None
    return Process(int(pid), int(fields[1]), fields[0].decode(), int(fields[19]))


def everything():
    found = (look(int(name)) for name in os.listdir("/proc") if name.isdigit())
    return [process for process in found if process]


def where(condition):
    """All processes for which condition holds, without the caller's own."""
    return [p for p in everything() if p.pid != os.getpid() and condition(p)]


def marked(name, value):
    """All processes that carry NAME=value in the environment they were started with."""
    return where(lambda process: process.environment().get(name) == value)


def descendants(pid):
    """The children of a process, their children, and so on."""
    children = {}
    for process in everything():
        children.setdefault(process.parent, []).append(process)
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += [process.pid for process in below]
    return found


def send(process, number):
    """Send the signal to exactly this process; nothing happens when it is gone."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if process.alive():
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)


def kill(found, deadline=10):
    """SIGKILL every process of the list and wait until none of them runs."""
    for process in found:
        send(process, signal.SIGKILL)
    wait_until(lambda: not any(p.running() for p in found), deadline, "the end of killed processes")


def _read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _link(pid, name):
    try:
        return os.readlink(f"/proc/{pid}/{name}")
    except OSError:
        return ""
