"""A termd of a test's own: everything it has lies in one temporary directory, and nothing may be left of it.

TERMD_BUILD names the build directory (default: build/ of this checkout) and TERMD_TTYD the ttyd to use (default: the one
that scripts/setup found or brought).
"""

import contextlib
import functools
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from support import leftovers, processes, unix_http
from support.places import new_place
from support.ports import PortRange
from support.toml import merged, to_toml
from support.wait import TimedOut, wait_until

CHECKOUT = Path(__file__).resolve().parents[2]


def build_directory():
    return Path(os.environ.get("TERMD_BUILD", CHECKOUT / "build")).resolve()


@functools.cache
def find_ttyd():
    """The ttyd to use; a bare name when there is none, so that termd can say so."""
    if named := os.environ.get("TERMD_TTYD"):
        return named
    setup = subprocess.run([CHECKOUT / "scripts/setup", "--print-ttyd"], capture_output=True, text=True)
    return setup.stdout.strip() or "ttyd"


# Goes before a command: it becomes that command, with an empty directory where the control groups were.
HIDE_CGROUPS = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"']


@dataclass(frozen=True)
class Outcome:
    """What a program printed, and its exit code."""

    code: int
    stdout: str
    stderr: str

    def json(self):
        return json.loads(self.stdout)


