"""What a termd that has ended may not leave behind: processes, sockets, ports, directories.

A process belongs to a termd when its program, directory, arguments or environment name the termd's temporary directory,
or when its environment carries the id of one of its sessions: every process of a session does, unless it changed it.
"""

import os
from pathlib import Path

from support import processes
from support.ports import listening
from support.wait import wait_until

MARK = "TERMD_SESSION"


def belonging(root, sessions):
    """All running processes of the termd below root, termd itself included."""
    folder = f"{root}/"  # with the slash, /tmp/termd-a does not own what is in /tmp/termd-ab

    def ours(process):
        return process.mentions(folder) or process.environment().get(MARK) in sessions

    return processes.where(ours)


def of_session(session):
    """All processes of one session."""
    return processes.marked(MARK, session)


def shim_of(session):
    """The living shim of a session, as termctl shows it."""
    [shim] = [process for process in of_session(session["id"]) if process.command() == "termd-shim"]
    return shim


def session_paths(runtime):
    """What lies in the directory of live sessions."""
    try:
        return sorted((Path(runtime) / "sessions").iterdir())
    except FileNotFoundError:
        return []


def sockets(root):
    """Unix sockets below root: bound ones from the kernel's list, and files whose owner has gone."""
    with open("/proc/net/unix") as lines:
        names = {line.split()[7] for line in lines if len(line.split()) > 7}
    bound = {name for name in names if name.lstrip("@").startswith(f"{root}/")}
    # os.walk() takes a directory that goes meanwhile for an empty one.
    files = {path for folder, _, names in os.walk(root) for name in names if Path(path := os.path.join(folder, name)).is_socket()}
    return sorted(bound | files)


def cgroups(sessions):
    """Control groups named after one of the sessions."""
    found = []
    for folder, names, _ in os.walk("/sys/fs/cgroup"):
        found += [f"{folder}/{name}" for name in names if any(session in name for session in sessions)]
    return found


def remove_cgroups(sessions):
    """For sessions whose processes have all been killed; the kernel takes a moment to notice."""

    def removed(path):
        try:
            path.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return False
        return True

    for path in cgroups(sessions):
        wait_until(lambda path=path: removed(Path(path)), 5, f"{path} to be empty")


def report(root, runtime, ports, sessions, daemon=None):
    """Everything that is left, one line each; an empty list is what is wanted.

    daemon is the process id of a termd that goes on: it and its control socket are no leftovers, but zombies below it are.
    """
    own = {str(Path(runtime) / "control.sock")} if daemon else set()
    found = [f"process {process}" for process in belonging(root, sessions) if process.pid != daemon]
    found += [f"zombie {process}" for process in processes.descendants(daemon) if process.zombie] if daemon else []
    found += [f"socket {name}" for name in sorted({*sockets(root), *sockets(runtime)} - own)]
    found += [f"listener on port {port}" for port in listening(ports)]
    found += [f"session directory {path}" for path in session_paths(runtime)]
    found += [f"control group {path}" for path in cgroups(sessions)]
    return found
