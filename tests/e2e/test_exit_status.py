"""How a command ended is known exactly: every exit code and every signal, whether or not termd is there at that moment."""

import json
import os
import re
import resource
import signal
import subprocess

import pytest

from support import processes, unix_http
from support.many import ROOM, SANITIZED, open_many, show, together
from support.wait import wait_until

CODES = range(0, 256, 5 if SANITIZED else 1)  # with a sanitizer each session takes much memory
# Those whose default is to end a process (signal(7)), with their names: 29 has two.
SPARING = ("SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGWINCH")
SIGNALS = {number: signal.Signals(number).name.replace("SIGIO", "SIGPOLL")[3:]
           for number in range(1, 32) if signal.Signals(number).name not in SPARING}

# Ends with the code that somebody writes into the pipe it makes; no shell is started, so that it is quick.
EXITS = """\
#!/bin/sh
mkfifo "{folder}/$1.new" && mv "{folder}/$1.new" "{folder}/$1"
read code < "{folder}/$1"
exit "$code"
"""


@pytest.fixture
def termd(make_termd, tmp_path):
    script = tmp_path / "exits"
    script.write_text(EXITS.format(folder=tmp_path))
    script.chmod(0o755)
    commands = {"exits": {"argv": [str(script), "{session}"]}, "sleeps": {"argv": ["/bin/sleep", "1000"]}}
    return make_termd(config={"commands": commands, "sessions": ROOM | {"idle_timeout": "0"}}, ports=300)


class Ends:
    """Sessions that wait for their end, and how each is to end; now() ends them all at once."""

    def __init__(self, termd, folder, codes=CODES, signals=tuple(SIGNALS)):
        self._folder = folder
        self._coded = dict(zip(codes, open_many(termd, "exits", len(codes)), strict=True))
        self._signalled = dict(zip(signals, open_many(termd, "sleeps", len(signals)), strict=True))
        self._targets = {number: processes.look(s["ssh"]["pid"]) for number, s in self._signalled.items()}
        for session in self._coded.values():
            wait_until((folder / session["id"]).exists, 30, "a command to be ready")
        self.wanted = [(session, {"code": code}) for code, session in self._coded.items()]
        self.wanted += [(session, {"signal": SIGNALS[n]}) for n, session in self._signalled.items()]

    def now(self):
        for code, session in self._coded.items():
            with open(self._folder / session["id"], "w") as pipe:
                pipe.write(f"{code}\n")
        for number, process in self._targets.items():
            processes.send(process, number)


def end_of(termd, session):
    """The session's exit status, once it is closed."""
    found = {}

    def closed():
        found.update(show(termd, session) or {})
        return found.get("state") == "closed"

    wait_until(closed, 60, lambda: f"the end of {session['id']}, now {found}")
    assert found["end_reason"] == "exited"
    return found["exit"]


@pytest.mark.parametrize("which", [{"signals": ()}, {"codes": ()}], ids=["code", "signal"])
def test_every_one_arrives(termd, tmp_path, which):
    ends = Ends(termd, tmp_path, **which)

    ends.now()

    got = together(lambda wanted: end_of(termd, wanted[0]), ends.wanted)
    assert got == [exit_status for _, exit_status in ends.wanted]


def test_every_code_and_every_signal_is_known_to_a_termd_that_was_away(termd, tmp_path):
    ends = Ends(termd, tmp_path)
    termd.kill9()
    ends.now()

    termd.start()

    wait_until(lambda: termd.list() == [], 60, "the end of all sessions")
    logged = dict(re.findall(r'session\.closed session=(\w+) .* reason=exited exit="([^"]*)"', termd.log(last=1 << 20)))
    assert logged == {session["id"]: in_words(status) for session, status in ends.wanted}
    # The last ones can be shown, too.
    shown = {s["id"]: s["exit"] for s in termd.ctl_json("ls", "--state", "closed")["sessions"]}
    assert len(shown) == min(256, len(ends.wanted))
    assert shown.items() <= {session["id"]: status for session, status in ends.wanted}.items()


def in_words(status):
    return f"exited with code {status['code']}" if "code" in status else f"was killed by signal {status['signal']}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_termd_that_dies_in_the_same_instant_learns_it_too(termd, tmp_path, number):
    """Whoever comes first, the end of the command or that of termd: nothing is lost in between."""
    sessions = open_many(termd, "sleeps", 40)
    commands = [processes.look(session["ssh"]["pid"]) for session in sessions]

    for position, command in enumerate(commands):
        processes.send(command, number)
        if position == len(commands) // 2:
            termd.kill9()
    termd.start()

    # Those that had ended before termd did are in its log alone, until there is a history.
    wait_until(lambda: termd.list() == [], 60, "the end of all sessions")
    known = termd.log(last=1 << 20)
    for session in sessions:
        assert f'reason=exited exit="was killed by signal {SIGNALS[number]}"' in last_word(known, session)


