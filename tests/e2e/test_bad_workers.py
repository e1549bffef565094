"""ttyds that go wrong in every way we could think of: the session ends with a reason or recovers, in the time configured,
nothing is left of it, and the command behind it notices nothing."""

import http.client
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import leftovers, processes, shell
from support.fakes import FakeTtyd, Stranger
from support.many import SANITIZED, cpu_seconds, memory, open_session, together
from support.ports import is_free
from support.ttyd_client import Terminal
from support.wait import wait_until

# Short times, so that everything happens soon.
HASTE = {
    "commands": {"cat": {"argv": ["/bin/cat"]}, "shell": {"argv": ["/bin/sh"]}},
    "workers": {"start_timeout": "1500ms", "stop_grace": "500ms"},
    "probe": {"interval": "300ms", "timeout": "250ms", "failures": 3},
    "restart": {"max": 3, "window": "1m", "healthy_after": "30s"},
    "sessions": {"unattached_timeout": "0"},
}


@pytest.fixture
def make_fake(make_termd, tmp_path):
    """A function that starts a termd whose ttyd behaves as the mode says: (termd, ttyd)."""

    def make(mode, **sections):
        ttyd = FakeTtyd(tmp_path, mode)
        config = {name: HASTE.get(name, {}) | sections.get(name, {}) for name in HASTE | sections}
        return make_termd(config=config | {"ttyd": {"path": str(ttyd)}}, ports=5), ttyd

    return make


def open_cat(termd, **fields):
    return open_session(termd, "cat", **fields)


def nothing_over(termd):
    wait_until(lambda: termd.leftovers() == [], 10, lambda: f"nothing left, instead of {termd.leftovers()}")


def restarts(termd, session):
    return termd.show(session)["worker"]["restarts"]


# ---- a session that cannot start ---------------------------------------------------------------

IN_TIME = "did not answer in time"
NEVER_READY = {
    "mute": IN_TIME,
    "silent": IN_TIME,
    "stops": IN_TIME,
    "breaks": IN_TIME,
    "slow@5000": IN_TIME,
    "exits": "out of cheese",
    "crashes": "ended before it listened",
    "forks": "ended before it listened",
}


@pytest.mark.parametrize("mode", NEVER_READY)
def test_a_ttyd_that_never_works_is_no_session(make_fake, mode):
    termd, ttyd = make_fake(mode)

    began = time.monotonic()
    answer = termd.api("POST", "/v1/sessions", {"command": "cat"})
    took = time.monotonic() - began

    assert (answer.status, answer.code) == (http.client.BAD_GATEWAY, "start_failed")
    assert NEVER_READY[mode] in answer.json()["detail"]
    assert termd.leftovers() == []  # now, not soon: the answer came when all had gone
    assert ttyd.starts() and took < 10
    assert termd.ctl_json("status")["ports"]["free"] == len(termd.range.ports)


def test_a_ttyd_that_ends_at_its_first_starts_is_given_other_ports(make_fake):
    termd, ttyd = make_fake("exits+crashes+good")

    session = open_cat(termd)

    assert session["state"] == "ready" and len(ttyd.starts()) == 3
    assert session["worker"]["port"] == termd.range.ports[2]
    assert open_cat(termd, reuse=False)["worker"]["port"] == termd.range.ports[3]  # those two rest


# ---- one that fails later ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["exits@4", "crashes@4", "stops@4", "breaks@4", "forks@4"])
def test_a_ttyd_that_fails_is_replaced_under_the_living_command(make_fake, fault):
    termd, ttyd = make_fake(f"{fault}+good")
    session = open_cat(termd)

    wait_until(lambda: restarts(termd, session) > 0, 15, "a restart")

    after = termd.wait_for_state(session, "ready")
    assert after["ssh"]["pid"] == session["ssh"]["pid"] and processes.look(after["ssh"]["pid"]).running()
    assert after["worker"]["port"] == session["worker"]["port"]
    assert after["worker"]["restarts"] == 1 and len(ttyd.starts()) == 2
    assert termd.ctl("close", session["id"]).code == 0
    assert termd.leftovers() == []


