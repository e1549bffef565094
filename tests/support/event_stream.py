"""Following the events of a termd (GET /v1/events), as a client of server-sent events does."""

import http.client
import json
import socket
from dataclasses import dataclass

from support import contract
from support.wait import TimedOut


@dataclass(frozen=True)
class Event:
    type: str
    revision: int  # None for one without an id
    data: dict

    @property
    def session(self):
        return self.data.get("session")


class EventStream:
    """Connects at once. Iterate over it for events, or wait for() one; what came is kept in `seen`."""

    def __init__(self, path, since=None, headers=None, deadline=30):
        self._connection = http.client.HTTPConnection("termd")
        self._connection.sock = socket.socket(socket.AF_UNIX)
        self._connection.sock.settimeout(deadline)
        self._connection.sock.connect(str(path))
        self._connection.request("GET", "/v1/events" + ("" if since is None else f"?since={since}"), headers=headers or {})
        self.answer = self._connection.getresponse()
        self.seen = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._connection.close()
        self.answer.close()

    def __iter__(self):
        while (event := self.next()) is not None:
            yield event

    def next(self):
        """The next event; nothing at the end of the stream."""
        fields = {}
        while line := self.answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            elif "data" in fields:
                revision = int(fields["id"]) if "id" in fields else None
                self.seen.append(Event(fields["event"], revision, json.loads(fields["data"])))
                contract.check_event(fields["event"], self.seen[-1].data)
                return self.seen[-1]
        return None

    def wait_for(self, type, session=None):
        """The next event of that type, about that session if one is given."""
        try:
            for event in self:
                if event.type == type and (session is None or event.session["id"] == session["id"]):
                    return event
        except TimeoutError:
            pass
        raise TimedOut(f"no {type} came; seen: {[event.type for event in self.seen]}")
