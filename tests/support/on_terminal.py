"""termctl on a terminal of its own."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading

from support.termd import build_directory
from support.wait import wait_until


class OnTerminal:
    """A termctl whose standard input, output and error are a terminal. `socket`: termd's control socket."""

    def __init__(self, socket, *arguments, rows=24, columns=100):
        self.output = b""  # all that it wrote there
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.theirs)
        self.process = subprocess.Popen(
            [build_directory() / "cli/termctl", *arguments], stdin=self.theirs, stdout=self.theirs, stderr=self.theirs,
            env=os.environ | {"TERMCTL_SOCKET": str(socket), "TERM": "xterm", "NO_COLOR": "1"},
            preexec_fn=self._take_terminal,
        )  # fmt: skip
        threading.Thread(target=self._read, daemon=True).start()

    def _take_terminal(self):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _read(self):
        with contextlib.suppress(OSError):
            while part := os.read(self.ours, 65536):
                self.output += part

    def text(self):
        return self.output.decode(errors="replace")

    def wait_for(self, words, after=0):
        wait_until(lambda: words in self.text()[after:], 20, lambda: f"{words!r} in {self.text()[after:]!r}")

    def resize(self, rows, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self):
        """The terminal's, as tcgetattr(3) tells them."""
        return termios.tcgetattr(self.theirs)

    def type(self, keys):
        left = keys.encode()
        while left:
            left = left[os.write(self.ours, left) :]

    def end(self):
        """Its exit code; the terminal must be what it was."""
        code = self.process.wait(20)
        assert self.settings() == self.before
        return code

    def close(self):
        self.process.kill()
        self.process.wait(10)
        os.close(self.theirs)
        os.close(self.ours)

    def screen(self):
        """The lines of the last picture that was drawn."""
        return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip() for line in self.text().split("\x1b[H")[-1].split("\r\n")]
