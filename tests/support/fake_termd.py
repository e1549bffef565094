"""A server in termd's place that says whatever a test wants, and the answers that tests of termctl use."""

import http.server
import json
import re
import socketserver
import threading
from urllib.parse import parse_qsl, unquote, urlsplit

from support.termd import run

ID, OTHER = "k3v9q0w1x2y4z5a6", "b" * 16
SESSION = {
    "id": ID, "user": "alice", "host": "10.0.0.5", "port": 22, "login": "automation", "command": "ssh",
    "mode": "embedded", "title": "db1", "labels": {}, "state": "ready", "end_reason": None, "exit": None,
    "created_at": "2026-11-20T21:10:00.000Z", "worker": {"port": 7681, "pid": 1},
}
OPENED = SESSION | {"token": "T", "url": "http://127.0.0.1:7681/?arg=T", "websocket_url": "ws://127.0.0.1:7681/ws?arg=T"}
CLOSED = SESSION | {"state": "closed", "end_reason": "user"}
STATUS = {"version": "0.1.0", "uptime": 61, "draining": False, "sessions": {"ready": 1}, "containment": "cgroup"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer_any(self):
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = (self.command, unquote(url.path), dict(parse_qsl(url.query, keep_blank_values=True)),
                 json.loads(body) if body else None)
        self.server.asked.append(asked)
        answer = self.server.answer
        answer = answer(*asked) if callable(answer) else answer
        self.close_connection = True
        for part in [answer] if isinstance(answer, bytes) else answer:
            try:
                self.wfile.write(part)
            except OSError:
                return

    do_GET = do_POST = do_DELETE = answer_any

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class FakeTermd(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """answer: the bytes to send, pieces of them, or a function of (method, path, query, body) that makes them."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path):
        super().__init__(str(path), Handler)
        self.asked, self.answer = [], reply(200, {})
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def ctl(self, *arguments, **options):
        environment = {"TERMCTL_SOCKET": self.server_address} | options.pop("environment", {})
        return run("cli/termctl", *arguments, environment=environment, deadline=30, **options)


def reply(status, body, kind="application/json"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def problem(status, code, **more):
    return reply(status, {"status": status, "code": code, "title": "T"} | more, "application/problem+json")


def check_refusal(outcome, code, *words):
    """One line on standard error that begins like all of them and has these words in it; nothing else printed."""
    assert outcome.code == code, outcome
    assert outcome.stdout == ""
    assert re.fullmatch(r"termctl: [^\n]+ – [^\n]+\n", outcome.stderr), outcome.stderr
    for word in words:
        assert word in outcome.stderr