def test_a_ttyd_that_is_only_slow_is_left_alone(make_fake):
    """Each of its answers takes longer than a probe's interval, and less than its time-out."""
    termd, ttyd = make_fake("slow@300", probe={"interval": "1s", "timeout": "900ms"})
    session = open_cat(termd)

    first = session["worker"]["last_probe"]["at"]
    wait_until(lambda: termd.show(session)["worker"]["last_probe"]["at"] > first, 10, "a second probe")

    now = termd.show(session)
    assert now["worker"]["last_probe"]["ok"] and now["worker"]["last_probe"]["ms"] >= 300
    assert (now["state"], now["worker"]["restarts"], len(ttyd.starts())) == ("ready", 0, 1)


@pytest.mark.parametrize("fault", ["exits@2", "crashes@2", "breaks@2"])
def test_a_ttyd_that_fails_again_and_again_fails_the_session(make_fake, fault):
    termd, ttyd = make_fake(fault)
    session = open_cat(termd)

    closed = termd.wait_for_state(session, "closed", 30)

    assert closed["end_reason"] == "failed"
    assert len(ttyd.starts()) == 1 + HASTE["restart"]["max"]
    nothing_over(termd)
    assert not processes.look(session["ssh"]["pid"])


def test_restarts_of_a_failing_ttyd_come_slower_and_slower(make_fake):
    termd, ttyd = make_fake("exits@2")
    session = open_cat(termd)

    assert termd.wait_for_state(session, "closed", 30)["end_reason"] == "failed"

    starts = ttyd.starts()
    pauses = [after - before for before, after in zip(starts, starts[1:])]
    # At once, then 0.5 s, doubling; the clocks of the two sides round by a millisecond each.
    assert [pause >= least - 0.01 for pause, least in zip(pauses, [0, 0.5, 1], strict=True)] == [True] * 3


def test_a_healthy_stretch_forgets_earlier_restarts(make_fake):
    """It fails more often than restart.max in all, and each time after it was well for long enough."""
    termd, ttyd = make_fake("exits@4+exits@4+exits@4+good", restart={"max": 1, "healthy_after": "300ms"})
    session = open_cat(termd)

    wait_until(lambda: len(ttyd.starts()) == 4, 20, lambda: f"three restarts; {termd.show(session)}")

    assert termd.wait_for_state(session, "ready")["worker"]["restarts"] == 3


def test_a_stopped_ttyd_is_found_and_replaced_under_the_living_shell(make_termd, connect):
    termd = make_termd(config=HASTE)
    session = termd.open("--command", "shell")
    shell_id = shell.process_id(connect(session))
    stopped = termd.ttyd_of(session)

    processes.send(stopped, signal.SIGSTOP)

    wait_until(lambda: restarts(termd, session) == 1, 15, "a restart")
    after = termd.wait_for_state(session, "ready")
    assert after["worker"]["pid"] != stopped.pid and not stopped.running()
    assert after["worker"]["port"] == session["worker"]["port"]
    again = connect(session)
    again.read_until("the terminal server was restarted")
    assert shell.process_id(again) == shell_id


def test_a_slow_machine_is_no_reason_to_restart_a_ttyd(make_termd, connect):
    """One failed probe is none: only so many in a row count."""
    termd = make_termd(config=HASTE | {"probe": {"interval": "500ms", "timeout": "400ms", "failures": 3}})
    session = termd.open("--command", "cat")
    ttyd = termd.ttyd_of(session)

    processes.send(ttyd, signal.SIGSTOP)
    probe = lambda: termd.show(session)["worker"]["last_probe"]  # noqa: E731
    wait_until(lambda: not probe()["ok"], 10, "a failed probe")
    processes.send(ttyd, signal.SIGCONT)

    wait_until(lambda: probe()["ok"], 10, "a good probe")
    now = termd.show(session)
    assert (now["state"], now["worker"]["restarts"], now["worker"]["pid"]) == ("ready", 0, ttyd.pid)


