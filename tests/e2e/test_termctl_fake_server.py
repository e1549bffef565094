"""termctl against a server that says whatever a test wants: what it asks, prints and exits with, and that no answer,
however broken or late, makes it hang, crash or lie. No termd is needed.
"""

import json
import os
import pty
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest

from support.fake_termd import CLOSED, ID, OPENED, OTHER, SESSION, STATUS, check_refusal, problem, reply
from support.termd import build_directory, run

# What is asked and what is printed


def test_open_sends_only_what_was_given_and_prints_only_the_url(fake):
    fake.answer = reply(201, OPENED)

    outcome = fake.ctl("open", "root@[::1]:2222")

    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, OPENED["url"] + "\n", "")
    assert fake.asked == [("POST", "/v1/sessions", {}, {"host": "::1", "login": "root", "port": 2222})]


def test_open_sends_every_option(fake):
    fake.answer = reply(200, OPENED)

    outcome = fake.ctl(
        "-o", "id", "open", "--command", "docker", "web", "--user", "bob", "--mode", "m", "--title", "jürgen's", "--ttl", "8h",
        "--idle", "0", "--label", "a=1", "--label", "b=2", "--no-reuse", "--no-wait", "--trust", "SHA256:x",
    )  # fmt: skip

    assert (outcome.code, outcome.stdout) == (0, ID + "\n")
    assert fake.asked[0][3] == {
        "host": "web", "command": "docker", "user": "bob", "mode": "m", "title": "jürgen's", "ttl": "8h", "idle_timeout": "0",
        "labels": {"a": "1", "b": "2"}, "reuse": False, "wait": False, "host_key": "SHA256:x",
    }  # fmt: skip


def test_json_is_what_was_answered_byte_for_byte(fake):
    body = b'{ "sessions" :[ ],\t"x":"\\u00fc\xc3\xbc" , "n": 1.0e2 }'
    fake.answer = reply(200, body)

    assert fake.ctl("-o", "json", "ls").stdout.encode() == body + b"\n"


def test_ls_in_a_pipe_is_plain_and_asks_for_what_was_chosen(fake):
    fake.answer = reply(200, {"sessions": [SESSION, SESSION | {"id": OTHER, "state": "opening"}]})

    outcome = fake.ctl("ls", "--user", "a b", "--host", "::1", "--state", "ready", "--label", "k=v&w")

    assert outcome.code == 0
    lines = outcome.stdout.splitlines()
    assert [line.split()[:4] for line in lines] == [
        [ID, "alice", "automation@10.0.0.5:22", "ready"],
        [OTHER, "alice", "automation@10.0.0.5:22", "opening"],
    ]
    assert lines[0].index("ready") == lines[1].index("opening")
    assert "\t" not in outcome.stdout and "\x1b" not in outcome.stdout
    assert fake.asked == [("GET", "/v1/sessions", {"user": "a b", "host": "::1", "state": "ready", "label": "k=v&w"}, None)]
    assert fake.ctl("ls", "-o", "id").stdout == f"{ID}\n{OTHER}\n"


