"""A browser without a browser: what ttyd's page does, over plain sockets.

The page fetches itself and /token, opens a WebSocket on /ws with the page's own query and the subprotocol `tty`, and sends
{"AuthToken":…,"columns":…,"rows":…}; only then does ttyd start its command. After that the first byte of every message says
what it is: from the server 0 output, 1 window title, 2 preferences; from the client 0 input, 1 a new window size.

termd's own page also gets notices among the output (docs/page.md). A Terminal takes them out as that page does, keeps them,
and has the text of each as a line in its output, where a person would see it too.

A Terminal reads in a thread of its own, as a browser would, so it answers ttyd's pings however long a test looks elsewhere.
"""

import json
import re
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit, urlunsplit

from support.wait import TimedOut, wait_until
from support.websocket import Refused, WebSocket

__all__ = ["Refused", "Terminal", "get", "get_token", "websocket_url"]


def get(url, deadline=10):
    """GET without a proxy: (status, body)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=deadline) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def get_token(url):
    """What the page at url gets from /token (nothing, as long as ttyd runs without -c)."""
    status, body = get(_beside(url, "token"))
    if status != 200:
        raise RuntimeError(f"GET /token answered {status}")
    return json.loads(body)["token"]


def websocket_url(url):
    """The WebSocket that the page at url opens: http://host:port/?arg=T → ws://host:port/ws?arg=T."""
    return _beside(url, "ws", scheme="ws")


FIRST_NOTICE = re.compile(rb"\x1b\]7681;([0-9a-f]{32});")


class Terminal:
    """One open terminal page. url is the page's (http) or the WebSocket's own (ws); via as for WebSocket."""

    def __init__(self, url, columns=80, rows=24, deadline=10, headers=None, via=None):
        self.output = b""
        self.notices = []
        self._unread = b""
        self._notice = None  # how one begins here: the first has the nonce; False: there are none
        self.title = None
        self.preferences = None
        self.ended = False  # the connection is over; close_code says how
        address = url if url.startswith("ws") else websocket_url(url)
        self._websocket = WebSocket(address, "tty", headers, deadline, via)
        first = {"AuthToken": "", "columns": columns, "rows": rows}
        self._websocket.send(json.dumps(first, separators=(",", ":")).encode())
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @classmethod
    def load(cls, url, **options):
        """Open the page as a browser does: the page itself, the token, and then the WebSocket."""
        status, body = get(url)
        if status != 200 or b"<html" not in body[:1000].lower():
            raise RuntimeError(f"GET {url} answered {status} with {len(body)} bytes that are no page")
        get_token(url)
        return cls(url, **options)

    @property
    def close_code(self):
        """The code of the server's close frame; None when there was none."""
        return self._websocket.close_code

    def type(self, text):
        self.send(b"0" + text.encode())

    def resize(self, columns, rows):
        self.send(b"1" + json.dumps({"columns": columns, "rows": rows}).encode())

    def send(self, message, **frame):
        """Send a raw message, or with opcode= and last= a raw frame; a connection that is over swallows it."""
        try:
            self._websocket.send(message, **frame)
        except OSError:
            pass

    def text(self):
        """All output so far."""
        return self.output.decode(errors="replace")

    def read_until(self, pattern, deadline=15):
        """Wait until the output matches the regular expression, and return the match."""
        wait_until(lambda: re.search(pattern, self.text()) or self.ended, deadline, lambda: self._wanted(pattern))
        found = re.search(pattern, self.text())
        if not found:
            raise TimedOut(f"the terminal ended (close code {self.close_code}) before: {self._wanted(pattern)}")
        return found

    def wait_for_end(self, deadline=15):
        """Wait until the server has ended the connection, and return its close code (None: it just hung up)."""
        wait_until(lambda: self.ended, deadline, lambda: f"the end of the connection; so far: {self.text()[-500:]!r}")
        return self.close_code

    def close(self):
        """Leave as a closed browser tab does."""
        self._websocket.close(1001)
        self._websocket.abort()
        self._reader.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        while (message := self._websocket.receive()) is not None:
            kind, rest = message[:1], message[1:]
            if kind == b"0":
                self._take(rest)
            elif kind == b"1":
                self.title = rest.decode(errors="replace")
            elif kind == b"2":
                self.preferences = json.loads(rest)
        self.ended = True

    def _take(self, output):
        self._unread += output
        if self._notice is None and len(self._unread) >= 41:
            first = FIRST_NOTICE.match(self._unread)
            self._notice = bool(first) and re.compile(re.escape(first[0]) + rb"(\{[^\x07]*\})\x07")
        while found := self._notice and self._notice.search(self._unread):
            self.output += self._unread[:found.start()]
            self._unread = self._unread[found.end():]
            notice = json.loads(found[1])
            self.notices.append(notice)
            if "text" in notice:
                self.output += f"\r\n termd: {notice['text']} \r\n".encode()
        # The rest may end in the beginning of one.
        begun = re.search(rb"\x1b(\](7(6(8(1(;[^\x07]*)?)?)?)?)?)?\Z", self._unread) if self._notice is not False else None
        ready = begun.start() if begun else len(self._unread)
        self.output += self._unread[:ready]
        self._unread = self._unread[ready:]

    def wait_for_notice(self, kind, deadline=15):
        """The first notice of that kind, once it has come."""
        def come():
            return next((notice for notice in self.notices if notice["kind"] == kind), None)

        return wait_until(come, deadline, lambda: f"the notice {kind}; there were {self.notices}")

    def _wanted(self, pattern):
        return f"{pattern!r} in the terminal's output, which ends in {self.text()[-500:]!r}"


def _beside(url, name, scheme=None):
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    return urlunsplit((scheme or parts.scheme, parts.netloc, f"{folder}/{name}", parts.query, ""))
