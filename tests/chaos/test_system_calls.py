"""Every system call of the opening path fails, each with every error and at its first few turns: termd stays, answers, says
properly what went wrong, and when what was opened is closed, nothing is left."""

import collections
import http.client

from support.chance import chance
from support.many import ROOM, open_session
from support.strace import Strace, failing
from support.wait import wait_until

ERRORS = ["EINTR", "EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "ENOSPC", "EIO", "EPERM"]
TURNS = 3
SAMPLE = 40

# What is not tried, and why.
NEVER_FAILS = {
    "close": "Linux lets go of the descriptor whatever it answers, and a call that strace makes fail is not made",
    "futex": "glibc ends the program on errors of a futex that cannot come, and hides the others",
    "getpid": "has no errors",
    "ioctl": "FIONBIO of Asio, on a descriptor of ours: knows bad descriptors only",
    "rt_sigprocmask": "knows bad arguments only",
    "timerfd_settime": "knows bad arguments only",
    "umask": "has no errors",
}
# Of these only some errors exist.
ERRORS_OF = {
    # EPERM is about files that cannot be watched, of which there are none.
    "epoll_ctl": {"ENOMEM", "ENOSPC"},
    "epoll_wait": {"EINTR"},
    # With the flags 0 and a few bytes it waits instead of failing, and without randomness there is no token: termd aborts.
    "getrandom": {"EINTR"},
    # When a mapping has to be cut in two; the other one is for bad arguments.
    "munmap": {"ENOMEM"},
}

# The connection of whoever asks hangs on these: when one of them fails, it may be closed without an answer.
CONVERSATION = {"accept4", "getsockopt", "ioctl", "epoll_ctl", "recvfrom", "recvmsg", "sendto", "sendmsg", "epoll_wait"}

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM}


class Opening:
    """A termd with one session that nothing may happen to, and openings beside it."""

    def __init__(self, termd, checker):
        self.termd, self.checker = termd, checker
        self.bystander = open_session(termd, "sleeps")
        self.processes = termd.processes_of(self.bystander)

    def calls(self):
        """How often each system call is made by one thread while a session is opened."""
        with Strace(self.termd.pid) as trace:
            open_session(self.termd, "sleeps")
        self.close_all()
        calls = collections.Counter()
        for (_, name), count in collections.Counter(trace.calls()).items():
            calls[name] = max(calls[name], count)
        return calls

    def attempt(self, call, error, turn):
        """One opening with one failure; what is wrong afterwards, and whether there was a failure at all."""
        with failing(self.termd.pid, call, error, turn) as trace:
            wrong = self._open(call)
        if not self.termd.running():
            return [*wrong, f"termd ended; its log: {self.termd.log()}"], True
        return wrong + self._afterwards(), trace.injected()

    def _open(self, call):
        try:
            answer = self.termd.api("POST", "/v1/sessions", {"command": "sleeps"}, deadline=20)
        except (OSError, http.client.HTTPException) as problem:
            hung_up = not isinstance(problem, TimeoutError) and call in CONVERSATION
            return [] if hung_up else [f"no answer: {problem!r}"]
        if answer.status == http.client.CREATED or answer.code:
            return []
        return [f"answered {answer.status} {answer.body}"]

    def _afterwards(self):
        try:
            status = self.termd.api("GET", "/v1/status", deadline=5)
            if status.status != http.client.OK:
                return [f"status answered {status.status}"]
            self.close_all()
            self.checker.check()
            wait_until(self._records, 15, "history to be written again")
        except (AssertionError, OSError, http.client.HTTPException) as problem:
            return [f"afterwards: {problem!r}"]
        return [f"the bystander's {process} has gone" for process in self.processes if not process.running()]

    def close_all(self):
        for session in self.termd.api("GET", "/v1/sessions", deadline=5).json()["sessions"]:
            if session["id"] != self.bystander["id"]:
                self.termd.api("DELETE", f"/v1/sessions/{session['id']}", deadline=20)

    def _records(self):
        """Openings are not refused for want of a record."""
        answer = self.termd.api("POST", "/v1/sessions", {"command": "sleeps"}, deadline=20)
        if answer.status == http.client.CREATED:
            self.termd.api("DELETE", f"/v1/sessions/{answer.json()['id']}", deadline=20)
            return True
        assert answer.code == "history_unavailable", answer.body
        return False


def cases(calls):
    """All (call, error, turn) that are tried."""
    return [
        (call, error, turn)
        for call in sorted(calls.keys() - NEVER_FAILS.keys())
        for error in ERRORS
        if error in ERRORS_OF.get(call, ERRORS)
        for turn in range(1, min(calls[call], TURNS) + 1)
    ]


def test_no_failing_system_call_of_an_opening_ends_termd_or_leaves_anything(make_termd, check, long_run):
    def begin():
        termd = make_termd(config=CONFIG)
        return Opening(termd, check(termd))

    opening = begin()
    calls = opening.calls()
    assert {"openat", "accept4", "pwrite64", "fdatasync", "setsid"} <= calls.keys()  # of all threads and the child
    assert {"clone", "clone3"} & calls.keys()
    todo = cases(calls)
    if not long_run:
        todo = chance().sample([case for case in todo if case[2] == 1], SAMPLE)

    problems, hits = [], 0
    for case in todo:
        wrong, hit = opening.attempt(*case)
        hits += hit
        problems += [f"{case}: {words}" for words in wrong]
        if wrong:
            opening = begin()
    assert problems == []
    assert hits > 0.8 * len(todo)
    assert list(opening.termd.state.glob("*.corrupt-*")) == []
