"""A real Caddy in front of a termd: etc/caddy/Caddyfile as it ships, on a port of the loopback, with a certificate of its own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.nginx import NAME, certificate
from support.ports import listening
from support.wait import wait_until

CONFIG = Path(__file__).resolve().parents[2] / "etc/caddy/Caddyfile"

GLOBAL = """\
{{
	admin off
	auto_https disable_redirects
	storage file_system {root}
	log {{
		level DEBUG
	}}
}}
"""


class Caddy:
    """start() it; destroy() it in the end."""

    def __init__(self, termd, port):
        self.port = port
        self.root = Path(tempfile.mkdtemp(prefix="termd-caddy-", dir="/tmp"))
        self._process = None
        text = CONFIG.read_text().replace("/run/termd", str(termd.runtime))
        tls = "tls {} {}".format(*certificate())
        text = text.replace("terminals.example.org {", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\t{tls}", 1)
        (self.root / "Caddyfile").write_text(GLOBAL.format(root=self.root) + text)

    @property
    def origin(self):
        return f"https://{NAME}:{self.port}"

    def start(self):
        with open(self.root / "caddy.log", "ab") as log:
            self._process = subprocess.Popen(
                [shutil.which("caddy"), "run", "--config", self.root / "Caddyfile", "--adapter", "caddyfile"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | {"HOME": str(self.root)},
            )
        wait_until(self._serves, 15, lambda: f"Caddy to listen; its log: {self.log()}")
        return self

    def _serves(self):
        if self._process.poll() is not None:
            raise AssertionError(f"Caddy ended with {self._process.returncode} at its start; its log: {self.log()}")
        return listening([self.port])

    def destroy(self):
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)
        shutil.rmtree(self.root, ignore_errors=True)

    def log(self):
        return (self.root / "caddy.log").read_text(errors="replace")[-6000:]
