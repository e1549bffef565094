"""What the way through termd-attach and termd-shim costs, beside a plain `ttyd ssh` to the same sshd, bare and behind nginx.

echo: one key after the other, until it has come back. bulk: output as fast as it comes, of one terminal. many: of 50 at once.
"""

import contextlib
import os
import statistics
import subprocess
from urllib.parse import urlsplit

from support.ports import PortRange
from support.sshd import Sshd
from support.termd import find_ttyd
from support.ttyd_client import get
from support.wait import wait_until

from peers.nginx import in_front_of
from results import Goal, Row, in_turn, ratios
from surroundings import a_termd, client, directory, pick

KEYS = pick(2000, 20)
BULK = pick(128 << 20, 1 << 20)
MANY, MANY_BULK = pick(50, 3), pick(4 << 20, 256 << 10)

ECHO = "stty raw -echo; printf ready; exec cat"
LINE = "0123456789" * 7 + "0123456"
ENDLESS = f"stty raw -echo; printf ready; head -c 1 >/dev/null; exec yes {LINE}"


@contextlib.contextmanager
def awake():
    """Keeps the cores from sleeping between two keys: a program of the lowest priority that never waits on each."""
    spin = ["chrt", "--idle", "0", "setpriv", "--pdeathsig", "KILL", "sh", "-c", "while :; do :; done"]
    spinners = [subprocess.Popen(spin) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for each in spinners:
            each.kill()
            each.wait()


class Plain:
    """ttyds with an ssh each, as somebody would start them by hand; front: what stands before them."""

    def __init__(self, sshd, front=None):
        self._sshd, self._front, self._started = sshd, front, []

    def open(self):
        ports = PortRange(1)
        ssh = ["ssh", "-F", "none", "-tt", "-i", str(self._sshd.client_key), "-o", "StrictHostKeyChecking=no"]
        ssh += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-p", str(self._sshd.port), self._sshd.target.rpartition(":")[0]]
        command = [find_ttyd(), "-W", "-i", "127.0.0.1", "-p", str(ports.first), *ssh]
        self._started.append((subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), ports))
        wait_until(lambda: self._answers(ports.first), 10, "ttyd")
        return [str(self._front), f"/{ports.first}/ws"] if self._front else [str(ports.first), "/ws"]

    @staticmethod
    def _answers(port):
        try:
            return get(f"http://127.0.0.1:{port}/token")[0] == 200
        except OSError:
            return False

    def close(self):
        for ttyd, ports in self._started:
            ttyd.terminate()
            ttyd.wait(10)
            ports.release()
        self._started = []


class Ours:
    """Sessions of one termd."""

    def __init__(self, termd, sshd):
        self._termd, self._target = termd, sshd.target

    def open(self):
        url = urlsplit(self._termd.open(self._target)["url"])
        return [str(url.port), f"/ws?{url.query}"]

    def close(self):
        self._termd.ctl("close", "--all", "--now")


@contextlib.contextmanager
def logging_into(script):
    """An sshd where every login runs the script."""
    with directory() as at:
        program = at / "run"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        sshd = Sshd(force_command=str(program))
        try:
            yield sshd
        finally:
            sshd.stop()


def compared(script, measure, nginx=True):
    """What measure finds out about each way, a list each."""

    def measured(way):
        try:
            return measure(way)
        finally:
            way.close()

    with logging_into(script) as sshd, a_termd(80, sshd) as termd, in_front_of() as front:
        ways = {"termd": Ours(termd, sshd), "plain ttyd ssh": Plain(sshd)}
        if nginx:
            ways["the same behind nginx"] = Plain(sshd, front)
        return in_turn(pick(7, 1), {name: lambda way=way: measured(way) for name, way in ways.items()})


def echo(way):
    """Microseconds at the median."""
    return statistics.median(line[0] for line in client("terminal_client", "echo", KEYS, *way.open()))


def throughput(count, size, prefix=()):
    """MB/s of all together; prefix: goes before the one who reads."""

    def measure(way):
        terminals = [word for _ in range(count) for word in way.open()]
        return count * size / client("terminal_client", "bulk", size, *terminals, prefix=prefix)[0][0] / 1e6

    return measure


def first_in_line():
    """What goes before a command that is not to wait for a processor; nothing where that is not allowed."""
    words = ["chrt", "--rr", "1"]
    return words if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL).returncode == 0 else []


def rows():
    with awake():
        ways = compared(ECHO, echo)
    extra = [one - other for one, other in zip(ways["termd"], ways["plain ttyd ssh"])]
    yield Row("a key and its echo", "microseconds", ways, [Goal("microseconds more than plain", 150, extra)])
    yield output("output of one terminal", compared(ENDLESS, throughput(1, BULK)))
    # Browsers are on other machines. As one among hundreds of processes the one who reads would be what is measured, and what he
    # has not come to read would pile up in the sockets. nginx would be such a one, too: some of its connections broke off.
    many = compared(ENDLESS, throughput(MANY, MANY_BULK, first_in_line()), nginx=False)
    yield output(f"output of {MANY} terminals at once", many)


def output(what, ways):
    return Row(what, "MB/s", ways, [Goal("x plain", 0.9, ratios(ways["termd"], ways["plain ttyd ssh"]), at_least=True)])
