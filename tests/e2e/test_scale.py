"""Many real sessions at once: none fails, none is forgotten, and nothing of them is left, in termd neither."""

import os
import time

from support import processes
from support.many import ROOM, SANITIZED, cpu_seconds, memory, open_many, together
from support.ttyd_client import get_token
from support.wait import wait_until

SESSIONS = 40 if SANITIZED else 200


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


class Stopwatch:
    """Prints how long the steps took; pytest shows it with -s, or when the test fails."""

    def __init__(self, count, daemon):
        self._count, self._daemon = count, daemon
        self.again()

    def again(self):
        self._began, self._cpu = time.monotonic(), cpu_seconds(self._daemon)

    def tell(self, what):
        took, cpu = time.monotonic() - self._began, cpu_seconds(self._daemon) - self._cpu
        each = f"{took / self._count * 1000:.1f} ms each, termd {cpu / self._count * 1000:.1f} ms"
        print(f"{what} {self._count} sessions: {took:.2f} s, {self._count / took:.0f}/s, {each}")
        self.again()


def test_many_sessions_at_once(make_termd):
    config = {
        "commands": {"cat": {"argv": ["/bin/cat"]}},
        "sessions": ROOM,
        "workers": {"start_timeout": "30s"},
        "probe": {"interval": "1s", "timeout": "900ms", "failures": 20},
    }
    termd = make_termd(config=config, ports=SESSIONS)
    daemon = processes.look(termd.pid)
    open_many(termd, "cat", 1)
    assert termd.ctl("close", "--all").code == 0
    before = descriptors(daemon), memory(daemon)
    watch = Stopwatch(SESSIONS, daemon)

    sessions = open_many(termd, "cat", SESSIONS)

    watch.tell("opened")
    assert len({session["id"] for session in sessions}) == SESSIONS
    assert len({session["worker"]["port"] for session in sessions}) == SESSIONS
    status = termd.ctl_json("status")
    assert (status["sessions"]["ready"], status["ports"]["free"]) == (SESSIONS, 0)
    watch.tell("counted")

    # Every one is probed, and well; and every one serves its user.
    opened = max(session["worker"]["last_probe"]["at"] for session in sessions)

    def waiting():
        probes = [session["worker"]["last_probe"] for session in termd.list()]
        return [probe for probe in probes if not (probe["ok"] and probe["at"] > opened)]

    wait_until(lambda: not waiting(), 30, lambda: f"a good probe of {len(waiting())} more")
    watch.tell("probed")
    together(lambda session: get_token(session["url"]), sessions)
    assert all(s["state"] == "ready" and s["worker"]["restarts"] == 0 for s in termd.list())
    print(f"descriptors {descriptors(daemon) - before[0]}, memory {(memory(daemon) - before[1]) >> 10} K for all")

    watch.again()
    assert termd.ctl("close", "--all", deadline=300).code == 0
    watch.tell("closed")

    assert termd.list() == [] and termd.leftovers() == []
    status = termd.ctl_json("status")
    assert status["ports"]["free"] == SESSIONS and sum(status["sessions"].values()) == 0
    wait_until(lambda: descriptors(daemon) <= before[0], 10, lambda: f"{before[0]} descriptors, now {descriptors(daemon)}")
    # What is kept of the last 256 closed sessions, and what the allocator does not give back.
    assert SANITIZED or memory(daemon) - before[1] < 16 << 20
