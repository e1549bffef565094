"""A real nginx in front of a termd: etc/nginx/termd.conf as it ships, on a port of the loopback, with a certificate of its own.

The file is changed only where its head says that it is to be changed, in its ports, and in the path of termd's directory.
"""

import re
from pathlib import Path

from support.reverse_proxy import GROUP, NAME, ReverseProxy, certificate

CONFIG = Path(__file__).resolve().parents[2] / "etc/nginx/termd.conf"

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


class Nginx(ReverseProxy):
    """frame_ancestors: who may show a terminal in a frame."""

    program = "nginx"
    logs = ["start.log", "error.log", "access.log"]

    def __init__(self, termd, port, frame_ancestors=None):
        super().__init__(termd, port)
        user = f"user {GROUP} {GROUP};" if GROUP else ""
        (self.root / "nginx.conf").write_text(MAIN.format(user=user, root=self.root, ours=self._ours(frame_ancestors)))

    def command(self):
        return ["-p", self.root, "-c", self.root / "nginx.conf", "-e", self.root / "error.log"]

    def _ours(self, frame_ancestors):
        text = CONFIG.read_text().replace("/run/termd", str(self.termd.runtime)).replace("terminals.example.org", NAME)
        text = re.sub(r"listen \[::\].*\n", "", text).replace("listen 443", f"listen 127.0.0.1:{self.port}")
        for name, file in zip(("ssl_certificate", "ssl_certificate_key"), certificate()):
            text = re.sub(rf"({name}\s+)/.*;", rf"\g<1>{file};", text)
        if frame_ancestors:
            text = text.replace("\"'none'\"", f'"{frame_ancestors}"')
        return text
