"""HTTP for the portal: who asks, whether the request comes from the portal's own page, and limits on everything that is read.

One request to a connection. Every answer carries the headers below; requests that change something need the token of the
sign-in in a header, which no other site can read or send. TLS is the business of the proxy in front.
"""

import json
import socket
import sys
import threading
import time
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from accounts import LONGEST_PASSWORD, NAME, BadAccounts
from backend import Refusal
from signins import LONGEST

LARGEST_BODY = 8 << 10
MOST_CONNECTIONS = 128
SECONDS_TO_ASK = 10  # for all of a request
SECONDS_IN_ALL = 90  # opening a session waits for ssh

PAGE = Path(__file__).parent / "page"
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/portal.js": ("portal.js", "text/javascript; charset=utf-8"),
    "/portal.css": ("portal.css", "text/css; charset=utf-8"),
}


class Server(ThreadingHTTPServer):
    """site: the Site it serves. Ends connections that are too many or too slow, whatever their threads are waiting for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, family):
        self.address_family = family
        self.site = None
        self._lock = threading.Lock()
        self._deadlines = {}
        super().__init__(address, Handler)

    def verify_request(self, request, _client_address):
        with self._lock:
            if len(self._deadlines) >= MOST_CONNECTIONS:
                return False
            self._deadlines[request] = time.monotonic() + SECONDS_TO_ASK
            return True

    def has_asked(self, request):
        with self._lock:
            if request in self._deadlines:
                self._deadlines[request] = time.monotonic() + SECONDS_IN_ALL

    def shutdown_request(self, request):
        with self._lock:
            self._deadlines.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self):
        now = time.monotonic()
        with self._lock:
            for request, deadline in self._deadlines.items():
                if now > deadline:
                    try:
                        request.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass  # the client was faster

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that went away is no error
            super().handle_error(request, client_address)


class Site:
    """What the handlers share. origins: how browsers name the portal, such as "https://portal.example.org"."""

    def __init__(self, backend, accounts, sign_ins, attempts, origins, terminals, heartbeat):
        self.backend, self.accounts, self.sign_ins, self.attempts = backend, accounts, sign_ins, attempts
        self.origins = frozenset(origins)
        self.hosts = frozenset(urlsplit(origin).netloc for origin in origins)
        self.heartbeat = heartbeat  # seconds
        self.secure = all(origin.startswith("https:") for origin in origins)
        self.cookie = "__Host-portal" if self.secure else "portal"
        self.files = {path: (kind, (PAGE / name).read_bytes()) for path, (name, kind) in FILES.items()}
        self.headers = (
            ("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
             f"frame-src {terminals}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        )


class Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "portal", ""
    timeout = SECONDS_TO_ASK

    def do_GET(self):
        site = self.server.site
        try:
            self._check_host()
            if file := site.files.get(self.path):
                return self._send(200, *file)
            self._send_json(200, self._answer("GET", {}))
        except Refusal as refusal:
            self._refuse(refusal)

    def do_POST(self):
        self._change("POST")

    def do_DELETE(self):
        self._change("DELETE")

    def _change(self, method):
        try:
            self._check_host()
            self._check_origin()
            body = self._body()
            if (method, self.path) == ("POST", "/api/sign-in"):
                return self._sign_in(body)
            self._send_json(200, self._answer(method, body))
        except Refusal as refusal:
            self._refuse(refusal)

    def _answer(self, method, body):
        """The answer to a request that needs somebody signed in."""
        self.server.has_asked(self.connection)
        secret, who = self._signed_in()
        if method != "GET" and not who.vouches_for(self.headers.get("X-CSRF-Token", "")):
            raise Refusal(403, "csrf", "the X-CSRF-Token of this sign-in is missing or wrong")
        if (method, self.path) == ("GET", "/api/me"):
            return self._me(who)
        if (method, self.path) == ("POST", "/api/sign-out"):
            self.server.site.sign_ins.end(secret)
            return {}
        return self.server.site.backend.answer(method, self.path, who.user, body)

    def _me(self, who):
        return {"user": who.user, "csrf": who.csrf, "heartbeat": self.server.site.heartbeat}

    def _signed_in(self):
        site = self.server.site
        secret = self._cookie()
        who = site.sign_ins.find(secret) if secret else None
        if who is None or not self._account(site.accounts.holds, who.user, who.account):
            raise Refusal(401, "unauthorized", "sign in first")
        return secret, who

    def _sign_in(self, body):
        site = self.server.site
        name, password = body.get("name"), body.get("password")
        well_formed = isinstance(name, str) and isinstance(password, str) and NAME.fullmatch(name)
        if set(body) != {"name", "password"} or not well_formed or len(password) > LONGEST_PASSWORD:
            raise Refusal(401, "unauthorized", "The name or the password is wrong.")
        who = (self.client_address[0], name)
        if wait := site.attempts.begin(who):
            raise Refusal(429, "too_many_attempts", f"Too many attempts: wait {wait} s.", [("Retry-After", str(wait))])
        self.server.has_asked(self.connection)
        account = self._account(site.accounts.check, name, password)
        if account is None:
            raise Refusal(401, "unauthorized", "The name or the password is wrong.")
        site.attempts.succeeded(who)
        if old := self._cookie():
            site.sign_ins.end(old)
        secret, signed_in = site.sign_ins.start(name, account)
        cookie = f"{site.cookie}={secret}; Path=/; Max-Age={LONGEST}; HttpOnly; SameSite=Strict"
        self._send_json(200, self._me(signed_in), [("Set-Cookie", cookie + ("; Secure" if site.secure else ""))])

    def _account(self, ask, *arguments):
        try:
            return ask(*arguments)
        except BadAccounts as error:
            self.log_error("%s", error)
            raise Refusal(503, "no_accounts", "The portal's list of users cannot be read.") from None

    def _check_host(self):
        # Another name that was made to point here would be another site to the browser.
        if self.headers.get("Host") not in self.server.site.hosts:
            raise Refusal(421, "wrong_host", "this is not the name of the portal (--origin)")

    def _check_origin(self):
        origin = self.headers.get("Origin")
        if origin is not None and origin not in self.server.site.origins:
            raise Refusal(403, "csrf", "this request comes from another site")

    def _body(self):
        """A JSON object; its type is what a form of another site cannot send."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
            raise Refusal(411, "length_required", "say how long the body is (Content-Length)")
        if len(length) > 9 or int(length) > LARGEST_BODY:
            raise Refusal(413, "too_large", f"the body is larger than {LARGEST_BODY} bytes")
        if self.headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "not_json", "send application/json")
        text = self.rfile.read(int(length))
        try:
            body = json.loads(text or b"{}")
        except (ValueError, RecursionError):
            raise Refusal(400, "invalid_request", "the body is no JSON") from None
        if not isinstance(body, dict):
            raise Refusal(400, "invalid_request", "the body is no JSON object")
        return body

    def _cookie(self):
        # By hand: http.cookies gives up at another program's cookie that it does not like.
        for pair in self.headers.get("Cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.server.site.cookie:
                return value
        return None

    def _refuse(self, refusal):
        self._send_json(refusal.status, refusal.problem(), refusal.headers, "application/problem+json")

    def _send_json(self, status, body, headers=(), kind="application/json"):
        self._send(status, kind, json.dumps(body).encode(), headers)

    def _send(self, status, kind, body, headers=()):
        self.send_response(status)
        for name, value in (*self.server.site.headers, *headers):
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code, message=None, explain=None):
        """What the base class finds wrong with a request before it gets here; its own words would repeat the request's."""
        self._refuse(Refusal(int(code), "bad_http", responses.get(int(code), "")))

    def log_request(self, code="-", size="-"):
        if int(code) >= 400:
            super().log_request(code, size)
