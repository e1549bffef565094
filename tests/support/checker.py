"""Whether a termd, and all that it started, is as it says: the check after every test that hurts it.

A Checker watches one termd from before its first session. It sees every answer that support/unix_http.py gets from it, so
it knows which sessions were acknowledged and which tokens were granted; sessions that a test opened by termctl are made
known with saw(). check() waits until termd has come to rest, and fails with everything that is still wrong then:

- processes, zombies, sockets, held ports, directories and control groups that belong to no listed session;
- a listed session that is not as /proc has it: its shim, its command, its ttyd;
- an acknowledged session without its row in the history, and one that is over without exactly one end on record;
- an audit trail that does not verify, or tells of an end twice;
- descriptors of termd that belong to nothing;
- a token or a key in a command line, an environment, a log, a file, or an answer that is not the one that grants it.
"""

import os
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from support import leftovers, processes, unix_http
from support.ports import listening
from support.wait import TimedOut, wait_until

# Of each session termd holds the shim's pidfd and the connection to it.
DESCRIPTORS_OF_A_SESSION = 2
CONNECTED = "03"  # as the kernel writes SS_CONNECTED
TOKEN_LENGTH = 43  # 256 bits as base64url
_LONG_WORDS = re.compile(rb"[A-Za-z0-9_-]{%d,}" % TOKEN_LENGTH)
_GRANTS = re.compile(rb'"token":\s*"([A-Za-z0-9_-]{%d})"' % TOKEN_LENGTH)


class Checker:
    """keys: files whose content is to be seen nowhere, as an Sshd's client_key. Use it as a context manager, or leave()."""

    def __init__(self, termd, keys=()):
        self.termd = termd
        self.acknowledged = set()  # ids of sessions that termd has answered for
        self._tokens = set()
        lines = (line for key in keys for line in Path(key).read_bytes().splitlines())
        self._keys = [line for line in lines if len(line) > TOKEN_LENGTH and b"-----" not in line]
        self._leaks = []  # answers with a secret that they do not grant
        self._lock = threading.Lock()
        unix_http.listeners.append(self._hear)
        for question in ("/v1/audit/verify", "/v1/history"):
            termd.api("GET", question)  # what termd opens at the first question stays open
        wait_until(lambda: connections(termd.socket) == 0, 10, "termd to be left alone")
        self.descriptors = len(descriptors(termd.pid))

    def leave(self):
        unix_http.listeners.remove(self._hear)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()

    def saw(self, session):
        """A session that somebody else was answered with, as a dict."""
        with self._lock:
            self.acknowledged.add(session["id"])
            if "token" in session:
                self._tokens.add(session["token"].encode())

    def check(self, deadline=20):
        """Wait for termd, which has to run, to come to rest, and raise AssertionError when it is not as it should be."""
        found = []

        def at_rest():
            found[:] = self.problems()
            return not found

        try:
            wait_until(at_rest, deadline, "")
        except TimedOut:
            raise AssertionError("\n".join([f"wrong, also after {deadline:g} s:", *found])) from None

    def problems(self):
        """What is wrong at this moment, one line each."""
        listed = {session["id"]: session for session in self.termd.list()}
        self.acknowledged |= listed.keys()
        rows = self.rows()
        self.termd.remember_sessions()
        self.termd.sessions |= self.acknowledged | rows.keys()
        ours = leftovers.belonging(self.termd.root, self.termd.sessions)
        return [
            *self._strays(ours, listed),
            *self._places(listed),
            *(problem for session in listed.values() for problem in unlike_proc(session, ours)),
            *self._records(rows, listed),
            *self._held(listed),
            *self._secrets(ours, listed),
        ]

    def rows(self):
        """The history's rows: {id: (end reason or None, signal or None, number of ends in the audit trail)}."""
        query = """SELECT id, end_reason, exit_signal,
            (SELECT count(*) FROM audit WHERE session = id AND type = 'session.closed') FROM sessions"""
        file = f"file:{self.termd.state / 'history.db'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=10)) as history:
            return {row[0]: row[1:] for row in history.execute(query)}

    def _hear(self, path, _method, target, answer):
        if str(path) != str(self.termd.socket):
            return
        granted = set(_GRANTS.findall(answer.body))
        with self._lock:
            known = self._tokens - granted
            self._tokens |= granted
            self._leaks += [f"{word} in the answer to {target}" for word in secrets_in(answer.body, known, self._keys)]
            if granted and target == "/v1/sessions":
                self.acknowledged.add(answer.json()["id"])

    def _strays(self, ours, listed):
        def owner(process):
            return process.environment().get(leftovers.MARK)

        below = [self.termd.pid, *(process.pid for process in ours if is_shim(process))]
        zombies = {zombie for pid in below for zombie in processes.descendants(pid) if zombie.zombie}
        return [
            *(f"stray process {p}" for p in ours if p.pid != self.termd.pid and owner(p) not in listed),
            *(f"zombie {zombie}" for zombie in zombies),
        ]

    def _places(self, listed):
        termd = self.termd
        directories = {str(path) for path in leftovers.session_paths(termd.runtime)}
        wanted = {str(termd.runtime / "sessions" / name) for name in listed}
        names = leftovers.sockets(termd.root)
        strange = [name for name in names if name != str(termd.socket) and os.path.dirname(name) not in wanted]
        held = set(listening(termd.range.ports))
        used = {session["worker"]["port"] for session in listed.values()}
        over = termd.sessions - listed.keys()
        return [
            *(f"session directory {path} of no session" for path in directories - wanted),
            *(f"no directory {path}" for path in wanted - directories),
            *(f"socket {name} of no session" for name in strange),
            *(f"port {port} is held by no session" for port in held - used),
            *(f"nobody listens on port {port}" for port in used - held),
            *(f"control group {path} of no session" for path in leftovers.cgroups(over)),
        ]

    def _records(self, rows, listed):
        verdict = self.termd.ctl("audit", "verify")
        found = [] if verdict.code == 0 else [f"termctl audit verify: {verdict.stdout}{verdict.stderr}"]
        found += [f"session {name} has no row" for name in self.acknowledged - rows.keys()]
        for name, (reason, _, ends) in rows.items():
            if name in listed and (reason or ends):
                found.append(f"session {name} runs, and its row says {reason}, with {ends} ends in the audit trail")
            elif name not in listed and (reason is None or ends != 1):
                found.append(f"session {name} is over, and its row says {reason}, with {ends} ends in the audit trail")
        return found

    def _held(self, listed):
        free = self.termd.ctl_json("status")["ports"]["free"]
        of_termd = descriptors(self.termd.pid)
        found = []
        if free != len(self.termd.range.ports) - len(listed):
            found.append(f"{free} of {len(self.termd.range.ports)} ports are free with {len(listed)} sessions")
        if len(of_termd) > self.descriptors + DESCRIPTORS_OF_A_SESSION * len(listed):
            found.append(f"termd had {self.descriptors} descriptors without sessions; now, with {len(listed)}: {of_termd}")
        return found

    def _secrets(self, ours, listed):
        for name in listed:
            self.termd.api("GET", f"/v1/sessions/{name}/log")  # heard by _hear
        places = {f"{kind} of {p}": p.raw(kind) for p in ours for kind in ("cmdline", "environ")}
        places |= {str(path): contents(path) for path in self.termd.root.rglob("*") if path.is_file()}
        with self._lock:
            found = [f"{word} in {place}" for place, text in places.items() for word in secrets_in(text, self._tokens, self._keys)]
            return self._leaks + found


