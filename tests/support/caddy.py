"""A real Caddy in front of a termd: etc/caddy/Caddyfile as it ships, on a port of the loopback, with a certificate of its own."""

from pathlib import Path

from support.reverse_proxy import NAME, ReverseProxy, certificate

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


class Caddy(ReverseProxy):
    program = "caddy"

    def __init__(self, termd, port):
        super().__init__(termd, port)
        text = CONFIG.read_text().replace("/run/termd", str(termd.runtime))
        tls = "tls {} {}".format(*certificate())
        text = text.replace("terminals.example.org {", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\t{tls}", 1)
        (self.root / "Caddyfile").write_text(GLOBAL.format(root=self.root) + text)

    def command(self):
        return ["run", "--config", self.root / "Caddyfile", "--adapter", "caddyfile"]
