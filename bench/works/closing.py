"""One worker that ignores what should end it is closed, while others ask for something."""

import os
import signal
import threading

import asking
from peers.managers import python_manager
from results import Goal, Row, in_turn
from surroundings import a_termd, pick

STUBBORN = "trap '' TERM HUP; while :; do read line; done"


def longest_answer(socket, open, close, ask):
    """The longest that anybody else waited while it was closed, milliseconds."""
    id = open()
    closing = threading.Thread(target=asking.ask, args=(socket, [close(id)]))
    asked = []
    others = threading.Thread(target=lambda: asked.append(asking.ask(socket, [ask(id)], 4, pick("6s", "1s"))))
    others.start()
    closing.start()
    others.join()
    closing.join()
    return asked[0].longest_us / 1000


def longest_of_all(socket, ask):
    """The same while nobody closes anything: what the machine itself makes everybody wait."""
    return asking.ask(socket, [ask], 4, pick("6s", "1s")).longest_us / 1000


def rows():
    commands = {"stubborn": {"argv": ["/bin/sh", "-c", STUBBORN]}}
    with a_termd(20, commands=commands) as termd, python_manager(20) as manager:

        listing = asking.http("GET", "/v1/sessions")

        def ours():
            def open():
                return termd.open("--command", "stubborn")["id"]

            return longest_answer(termd.socket, open, lambda id: asking.http("DELETE", f"/v1/sessions/{id}"), lambda _: listing)

        def python():
            def open():
                manager.open(1)
                session = manager.sessions()[-1]
                os.kill(session["pid"], signal.SIGSTOP)  # it is no more deaf to TERM than this
                return session["id"]

            return longest_answer(manager.socket, open, lambda id: asking.http("DELETE", f"/sessions/{id}"), lambda _: asking.http("GET", "/sessions"))

        ways = in_turn(pick(3, 1), {"termd": ours, "termd, nobody closes": lambda: longest_of_all(termd.socket, listing), "Python manager": python})
        yield Row("longest answer while a stubborn worker is closed", "ms", ways, [Goal("ms", 5, ways["termd"])])