def test_restarts_that_are_asked_for_all_at_once_end_with_one_ttyd(make_termd, connect):
    termd = make_termd(config=HASTE)
    session = termd.open("--command", "shell")
    shell_id = shell.process_id(connect(session))

    together(lambda _: termd.api("POST", f"/v1/sessions/{session['id']}/restart"), range(12))

    after = termd.wait_for_state(session, "ready")
    ttyds = [p for p in termd.processes_of(session) if "--port" in p.command()]
    assert [p.pid for p in ttyds] == [after["worker"]["pid"]] and after["worker"]["port"] == session["worker"]["port"]
    assert shell.process_id(connect(session)) == shell_id


# ---- what it leaves, and how it resists --------------------------------------------------------


@pytest.mark.parametrize("mode", ["leaves", "stubborn"])
def test_what_a_ttyd_starts_and_ignores_does_not_outlive_the_session(make_fake, mode):
    termd, _ = make_fake(mode)
    session = open_cat(termd)
    of_session = termd.processes_of(session)

    assert termd.ctl("close", session["id"]).code == 0

    assert termd.leftovers() == []
    assert [str(process) for process in of_session if process.running()] == []


def test_what_a_dead_ttyd_leaves_goes_with_the_session(make_fake):
    termd, ttyd = make_fake("leaves")
    session = open_cat(termd)

    processes.send(termd.ttyd_of(session), signal.SIGKILL)
    wait_until(lambda: len(ttyd.starts()) == 2, 10, "a restart")
    termd.wait_for_state(session, "ready")

    assert termd.ctl("close", session["id"]).code == 0
    assert termd.leftovers() == []


# ---- logs --------------------------------------------------------------------------------------


def disk(termd):
    """Bytes of all files that it has."""
    return sum(path.stat().st_size for path in termd.root.rglob("*") if path.is_file())


@pytest.mark.parametrize("mode", ["floods", "drips", "beside"])
def test_a_flooded_log_costs_neither_memory_nor_disk_nor_time(make_fake, mode):
    termd, _ = make_fake(mode, probe={"interval": "1s", "timeout": "900ms", "failures": 5})
    session = open_cat(termd)
    shim, daemon = leftovers.shim_of(session), processes.look(termd.pid)
    wait_until(lambda: termd.api("GET", f"/v1/sessions/{session['id']}/log").json()["lines"] or mode == "drips", 10, "a log")
    before, kept = (memory(shim), memory(daemon)), disk(termd)
    began, cpu = time.monotonic(), cpu_seconds(shim) + cpu_seconds(daemon)

    end = began + (20 if mode == "floods" and not SANITIZED else 2)
    wait_until(lambda: time.monotonic() > end, 60, "the flood to have lasted")

    assert cpu_seconds(shim) + cpu_seconds(daemon) - cpu < 0.1 * (time.monotonic() - began)
    after = memory(shim), memory(daemon)
    assert SANITIZED or all(b - a < 2 << 20 for a, b in zip(before, after)), (before, after)
    lines = termd.api("GET", f"/v1/sessions/{session['id']}/log").json()["lines"]
    assert len(lines) <= 240 and all(len(line) <= 1100 for line in lines)
    assert not any("\x1b" in line for line in lines)
    assert disk(termd) - kept < 100_000
    assert termd.show(session)["state"] == "ready" and restarts(termd, session) == 0
    assert termd.ctl("close", session["id"]).code == 0
    assert termd.leftovers() == []


def test_a_terminal_is_usable_while_its_ttyd_floods_its_log(make_fake, connect):
    termd, _ = make_fake("beside", probe={"interval": "1s", "timeout": "900ms", "failures": 5})
    session = termd.open("--command", "shell")
    page = connect(session)

    for number in range(10):
        assert shell.ask(page, f"$(({number}*7))") == str(number * 7)
    page.type("seq 1 20000 | tail -n +19999\r")
    page.read_until("19999\r\n20000\r\n")


# ---- strangers ---------------------------------------------------------------------------------


