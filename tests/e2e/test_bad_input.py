"""What is wrong is refused with a clear error, and never ends the daemon: API, configuration, command line."""

import http.client
import os
import tempfile
from pathlib import Path

import pytest

from support import processes, unix_http
from support.many import SANITIZED, memory, together
from support.termd import run

OPEN = ("POST", "/v1/sessions")

BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"{host: x",
    "half of it": b'{"host": "127.0.0.1"',
    "something behind it": b'{"host": "127.0.0.1"} {}',
    "no object": b"[]",
    "a mere string": b'"127.0.0.1"',
    "null": b"null",
    "no UTF-8": b'{"host": "\xff\xfe"}',
    "too deep": b'{"labels": ' + b'{"a": ' * 40 + b"1" + b"}" * 41,
    "very deep": b"[" * 60000,
    "empty": b"{}",
    "an unknown field": b'{"host": "127.0.0.1", "hots": "x"}',
    "a field twice": b'{"host": "127.0.0.1", "host": "127.0.0.2"}',
    "a number as host": b'{"host": 5}',
    "a text as port": b'{"host": "127.0.0.1", "port": "22"}',
    "port 0": b'{"host": "127.0.0.1", "port": 0}',
    "port 65536": b'{"host": "127.0.0.1", "port": 65536}',
    "half a port": b'{"host": "127.0.0.1", "port": 22.5}',
    "an endless port": b'{"host": "127.0.0.1", "port": 1e999}',
    "an option as host": b'{"host": "-oProxyCommand=id"}',
    "a blank in the host": b'{"host": "a b"}',
    "a line in the host": b'{"host": "a\\nb"}',
    "a NUL in the host": b'{"host": "a\\u0000b"}',
    "no host": b'{"host": ""}',
    "a long host": b'{"host": "' + b"a" * 1000 + b'"}',
    "an option as login": b'{"host": "127.0.0.1", "login": "-lroot"}',
    "a command in the login": b'{"host": "127.0.0.1", "login": "x;id"}',
    "a wrong duration": b'{"host": "127.0.0.1", "ttl": "soon"}',
    "a number as duration": b'{"host": "127.0.0.1", "ttl": 5}',
    "a wrong truth": b'{"host": "127.0.0.1", "reuse": "yes"}',
    "labels of another kind": b'{"host": "127.0.0.1", "labels": ["a"]}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_request_body(termd, body):
    answer = termd.api(*OPEN, body)

    assert (answer.status, answer.code) == (http.client.BAD_REQUEST, "invalid_request"), answer.body
    problem = answer.json()
    assert problem["title"] and problem["status"] == 400
    assert problem.get("detail") or problem.get("errors")
    still_well(termd)


@pytest.mark.parametrize("field, body", [
    ("hots", b'{"host": "127.0.0.1", "hots": "x"}'),
    ("port", b'{"host": "127.0.0.1", "port": "22"}'),
    ("host", b'{"host": "-oProxyCommand=id"}'),
])
def test_the_field_in_question_is_named(termd, field, body):
    errors = termd.api(*OPEN, body).json()["errors"]

    assert [error["field"] for error in errors] == [field]
    assert errors[0]["problem"]


def test_all_problems_are_told_at_once(termd):
    for body in ({"host": "a b", "login": "-x"}, {"host": 5, "login": True}):
        errors = termd.api(*OPEN, body).json()["errors"]
        assert [error["field"] for error in errors] == ["host", "login"]


def test_a_body_over_the_limit(termd):
    for size in (64 * 1024 + 1, 8 * 1024 * 1024):
        answer = termd.api(*OPEN, b'{"host": "' + b"a" * size + b'"}')
        assert (answer.status, answer.code) == (http.client.REQUEST_ENTITY_TOO_LARGE, "too_large")
    still_well(termd)


