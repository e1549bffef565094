"""Doing the same to many sessions at once, as several callers would."""

import os
from concurrent.futures import ThreadPoolExecutor

# What a sanitizer keeps of freed memory, and adds to every process, says nothing about termd.
SANITIZED = "ASAN_OPTIONS" in os.environ

CALLERS = 16  # a user may have 32 connections to the control socket

# Room for many sessions of one user, as fast as they come, that end only when they are told to.
ROOM = {"max_per_user": 10_000, "max_total": 10_000, "open_rate": 0, "reuse": False, "unattached_timeout": "0"}


def together(function, arguments, callers=CALLERS):
    """function of each argument, several at a time; the results in order."""
    with ThreadPoolExecutor(callers) as threads:
        return list(threads.map(function, arguments))


def open_session(termd, command, **fields):
    """A new session of a configured command, by the API."""
    answer = termd.api("POST", "/v1/sessions", {"command": command} | fields)
    assert answer.status == 201, answer.body
    termd.sessions.add(answer.json()["id"])
    return answer.json()


def open_many(termd, command, count):
    return together(lambda _: open_session(termd, command), range(count))


def show(termd, session):
    """As termctl show, without a process for each; nothing while termd does not know it."""
    answer = termd.api("GET", f"/v1/sessions/{session['id']}")
    return answer.json() if answer.status == 200 else None


def memory(process):
    """Bytes of memory that are nobody else's: anonymous pages, which is where a leak goes."""
    with open(f"/proc/{process.pid}/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


def cpu_seconds(process):
    """How long it has run, all in all; more exact than the clock ticks in its stat."""
    with open(f"/proc/{process.pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9


def close(termd, session):
    answer = termd.api("DELETE", f"/v1/sessions/{session['id']}")
    assert answer.status == 200, answer.body
    return answer.json()
