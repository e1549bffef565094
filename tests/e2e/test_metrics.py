"""GET /metrics: what Prometheus reads, on the control socket and on a port of its own."""

import http.client
import re
import shutil
import socket
import subprocess

import pytest

from support import many, processes
from support.ports import PortRange
from support.wait import wait_until

COMMANDS = {"commands": {"sleep": {"argv": ["/bin/sleep", "1000"]}}}
SAMPLE = re.compile(r'^(\w+)(?:\{(\w+)="([^"]*)"\})? (\S+)$')


def scrape(termd):
    answer = termd.api("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def numbers(termd):
    """All samples: name → value, or (name, value of the label) → value."""
    out = {}
    for line in scrape(termd).splitlines():
        if not line.startswith("#"):
            name, _, label, value = SAMPLE.match(line).groups()
            out[name if label is None else (name, label)] = float(value)
    return out


@pytest.fixture
def monitored(make_termd):
    """A function that starts a termd with a port for its metrics: (termd, port)."""
    ranges = []

    def start():
        ranges.append(PortRange(1))
        port = ranges[-1].ports[0]
        return make_termd(COMMANDS | {"metrics": {"listen": f"127.0.0.1:{port}"}}), port

    yield start
    for one in ranges:
        one.release()


def ask(port, method, target):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, target)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_promtool_has_nothing_to_say(make_termd):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here: scripts/setup --test installs it")
    termd = make_termd(COMMANDS)
    many.close(termd, many.open_session(termd, "sleep"))

    checked = subprocess.run([promtool, "check", "metrics"], input=scrape(termd), capture_output=True, text=True)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_sessions_are_counted(make_termd):
    termd = make_termd(COMMANDS | {"sessions": {"max_per_user": 2}})
    first = many.open_session(termd, "sleep")
    assert termd.api("POST", "/v1/sessions", {"command": "sleep"}).status == 200
    many.open_session(termd, "sleep", reuse=False)
    assert termd.api("POST", "/v1/sessions", {"command": "sleep", "reuse": False}).code == "user_limit"
    many.close(termd, first)

    seen = numbers(termd)

    assert seen["termd_sessions", "ready"] == 1 and seen["termd_sessions", "degraded"] == 0
    assert seen["termd_sessions_opened_total"] == 2
    assert seen["termd_sessions_reused_total"] == 1
    assert seen["termd_sessions_closed_total", "user"] == 1 and seen["termd_sessions_closed_total", "lost"] == 0
    assert seen["termd_limit_hits_total", "user"] == 1
    assert seen["termd_ports", "used"] + seen["termd_ports", "free"] == 20
    assert seen["termd_open_seconds_count"] == 2 and seen["termd_open_seconds_sum"] > 0
    assert seen["termd_probe_seconds_count"] >= 2
    assert seen["termd_build_info", termd.ctl_json("status")["version"]] == 1


def test_a_restart_of_ttyd_is_counted(make_termd):
    termd = make_termd(COMMANDS)
    session = many.open_session(termd, "sleep")
    processes.kill([termd.ttyd_of(session)])
    wait_until(lambda: termd.show(session)["worker"]["restarts"] == 1, 15, "another ttyd")

    assert numbers(termd)["termd_worker_restarts_total"] == 1


def test_the_process_is_described(termd):
    seen = numbers(termd)

    proc = processes.look(termd.pid)
    assert proc is not None
    assert 5 < seen["process_open_fds"] < 100 and seen["process_max_fds"] >= 256
    assert 1 << 20 < seen["process_resident_memory_bytes"] < seen["process_virtual_memory_bytes"]
    assert seen["process_start_time_seconds"] > 1_000_000_000


def test_a_probe_is_timed_in_fractions_of_a_millisecond(make_termd):
    termd = make_termd(COMMANDS)
    session = many.open_session(termd, "sleep")

    took = termd.show(session)["worker"]["last_probe"]["ms"]

    assert took > 0 and took != int(took)  # a whole number of milliseconds to the microsecond is not to be expected


def test_the_port_serves_metrics_and_health_and_nothing_else(monitored):
    termd, port = monitored()

    status, body = ask(port, "GET", "/metrics")
    assert status == 200 and b"termd_build_info" in body
    assert ask(port, "GET", "/healthz")[0] == 200
    assert ask(port, "HEAD", "/metrics") == (200, b"")
    assert ask(port, "POST", "/metrics")[0] == 405
    for path in ("/", "/v1/status", "/v1/sessions", "/v1/events", "/v1/shutdown"):
        assert ask(port, "GET", path)[0] == 404
    assert ask(port, "POST", "/v1/shutdown")[0] == 404
    assert termd.running()


def test_the_port_has_few_connections(monitored):
    termd, port = monitored()
    clients = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(32)]
    wait_until(lambda: ask_or_nothing(port) in (429, 503), 10, "a connection too many to be turned away")
    assert termd.api("GET", "/healthz").status == 200
    for client in clients:
        client.close()
    wait_until(lambda: ask_or_nothing(port) == 200, 10, "room again")


def ask_or_nothing(port):
    try:
        return ask(port, "GET", "/healthz")[0]
    except OSError:
        return None


def test_a_port_that_is_taken_keeps_termd_from_starting(make_termd):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        termd = make_termd({"metrics": {"listen": f"127.0.0.1:{port}"}}, start=False)
        with pytest.raises(AssertionError, match="ended with 1"):
            termd.start()
    assert f"cannot bind 127.0.0.1:{port}" in termd.log()
