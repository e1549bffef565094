#!/usr/bin/env python3
"""What the way through termd-attach and termd-shim costs, beside a plain `ttyd ssh` to the same sshd.

    bench/terminal.py [echo] [bulk] [many]      all three when none is named

echo: one key after the other, until it has come back. bulk: output as fast as it comes, of one terminal. many: the same of
50 terminals at once. Each is measured in alternation, plain and termd, in several rounds, so that a machine that drifts does
not decide; the medians and their ratio are printed. Needs an optimised build: TERMD_BUILD names it (default: build-release/).
"""

import contextlib
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))
os.environ.setdefault("TERMD_BUILD", str(CHECKOUT / "build-release"))

from support.many import ROOM  # noqa: E402
from support.ports import PortRange  # noqa: E402
from support.sshd import Sshd  # noqa: E402
from support.termd import Termd, build_directory, find_ttyd  # noqa: E402
from support.ttyd_client import get  # noqa: E402
from support.wait import wait_until  # noqa: E402

ROUNDS = 7
KEYS = 2000
BULK = 128 << 20
MANY, MANY_BULK = 50, 4 << 20

ECHO = "stty raw -echo; printf ready; exec cat"
ENDLESS = "stty raw -echo; printf ready; head -c 1 >/dev/null; exec yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678"


@contextlib.contextmanager
def awake():
    """Keeps both cores from sleeping between two keys: a program of the lowest priority that never waits on each."""
    spin = ["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]
    spinners = [subprocess.Popen(spin) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for each in spinners:
            each.kill()
            each.wait()


class Plain:
    """ttyds with an ssh each, as somebody would start them by hand."""

    def __init__(self, sshd):
        self._sshd, self._started = sshd, []

    def open(self):
        ports = PortRange(1)
        ssh = ["ssh", "-F", "none", "-tt", "-i", str(self._sshd.client_key), "-o", "StrictHostKeyChecking=no"]
        ssh += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-p", str(self._sshd.port), self._sshd.target.rpartition(":")[0]]
        ttyd = subprocess.Popen([find_ttyd(), "-W", "-i", "127.0.0.1", "-p", str(ports.first), *ssh], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._started.append((ttyd, ports))
        wait_until(lambda: self._answers(ports.first), 10, "ttyd")
        return [str(ports.first), "/ws"]

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

    def __init__(self, sshd):
        self._termd = Termd(sshd, {"sessions": ROOM}, ports=80).start()
        self._target = sshd.target

    def open(self):
        url = urlsplit(self._termd.open(self._target)["url"])
        return [str(url.port), f"/ws?{url.query}"]

    def close(self):
        self._termd.ctl("close", "--all", "--now")

    def end(self):
        self._termd.stop()
        self._termd.destroy()


def client(*arguments):
    program = build_directory() / "bench/terminal_client"
    done = subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    return [float(line) for line in done.stdout.split()]


def in_turn(script, measure, rounds=ROUNDS):
    """The results of measure(way), a list for plain and a list for termd."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory, "run")
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        sshd = Sshd(force_command=str(program))
        ours = Ours(sshd)
        ways = {"plain": Plain(sshd), "termd": ours}
        results = {name: [] for name in ways}
        try:
            for _ in range(rounds):
                for name, way in ways.items():
                    results[name].append(measure(way))
                    way.close()
        finally:
            ways["plain"].close()
            ours.end()
            sshd.stop()
        return results["plain"], results["termd"]


def spread(values):
    return f"{statistics.median(values):9.1f}  ({min(values):.1f} to {max(values):.1f})"


def echo():
    with awake():
        plain, ours = in_turn(ECHO, lambda way: statistics.median(client("echo", KEYS, *way.open())))
    print("a key and its echo, microseconds at the median")
    print(f"  plain ttyd ssh   {spread(plain)}\n  termd            {spread(ours)}")
    print(f"  the extra hop    {statistics.median(ours) - statistics.median(plain):9.1f}  (goal: at most 150)")


def throughput(what, count, size):
    def measure(way):
        terminals = [word for _ in range(count) for word in way.open()]
        return count * size / client("bulk", size, *terminals)[0] / 1e6

    plain, ours = in_turn(ENDLESS, measure)
    print(f"{what}, MB/s")
    print(f"  plain ttyd ssh   {spread(plain)}\n  termd            {spread(ours)}")
    print(f"  ratio            {statistics.median(ours) / statistics.median(plain):9.2f}  (goal: at least 0.9)")


WORKS = {
    "echo": echo,
    "bulk": lambda: throughput("output of one terminal", 1, BULK),
    "many": lambda: throughput(f"output of {MANY} terminals at once", MANY, MANY_BULK),
}


def main():
    wanted = sys.argv[1:] or list(WORKS)
    unknown = [name for name in wanted if name not in WORKS]
    if unknown:
        sys.exit(f"terminal.py: no such work: {' '.join(unknown)}; there are {' '.join(WORKS)}")
    build = (build_directory() / "meson-info/intro-buildoptions.json").read_text()
    if not re.search(r'"name": "optimization", "value": "[23s]"', build):
        sys.exit("terminal.py: not an optimised build: meson setup --buildtype=release build-release")
    for name in wanted:
        WORKS[name]()


if __name__ == "__main__":
    main()
