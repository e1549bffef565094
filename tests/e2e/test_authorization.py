"""Who may ask what: every kind of caller, as a real user of the system, with every request of the control API.

The callers are users that every Debian has; setpriv(1) makes us one of them. What each may do stands in the table below.
"""

import grp
import json
import os
import pwd
import subprocess
import sys

import pytest

from support import contract, processes
from support.many import ROOM, open_session
from support.termd import CHECKOUT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")

CONNECT = "games"  # control.group
OWNER = "mail"
CONFIG = {
    "control": {"group": CONNECT, "operators": ["daemon", "@operator"]},
    "commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}},
    "recording": {"mode": "on"},
    "sessions": ROOM,
}
# Role: the user, and groups besides the one that may connect.
CALLERS = {
    "root": ("root", []),
    "operator": ("daemon", []),
    "operator-by-group": ("bin", ["operator"]),
    "owner": (OWNER, []),
    "another": ("news", []),
}
ALL = dict.fromkeys(CALLERS)
OPERATORS = ("root", "operator", "operator-by-group")
THEIRS = (*OPERATORS, "owner")  # may deal with a session of OWNER

ONE = "/v1/sessions/{id}"
# A request; who may make it, and what they are answered; what the others are answered.
TABLE = [
    ("GET", "/healthz", None, ALL, 200),
    ("GET", "/openapi.json", None, ALL, 200),
    ("GET", "/v1/status", None, ALL, 200),
    ("GET", "/metrics", None, ALL, 200),
    ("HEAD", "/v1/events", None, ALL, 200),  # what each is told: tests/e2e/test_events.py
    ("POST", "/v1/reload", None, OPERATORS, 200),
    ("GET", "/v1/sessions", None, ALL, 200),
    ("GET", "/v1/history", None, ALL, 200),
    ("GET", f"/v1/history?user={OWNER}", None, THEIRS, 200),
    ("GET", "/v1/audit", None, ALL, 200),
    ("GET", f"/v1/audit?user={OWNER}", None, THEIRS, 200),
    ("GET", "/v1/audit/verify", None, OPERATORS, 200),
    ("GET", f"/v1/sessions?user={OWNER}", None, THEIRS, 200),
    ("POST", "/v1/sessions", {"command": "sleeps"}, ALL, 201),  # for oneself
    ("POST", "/v1/sessions", {"command": "sleeps", "user": OWNER}, THEIRS, 201),
    ("POST", "/v1/sessions", {"command": "sleeps", "user": "anybody"}, OPERATORS, 201),
    ("GET", ONE, None, THEIRS, 200),
    ("GET", f"{ONE}/log", None, THEIRS, 200),
    ("GET", f"{ONE}/attach", None, THEIRS, 426),  # no client that speaks the protocol
    ("GET", f"{ONE}/recording", None, THEIRS, 200),
    ("POST", f"{ONE}/heartbeat", None, THEIRS, 200),
    ("POST", f"{ONE}/extend", {"ttl": "40m"}, THEIRS, 200),
    ("POST", f"{ONE}/tokens", {"role": "view"}, THEIRS, 201),
    ("DELETE", f"{ONE}/tokens", None, THEIRS, 204),
    ("POST", f"{ONE}/message", {"text": "hello"}, THEIRS, 204),
    ("POST", f"{ONE}/restart", None, THEIRS, 200),
    ("DELETE", ONE, None, THEIRS, 200),
    ("GET", "/v1/hosts", None, OPERATORS, 200),
    ("POST", "/v1/hosts/scan", {"host": "127.0.0.1", "port": 1}, OPERATORS, 502),  # nobody is there
    ("POST", "/v1/hosts", {"host": "127.0.0.1", "port": 1, "fingerprint": "SHA256:" + "A" * 43}, OPERATORS, 502),
    ("DELETE", "/v1/hosts/{host}", None, OPERATORS, 404),  # it is not known
    ("POST", "/v1/authorize", None, ALL, 401),  # whoever asks, it is about what the browser brings
    ("GET", "/v1/enter", None, ALL, 404),  # these two are on the proxy's socket alone
    ("POST", "/v1/enter", {"ticket": "x"}, ALL, 404),
    ("POST", "/v1/drain", None, OPERATORS, 200),
    ("POST", "/v1/shutdown", None, OPERATORS, 202),
]

ASK = """
import json
from support import unix_http
for line in sys.stdin:
    method, target, body = json.loads(line)
    print(unix_http.request(sys.argv[1], method, target, body).status, flush=True)
"""
LIST = """
from support import unix_http
for session in unix_http.request(sys.argv[1], "GET", "/v1/sessions").json()["sessions"]:
    print(session["id"])
"""


@pytest.fixture
def termd(make_termd):
    daemon = make_termd(config=CONFIG, ports=60, start=False)
    daemon.root.chmod(0o711)
    daemon.start()
    return daemon


def as_user(user, groups, script, *arguments, **options):
    """What a Python script prints that runs as somebody else, with our test support at hand."""
    who = pwd.getpwnam(user)
    become = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}"]
    become += [f"--groups={','.join(str(grp.getgrnam(name).gr_gid) for name in groups)}" if groups else "--clear-groups"]
    script = f"import sys; sys.path.insert(0, {str(CHECKOUT / 'tests')!r})\n{script}"
    outcome = subprocess.run([*become, sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=120, **options)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout


def ask_as(termd, role, requests):
    """The statuses of the answers."""
    user, groups = CALLERS[role]
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    return [int(line) for line in as_user(user, [CONNECT, *groups], ASK, str(termd.socket), input=lines).split()]


@pytest.mark.parametrize("role", CALLERS)
def test_every_caller_may_do_what_the_table_says_and_nothing_else(termd, role):
    session = open_session(termd, "sleeps", user=OWNER)
    requests = [(method, target.format(id=session["id"], host="db1"), body) for method, target, body, _, _ in TABLE]
    wanted = [status if role in allowed else 403 for *_, allowed, status in TABLE]

    got = ask_as(termd, role, requests)

    named = [" ".join(row[:2]) for row in TABLE]
    assert dict(zip(named, got, strict=True)) == dict(zip(named, wanted, strict=True))
    assert got == wanted
    alive = processes.look(session["ssh"]["pid"]) is not None
    assert alive == (role not in THEIRS)


def test_the_table_leaves_no_request_out():
    described = {
        (method.upper(), path)
        for path, operations in contract.description()["paths"].items()
        for method in operations
        if method != "parameters"
    }
    asked = {("GET" if method == "HEAD" else method, target.partition("?")[0]) for method, target, *_ in TABLE}
    assert asked == described


@pytest.mark.parametrize("role", [role for role in CALLERS if role not in OPERATORS])
def test_whoever_is_no_operator_sees_only_their_own_sessions(termd, role):
    sessions = {user: open_session(termd, "sleeps", user=user)["id"] for user in (OWNER, "news", "anybody")}

    user, groups = CALLERS[role]
    assert as_user(user, [CONNECT, *groups], LIST, str(termd.socket)).split() == [sessions[user]]


def test_who_is_not_in_the_group_cannot_even_connect(termd):
    with pytest.raises(AssertionError, match="PermissionError"):
        as_user("nobody", [], LIST, str(termd.socket))