class Termd:
    """One termd with its configuration; start() it, and stop() or destroy() it.

    sshd: the Sshd that sessions go to; its key is used and its host key trusted. config: a dict laid over the
    configuration below. known_hosts: other host keys to trust than that. ports: how many it has for its sessions.
    hide_cgroups: keep the control groups from it, so that it has to do without (only root can do that). runtime: an
    empty directory for its runtime files, which goes with it. The temporary directory has a short name because paths of
    Unix sockets end at 107 bytes.
    """

    def __init__(self, sshd=None, config=None, known_hosts=None, ports=20, hide_cgroups=False, runtime=None):
        self.root = new_place("termd")
        self.runtime, self.state = runtime or self.root / "run", self.root / "state"
        self.config_file, self.log_file = self.root / "termd.toml", self.root / "termd.log"
        self.range = PortRange(ports)
        self.sessions = set()  # the ids of all sessions that were ever opened here
        self._process = None
        self.prefix = HIDE_CGROUPS if hide_cgroups else []  # goes before the command, which it becomes
        settings = {
            "paths": {"runtime": str(self.runtime), "state": str(self.state)},
            "control": {"group": ""},
            "workers": {"ports": str(self.range)},
            "ttyd": {"path": find_ttyd()},
            "ssh": {"host_keys": "strict"},
        }
        if sshd:
            settings["ssh"] |= {"login": sshd.login, "keys": [str(sshd.client_key)]}
            known_hosts = sshd.known_hosts() if known_hosts is None else known_hosts
        self.config = merged(settings, config or {})
        self.config_file.write_text(to_toml(self.config))
        self.state.mkdir()
        (self.state / "known_hosts").write_text(known_hosts or "")
        self.socket = Path(self.config["control"].get("socket", self.runtime / "control.sock"))

    @property
    def pid(self):
        return self._process.pid if self.running() else None

    def running(self):
        return self._process is not None and self._process.poll() is None

    def start(self, deadline=15):
        """Start it and wait until it serves."""
        self.launch()
        wait_until(self._serves, deadline, lambda: f"termd to serve; its log: {self.log()}")
        return self

    def launch(self):
        """Start it, and wait for nothing."""
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(
                [*self.prefix, build_directory() / "supervisor/termd", "--config", self.config_file],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill9(self):
        """End it as a crash does: at once, with the sessions left as they are."""
        self._process.kill()
        self._process.wait(10)

    def stop(self, deadline=30):
        """Ask it to end (SIGTERM), which ends its sessions, and return its exit code."""
        self.ask_to_end()
        return self.wait_for_end(deadline)

    def ask_to_end(self):
        self._process.terminate()

    def wait_for_end(self, deadline=30):
        try:
            return self._process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"termd still runs {deadline} s after SIGTERM; its log: {self.log()}") from None

    def destroy(self):
        """Wipe out whatever is left, the temporary directory included; for the end of a test, failed or not."""
        self.remember_sessions()
        if self.running():
            self.kill9()
        processes.kill(leftovers.belonging(self.root, self.sessions))
        leftovers.remove_cgroups(self.sessions)
        self.range.release()
        for place in (self.runtime, self.root):
            shutil.rmtree(place, ignore_errors=True)

    def ctl(self, *arguments, deadline=60, **options):
        """Run termctl against it."""
        return run("cli/termctl", *arguments, environment={"TERMCTL_SOCKET": str(self.socket)}, deadline=deadline, **options)

    def ctl_json(self, *arguments, **options):
        """Run `termctl -o json`, which must succeed, and return what it printed."""
        outcome = self.ctl("-o", "json", *arguments, **options)
        assert outcome.code == 0, f"termctl {' '.join(arguments)}: exit {outcome.code}: {outcome.stderr or outcome.stdout}"
        return outcome.json()

    def api(self, method, target, body=None, **options):
        return unix_http.request(self.socket, method, target, body, **options)

    def open(self, *arguments):
        """`termctl open …`, which must succeed: the session with its token and url."""
        session = self.ctl_json("open", *arguments)
        self.sessions.add(session["id"])
        return session

    def list(self):
        return self.ctl_json("ls")["sessions"]

    def show(self, session):
        return self.ctl_json("show", session["id"])

    def wait_for_state(self, session, state, deadline=15):
        """Wait until the session is in that state, and return it."""
        seen = {}

        def reached():
            seen.update(self.show(session))
            return seen["state"] == state

        wait_until(reached, deadline, lambda: f"state {state} of session {session['id']}, now {seen}")
        return seen

    def session_directory(self, session):
        return self.runtime / "sessions" / session["id"]

    def processes_of(self, session):
        """All processes of a session by the mark in their environment."""
        return leftovers.of_session(session["id"])

    def ttyd_of(self, session):
        """The session's present ttyd."""
        return processes.look(self.show(session)["worker"]["pid"])

    def ssh_of(self, session):
        """The session's ssh, or whatever command it runs instead."""
        return processes.look(self.show(session)["ssh"]["pid"])

    def remember_sessions(self):
        """Note the ids of sessions that open() did not see, for leftovers()."""
        self.sessions |= {path.name for path in leftovers.session_paths(self.runtime)}

    def leftovers(self):
        """What ended sessions left behind, and, once it has ended, what termd left behind; one line each."""
        self.remember_sessions()
        found = self._report()
        # Their directories go a moment later than they: when it is on record how they ended.
        if all(line.startswith(("session directory ", "socket ")) for line in found):
            with contextlib.suppress(TimedOut):
                wait_until(lambda: not leftovers.session_paths(self.runtime), 10, "the directories to go")
            found = self._report()
        return found

    def _report(self):
        return leftovers.report(self.root, self.runtime, self.range.ports, self.sessions, self.pid)

    def log(self, last=4000):
        """The last part of what it logged."""
        return self.log_file.read_text(errors="replace")[-last:] if self.log_file.exists() else ""

    def _serves(self):
        if not self.running():
            raise AssertionError(f"termd ended with {self._process.returncode} at its start; its log: {self.log()}")
        try:
            return self.api("GET", "/healthz", deadline=5).status == 200
        except OSError:
            return False


def run(program, *arguments, environment=None, deadline=60, input=None):
    """Run one of the build's programs to its end."""
    done = subprocess.run(
        [build_directory() / program, *arguments],
        env=os.environ | (environment or {}),
        input=input or "",
        capture_output=True,
        text=True,
        errors="replace",
        timeout=deadline,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
