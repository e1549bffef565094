"""termctl on a terminal of its own: ls -w, top and the progress of open, against the fake server."""

import contextlib
import json
import signal
import subprocess
import threading

import pytest

from support.fake_termd import ID, OPENED, OTHER, SESSION, STATUS, problem, reply
from support.on_terminal import OnTerminal
from support.termd import build_directory
from support.wait import wait_until

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


@pytest.fixture
def on_terminal(fake):
    started = []

    def start(*arguments, **options):
        started.append(OnTerminal(fake.server_address, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        each.close()


class World:
    """Answers as termd would, and can be changed."""

    def __init__(self):
        self.sessions, self.status, self.down = [SESSION], STATUS, False
        self.happened = threading.Semaphore(0)  # an event to tell
        self.has_events, self.over = False, threading.Event()

    def __call__(self, method, path, *_):
        if self.down:
            return b""
        if path == "/v1/events":
            return self.events() if self.has_events else problem(404, "not_found")
        return reply(200, self.status if path == "/v1/status" else {"sessions": self.sessions})

    def events(self):
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        while not self.over.is_set():
            if self.happened.acquire(timeout=0.05):
                yield b'id: 1\nevent: session.ready\ndata: {"type":"session.ready"}\n\n'


@pytest.fixture
def world(fake):
    fake.answer = World()
    yield fake.answer
    fake.answer.over.set()


@pytest.mark.parametrize("has_events", [True, False])
def test_ls_w_redraws_in_place_when_something_changes(world, on_terminal, has_events):
    world.has_events = has_events
    ls = on_terminal("ls", "-w")
    ls.wait_for(ID)
    world.sessions = [SESSION, SESSION | {"id": OTHER}]
    world.happened.release()
    ls.wait_for(OTHER)

    assert [line.split()[0] for line in ls.screen() if line] == ["ID", ID, OTHER]
    ls.type("q")
    assert ls.end() == 0
    ls.wait_for(LEAVE)
    assert ls.text().count(ENTER) == ls.text().count(LEAVE) == 1


def test_ls_w_keeps_to_the_screen(world, on_terminal):
    world.sessions = [SESSION | {"id": f"{number:016}"} for number in range(50)]
    ls = on_terminal("ls", "-w", rows=5, columns=20)
    ls.wait_for("0000000000000003")
    lines = ls.screen()

    assert len(lines) <= 5 and max(map(len, lines)) <= 20


def test_ls_w_ends_with_what_went_wrong_and_the_terminal_as_it_was(world, on_terminal):
    ls = on_terminal("ls", "-w")
    ls.wait_for(ID)
    world.down = True

    assert ls.end() == 3
    ls.wait_for("no answer from termd")
    assert ls.text().index(LEAVE) < ls.text().index("no answer from termd")


def test_ls_w_in_a_pipe_prints_a_changed_listing_as_a_new_block(fake, world):
    process = subprocess.Popen(
        [build_directory() / "cli/termctl", "--socket", fake.server_address, "ls", "-w", "-o", "id"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == ID + "\n"
    seen = len(fake.asked)
    wait_until(lambda: len(fake.asked) >= seen + 2, 20, "two more looks, without a change")
    world.sessions = [SESSION, SESSION | {"id": OTHER}]
    assert [process.stdout.readline() for _ in range(3)] == ["\n", ID + "\n", OTHER + "\n"]
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert process.stdout.read() == ""
    process.stdout.close()


def test_top_shows_the_sessions_and_sorts_them_by_a_key(world, on_terminal):
    world.sessions = [SESSION | {"user": "bob"}, SESSION | {"id": OTHER, "user": "alice", "created_at": "2026-11-20T20:00:00.000Z"}]
    top = on_terminal("top")
    top.wait_for("q quit")
    assert [line.split()[0] for line in top.screen()[3:5]] == [ID, OTHER]
    drawn = len(top.text())
    top.type("u")
    top.wait_for("USERv", drawn)
    wait_until(lambda: [line.split()[:1] for line in top.screen()[3:5]] == [[OTHER], [ID]], 20, lambda: top.screen())
    top.type("q")
    assert top.end() == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, "\x03"])
@pytest.mark.parametrize("command", [["top"], ["ls", "-w"]])
def test_the_terminal_is_what_it_was_however_it_ends(world, on_terminal, command, how):
    shown = on_terminal(*command)
    shown.wait_for(ID)
    assert shown.settings() != shown.before
    shown.type(how) if isinstance(how, str) else shown.process.send_signal(how)
    assert shown.end() == 0
    shown.wait_for(LEAVE)


def test_top_goes_on_while_termd_is_away(world, on_terminal):
    top = on_terminal("top")
    top.wait_for(ID)
    world.down = True
    top.wait_for("no answer from termd")
    world.down, world.sessions = False, [SESSION | {"id": OTHER}]
    top.wait_for(OTHER)
    wait_until(lambda: "no answer" not in "".join(top.screen()), 20, "the trouble to go")
    top.type("q")
    assert top.end() == 0


def test_top_gives_the_terminal_back_while_it_is_stopped(world, on_terminal):
    top = on_terminal("top")
    top.wait_for(ID)
    top.process.send_signal(signal.SIGTSTP)
    top.wait_for(LEAVE)
    wait_until(lambda: top.settings() == top.before, 20, "the terminal as it was")
    stopped = len(top.text())
    top.process.send_signal(signal.SIGCONT)
    top.wait_for(ENTER, stopped - len(ENTER))
    top.type("q")
    assert top.end() == 0


def test_top_in_a_pipe_shows_everything_once(fake, world):
    outcome = fake.ctl("top")
    assert outcome.code == 0 and ID in outcome.stdout and "\x1b" not in outcome.stdout
    shown = json.loads(fake.ctl("-o", "json", "top").stdout)
    assert shown == {"status": STATUS, "sessions": [SESSION], "openings_per_minute": 0}


def test_open_shows_what_it_waits_for_and_wipes_it(fake, on_terminal):
    ready = threading.Event()
    fake.answer = lambda *_: ready.wait(30) and reply(201, OPENED)
    opening = on_terminal("open", "root@db1")
    opening.wait_for("opening db1: waiting for the login and for ttyd (0 s)")
    ready.set()

    assert opening.end() == 0
    opening.wait_for("\r\x1b[K" + OPENED["url"])


def test_open_shows_no_progress_where_nobody_watches(fake):
    released = threading.Event()

    def answer(*_):
        released.wait(0.5)
        return reply(201, OPENED)

    fake.answer = answer
    outcome = fake.ctl("open", "db1")
    assert (outcome.code, outcome.stdout, outcome.stderr) == (0, OPENED["url"] + "\n", "")