@pytest.mark.parametrize("method, target, status, code", [
    ("GET", "/", 404, "not_found"),
    ("GET", "/v1/nothing", 404, "not_found"),
    ("GET", "/v1/sessions/", 404, "not_found"),
    ("GET", "/v1/sessions/../../etc/passwd", 404, "not_found"),
    ("GET", "/v1/sessions/" + "a" * 500, 404, "not_found"),
    ("DELETE", "/v1/sessions/nobody", 404, "not_found"),
    ("PUT", "/v1/sessions", 405, "method_not_allowed"),
    ("DELETE", "/v1/status", 405, "method_not_allowed"),
    ("POST", "/healthz", 405, "method_not_allowed"),
])
def test_a_route_or_method_that_does_not_exist(termd, method, target, status, code):
    answer = termd.api(method, target)

    assert (answer.status, answer.code) == (status, code)
    still_well(termd)


@pytest.mark.parametrize("target, allowed", [
    ("/v1/sessions", "POST, GET, HEAD, OPTIONS"),
    ("/v1/sessions/anything", "GET, HEAD, DELETE, OPTIONS"),
    ("/v1/drain", "POST, OPTIONS"),
])
def test_a_path_says_which_methods_it_takes(termd, target, allowed):
    asked, refused = termd.api("OPTIONS", target), termd.api("PATCH", target)

    assert (asked.status, asked.body, asked.headers["allow"]) == (http.client.NO_CONTENT, b"", allowed)
    assert (refused.status, refused.headers["allow"]) == (http.client.METHOD_NOT_ALLOWED, allowed)
    assert termd.api("OPTIONS", "/v1/nothing").status == http.client.NOT_FOUND


BAD_BYTES = [
    b"\r\n\r\n",
    b"no HTTP at all\r\n\r\n",
    b"GET /v1/sessions HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
    bytes(range(256)) * 300,
    b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /healthz HTTP/1.1\nHost: x\n\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
]


@pytest.mark.parametrize("data", BAD_BYTES, ids=range(len(BAD_BYTES)))
def test_bytes_that_are_no_request(termd, data):
    answer = unix_http.raw(termd.socket, data)

    assert b" 200 " not in answer.split(b"\r\n")[0] and b" 201 " not in answer.split(b"\r\n")[0]
    still_well(termd)


def test_a_flood_of_bad_requests_leaves_memory_flat_and_serves_the_others(termd):
    daemon = processes.look(termd.pid)

    def flood(rounds):
        def one(number):
            unix_http.raw(termd.socket, BAD_BYTES[number % len(BAD_BYTES)])
            termd.api(*OPEN, list(BAD_BODIES.values())[number % len(BAD_BODIES)])
            return termd.api("GET", "/v1/status").status

        return set(together(one, range(rounds)))

    assert flood(300) == {http.client.OK}  # until everything that is kept for reuse is there
    before = memory(daemon)
    assert flood(1500) == {http.client.OK}
    assert SANITIZED or memory(daemon) - before < 1 << 20


BAD_CONFIGURATIONS = {
    "no TOML": ("[paths\n", 1),
    "an unknown section": ("[pahts]\nruntime = '/x'\n", 1),
    "an unknown key": ("[paths]\n\nruntme = '/x'\n", 3),
    "a wrong type": ("[ttyd]\npath = 5\n", 2),
    "a wrong duration": ("[workers]\nstart_timeout = 'soon'\n", 2),
    "a wrong port range": ("[workers]\nports = '9000-8000'\n", 2),
    "a port out of range": ("[workers]\nports = '70000-70001'\n", 2),
    "a value out of a list": ("[ssh]\nhost_keys = 'whatever'\n", 2),
    "an empty command": ("[commands.x]\nargv = []\n", 2),
}