def last_word(log, session):
    return next(line for line in log.splitlines() if f"session.closed session={session['id']}" in line)


def test_a_command_that_ended_while_termd_was_away_can_be_shown(termd, tmp_path):
    [session] = open_many(termd, "exits", 1)
    wait_until((tmp_path / session["id"]).exists, 30, "the command to be ready")
    shim = processes.look(processes.look(session["ssh"]["pid"]).parent)
    termd.kill9()
    with open(tmp_path / session["id"], "w") as pipe:
        pipe.write("42\n")
    wait_until(lambda: not shim.running(), 15, "the end of the session")

    termd.start()

    shown = termd.show(session)
    assert (shown["state"], shown["end_reason"], shown["exit"]) == ("closed", "exited", {"code": 42})
    for name in ("user", "command", "created_at", "labels"):
        assert shown[name] == session[name], name
    assert shown["closed_at"] >= session["created_at"] and shown["clients"] == []
    assert termd.list() == [] and termd.leftovers() == []


@pytest.fixture
def small_disk(make_termd):
    """A termd whose runtime directory is a small file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    config = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM}
    termd = make_termd(config=config, start=False)
    termd.runtime.mkdir(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k,mode=755", "none", termd.runtime], check=True)
    yield termd.start()
    if termd.running():
        termd.stop()
    subprocess.run(["umount", "--lazy", termd.runtime], check=True)


def fill_up(folder):
    with open(folder / "filling", "wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(4096))


def test_the_end_is_told_from_a_full_disk_too(small_disk):
    [session] = open_many(small_disk, "sleeps", 1)
    command = processes.look(session["ssh"]["pid"])
    shim = processes.look(command.parent)
    fill_up(small_disk.runtime)
    small_disk.kill9()
    processes.send(command, signal.SIGTERM)
    wait_until(lambda: not shim.running(), 15, "the end of the session")

    small_disk.start()

    shown = show(small_disk, session)
    assert (shown["state"], shown["end_reason"], shown["exit"]) == ("closed", "exited", {"signal": "TERM"})


def test_an_end_that_a_shim_without_descriptors_meets_is_told(termd):
    [session] = open_many(termd, "sleeps", 1)
    command = processes.look(session["ssh"]["pid"])
    resource.prlimit(command.parent, resource.RLIMIT_NOFILE, (3, 4096))

    processes.send(command, signal.SIGTERM)

    assert end_of(termd, session) == {"signal": "TERM"}


def test_a_session_that_was_lost_while_termd_was_away_says_so(termd):
    [session] = open_many(termd, "sleeps", 1)
    termd.kill9()
    processes.send(processes.look(processes.look(session["ssh"]["pid"]).parent), signal.SIGKILL)

    termd.start()

    shown = wait_until(lambda: show(termd, session), 15, "the session")
    assert (shown["state"], shown["end_reason"], shown["exit"]) == ("closed", "lost", None)
    wait_until(lambda: not os.path.exists(termd.session_directory(session)), 10, "its directory to go")


@pytest.mark.parametrize("here", [True, False], ids=["with-termd", "without-termd"])
def test_a_core_dump_is_a_signal_like_others(termd, here):
    [session] = open_many(termd, "sleeps", 1)
    command = processes.look(session["ssh"]["pid"])
    if not here:
        termd.kill9()

    processes.send(command, signal.SIGQUIT)

    if not here:
        termd.start()
    assert end_of(termd, session) == {"signal": "QUIT"}


def test_an_end_comes_before_a_request_that_waits_with_it(termd):
    daemon = processes.look(termd.pid)
    client = unix_http.keep_alive(termd.socket)
    client.request("GET", "/healthz")
    client.getresponse().read()

    for session in open_many(termd, "sleeps", 8):
        command = processes.look(session["ssh"]["pid"])
        shim = processes.look(command.parent)
        processes.send(daemon, signal.SIGSTOP)
        wait_until(lambda: processes.look(daemon.pid).state == "T", 15, "termd to stand still")
        client.request("GET", f"/v1/sessions/{session['id']}")
        processes.send(command, signal.SIGKILL)
        wait_until(lambda shim=shim: not shim.running(), 15, "the end of the shim")
        processes.send(daemon, signal.SIGCONT)

        with client.getresponse() as answer:
            assert json.loads(answer.read())["end_reason"] == "exited"  # closed, or about to be
    client.close()
