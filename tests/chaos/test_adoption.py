"""A termd that was killed is back with all its sessions before anybody notices."""

import time

from support import shell
from support.chance import LONG
from support.checker import Checker
from support.many import ROOM, open_many, together
from support.ttyd_client import Terminal
from support.wait import wait_until

SESSIONS = 200
WITHIN = 2  # seconds until all are listed again (issue "nothing is lost", point 3)
TRIES = 3  # others use the machine, too: the best counts
ROUNDS = 10 if LONG else 1
CONFIG = {"commands": {"cat": {"argv": ["/bin/cat"]}}, "sessions": ROOM, "workers": {"start_timeout": "30s"}}


def listed(termd):
    return {session["id"] for session in termd.api("GET", "/v1/sessions").json()["sessions"]}


def back_with(termd, sessions):
    """Kill termd and start it; how long it took from the start until all the sessions were listed again."""
    termd.kill9()
    began = time.monotonic()
    termd.start()
    wait_until(lambda: listed(termd) == sessions, 30, lambda: f"{len(sessions)} sessions to be listed, now {len(listed(termd))}")
    return time.monotonic() - began


def test_200_sessions_are_taken_up_at_once_and_all_of_them_go_on_typing(make_termd):
    termd = make_termd(config=CONFIG, ports=SESSIONS)
    with Checker(termd) as checker:
        sessions = open_many(termd, "cat", SESSIONS)
        pages = together(lambda session: Terminal.load(session["url"]), sessions)
        together(shell.echoes, pages)
        for _ in range(ROUNDS):
            took = []
            while not took or (min(took) > WITHIN and len(took) < TRIES):
                took.append(back_with(termd, checker.acknowledged))
                together(shell.echoes, pages)
            print(f"{SESSIONS} sessions listed again after {', '.join(f'{t:.2f}' for t in took)} s")
            assert min(took) <= WITHIN
        for page in pages:
            page.close()
        checker.check()
        assert termd.ctl("close", "--all", deadline=300).code == 0
        checker.check()