@pytest.mark.parametrize("environment, coloured", [({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_ls_on_a_terminal_has_headings_and_colours_unless_unwanted(fake, environment, coloured):
    fake.answer = reply(200, {"sessions": [SESSION]})
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERMCTL_SOCKET": fake.server_address, "TERM": "xterm"} | environment
    subprocess.run([build_directory() / "cli/termctl", "ls"], stdout=theirs, env=environment, timeout=30, check=True)
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 4096):
            text += part
    except OSError:  # the end of a terminal whose other side is closed
        pass
    os.close(ours)

    assert text.split()[:4] == [b"ID", b"USER", b"TARGET", b"STATE"]
    assert (b"\x1b[32mready\x1b[0m" in text) == coloured
    assert (b"\x1b" in text) == coloured


def test_show_asks_for_one_and_prints_lines(fake):
    fake.answer = reply(200, SESSION)

    outcome = fake.ctl("show", "k3/..")

    assert outcome.code == 0
    assert f"id:       {ID}\n" in outcome.stdout and "target:   automation@10.0.0.5:22\n" in outcome.stdout
    assert fake.asked == [("GET", "/v1/sessions/k3/..", {}, None)]
    assert fake.ctl("-o", "id", "show", "k3").stdout == ID + "\n"


def test_status_is_lines_and_has_no_id(fake):
    fake.answer = reply(200, STATUS)

    assert "uptime:       1m1s\n" in fake.ctl("status").stdout
    assert fake.asked == [("GET", "/v1/status", {}, None)]
    check_refusal(fake.ctl("-o", "id", "status"), 2, "-o json")


def test_close_ends_each_and_passes_the_message_on(fake):
    fake.answer = lambda method, path, *_: reply(200, CLOSED | {"id": path.rpartition("/")[2]})

    outcome = fake.ctl("close", "--now", ID, OTHER, "--message", "50 % off & gone")

    assert (outcome.code, outcome.stdout) == (0, f"{ID} closed (user)\n{OTHER} closed (user)\n")
    query = {"message": "50 % off & gone", "now": "true"}
    assert fake.asked == [("DELETE", f"/v1/sessions/{each}", query, None) for each in (ID, OTHER)]
    assert fake.ctl("-o", "id", "close", ID).stdout == ID + "\n"
    assert json.loads(fake.ctl("-o", "json", "close", ID).stdout) == CLOSED


def test_close_goes_on_after_a_failure_and_exits_with_the_first(fake):
    def answer(method, path, *_):
        if path.endswith("x"):
            return problem(404, "not_found", detail="no session x")
        if path.endswith("y"):
            return problem(403, "forbidden", detail="not yours")
        return reply(200, CLOSED)

    fake.answer = answer

    outcome = fake.ctl("close", "x", ID, "y")

    assert (outcome.code, outcome.stdout) == (4, f"{ID} closed (user)\n")
    assert [line[:30] for line in outcome.stderr.splitlines()] == ["termctl: x: no session x – ter", "termctl: y: not yours – its ow"]


def test_close_all_closes_what_is_listed_and_forgives_what_is_gone(fake):
    def answer(method, path, *_):
        if method == "GET":
            return reply(200, {"sessions": [SESSION, SESSION | {"id": OTHER}]})
        return problem(404, "not_found") if path.endswith(OTHER) else reply(200, CLOSED)

    fake.answer = answer

    outcome = fake.ctl("close", "--all", "--user", "alice")

    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, f"{ID} closed (user)\n", "")
    assert [asked[:3] for asked in fake.asked] == [
        ("GET", "/v1/sessions", {"user": "alice"}),
        ("DELETE", f"/v1/sessions/{ID}", {}),
        ("DELETE", f"/v1/sessions/{OTHER}", {}),
    ]


@pytest.mark.parametrize("arguments", [[], ["--all", ID], ["--user", "alice", ID]])
def test_close_needs_to_know_what(fake, arguments):
    check_refusal(fake.ctl("close", *arguments), 2)
    assert fake.asked == []


# Exit codes


@pytest.mark.parametrize(
    "status, code, exit_code",
    [
        (400, "invalid_request", 2), (401, "unauthorized", 6), (403, "forbidden", 6), (403, "target_denied", 6),
        (404, "not_found", 4), (404, "ambiguous_id", 4), (409, "wrong_state", 1), (429, "user_limit", 5),
        (429, "total_limit", 5), (503, "no_free_port", 5), (503, "draining", 1), (503, "ttyd_missing", 1),
        (502, "start_failed", 1), (504, "timeout", 7), (500, "internal", 1), (429, "code_of_tomorrow", 5), (418, "", 1),
    ],
)  # fmt: skip
def test_a_problem_decides_the_exit_code(fake, status, code, exit_code):
    fake.answer = problem(status, code, detail="why it is so")

    check_refusal(fake.ctl("open", "db1"), exit_code, "why it is so")


def test_an_invalid_request_names_its_fields(fake):
    fake.answer = problem(400, "invalid_request", detail="not valid", errors=[{"field": "ttl", "problem": "above 8h"}])

    check_refusal(fake.ctl("open", "db1", "--ttl", "9h"), 2, "ttl: above 8h")


def test_an_untrusted_host_shows_its_keys_and_the_way_to_trust_them(fake):
    fake.answer = problem(409, "host_untrusted", detail="unknown key", keys=[{"type": "ssh-ed25519", "fingerprint": "SHA256:abc"}])

    outcome = fake.ctl("open", "root@db1:2222")

    assert (outcome.code, outcome.stdout) == (1, "")
    assert outcome.stderr.splitlines()[1:] == ["  ssh-ed25519 SHA256:abc", "  termctl host trust db1:2222 SHA256:abc"]


def test_wrong_usage_asks_nobody(fake):
    check_refusal(fake.ctl("opne", "db1"), 2, "did you mean open?")
    check_refusal(fake.ctl("open", "db1:0"), 2, "[LOGIN@]HOST[:PORT]")
    check_refusal(fake.ctl("open", "--ttl", "soon", "db1"), 2, "--ttl")
    assert fake.asked == []


def test_help_and_version_need_no_termd(tmp_path):
    for arguments, word in ((["--help"], "Commands:"), (["open", "--help"], "[LOGIN@]HOST[:PORT]"), (["--version"], "termctl ")):
        outcome = run("cli/termctl", *arguments, environment={"TERMCTL_SOCKET": str(tmp_path / "none")})
        assert outcome.code == 0 and word in outcome.stdout and outcome.stderr == ""


# termd that cannot be reached


def test_no_socket_a_dead_one_and_a_plain_file_cannot_be_reached(tmp_path):
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(tmp_path / "dead"))
    dead.close()
    (tmp_path / "file").touch()
    for name, why in (("none", "No such file or directory"), ("dead", "Connection refused"), ("file", "Connection refused")):
        outcome = run("cli/termctl", "--socket", str(tmp_path / name), "ls")
        check_refusal(outcome, 3, f"cannot reach termd at {tmp_path / name}: {why}", "is it running? systemctl status termd")


def test_a_path_too_long_for_a_socket_is_wrong_usage():
    check_refusal(run("cli/termctl", "--socket", "/" + "x" * 107, "ls"), 2, "107 bytes")


def test_without_permission_the_group_is_named(fake):
    if os.geteuid() == 0:  # root may everything: be somebody else
        directory = Path(fake.server_address).parent
        program, user = directory / "termctl", 65534
        shutil.copy(build_directory() / "cli/termctl", program)
        for folder in (directory, *directory.parents):
            if Path(tempfile.gettempdir()) in folder.parents:
                folder.chmod(0o755)
        os.chmod(fake.server_address, 0o660)
    else:
        program, user = build_directory() / "cli/termctl", None
        os.chmod(fake.server_address, 0o060)
    done = subprocess.run(
        [program, "--socket", fake.server_address, "ls"], user=user, group=user, extra_groups=user and [],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip

    assert done.returncode == 6, done.stderr
    assert "Permission denied – members of the group" in done.stderr and "usermod -aG" in done.stderr


def test_close_stops_when_termd_is_gone(tmp_path):
    outcome = run("cli/termctl", "--socket", str(tmp_path / "none"), "close", "a", "b")

    check_refusal(outcome, 3)


# Answers that are none

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EMPTY_LIST = b'{"sessions":[]}'


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\x01\x02garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200\r\n",
        b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        HEAD + b"Content-Length: 20\r\n\r\n" + EMPTY_LIST,  # truncated body
        HEAD[:30],  # truncated head
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nf\r\n" + EMPTY_LIST,  # truncated chunks
        HEAD + b"\r\n" + EMPTY_LIST,  # no length: its end is not to be known
        HEAD + b"Content-Length: 15\r\n\r\n" + EMPTY_LIST + b"more",
        HEAD + b"Content-Length: 15\r\nContent-Length: 16\r\n\r\n" + EMPTY_LIST,
        HEAD + b"Content-Length: x\r\n\r\n" + EMPTY_LIST,
        HEAD + b"Content-Length: 67108865\r\n\r\n",
        HEAD + b"X: " + b"x" * 70000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n",
        reply(200, b""),
        reply(200, b"<html>"),
        reply(200, b'{"sessions":[]'),
        reply(200, b'{"sessions":[]}x'),
        reply(200, b"[" * 100 + b"]" * 100),
        reply(200, b'{"sessions":["\xff"]}'),
        reply(200, EMPTY_LIST, "text/html"),
    ],
)
@pytest.mark.parametrize("output", ["table", "json"])
def test_a_broken_answer_is_a_failure_whatever_is_broken(fake, answer, output):
    fake.answer = answer

    check_refusal(fake.ctl("-o", output, "ls"), 1)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"sessions":{}}', b'{"sessions":[{}]}'])
