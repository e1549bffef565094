"""A throw-away sshd on a free loopback port, run as the current user.

Host key, client key and configuration live in a temporary directory; nothing of the machine's own sshd is read or
changed. Root and everybody else can run it: a user other than root can log in as themselves only, which is all we need.
"""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from support import processes
from support.ports import PortRange
from support.wait import wait_until

# Every process of a login carries this, so stop() finds also those that made themselves independent.
MARK = "TERMD_TEST_SSHD"

CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {root}/host_key
AuthorizedKeysFile {root}/authorized_keys
PidFile none
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM {pam}
StrictModes no
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
SetEnv {environment}
"""


class Sshd:
    """Starts at once; stop() ends it, its logins and whatever they left running.

    force_command replaces the login shell (sshd runs it by the shell all the same). With bare_home the shell finds an empty
    home directory and UTF-8, so a person's start-up files can neither slow a test down nor be written to.
    """

    def __init__(self, force_command=None, bare_home=False):
        self.login = getpass.getuser()
        self.root = Path(tempfile.mkdtemp(prefix="termd-sshd-", dir="/tmp"))
        self._range = PortRange(1)
        self.port = self._range.first
        self.client_key = self.root / "client_key"
        self.log = self.root / "log"
        try:
            self._make_keys()
            self._configure(force_command, bare_home)
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def target(self):
        """How to name it to `termctl open`."""
        return f"{self.login}@127.0.0.1:{self.port}"

    def known_hosts(self):
        """The line for a known_hosts file that makes a client trust it."""
        kind, key = (self.root / "host_key.pub").read_text().split()[:2]
        return f"[127.0.0.1]:{self.port} {kind} {key}\n"

    def new_key(self, name):
        """Another client key, which it does not accept."""
        path = self.root / name
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"termd test {name}", "-f", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    def stop(self):
        server = getattr(self, "_server", None)
        if server:
            processes.kill(processes.descendants(server.pid))
            server.kill()
            server.wait(10)
        processes.kill(processes.marked(MARK, str(self.root)))
        self._range.release()
        shutil.rmtree(self.root, ignore_errors=True)

    def _make_keys(self):
        self.new_key("host_key")
        self.new_key("client_key")
        shutil.copy(self.root / "client_key.pub", self.root / "authorized_keys")

    def _configure(self, force_command, bare_home):
        environment = f"{MARK}={self.root}"
        if bare_home:
            home = self.root / "home"
            home.mkdir()
            home.chmod(0o700)
            environment += f" HOME={home} LANG=C.UTF-8"
        pam = "yes" if _locked_password(self.login) else "no"
        text = CONFIG.format(port=self.port, root=self.root, pam=pam, environment=environment)
        if force_command:
            text += f"ForceCommand {force_command}\n"
        (self.root / "sshd_config").write_text(text)

    def _start(self):
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", 0o755, exist_ok=True)  # its privilege separation directory
        program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
        if not program:
            raise RuntimeError("no sshd on this machine: install openssh-server")
        # sshd re-executes itself for every connection and therefore insists on an absolute path.
        command = [os.path.abspath(program), "-D", "-e", "-f", str(self.root / "sshd_config")]
        with open(self.log, "ab") as log:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._answers, 10, lambda: f"sshd's banner; its log: {self.log.read_text()}")

    def _answers(self):
        if self._server.poll() is not None:
            raise RuntimeError(f"sshd did not start: {self.log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(8).startswith(b"SSH-2.0")
        except OSError:
            return False


def _locked_password(login):
    """Without PAM sshd turns down a user whose password is locked with "!", even one with a key."""
    try:
        with open("/etc/shadow") as lines:
            return any(line.startswith(f"{login}:!") for line in lines)
    except OSError:
        return False
