"""Waiting for something to become true.

This is the only place in the tests that sleeps. Whoever waits says what for and how long at most, so that a test is
as fast as the program it looks at, and a failure says what never came.
"""

import time


class TimedOut(AssertionError):
    """What was waited for did not happen before the deadline."""


def wait_until(condition, deadline, what):
    """Call condition until its answer is true, and return that answer; after deadline seconds raise TimedOut.

    what names the thing waited for; when it is a function it is called at the end, to tell the last state seen.
    """
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise TimedOut(f"waited {deadline:g} s in vain for: {what() if callable(what) else what}")
        time.sleep(0.02)


def let_pass(seconds):
    """For what is to happen at an arbitrary instant; whoever waits for something uses wait_until()."""
    time.sleep(seconds)
