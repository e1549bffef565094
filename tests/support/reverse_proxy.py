"""What a reverse proxy in front of a termd is to the tests, whichever it is: a process with a folder, a port of the loopback, and a
certificate of its own.
"""

import atexit
import functools
import os
import shutil
import subprocess
from pathlib import Path

from support.places import new_place
from support.ports import listening
from support.wait import wait_until

NAME = "terminals.example.test"  # browsers are told that it is the loopback
GROUP = "www-data" if os.geteuid() == 0 else ""


def termd_config(port):
    """What has to be in a termd's configuration for the proxy on that port."""
    return {"workers": {"access": "sockets", "proxy_group": GROUP, "public_url": f"https://{NAME}:{port}/"}}


@functools.cache
def certificate():
    """(certificate, key) for NAME, made once for the whole run."""
    folder = new_place("termd-certificate")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )
    return files


class ReverseProxy:
    """start() it; stop() it, or destroy() it in the end. A subclass says in command() what to run, and in logs what that writes."""

    program = ""
    logs = ["start.log"]

    def __init__(self, termd, port):
        self.termd, self.port = termd, port
        self.root = new_place(f"termd-{self.program}")
        self.root.chmod(0o711)
        self._process = None

    @property
    def origin(self):
        return f"https://{NAME}:{self.port}"

    def command(self):
        """The words behind the program's name."""
        raise NotImplementedError

    def start(self):
        program = shutil.which(self.program, path=os.environ["PATH"] + ":/usr/sbin")
        environment = os.environ | {"HOME": str(self.root)}
        with open(self.root / "start.log", "ab") as log:
            self._process = subprocess.Popen([program, *self.command()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        wait_until(self._serves, 15, lambda: f"{self.program} to listen; its log: {self.log()}")
        return self

    def _serves(self):
        if self._process.poll() is not None:
            raise AssertionError(f"{self.program} ended with {self._process.returncode} at its start; its log: {self.log()}")
        return listening([self.port])

    def stop(self):
        """At once, with the connections that it has."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)

    def destroy(self):
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def log(self):
        files = [self.root / name for name in self.logs]
        return "".join(file.read_text(errors="replace")[-6000:] for file in files if file.exists())