@pytest.mark.parametrize("text, line", BAD_CONFIGURATIONS.values(), ids=BAD_CONFIGURATIONS)
def test_a_bad_configuration_is_told_with_its_place(tmp_path, text, line):
    file = tmp_path / "bad.toml"
    file.write_text(text)

    for arguments in (("--check-config",), ()):  # as a question, and when it is really meant
        outcome = run("supervisor/termd", "--config", str(file), *arguments, deadline=20)
        assert outcome.code == 2, outcome
        places = [entry for entry in (outcome.stdout + outcome.stderr).splitlines() if f"{file}:{line}:" in entry]
        assert places, outcome
        column, _, message = places[0].partition(f"{file}:{line}:")[2].partition(": ")
        assert column.isdigit() and message.strip()


def test_all_problems_of_a_configuration_are_told_at_once(tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text("[ttyd]\npath = 5\npth = 'x'\n[nonsense]\n[sessions]\nttl = 'long'\n")

    outcome = run("supervisor/termd", "--config", str(file), "--check-config", deadline=20)

    lines = (outcome.stdout + outcome.stderr).splitlines()
    for line in (2, 3, 4, 6):
        assert any(entry.startswith(f"{file}:{line}:") for entry in lines), (line, lines)
    misspelt = next(entry for entry in lines if entry.startswith(f"{file}:3:")).partition(": ")[2]
    assert "path" in misspelt  # the nearest key that there is


def test_a_good_configuration_passes():
    with tempfile.TemporaryDirectory(prefix="termd-", dir="/tmp") as folder:  # a path that is short enough for sockets
        file = Path(folder, "good.toml")
        file.write_text(f"[paths]\nruntime = '{folder}/run'\nstate = '{folder}/state'\n")

        assert run("supervisor/termd", "--config", str(file), "--check-config", deadline=20).code == 0
        assert os.listdir(folder) == ["good.toml"]  # asking changes nothing


def test_a_configuration_that_is_not_there(tmp_path):
    outcome = run("supervisor/termd", "--config", str(tmp_path / "none.toml"), deadline=20)

    assert outcome.code == 2 and "none.toml" in outcome.stdout + outcome.stderr


@pytest.mark.parametrize("program", ["supervisor/termd", "cli/termctl"])
def test_version_and_help(program):
    assert run(program, "--version").code == 0
    shown = run(program, "--help")
    assert shown.code == 0 and shown.stdout.strip()
    wrong = run(program, "--no-such-option")
    assert wrong.code == 2 and wrong.stderr.strip() and not wrong.stdout


@pytest.mark.parametrize("arguments", [
    (),
    ("opne", "host"),
    ("open",),
    ("open", "-oProxyCommand=id"),
    ("open", "--", "-oProxyCommand=id"),
    ("open", "host:port"),
    ("open", "host:0"),
    ("open", "a b"),
    ("open", ""),
    ("open", "--ttl", "soon", "127.0.0.1"),
    ("show",),
    ("close",),
    ("-o", "xml", "ls"),
], ids=" ".join)
def test_a_wrong_command_line(termd, arguments):
    outcome = termd.ctl(*arguments)

    assert outcome.code == 2, outcome
    assert outcome.stderr.strip() and not outcome.stdout
    still_well(termd)


def test_no_daemon_to_talk_to(tmp_path):
    for command in (["ls"], ["status"], ["open", "127.0.0.1"], ["close", "abcdefghijklmnop"]):
        outcome = run("cli/termctl", "--socket", str(tmp_path / "none.sock"), *command)
        assert outcome.code == 3, outcome
        assert len(outcome.stderr.strip().splitlines()) == 1 and "none.sock" in outcome.stderr


def test_helper_programs_started_by_hand_say_what_is_wrong():
    """Instead of hanging or crashing."""
    for program in ("supervisor/shim/termd-shim", "supervisor/shim/termd-attach"):
        outcome = run(program, deadline=20)
        # termd-attach's user looks at a terminal, so it has its say on standard output.
        assert outcome.code > 0 and (outcome.stdout + outcome.stderr).strip(), (program, outcome)


def still_well(termd):
    assert termd.running()
    assert termd.api("GET", "/healthz").status == 200
    assert termd.list() == []