def secrets_in(text, tokens, keys):
    """Which of the secrets stand in the text: names that can be told."""
    words = (word[at:at + TOKEN_LENGTH] for word in _LONG_WORDS.findall(text) for at in range(len(word) - TOKEN_LENGTH + 1))
    found = [f"token {word[:6].decode()}…" for word in words if word in tokens]
    return found + (["a private key"] if any(line in text for line in keys) else [])


def unlike_proc(session, ours):
    """In what a listed session differs from what runs of it, one line each."""
    name, worker, command = session["id"], session["worker"], session["ssh"]
    its = {process.pid: process for process in ours if process.environment().get(leftovers.MARK) == name}
    shims = [process for process in its.values() if is_shim(process)]
    if session["state"] != "ready":
        return [f"session {name} is {session['state']}"]
    if len(shims) != 1:
        return [f"session {name} has {len(shims)} shims"]
    return [
        f"{what} {pid} of session {name} is not a running child of its shim"
        for what, pid in (("command", command["pid"]), ("ttyd", worker["pid"]))
        if pid not in its or its[pid].zombie or its[pid].parent != shims[0].pid
    ]


def is_shim(process):
    return process.command() == "termd-shim"


def descriptors(pid):
    """What a process has open."""
    found = []
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found.append(os.readlink(f"/proc/{pid}/fd/{name}"))
        except FileNotFoundError:
            pass
    return sorted(found)


def connections(path):
    """How many a server has accepted on its Unix socket, and not closed."""
    with open("/proc/net/unix") as lines:
        rows = [line.split() for line in lines]
    return sum(row[-1] == str(path) and row[5] == CONNECTED for row in rows)


def contents(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
