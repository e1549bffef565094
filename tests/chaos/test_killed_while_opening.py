"""termd is killed at random instants of an opening: what it has answered for lives, and of everything else nothing is left."""

import http.client
import statistics
import threading
import time

from support import shell
from support.chance import LONG, chance
from support.checker import Checker
from support.many import ROOM, close, open_session, show, together
from support.ttyd_client import Terminal
from support.wait import let_pass, wait_until

KILLS = 5000 if LONG else 200
AT_ONCE = 3  # openings
STARTING = 0.015  # seconds: half of the kills are while the shim is started and put on record
EVERY = 20  # so many kills, everything is looked at; after each one, the sessions
CONFIG = {"commands": {"cat": {"argv": ["/bin/cat"]}}, "sessions": ROOM, "workers": {"stop_grace": "1s"}}


class Opening(threading.Thread):
    """One request for a session, as a client whose termd dies makes it; `session` is the answer, if one came."""

    def __init__(self, termd, body, start):
        super().__init__(daemon=True)
        self.body, self.session, self.refusal = body, None, None
        self._termd, self._start_together = termd, start
        self.start()

    def run(self):
        self._start_together.wait()
        try:
            answer = self._termd.api("POST", "/v1/sessions", self.body)
        except (OSError, http.client.HTTPException):
            return  # there was no answer
        if answer.status == http.client.CREATED:
            self.session = answer.json()
        else:
            self.refusal = answer.body


def time_of_an_opening(termd):
    """How long an opening takes here and now, with what it is to be measured by: half of them take no longer."""
    took = []
    for _ in range(10):
        began = time.monotonic()
        open_session(termd, "cat")
        took.append(time.monotonic() - began)
    return statistics.median(took)


def bodies(random, sshd):
    """Mostly what opens fast; now and then a real ssh."""
    for _ in range(AT_ONCE):
        wait = random.random() < 0.5
        if random.random() < 0.05:
            login, _, address = sshd.target.partition("@")
            host, _, port = address.partition(":")
            yield {"host": host, "port": int(port), "login": login, "wait": wait}
        else:
            yield {"command": "cat", "wait": wait}


def open_and_kill(termd, wanted, delay):
    start = threading.Barrier(len(wanted) + 1)
    openings = [Opening(termd, body, start) for body in wanted]
    start.wait()
    let_pass(delay)
    termd.kill9()
    for opening in openings:
        opening.join(30)
        assert opening.refusal is None, opening.refusal
    return [opening.session for opening in openings if opening.session]


def settled(termd, session):
    """The session as soon as it is open, or over."""
    def now():
        seen = show(termd, session)
        return seen if seen and seen["state"] in ("ready", "closed") else None

    return wait_until(now, 20, lambda: f"{session['id']} to settle, now {show(termd, session)}")


def usable(session):
    with Terminal.load(session["url"]) as page:
        if session["command"] == "ssh":
            assert shell.ask(page, "$((6*7))") == "42"
        else:
            shell.echoes(page)


def acknowledged_live(termd, sessions):
    for session in sessions:
        seen = settled(termd, session)
        assert seen["state"] == "ready", f"acknowledged, and then: {seen}"
    together(usable, sessions)


def close_all(termd):
    def end(session):
        if settled(termd, session)["state"] == "ready":
            close(termd, session)

    together(end, termd.api("GET", "/v1/sessions").json()["sessions"])


def lost(checker):
    return [name for name, row in checker.rows().items() if row[0] == "lost"]


def test_termd_killed_at_any_instant_of_an_opening_loses_nothing(make_termd, sshd):
    random = chance()
    termd = make_termd(config=CONFIG, ports=40)
    with Checker(termd, [sshd.client_key]) as checker:
        path = time_of_an_opening(termd)
        close_all(termd)
        answered = 0
        for kill in range(1, KILLS + 1):
            delay = random.uniform(0, random.choice([STARTING, 1.5 * path]))
            print(f"kill {kill} after {delay * 1e6:.0f} µs")
            sessions = open_and_kill(termd, list(bodies(random, sshd)), delay)
            answered += len(sessions)
            termd.start()
            acknowledged_live(termd, sessions)
            assert lost(checker) == []
            if kill % EVERY == 0 or kill == KILLS:
                checker.check()
            close_all(termd)
        checker.check()
        print(f"{answered} of {AT_ONCE * KILLS} openings were answered; one takes {path * 1000:.1f} ms")
        assert 0 < answered < AT_ONCE * KILLS  # some before the kill, some after it: the whole way was met
