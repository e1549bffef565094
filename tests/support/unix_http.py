"""HTTP over a Unix socket, for the control API."""

import http.client
import json
import socket
from dataclasses import dataclass

listeners = []  # each is called with (path of the socket, method, target, answer) for every answer that comes


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable error code of a problem (RFC 9457), or None when this is no problem."""
        if self.headers.get("content-type", "").split(";")[0] != "application/problem+json":
            return None
        return self.json().get("code")


def request(path, method, target, body=None, headers=None, deadline=60):
    """One request over the Unix socket at path; body is sent as it is when bytes, as JSON otherwise."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    connection = _Connection(path, deadline)
    try:
        try:
            connection.request(method, target, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may refuse a huge body before it has read it all; its answer is waiting all the same
        answer = connection.getresponse()
        got = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        for listener in listeners:
            listener(path, method, target, got)
        return got
    finally:
        connection.close()


def keep_alive(path, deadline=10):
    """A connection for several requests, as http.client knows it; the caller closes it."""
    return _Connection(path, deadline)


def raw(path, data, deadline=10):
    """Send bytes that need not be HTTP, and return all that comes back until the server hangs up."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(deadline)
        connection.connect(str(path))
        answer = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65536):
                answer += part
        except (BrokenPipeError, ConnectionResetError):
            pass
        return answer


class _Connection(http.client.HTTPConnection):
    def __init__(self, path, deadline):
        super().__init__("termd", timeout=deadline)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
