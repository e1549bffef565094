"""A browser as far as HTTP goes, in front of a reverse proxy with TLS on the loopback."""

import json
import ssl
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from support.reverse_proxy import NAME
from support.ttyd_client import Terminal


class Visitor:
    """Keeps the cookie that it got last. proxy: an Nginx, or whatever has a port and an origin."""

    def __init__(self, proxy):
        self.proxy = proxy
        self.cookie = None

    def ask(self, path, method="GET", body=None, host=None, origin=None, name=NAME, **headers):
        """(status, headers, body); name: that of the TLS handshake, which nobody needs to resolve."""
        fields = {"Host": host or f"{NAME}:{self.proxy.port}", "Cookie": self.cookie, "Origin": origin} | headers
        data = json.dumps(body).encode() if body is not None else None
        if data:
            fields.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            f"https://127.0.0.1:{self.proxy.port}{path}", data, {k: v for k, v in fields.items() if v is not None}, method=method
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=naming(name)))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def enter(self, session, origin=None, **options):
        """Post the ticket of the link; the cookie is kept. The status of the answer."""
        link = urlsplit(session["url"])
        status, headers, _ = self.ask(link.path, "POST", {"ticket": link.fragment}, origin=origin or self.proxy.origin, **options)
        if status == 204:
            self.cookie = headers["Set-Cookie"].split(";")[0]
        return status

    def terminal(self, session, query="", origin=None, **headers):
        fields = {"Host": f"{NAME}:{self.proxy.port}", "Cookie": self.cookie, "Origin": origin or self.proxy.origin} | headers
        return Terminal(
            f"wss://{NAME}:{self.proxy.port}/s/{session['id']}/ws{query}", via=("127.0.0.1", self.proxy.port),
            headers={k: v for k, v in fields.items() if v is not None},
        )


def naming(name):
    """TLS that trusts anybody and asks for that name."""

    class Context(ssl.SSLContext):
        def wrap_socket(self, *arguments, **options):
            return super().wrap_socket(*arguments, **options | {"server_hostname": name})

    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
