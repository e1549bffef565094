"""Random things done to the sessions of one termd, and a model of what has to come of them.

The model is one line: a session whose shim and command were spared, and that nobody closed, lives. Of every other one it
keeps why it may have ended; which of several came first is not ours to know.
"""

import collections
import http.client
import signal
from concurrent.futures import ThreadPoolExecutor

from support import leftovers, processes, shell
from support.many import show
from support.ttyd_client import Refused, Terminal
from support.wait import TimedOut, let_pass, wait_until

NO_ANSWER = (OSError, http.client.HTTPException)  # termd was killed
GONE = "gone"
NO_PAGE = (OSError, Refused, RuntimeError)  # ttyd was killed, and is not back yet

# How often, in relation to each other.
WEIGHTS = {
    "open": 20, "attach": 14, "type": 22, "heartbeat": 12, "detach": 6, "close": 4, "reload": 3,
    "kill_ttyd": 5, "kill_command": 3, "kill_shim": 2, "kill_attach": 5, "kill_termd": 4,
}
MOST = 25  # sessions
AT_ONCE = 4  # requests on their way, besides the one of the driver itself
ENDS = ["close", "kill_command", "kill_shim"]
LONGEST_ENDING = 0.03  # seconds
KILLS_WHILE_AWAY = ["kill_ttyd", "kill_command", "kill_shim", "kill_attach"]


class Session:
    """One that was acknowledged; ends: why it may have ended, {reason: signal, or None when any will do}."""

    def __init__(self, answer):
        self.id, self.url, self.command = answer["id"], answer["url"], answer["command"]
        self.process = None  # ssh, or what runs in its place
        self.page = None
        self.ends = {}

    def spared(self):
        return not self.ends

    def ended_well(self, row):
        reason, number, _ = row
        return reason in self.ends and (len(self.ends) > 1 or self.ends[reason] in (None, number))


