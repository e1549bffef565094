"""Requests over a Unix socket, sent by bench/clients/requests.cpp."""

import json
from dataclasses import dataclass

from support import unix_http

from surroundings import client


@dataclass(frozen=True)
class Answers:
    count: int
    seconds: float
    median_us: float
    longest_us: float

    @property
    def rate(self):
        return self.count / self.seconds


def http(method, target, body=None):
    """One request as it goes over the wire."""
    text = json.dumps(body) if body is not None else ""
    head = f"{method} {target} HTTP/1.1\r\nHost: termd\r\nContent-Length: {len(text)}\r\n"
    return head + ("Content-Type: application/json\r\n" if text else "") + "\r\n" + text


def ask(socket, requests, connections=1, limit=1, speaks="http", prefix=()):
    """Sends the requests in turn; limit: how many in all, or seconds ("5s")."""
    texts = "".join(f"{request}\0" for request in requests)
    answer = client("requests", socket, speaks, connections, limit, input=texts, prefix=prefix)[0]
    return Answers(int(answer[0]), *answer[1:])


def get(socket, target):
    """What a GET is answered with."""
    connection = unix_http.keep_alive(socket)
    try:
        connection.request("GET", target)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
