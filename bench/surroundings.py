"""What all works of the bench run in: the build, the programs that measure, a termd with room for everybody."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT / "tests"))
os.environ.setdefault("TERMD_BUILD", str(CHECKOUT / "build-release"))

from support.many import ROOM  # noqa: E402
from support.places import new_place  # noqa: E402
from support.termd import Termd, build_directory  # noqa: E402

SHORT = False  # set by run.py: every work once and small, to see that nothing is broken


def pick(full, short):
    return short if SHORT else full


def client(name, *arguments, input=None, prefix=(), deadline=120):
    """What one of bench/clients printed: a list of lines, each a list of numbers."""
    command = [*prefix, build_directory() / "bench" / name, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, input=input, timeout=deadline)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def settings(**changes):
    """A configuration in which nothing but the work itself limits or ends a session."""
    base = {
        "commands": {"cat": {"argv": ["/bin/cat"]}},
        "sessions": ROOM | {"ttl": "8h", "idle_timeout": "8h", "gone_timeout": "0"},
        "workers": {"start_timeout": "60s"},
    }
    return base | changes


@contextlib.contextmanager
def a_termd(ports, sshd=None, **changes):
    """A running termd; everything of it is gone afterwards.

    Its runtime directory is in memory, as that of a service is (/run), and its state on a disk.
    """
    termd = Termd(sshd, settings(**changes), ports=ports, runtime=new_place("termd", above="/dev/shm"))
    try:
        yield termd.start()
        termd.stop(deadline=120)
    finally:
        termd.destroy()


@contextlib.contextmanager
def directory():
    """An empty one with a short name, as sockets need it."""
    path = new_place("bench")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
