"""Whatever ends a run of the bench, nothing of it is left: neither processes nor directories.

It runs in a process of its own, below one that does nothing but wait for it. All that was started and has lost its
parent comes to that one, which ends it when the run has ended, however that was. When that one is killed itself, the
run is told by a signal, and tidies up as it would at its end.
"""

import atexit
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import surroundings  # noqa: F401  (where tests/support is)

from support import leftovers, processes
from support.places import PLACE

GUARD = "TERMD_BENCH_GUARD"  # in the environment: the process that guards this one
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def guarded(command):
    """Runs it, with a directory of its own for all that it makes; its exit status."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    end_tidily()
    place = tempfile.mkdtemp(prefix="bench-", dir="/tmp")
    worker = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], env=os.environ | {PLACE: place, GUARD: str(os.getpid())})
    try:
        return worker.wait()
    finally:
        end_everything()
        leftovers.remove_cgroups({path.name for path in Path(place).glob("*/run/sessions/*")})
        shutil.rmtree(place, ignore_errors=True)


def is_guarded():
    """Whether this is what guarded() runs; from then on a SIGTERM ends it tidily."""
    guarded = os.environ.get(GUARD) == str(os.getppid())
    if guarded:
        end_tidily()
        atexit.register(shutil.rmtree, os.environ[PLACE], ignore_errors=True)
    return guarded


def end_tidily():
    """From now on, when told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def end_everything():
    """Until nothing is left that could start something."""
    while found := [process for process in processes.descendants(os.getpid()) if process.running()]:
        processes.kill(found)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