def test_an_answer_of_another_shape_is_a_failure(fake, body):
    fake.answer = reply(200, body)

    check_refusal(fake.ctl("-o", "id", "ls"), 1)


def test_a_termd_that_hangs_up_cannot_be_reached(fake):
    fake.answer = b""

    check_refusal(fake.ctl("ls"), 3, "journalctl -u termd")


def test_an_answer_may_come_in_pieces_and_chunks(fake):
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, bytes([byte])) for byte in EMPTY_LIST) + b"0\r\n\r\n"
    whole = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks
    fake.answer = [bytes([byte]) for byte in whole]

    outcome = fake.ctl("-o", "json", "ls")

    assert (outcome.code, outcome.stdout) == (0, '{"sessions":[]}\n')


def test_a_large_answer_is_printed_whole(fake):
    body = json.dumps({"sessions": [SESSION] * 20000}).encode()
    fake.answer = reply(200, body)

    assert fake.ctl("-o", "json", "ls").stdout.encode() == body + b"\n"
    assert fake.ctl("-o", "id", "ls").stdout == f"{ID}\n" * 20000


def test_what_comes_from_outside_cannot_speak_to_the_terminal(fake):
    evil = "\x1b[2J\r\nforged"
    fake.answer = problem(500, "internal", detail=evil)
    check_refusal(fake.ctl("ls"), 1, "\\x1b[2J; forged")
    fake.answer = problem(500, evil, title=evil)
    check_refusal(fake.ctl("ls"), 1)
    fake.answer = reply(200, OPENED | {"id": evil, "url": evil, "state": evil, "labels": {evil: evil}, "clients": [{"role": evil}]})
    for arguments in (["open", "db1"], ["-o", "id", "open", "db1"], ["show", "x"], ["close", "x"]):
        outcome = fake.ctl(*arguments)
        assert outcome.code == 0 and "\\x1b[2J\\x0d\\x0aforged" in outcome.stdout
        assert "\x1b" not in outcome.stdout and "\nforged" not in outcome.stdout


