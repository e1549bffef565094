"""A real nginx in front of a termd: etc/nginx/termd.conf as it ships, on a port of the loopback, with a certificate of its own.

The file is changed only where its head says that it is to be changed, in its ports, and in the path of termd's directory.
"""

import atexit
import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.ports import listening
from support.wait import wait_until

CONFIG = Path(__file__).resolve().parents[2] / "etc/nginx/termd.conf"
NAME = "terminals.example.test"  # browsers are told that it is the loopback
GROUP = "www-data" if os.geteuid() == 0 else ""

MAIN = """\
{user}
daemon off;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/error.log info;
events {{}}
http {{
    access_log {root}/access.log;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    scgi_temp_path {root}/scgi;
    uwsgi_temp_path {root}/uwsgi;
    {ours}
}}
"""


def termd_config(port):
    """What has to be in a termd's configuration for the proxy on that port."""
    return {"workers": {"access": "sockets", "proxy_group": GROUP, "public_url": f"https://{NAME}:{port}/"}}


@functools.cache
def certificate():
    """(certificate, key) for NAME, made once for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="termd-certificate-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    files = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )
    return files


class Nginx:
    """start() it; stop() it in the end. frame_ancestors: who may show a terminal in a frame."""

    def __init__(self, termd, port, frame_ancestors=None):
        self.termd, self.port = termd, port
        self.root = Path(tempfile.mkdtemp(prefix="termd-nginx-", dir="/tmp"))
        self.root.chmod(0o711)
        self._process = None
        user = f"user {GROUP} {GROUP};" if GROUP else ""
        (self.root / "nginx.conf").write_text(MAIN.format(user=user, root=self.root, ours=self._ours(frame_ancestors)))

    @property
    def origin(self):
        return f"https://{NAME}:{self.port}"

    def _ours(self, frame_ancestors):
        text = CONFIG.read_text().replace("/run/termd", str(self.termd.runtime)).replace("terminals.example.org", NAME)
        text = re.sub(r"listen \[::\].*\n", "", text).replace("listen 443", f"listen 127.0.0.1:{self.port}")
        for name, file in zip(("ssl_certificate", "ssl_certificate_key"), certificate()):
            text = re.sub(rf"({name}\s+)/.*;", rf"\g<1>{file};", text)
        if frame_ancestors:
            text = text.replace("\"'none'\"", f'"{frame_ancestors}"')
        return text

    def start(self):
        with open(self.root / "start.log", "ab") as log:
            self._process = subprocess.Popen(
                [shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"), "-p", self.root, "-c", self.root / "nginx.conf",
                 "-e", self.root / "error.log"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        wait_until(self._serves, 15, lambda: f"nginx to listen; its log: {self.log()}")
        return self

    def _serves(self):
        if self._process.poll() is not None:
            raise AssertionError(f"nginx ended with {self._process.returncode} at its start; its log: {self.log()}")
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
        files = [self.root / name for name in ("start.log", "error.log", "access.log")]
        return "".join(file.read_text(errors="replace")[-3000:] for file in files if file.exists())
