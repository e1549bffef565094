"""termd is killed with many sessions, and the next one takes them up."""

import time

from support.wait import wait_until

import asking
from crowd import MANY, crowd
from results import Goal, Row, in_turn
from surroundings import pick


def adopted(termd):
    """From the start of the next termd until it knows all sessions as ready, seconds."""
    termd.kill9()
    began = time.monotonic()
    termd.launch()
    wait_until(lambda: ready(termd) == MANY, 60, lambda: f"{MANY} sessions to be ready again, now {ready(termd)}")
    return time.monotonic() - began


def ready(termd):
    try:
        return asking.get(termd.socket, "/v1/status")["sessions"].get("ready", 0)
    except (OSError, KeyError):
        return 0


def rows():
    crowd().grow(MANY)
    measured = in_turn(pick(3, 1), {"termd": lambda: adopted(crowd().termd)})
    yield Row(f"termd killed with {MANY} sessions, until the next one has them", "s", measured, [Goal("s", 2, measured["termd"])])
