"""termd without a descriptor to spare, without room on the disk, and with a disk that takes nothing: it rests, says little, touches no session, and goes on by itself as soon as it can."""

import contextlib
import http.client
import json
import os
import resource
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import unix_http
from support.many import ROOM, cpu_seconds, open_session
from support.processes import look
from support.strace import Strace
from support.wait import wait_until

CONFIG = {
    "commands": {"echoes": {"argv": ["/bin/cat"]}},
    "sessions": ROOM,
    "probe": {"interval": "1s", "timeout": "500ms"},  # so that it has something to do
}
MOST_CPU, MOST_LINES = 0.05, 10


class Hardship:
    """What termd uses and logs within it, which is to be hardly anything; as a context."""

    def __init__(self, termd):
        self._termd = termd

    def __enter__(self):
        self._process, self._lines = look(self._termd.pid), log_lines(self._termd)
        self._cpu, self._began = cpu_seconds(self._process), time.monotonic()
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            return
        took = time.monotonic() - self._began
        used = (cpu_seconds(self._process) - self._cpu) / took
        assert used < MOST_CPU, f"{used:.1%} of a processor in {took:.1f} s"
        said = log_lines(self._termd)[len(self._lines):]
        assert len(said) <= MOST_LINES, said

    def last(self, seconds, meanwhile):
        """Until so many seconds are over, do that again and again."""
        end = time.monotonic() + seconds

        def over():
            meanwhile()
            return time.monotonic() >= end

        wait_until(over, seconds + 60, "the end of the hardship")


@pytest.fixture
def held(long_run):
    """For how many seconds the hardship lasts."""
    return 30 if long_run else 4


@pytest.fixture
def typist(connect):
    """A function that types into a session's terminal and waits for the echo."""
    pages, count = {}, [0]

    def type_and_see(session):
        page = pages.get(session["id"]) or pages.setdefault(session["id"], connect(session))
        count[0] += 1
        page.type(f"line {count[0]} \n")
        page.read_until(f"line {count[0]} \r\nline {count[0]} ")

    return type_and_see


def log_lines(termd):
    return termd.log_file.read_text(errors="replace").splitlines()


def lowest_free_descriptor(pid):
    taken = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
    return next(number for number in range(len(taken) + 1) if number not in taken)


@contextlib.contextmanager
def no_descriptors(pid):
    """That process can have no descriptor beyond those that it has."""
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free_descriptor(pid), before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def ask(connection, method, target, body=None):
    """Over a connection that stands already: the status and what came."""
    connection.request(method, target, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def open_another(connection):
    return ask(connection, "POST", "/v1/sessions", b'{"command": "echoes"}')


def test_without_a_descriptor_to_spare_termd_rests_and_accepts_again_at_once(make_termd, check, typist, held):
    termd = make_termd(config=CONFIG)
    checker = check(termd)
    session = open_session(termd, "echoes")
    typist(session)
    standing = unix_http.keep_alive(termd.socket, deadline=20)
    status, other = open_another(standing)
    assert status == http.client.CREATED

    with ThreadPoolExecutor(1) as waiting:
        with no_descriptors(termd.pid), Hardship(termd) as hardship:
            answer = waiting.submit(termd.api, "GET", "/v1/status", deadline=held + 30)
            hardship.last(held, lambda: typist(session))
            status, problem = open_another(standing)
            assert status >= http.client.INTERNAL_SERVER_ERROR and problem["code"]
            assert ask(standing, "DELETE", f"/v1/sessions/{other['id']}")[0] == http.client.OK
            assert not answer.done()  # it was in need indeed
        back = time.monotonic()
        assert answer.result().status == http.client.OK
        assert time.monotonic() - back < 1

    typist(session)
    standing.close()
    checker.check()


def small_disk(termd, size):
    """What goes before a termd, so that its state lies on a file system of that size, which it alone sees."""
    mount = f'mount -t tmpfs -o size={size},mode=700 none "{termd.state}" && exec "$0" "$@"'
    return ["unshare", "--mount", "sh", "-c", mount]


def as_termd_sees(termd, path):
    return f"/proc/{termd.pid}/root{path}"


def refused(termd):
    answer = termd.api("POST", "/v1/sessions", {"command": "echoes"})
    return answer.code == "history_unavailable"


def opens_again(termd):
    return termd.api("POST", "/v1/sessions", {"command": "echoes"}).status == http.client.CREATED


@contextlib.contextmanager
def full_disk(termd):
    """What is freed is taken at once, when the function that this gives is called."""
    filler = as_termd_sees(termd, termd.state / "filler")

    def fill():
        with open(filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4096)

    fill()
    try:
        yield fill
    finally:
        os.unlink(filler)


@contextlib.contextmanager
def read_only_disk(termd):
    """As a file system that the kernel has made read-only under whoever writes to it."""
    writing = "pwrite64,ftruncate,fdatasync"
    with Strace(termd.pid, "-e", f"trace={writing}", "-e", f"inject={writing}:error=EROFS"):
        yield lambda: None


@pytest.mark.parametrize("trouble", [full_disk, read_only_disk])
def test_a_disk_that_takes_nothing_costs_openings_and_nothing_else(make_termd, typist, held, trouble):
    if os.geteuid() != 0:
        pytest.skip("only root can give termd a small disk")
    termd = make_termd(config=CONFIG, start=False)
    termd.prefix = small_disk(termd, "2m")
    termd.start()
    session, other = open_session(termd, "echoes"), open_session(termd, "echoes")
    typist(session)

    with trouble(termd) as renew:
        wait_until(lambda: refused(termd), 15, "openings to be refused")
        with Hardship(termd) as hardship:
            hardship.last(held, lambda: renew() or typist(session))
        wait_until(lambda: refused(termd), 15, "openings to be refused still")  # one may find room that was left
        assert termd.api("DELETE", f"/v1/sessions/{other['id']}").status == http.client.OK
    wait_until(lambda: opens_again(termd), 15, "it to recover by itself")

    typist(session)
    ended = {row["id"] for row in termd.api("GET", "/v1/history").json()["sessions"] if row["end_reason"]}
    assert other["id"] in ended and session["id"] not in ended
