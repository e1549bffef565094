"""Port ranges for one test, that nobody else on the machine takes at the same time.

The ranges lie below the kernel's ephemeral ports, so no outgoing connection lands on one. A range is claimed by
binding an abstract Unix socket named after it: that works across processes (several test runs, a demo beside them), ends
by itself when the holder dies, and leaves no file behind.
"""

import os
import random
import socket

FIRST, LAST, STEP = 20000, 31999, 20


class PortRange:
    """A claimed run of free ports on the loopback; release() gives it back."""

    def __init__(self, count=STEP):
        blocks = -(-count // STEP)
        starts = list(range(FIRST, LAST - blocks * STEP, STEP))
        random.Random(os.urandom(8)).shuffle(starts)
        for start in starts:
            self._claims = [_claim(start + n * STEP) for n in range(blocks)]
            self.ports = range(start, start + count)
            if all(self._claims) and all(is_free(port) for port in self.ports):
                return
            self.release()
        raise RuntimeError(f"no run of {count} free ports between {FIRST} and {LAST}")

    @property
    def first(self):
        return self.ports[0]

    def __str__(self):
        return f"{self.ports[0]}-{self.ports[-1]}"

    def release(self):
        for claim in filter(None, self._claims):
            claim.close()


def is_free(port, address="127.0.0.1"):
    """Whether a listener could be started on the port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def listening(ports):
    """Those of the ports on which somebody on this machine listens, on any address."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                rows = [line.split() for line in lines][1:]
        except FileNotFoundError:
            continue
        for row in rows:
            port = int(row[1].rsplit(":", 1)[1], 16)
            if row[3] == "0A" and port in ports:  # 0A: TCP_LISTEN
                found.add(port)
    return sorted(found)


def _claim(start):
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0termd-test-ports-{start}")
    except OSError:
        claim.close()
        return None
    return claim
