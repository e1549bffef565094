"""Memory of termd with more and more sessions, of what each session has, and of others."""

from support import processes
from support.ttyd_client import Terminal

import asking
from crowd import FEW, MANY
from peers.managers import python_manager
from peers.supervisors import S6, Runit, supervising
from results import Goal, Row
from surroundings import a_termd
from watching import memory_kib, private_kib


def mib(pid):
    return memory_kib(pid, "Rss") / 1024


def daemon(termd, count):
    goal = Goal("MiB", 12 + count * 8 / 1024, [mib(termd.pid)])
    return Row(f"daemon with {count} sessions, resident", "MiB", {"termd": goal.figures}, [goal])


def python(count):
    with python_manager(count) as manager:
        before = mib(manager.pid)
        manager.open(count, 16)
        return Row(f"Python manager with 0 and {count} sessions, resident", "MiB", {"0": [before], f"{count}": [mib(manager.pid)]})


def each_session(termd, connected):
    """Of one that has a client attached: what of its processes is nobody else's, KiB."""
    found = {}
    for process in termd.processes_of(connected):
        found.setdefault(process.name(), []).append(private_kib(process.pid))
    return {name: values[:1] for name, values in found.items()}


def supervisors(count):
    measured = {}
    for kind, name in ((S6, "s6-supervise"), (Runit, "runsv")):
        with supervising(kind, count) as workers:
            workers.start_all()
            named = [pid for pid in workers.managers() if processes.look(pid).name() == name]
            measured[name] = [private_kib(pid) for pid in named]
    return measured


def open_more(termd, count):
    asking.ask(termd.socket, [asking.http("POST", "/v1/sessions", {"command": "cat"})], 16, count)


def session_of(termd):
    """One with a client."""
    session = termd.open("--command", "cat")
    terminal = Terminal.load(session["url"])
    try:
        measured = each_session(termd, session) | supervisors(10)
    finally:
        terminal.close()
        termd.ctl("close", session["id"], "--now")
    return Row("processes of a session, private", "KiB", measured, [Goal("KiB private for a shim", 512, measured["termd-shim"])])


def rows():
    with a_termd(MANY) as termd:
        yield daemon(termd, 0)
        open_more(termd, FEW)
        yield daemon(termd, FEW)
        yield session_of(termd)
        open_more(termd, MANY - FEW)
        yield daemon(termd, MANY)
    yield python(FEW)
