"""nginx as a proxy before ttyds: /PORT/… goes to that port of the loopback."""

import contextlib
import subprocess

from support.ports import PortRange, is_free
from support.wait import wait_until

from surroundings import directory

CONFIGURATION = """\
daemon off; master_process off; pid {at}/pid; error_log {at}/error;
events {{ worker_connections 1024; }}
http {{
  access_log off; proxy_temp_path {at}/t; client_body_temp_path {at}/b; fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
  server {{
    listen 127.0.0.1:{port};
    location ~ ^/(?<worker>[0-9]+)(?<rest>/.*)$ {{
      proxy_pass http://127.0.0.1:$worker$rest$is_args$args;
      proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
      proxy_read_timeout 1h; proxy_buffering off;
    }}
  }}
}}
"""


@contextlib.contextmanager
def in_front_of():
    """Its port."""
    ports = PortRange(1)
    try:
        with directory() as at:
            (at / "conf").write_text(CONFIGURATION.format(at=at, port=ports.first))
            server = subprocess.Popen(["/usr/sbin/nginx", "-p", at, "-c", at / "conf"], stderr=subprocess.DEVNULL)
            try:
                wait_until(lambda: not is_free(ports.first), 10, "nginx to listen")
                yield ports.first
            finally:
                server.kill()
                server.wait(10)
    finally:
        ports.release()
