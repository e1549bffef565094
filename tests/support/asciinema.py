"""Recordings: as asciinema(1) plays them, and taken apart.

asciinema wants a terminal of its own, so it gets one; what it prints goes into a pipe.
"""

import fcntl
import json
import os
import pty
import shutil
import subprocess
import tempfile
import termios
from dataclasses import dataclass


@dataclass(frozen=True)
class Cast:
    """One recording, taken apart; text that is none raises ValueError."""

    header: dict
    events: list  # each [time, kind, text]

    @classmethod
    def parse(cls, text):
        header, *events = (json.loads(line) for line in text.splitlines())
        times = [event[0] for event in events]
        if header["version"] != 2 or any(len(event) != 3 for event in events) or times != sorted(times):
            raise ValueError("this is no recording")
        return cls(header, events)

    def all(self, kind):
        """The texts of the events of that kind."""
        return [text for _, its_kind, text in self.events if its_kind == kind]

    @property
    def output(self):
        return "".join(self.all("o"))


def cat(path):
    """What `asciinema cat` makes of the file."""
    return _run("cat", path)


def play(path):
    """What `asciinema play` shows of the file, as fast as it can."""
    return _run("play", "--speed", "100000", "--idle-time-limit", "0.001", path)


def _run(*arguments, deadline=60):
    program = shutil.which("asciinema")
    assert program, "no asciinema on this machine: scripts/setup --test brings it"
    ours, theirs = pty.openpty()
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                [program, *map(str, arguments)], stdin=theirs, capture_output=True, timeout=deadline,
                env={"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "TERM": "xterm"},
                preexec_fn=lambda: (os.setsid(), fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)),
            )  # fmt: skip
        finally:
            os.close(ours)
            os.close(theirs)
    assert done.returncode == 0 and not done.stderr, f"asciinema: exit {done.returncode}: {done.stderr.decode()[-2000:]}"
    return done.stdout.decode()