PROBE = b"GET /token HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def take_port_of(termd, session):
    """Kill the session's ttyd and listen in its place, before its shim can notice."""
    shim, ttyd = leftovers.shim_of(session), termd.ttyd_of(session)
    processes.send(shim, signal.SIGSTOP)
    processes.send(ttyd, signal.SIGKILL)
    wait_until(lambda: is_free(session["worker"]["port"]), 10, "the end of ttyd")
    stranger = Stranger(session["worker"]["port"])
    processes.send(shim, signal.SIGCONT)
    return stranger


def test_a_stranger_on_the_port_of_a_dead_ttyd_is_never_taken_for_it(make_fake):
    """Restarted, it takes half a second until it listens, and so it does on the other port that it is given then."""
    termd, ttyd = make_fake("good+late@500")
    session = open_cat(termd)

    with take_port_of(termd, session) as stranger, ThreadPoolExecutor(1) as background:
        wait_until(lambda: termd.show(session)["state"] == "degraded", 10, "the end of ttyd to be noticed")
        asking = background.submit(termd.api, "POST", "/v1/sessions", {"command": "cat"})
        seen = set()

        def another_port():
            now = termd.show(session)
            seen.add((now["state"], now["worker"]["port"] == session["worker"]["port"]))
            return now["state"] == "ready"

        wait_until(another_port, 20, "the session to be served again")
        assert ("ready", True) not in seen and ("degraded", True) in seen
        answer = asking.result(20)

        # Who asked meanwhile got an answer when there was something to see, and the stranger nothing but probes.
        assert (answer.status, answer.json()["id"], answer.json()["state"]) == (200, session["id"], "ready")
        assert answer.json()["worker"]["port"] == termd.show(session)["worker"]["port"] != session["worker"]["port"]
        assert termd.show(session)["ssh"]["pid"] == session["ssh"]["pid"]
        assert set(stranger.heard) <= {b"", PROBE}
    assert len(ttyd.starts()) == 3


def test_the_shell_goes_on_behind_another_port_when_a_stranger_has_taken_its_own(make_termd, connect):
    termd = make_termd(config=HASTE)
    session = termd.open("--command", "shell")
    shell_id = shell.process_id(connect(session))

    with take_port_of(termd, session) as stranger:
        wait_until(lambda: termd.show(session)["worker"]["port"] != session["worker"]["port"], 15, "another port")
        termd.wait_for_state(session, "ready")
        again = termd.open("--command", "shell")
        assert again["id"] == session["id"] and shell.process_id(connect(again)) == shell_id
        assert set(stranger.heard) <= {b"", PROBE}

        # Whoever still has the old link may have shown it to the stranger, so it opens nothing any more.
        with Terminal(again["websocket_url"].replace(again["token"], session["token"])) as page:
            page.wait_for_end()
            assert "not valid" in page.text() and "$" not in page.text()


def test_a_stranger_who_is_quicker_than_a_new_ttyd_gets_only_its_port(make_fake):
    """It was free when it was chosen; the session is served on another one, and the stranger hears of no secret."""
    termd, ttyd = make_fake("late@400+good")
    with ThreadPoolExecutor(1) as background:
        opening = background.submit(open_cat, termd)
        wait_until(ttyd.starts, 10, "the first ttyd")
        with Stranger(termd.range.first) as stranger:
            session = opening.result(20)
            assert session["state"] == "ready" and session["worker"]["port"] != termd.range.first
            assert not any(session["token"].encode() in heard for heard in stranger.heard)


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_ports_held_by_strangers_are_skipped(make_fake, address):
    termd, _ = make_fake("good")
    with Stranger(termd.range.ports[0], address), Stranger(termd.range.ports[1], address):
        assert open_cat(termd)["worker"]["port"] == termd.range.ports[2]


def test_a_port_whose_ttyd_died_for_good_rests(make_fake):
    termd, _ = make_fake("exits@2", restart={"max": 1})
    session = open_cat(termd)
    assert termd.wait_for_state(session, "closed", 20)["end_reason"] == "failed"

    assert open_cat(termd)["worker"]["port"] != session["worker"]["port"]
