"""One worker that ignores what should end it is closed, while others ask for something."""

import os
import signal
import threading
import time

import asking
from peers.managers import python_manager
from results import Goal, Row, in_turn
from surroundings import a_termd, pick
from watching import alone_on_its_core

STUBBORN = "trap '' TERM HUP; while :; do read line; done"
WHILE = pick(6, 1)  # seconds


def longest_answer(server, close=None):
    """The longest that anybody waited for a list, milliseconds, while one is closed, or while none is."""
    socket, listing, aside = server
    asked = []
    others = threading.Thread(target=lambda: asked.append(asking.ask(socket, [listing], 4, f"{WHILE}s", prefix=aside)))
    others.start()
    if close:
        asking.ask(socket, [close])
    others.join()
    return asked[0].longest_us / 1000


def longest_standstill():
    """Of a program that only watches the clock, milliseconds: what the machine itself does to everybody."""
    longest, last = 0, time.monotonic()
    end = last + WHILE
    while last < end:
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    return longest * 1000


def rows():
    commands = {"stubborn": {"argv": ["/bin/sh", "-c", STUBBORN]}}
    with a_termd(20, commands=commands) as termd, python_manager(20) as manager:
        sessions = (termd.socket, asking.http("GET", "/v1/sessions"), alone_on_its_core(termd.pid))
        terminals = (manager.socket, asking.http("GET", "/sessions"), alone_on_its_core(manager.pid))

        def ours():
            id = termd.open("--command", "stubborn")["id"]
            return longest_answer(sessions, asking.http("DELETE", f"/v1/sessions/{id}"))

        def python():
            manager.open(1)
            session = manager.sessions()[-1]
            os.kill(session["pid"], signal.SIGSTOP)  # it is no more deaf to TERM than this
            return longest_answer(terminals, asking.http("DELETE", f"/sessions/{session['id']}"))

        ways = {"termd": ours, "termd, nobody closes": lambda: longest_answer(sessions), "a program that watches the clock": longest_standstill}
        ways = in_turn(pick(3, 1), ways | {"Python manager": python})
        yield Row("longest answer while a stubborn worker is closed", "ms", ways, [Goal("ms", 5, ways["termd"])])
