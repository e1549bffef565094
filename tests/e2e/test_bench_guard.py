"""The bench keeps nothing behind, whatever ends it."""

import os
import signal
import subprocess
import sys

import pytest

from support import processes
from support.places import PLACE
from support.termd import CHECKOUT
from support.wait import wait_until

RUN = """
import os, subprocess, sys, time
sys.path.insert(0, "bench")
import guard
if not guard.is_guarded():
    sys.exit(guard.guarded([sys.executable, "-c", sys.argv[1], sys.argv[1]]))
from support.places import new_place
new_place("made")
subprocess.Popen(["sh", "-c", "setsid sleep 1000 & exec setsid sleep 1000"], start_new_session=True)
print(os.getpid(), os.environ["TERMD_TEST_PLACE"], flush=True)
time.sleep(1000)
"""


def below(place):
    return [process for process in processes.marked(PLACE, place) if process.running()]


@pytest.fixture
def started():
    """The guard, the run's process id, and the directory of a run that has started something."""
    guard = subprocess.Popen([sys.executable, "-c", RUN, RUN], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    run, place = guard.stdout.readline().split()
    wait_until(lambda: sum(p.name() == "sleep" for p in below(place)) == 2, 10, "what the run starts")
    yield guard, int(run), place
    processes.kill(below(place))
    guard.kill()
    guard.wait(10)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_leaves_nothing(started, how):
    guard, run, place = started

    os.kill(run, how)

    assert guard.wait(15) != 0
    assert below(place) == []
    assert not os.path.exists(place)


def test_a_bench_that_is_asked_to_end_leaves_nothing(started):
    guard, run, place = started

    guard.terminate()

    assert guard.wait(15) == 128 + signal.SIGTERM
    assert below(place) == []
    assert not os.path.exists(place)


def test_a_run_whose_guard_is_killed_tidies_up_itself(started):
    guard, run, place = started

    guard.kill()

    wait_until(lambda: not os.path.exists(place), 15, "the run to tidy up")
    wait_until(lambda: processes.look(run) is None, 15, "the end of the run")
