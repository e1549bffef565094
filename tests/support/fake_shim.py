"""A shim of another version: it keeps a session's directory as a shim does, and says hello as it is told.

    fake_shim.py DIRECTORY OLDEST NEWEST SESSION     prints "ready", then the type of each message that it hears

The layout is that of protocol/frame.hpp and protocol/fields.hpp.
"""

import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys

from support.checked_text import checked

HELLO, COMMAND_STATE, STOP = 1, 2, 4  # places in the variants of protocol/shim_messages.hpp


def field(tag, value):
    raw = struct.pack(">q", value) if isinstance(value, int) else value.encode()
    return struct.pack(">BI", tag, len(raw)) + raw


def frame(kind, *fields):
    payload = bytes([kind]) + b"".join(field(tag, value) for tag, value in enumerate(fields, 1))
    return struct.pack(">I", len(payload)) + payload


def messages(connection):
    """The types of what is heard, until the other side hangs up."""
    stream = connection.makefile("rb")
    while len(length := stream.read(4)) == 4:
        yield stream.read(struct.unpack(">I", length)[0])[0]


def main(directory, oldest, newest, session):
    os.chdir(directory)
    lock = open("lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("control.sock")
        listener.listen()
        print("ready", flush=True)
        heard = None
        while heard != STOP:
            connection, _ = listener.accept()
            with contextlib.suppress(ConnectionError):  # whoever does not like our hello hangs up at once
                connection.sendall(frame(HELLO, int(newest), int(oldest), session, os.getpid()))
                connection.sendall(frame(COMMAND_STATE, os.getpid(), 1, 1))
            with contextlib.suppress(ConnectionError):
                for heard in messages(connection):
                    print(heard, flush=True)
                    if heard == STOP:
                        break
    with open("exit.json", "wb") as last_word:
        last_word.write(checked({"version": 1, "reason": "user", "exit": {"code": 0}}))


class FakeShim:
    """One that runs in a session's directory until stop()."""

    def __init__(self, directory, oldest, newest, session=None):
        support = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.fake_shim", directory, str(oldest), str(newest), session or directory.name],
            stdout=subprocess.PIPE,
            text=True,
            cwd=support,
        )
        assert self._process.stdout.readline() == "ready\n"
        self.pid = self._process.pid

    def running(self):
        return self._process.poll() is None

    def stop(self):
        """End it; the types of all that it was told since the last call."""
        self._process.kill()
        self._process.wait(10)
        return [int(line) for line in self._process.stdout.read().split()]


if __name__ == "__main__":
    main(*sys.argv[1:])
