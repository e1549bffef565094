"""strace(1) attached to a running process for a while, to see its system calls or to make one of them fail.

All threads are followed, and so is a child until it becomes another program: what that does is its own affair.
"""

import re
import signal
import subprocess
import tempfile

from support.wait import wait_until

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)")


class Strace:
    """As a context: attached within, detached after. options are strace's own; pid: of whom, with all threads unless alone."""

    def __init__(self, pid, *options, alone=False):
        self._pid, self._options = pid, options
        self._children = [] if alone else ["-f", "-b", "execve"]

    def __enter__(self):
        self._out, self._err = tempfile.NamedTemporaryFile(), tempfile.NamedTemporaryFile()
        command = ["strace", *self._children, *self._options, "-o", self._out.name, "-p", str(self._pid)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=self._err)
        wait_until(self._attached, 20, lambda: f"strace to attach; it says: {_text(self._err)}")
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the kernel detaches, too; strace waits on when whom it follows has crashed
            self._process.wait(10)
        self.lines = _text(self._out).splitlines()
        self._out.close()
        self._err.close()

    def calls(self):
        """The names of the calls that were made, per thread: a list of (thread, name)."""
        found = (CALL.match(line) for line in self.lines if " resumed>" not in line)
        return [(int(match[1]), match[2]) for match in found if match]

    def injected(self):
        """Whether any call was made to fail, or was delayed."""
        return any("(INJECTED)" in line or "(DELAYED)" in line for line in self.lines)

    def _attached(self):
        assert self._process.poll() is None, f"strace ended: {_text(self._err)}"
        return " attached" in _text(self._err)


def failing(pid, call, error, when):
    """Makes the when-th of these calls, counted for each thread, fail with the error."""
    return Strace(pid, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}")


def _text(file):
    with open(file.name, errors="replace") as reader:
        return reader.read()