# Answers that are late


def trickle(stop):
    yield HEAD + b"Content-Length: 1000\r\n\r\n"
    while not stop.wait(0.02):
        yield b" "


def test_a_termd_that_never_answers_is_given_up_at_the_timeout(fake):
    stop = threading.Event()
    for answer in (lambda *_: stop.wait(30) and b"", lambda *_: trickle(stop)):
        fake.answer = answer
        started = time.monotonic()
        check_refusal(fake.ctl("--timeout", "300ms", "ls"), 7, "within 300ms", "--timeout")
        assert 0.3 <= time.monotonic() - started < 10
    stop.set()


def test_a_termd_that_does_not_even_accept_is_given_up_at_the_timeout(tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(path)
        listener.listen(0)
        first.connect(path)  # the backlog is full now
        check_refusal(run("cli/termctl", "--socket", path, "--timeout", "300ms", "ls", deadline=30), 7, "within 300ms")


def test_standard_output_that_takes_nothing_is_a_failure(fake):
    fake.answer = reply(200, SESSION)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [build_directory() / "cli/termctl", "--socket", fake.server_address, "show", ID],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=30,
        )  # fmt: skip
    assert done.returncode == 1 and "cannot write" in done.stderr


def test_half_a_recording_is_printed_and_is_no_success(fake):
    head = b"HTTP/1.1 200 X\r\nContent-Type: application/x-asciicast\r\nTransfer-Encoding: chunked\r\n\r\n"
    fake.answer = head + b"5\r\nhalf\n\r\n"
    outcome = fake.ctl("recording", ID)
    assert (outcome.code, outcome.stdout) == (1, "half\n")
    assert "not the whole recording" in outcome.stderr

    fake.answer = head + b"6\r\nwhole\n\r\n0\r\n\r\n"
    outcome = fake.ctl("recording", ID)
    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, "whole\n", "")
