"""A Debian with a systemd of its own: a root directory that systemd-nspawn boots, entered by the name spaces of its init.

It has a network of its own, so its ports are nobody else's, and the ttyd that the tests use, below /opt/deps.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
from pathlib import Path

from support import unix_http
from support.termd import find_ttyd
from support.wait import wait_until

CLONE_NEWNET = 0x40000000
TTYD = "/opt/deps/bin/ttyd"


def children_of(pid):
    with contextlib.suppress(FileNotFoundError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def own_groups():
    """The directories of this process's control group: in version 2, and where that is not all there is in systemd's hierarchy of version 1."""
    mounted = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        about, _, (kind, _, options) = (words.split() for words in line.partition(" - "))
        if kind == "cgroup2":
            mounted.setdefault("", about[4])
        elif kind == "cgroup" and "name=systemd" in options.split(","):
            mounted.setdefault("name=systemd", about[4])
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, hierarchy, path = line.split(":", 2)
        if hierarchy in mounted:
            yield Path(mounted[hierarchy]) / path.lstrip("/")


class Machine:
    """boot() it, run() programs in it; destroy() it in the end."""

    def __init__(self, template, environment=None):
        # It is the machine's name, too, which takes fewer characters than mkdtemp() does.
        self.root = Path(f"/var/tmp/termd-machine-{os.urandom(6).hex()}")
        self.root.mkdir(mode=0o755)
        subprocess.run(["cp", "--archive", "--reflink=auto", f"{template}/.", self.root], check=True)
        self._log = self.root.with_suffix(".log")
        self._environment = environment or {}
        # systemd-nspawn puts a machine into a group "payload" below its own: two of them would be in each other's.
        self._groups = [group / self.root.name for group in own_groups()]
        self._nspawn = self.init = None

    def boot(self):
        ttyd = Path(find_ttyd()).resolve().parents[1]
        command = ["systemd-nspawn", "--quiet", "--directory", self.root, "--boot", "--register=no", "--keep-unit", "--console=pipe"]
        command += ["--private-network", "--machine", self.root.name, f"--bind-ro={ttyd}:/opt/deps"]
        for group in self._groups:
            group.mkdir(exist_ok=True)

        def into_its_groups():
            for group in self._groups:
                (group / "cgroup.procs").write_text("0")

        with open(self._log, "ab") as log:
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | self._environment, start_new_session=True, preexec_fn=into_its_groups)
        wait_until(self._is_up, 60, lambda: f"the machine to boot; it says {self.log()[-2000:]}")

    def _is_up(self):
        assert self._nspawn.poll() is None, f"the machine does not boot: {self.log()[-2000:]}"
        for self.init in children_of(self._nspawn.pid):
            state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
            return state in ("running", "degraded")

    def shut_down(self):
        """In order, as for a reboot."""
        self.run("systemctl", "poweroff", check=False)
        self._gone()

    def cut_power(self):
        os.kill(self.init, signal.SIGKILL)
        self._gone()

    def _gone(self):
        self._nspawn.wait(120)

    def run(self, *command, check=True, user=None, **options):
        """A program in the machine; its output is text."""
        words = ["nsenter", "--target", str(self.init), "--all"]
        words += ["runuser", "-u", user, "--"] if user else []
        done = subprocess.run([*words, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=options.pop("deadline", 120), env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}, **options)
        assert not check or done.returncode == 0, f"{' '.join(map(str, command))}: exit {done.returncode}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def api(self, method, target, body=None):
        return unix_http.request(f"/proc/{self.init}/root/run/termd/control.sock", method, target, body)

    def show(self, session):
        return self.api("GET", f"/v1/sessions/{session['id']}").json()

    @contextlib.contextmanager
    def network(self):
        """Sockets that are made inside belong to the machine's network, and stay there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net") as ours, open(f"/proc/{self.init}/ns/net") as theirs:
            assert libc.setns(theirs.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(ours.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())

    def log(self):
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def journal(self, *arguments):
        return self.run("journalctl", "--no-pager", *arguments).stdout

    def destroy(self):
        if self._nspawn and self._nspawn.poll() is None:
            self._nspawn.send_signal(signal.SIGKILL)
            self._nspawn.wait(30)
        for group in self._groups:
            for path, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):  # a last process may be on its way out
                    os.rmdir(path)
        subprocess.run(["rm", "-rf", "--one-file-system", self.root], check=False)
        self._log.unlink(missing_ok=True)


def lacking():
    """Why there can be no machine here; empty when there can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [name for name in ("systemd-nspawn", "debootstrap", "nsenter", "dpkg-buildpackage", "lintian") if not shutil.which(name)]
    return f"not found: {', '.join(missing)}" if missing else ""