class Turmoil:
    """random: decides everything. bodies: the openings to choose from, with how often."""

    def __init__(self, termd, random, bodies):
        self.termd = termd
        self.sessions = {}
        self.done = collections.Counter()
        self._random, self._bodies = random, bodies
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._under_way = []
        self._opened = 0

    def go_on(self, actions):
        while self.done.total() < actions:
            [name] = self._random.choices([*WEIGHTS], [*WEIGHTS.values()])
            self._do(name)
        for request in self._under_way:
            request.result()

    def leave(self):
        for session in [*self.sessions.values()]:
            self._detach(session)
        self._pool.shutdown(cancel_futures=True)

    def _do(self, name):
        if name in ("open", "reload", "kill_termd"):
            done = getattr(self, f"_{name}")()
        else:
            spared = [session for session in [*self.sessions.values()] if session.spared()]
            done = spared and getattr(self, f"_{name}")(self._random.choice(spared))
        self.done[name] += done is not False and done != []

    def _later(self, request, *arguments):
        """Requests that wait for something overlap with whatever comes next, but only so many."""
        for finished in [one for one in self._under_way if one.done()]:
            self._under_way.remove(finished)
            finished.result()
        if len(self._under_way) >= AT_ONCE:
            self._under_way.pop(0).result()
        self._under_way.append(self._pool.submit(request, *arguments))

    # ---- what users do -------------------------------------------------------------------------

    def _open(self):
        if sum(session.spared() for session in [*self.sessions.values()]) >= MOST:
            return False
        [body] = self._random.choices([*self._bodies], [*self._bodies.values()])
        self._opened += 1
        title = f"opening {self._opened}"
        self._later(self._enter, dict(body) | {"title": title, "wait": self._random.random() < 0.7})

    def _enter(self, body):
        try:
            answer = self.termd.api("POST", "/v1/sessions", body)
        except NO_ANSWER:
            given = wait_until(lambda: self._unanswered(body["title"]), 60, f"a termd that knows of {body}")
        else:
            assert answer.status == http.client.CREATED, answer.body
            given = answer.json()
        if given != GONE:
            self._take(Session(given))

    def _unanswered(self, title):
        """Whose opening was not answered may be there all the same, and is as good as any other with a link of his own."""
        try:
            found = [one for one in self.termd.api("GET", "/v1/sessions").json()["sessions"] if one["title"] == title]
            if not found:
                return GONE
            if found[0]["state"] != "ready":
                return None
            answer = self.termd.api("POST", f"/v1/sessions/{found[0]['id']}/tokens", {"role": "control"})
        except NO_ANSWER:
            return None
        assert answer.status == http.client.CREATED, answer.body
        return found[0] | answer.json()

    def _take(self, session):
        ready = wait_until(lambda: self._ready(session), 60, lambda: f"the acknowledged session {session.id} to be ready")
        session.process = processes.look(ready["ssh"]["pid"])
        self.sessions[session.id] = session

    def _ready(self, session):
        try:
            seen = show(self.termd, {"id": session.id})
        except NO_ANSWER:
            return None
        assert not seen or seen["state"] in ("opening", "ready", "degraded"), f"acknowledged, and then: {seen}"
        return seen if seen and seen["state"] == "ready" else None

    def _attach(self, session):
        self._detach(session)
        try:
            session.page = Terminal.load(session.url, deadline=5)
        except NO_PAGE:
            return False

    def _detach(self, session):
        if session.page is None:
            return False
        session.page.close()
        session.page = None

    def _type(self, session):
        if (session.page is None or session.page.ended) and self._attach(session) is False:
            return False
        try:
            answers(session.page, session.command)
        except TimedOut:
            if not session.page.ended:
                raise

    def _heartbeat(self, session):
        answer = self.termd.api("POST", f"/v1/sessions/{session.id}/heartbeat")
        assert answer.status == http.client.OK, answer.body

    def _close(self, session):
        session.ends["user"] = None

        def answered():
            try:
                status = self.termd.api("DELETE", f"/v1/sessions/{session.id}").status
            except NO_ANSWER:
                return False
            assert status in (http.client.OK, http.client.NOT_FOUND), status
            return True

        self._later(wait_until, answered, 60, f"an answer to the closing of {session.id}")

    def _reload(self):
        if self._random.random() < 0.5:
            return processes.send(processes.look(self.termd.pid), signal.SIGHUP)
        assert self.termd.api("POST", "/v1/reload").status == http.client.OK

    # ---- what goes wrong -----------------------------------------------------------------------

    def _kill_termd(self):
        """Also just when something ends; and things die while it is away."""
        if self._random.random() < 0.5:
            self._do(self._random.choice(ENDS))
            let_pass(self._random.uniform(0, LONGEST_ENDING))
        self.termd.kill9()
        for _ in range(self._random.randrange(3)):
            self._do(self._random.choice(KILLS_WHILE_AWAY))
        self.termd.start()

    def _kill_command(self, session):
        session.ends["exited"] = signal.SIGKILL
        processes.send(session.process, signal.SIGKILL)

    def _kill_shim(self, session):
        session.ends["lost"] = None
        processes.send(processes.look(session.process.parent), signal.SIGKILL)

    def _kill_ttyd(self, session):
        """Beside the command the shim has no other child."""
        shim = session.process.parent
        return self._kill_one(session, lambda process: process.parent == shim and process.pid != session.process.pid)

    def _kill_attach(self, session):
        return self._kill_one(session, lambda process: process.name() == "termd-attach")

    def _kill_one(self, session, wanted):
        found = [process for process in leftovers.of_session(session.id) if wanted(process)]
        if not found:
            return False
        processes.send(self._random.choice(found), signal.SIGKILL)


def answers(page, command):
    """Whether what runs in the session gives an answer."""
    if command == "ssh":
        assert shell.ask(page, "$((6*7))") == "42"
    else:
        shell.echoes(page)


def usable(url, command, deadline=60):
    """Enter as soon as the page can be had, and type."""
    pages = []

    def entered():
        try:
            pages.append(Terminal.load(url, deadline=5))
        except NO_PAGE:
            return False
        return True

    wait_until(entered, deadline, f"a page of {command}")
    with pages[0] as page:
        answers(page, command)
