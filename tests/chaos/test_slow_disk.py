"""A disk whose syncs take seconds: termd answers as fast as ever, and only what has to be on record waits."""

import http.client
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import unix_http
from support.many import ROOM, open_session
from support.strace import Strace
from support.wait import wait_until

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM}
LONGEST_WAIT = 0.05  # of the loop, in seconds
TRIES = 3


@pytest.fixture
def delay(long_run):
    """How long a sync takes, in seconds."""
    return 5 if long_run else 2


def slow_syncs(pid, delay):
    """Delays each sync of the threads beside the loop, which itself is left alone."""
    threads = [thread for thread in os.listdir(f"/proc/{pid}/task") if int(thread) != pid]
    others = [word for thread in threads[1:] for word in ("-p", thread)]
    wanted = ["-e", "trace=fdatasync", "-e", f"inject=fdatasync:delay_enter={round(delay * 1e6)}"]
    return Strace(threads[0], *wanted, *others, alone=True)


class Questions:
    """Asks for the status again and again over one connection, and knows the longest wait."""

    def __init__(self, termd):
        self._connection = unix_http.keep_alive(termd.socket)
        self.close = self._connection.close

    def longest(self, until):
        """The longest wait for an answer, in seconds, while asking until that is so."""
        longest = 0

        def asked():
            nonlocal longest
            began = time.monotonic()
            self._connection.request("GET", "/v1/status")
            answer = self._connection.getresponse()
            answer.read()
            longest = max(longest, time.monotonic() - began)
            assert answer.status == http.client.OK
            return until()

        wait_until(asked, 60, "the end of the questions")
        return longest


def within(seconds):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def delayed_opening(termd, questions, delay):
    """The longest wait for the status while an opening and a closing wait for the disk."""
    old = open_session(termd, "sleeps")
    with slow_syncs(termd.pid, delay) as trace, ThreadPoolExecutor(2) as callers:
        opening = callers.submit(open_session, termd, "sleeps")
        closing = callers.submit(termd.api, "DELETE", f"/v1/sessions/{old['id']}")
        longest = questions.longest(within(delay / 2))
        [row] = [row for row in termd.api("GET", "/v1/history").json()["sessions"] if row["id"] == old["id"]]
        assert row["end_reason"] is None and not opening.done()  # what is read is what is durable
        assert closing.result().status == http.client.OK
        session = opening.result()
    assert trace.injected()
    termd.api("DELETE", f"/v1/sessions/{session['id']}")
    return longest


def test_a_slow_sync_delays_openings_and_never_the_loop(make_termd, check, delay):
    termd = make_termd(config=CONFIG)
    checker, questions = check(termd), Questions(termd)
    seen = []
    for _ in range(TRIES):  # what else runs on the machine may slow down one of them, but not all
        usual = questions.longest(within(delay / 2))
        seen.append(delayed_opening(termd, questions, delay) - usual)
        if seen[-1] < LONGEST_WAIT:
            break
    questions.close()
    assert min(seen) < LONGEST_WAIT, f"longer than usual: {seen}"
    checker.check()
