"""Memory of termd with more and more sessions, of what each session has, and of others."""

from support import processes
from support.ttyd_client import Terminal

from crowd import FEW, MANY, crowd
from peers.managers import python_manager
from peers.supervisors import S6, Runit, supervising
from results import Goal, Row
from surroundings import a_termd
from watching import memory_kib, private_kib


def mib(pid):
    return memory_kib(pid, "Rss") / 1024


def daemon(count):
    crowd().grow(count)
    goal = Goal("MiB", 12 + count * 8 / 1024, [mib(crowd().termd.pid)])
    return Row(f"daemon with {count} sessions, resident", "MiB", {"termd": goal.figures}, [goal])


def python(count):
    with python_manager(count) as manager:
        before = mib(manager.pid)
        manager.open(count, 16)
        return Row(f"Python manager with 0 and {count} sessions, resident", "MiB", {"0": [before], f"{count}": [mib(manager.pid)]})


def each_session(connected):
    """Of one that has a client attached: what of its processes is nobody else's, KiB."""
    found = {}
    for process in crowd().termd.processes_of(connected):
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


def rows():
    with a_termd(20) as empty:
        goal = Goal("MiB", 12, [mib(empty.pid)])
        yield Row("daemon without sessions, resident", "MiB", {"termd": goal.figures}, [goal])
    yield daemon(FEW)
    yield python(FEW)
    session = crowd().termd.open("--command", "cat")
    terminal = Terminal.load(session["url"])
    try:
        measured = each_session(session) | supervisors(10)
    finally:
        terminal.close()
        crowd().termd.ctl("close", session["id"], "--now")
    yield Row("processes of a session, private", "KiB", measured, [Goal("KiB private for a shim", 512, measured["termd-shim"])])
    yield daemon(MANY)
