"""A throw-away sshd on a free loopback port, run as the current user.

Host key, client key and configuration live in a temporary directory; nothing of the machine's own sshd is read or
changed. Root and everybody else can run it: a user other than root can log in as themselves only, which is all we need.
"""

import getpass
import os
import shutil
import socket
import subprocess
from pathlib import Path

from support import processes
from support.places import new_place
from support.ports import PortRange
from support.wait import wait_until

# Every process of a login carries this, so stop() finds also those that made themselves independent.
MARK = "TERMD_TEST_SSHD"

CONFIG = """\
Port {port}
ListenAddress {address}
AuthorizedKeysFile {root}/authorized_keys
PidFile none
PermitRootLogin yes
PasswordAuthentication {password}
PubkeyAuthentication {pubkey}
KbdInteractiveAuthentication no
UsePAM {pam}
StrictModes no
MaxStartups 200
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
SetEnv {environment}
"""


class Sshd:
    """Starts at once; stop() ends it, its logins and whatever they left running.

    force_command replaces the login shell (sshd runs it by the shell all the same). With bare_home the shell finds an empty
    home directory and UTF-8, so a person's start-up files can neither slow a test down nor be written to. It has one
    host key of each of key_types. With authority, the path of a key, its first host key is certified by that for its address.
    With only_passwords it takes nobody's key.
    """

    def __init__(self, force_command=None, bare_home=False, key_types=("ed25519",), authority=None, only_passwords=False, address="127.0.0.1"):
        self.login = getpass.getuser()
        self.root = new_place("termd-sshd")
        self._range = PortRange(1)
        self.port = self._range.first
        self.client_key = self.root / "client_key"
        self.log = self.root / "log"
        self.key_types, self.address = key_types, address
        try:
            self.new_key("client_key")
            shutil.copy(self.root / "client_key.pub", self.root / "authorized_keys")
            self._make_host_keys(authority)
            self._configure(force_command, bare_home, authority, only_passwords)
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def target(self):
        """How to name it to `termctl open`."""
        return f"{self.login}@{f'[{self.address}]' if ':' in self.address else self.address}:{self.port}"

    def known_hosts(self, type=None, name=None):
        """The line for a known_hosts file that makes a client trust it, by its first key or that of a type."""
        return f"{name or self.name} {self.public_key(type)}\n"

    @property
    def name(self):
        """What ssh looks it up by."""
        return f"[{self.address}]:{self.port}"

    def public_key(self, type=None):
        return " ".join(self._host_key(type).with_suffix(".pub").read_text().split()[:2])

    def fingerprint(self, type=None):
        return fingerprint(self._host_key(type))

    def new_key(self, name, type="ed25519"):
        """Another client key, which it does not accept."""
        path = self.root / name
        command = ["ssh-keygen", "-q", "-t", type, "-N", "", "-C", f"termd test {name}", "-f", str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    def change_keys(self):
        """Be set up anew: the same place, other host keys. Ends its logins."""
        self._end()
        for type in self.key_types:
            self._host_key(type).unlink()
            self._host_key(type).with_suffix(".pub").unlink()
        self._make_host_keys(None)
        self._start()

    def stop(self):
        self._end()
        self._range.release()
        shutil.rmtree(self.root, ignore_errors=True)

    def _end(self):
        server = getattr(self, "_server", None)
        if server:
            processes.kill(processes.descendants(server.pid))
            server.kill()
            server.wait(10)
        processes.kill(processes.marked(MARK, str(self.root)))

    def _host_key(self, type=None):
        return self.root / f"host_key_{type or self.key_types[0]}"

    def _make_host_keys(self, authority):
        for type in self.key_types:
            self.new_key(self._host_key(type).name, type)
        if authority:
            command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", "-h", "-n", self.address, str(self._host_key()) + ".pub"]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)

    def _configure(self, force_command, bare_home, authority, only_passwords):
        environment = f"{MARK}={self.root}"
        if bare_home:
            home = self.root / "home"
            home.mkdir()
            home.chmod(0o700)
            environment += f" HOME={home} LANG=C.UTF-8"
        pam = "yes" if _locked_password(self.login) else "no"
        password, pubkey = ("yes", "no") if only_passwords else ("no", "yes")
        text = CONFIG.format(
            port=self.port, root=self.root, pam=pam, environment=environment, password=password, pubkey=pubkey,
            address=self.address,
        )  # fmt: skip
        text += "".join(f"HostKey {self._host_key(type)}\n" for type in self.key_types)
        if authority:
            text += f"HostCertificate {self._host_key()}-cert.pub\n"
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
        program = os.path.abspath(program)
        command = [program, "-D", "-e", "-f", str(self.root / "sshd_config")]
        # sshd 9.8 and newer turns away for a while who has failed a few times; here one address fails on purpose, again and again.
        patient = ["-o", "PerSourcePenalties=no"]
        if subprocess.run([*command, "-t", *patient], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            command += patient
        with open(self.log, "ab") as log:
            self._server = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._answers, 10, lambda: f"sshd's banner; its log: {self.log.read_text()}")

    def _answers(self):
        if self._server.poll() is not None:
            raise RuntimeError(f"sshd did not start: {self.log.read_text()}")
        try:
            with socket.create_connection((self.address, self.port), 1) as connection:
                return connection.recv(8).startswith(b"SSH-2.0")
        except OSError:
            return False


def fingerprint(key):
    """Of a key's file, as ssh-keygen prints it."""
    done = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], check=True, capture_output=True, text=True)
    return done.stdout.split()[1]


def _locked_password(login):
    """Without PAM sshd turns down a user whose password is locked with "!", even one with a key."""
    try:
        with open("/etc/shadow") as lines:
            return any(line.startswith(f"{login}:!") for line in lines)
    except OSError:
        return False
