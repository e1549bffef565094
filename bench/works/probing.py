"""What it costs to know that everybody's worker answers: processor time for a session and second, nothing else going on."""

import contextlib
import os
import signal
import statistics

from support.wait import let_pass

from crowd import FEW, INTERVAL, MANY, crowd
from peers.managers import python_manager
from peers.supervisors import S6, Runit, Supervisord, supervising
from results import Goal, Row, in_turn, ratios
from surroundings import client, pick
from watching import cpu_seconds

INTERVALS = 2  # in a round
UNIT = "microseconds of processor for a session and second"


def each_second(seconds, count):
    return seconds / count / (INTERVALS * INTERVAL) * 1e6


def used_by(pids, count):
    before = cpu_seconds(*pids)
    let_pass(INTERVALS * INTERVAL)
    return each_second(cpu_seconds(*pids) - before, count)


@contextlib.contextmanager
def held(pid):
    """Stopped meanwhile, so that the same workers can be asked by somebody else alone."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def prober(how, termd, ports):
    def measure():
        with held(termd.pid):
            return each_second(client("prober", how, INTERVAL, INTERVALS, *ports)[0][0], len(ports))

    return measure


def termd_alone(termd, count):
    let_pass(INTERVAL)  # after having been stopped, everything is due at once
    return used_by([termd.pid], count)


def beside_prober(count):
    crowd().grow(count)
    termd, ports = crowd().termd, crowd().ports()
    ways = {"termd": lambda: termd_alone(termd, count), "C prober, in a burst": prober("burst", termd, ports), "C prober, spread": prober("spread", termd, ports)}
    measured = in_turn(pick(3, 1), ways)
    goal = Goal("x the C prober in a burst", 1.25, ratios(measured["termd"], measured["C prober, in a burst"]))
    return Row(f"{count} sessions, each probed every {INTERVAL} s", UNIT, measured, [goal])


def others():
    """Those that probe, and those that only watch, all in the same time."""
    with python_manager(FEW, INTERVAL) as manager:
        manager.open(FEW, 16)
        measured = {"Python manager, probing": [used_by([manager.pid], FEW)]}
    for kind in (Supervisord, S6, Runit):
        with supervising(kind, FEW) as workers:
            workers.start_all()
            measured[f"{kind.name}, idle"] = [used_by(workers.managers(), FEW)]
    return Row(f"the others with {FEW}", UNIT, measured, note="these do not ask whether a worker answers, but for the Python manager")


def rows():
    few = beside_prober(FEW)
    yield few
    yield others()
    many = beside_prober(MANY)
    flat = statistics.median(many.ways["termd"]) / statistics.median(few.ways["termd"])
    many.goals.append(Goal(f"x termd with {FEW}", 1.2, [flat]))
    yield many
