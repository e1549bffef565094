"""A small WebSocket client (RFC 6455), as much of it as a test of a server needs.

It masks what it sends, answers pings, puts fragments together, and reports how the connection ended. It is lenient about
close codes that may not appear on the wire (ttyd sends 1006), because showing them is the point, and it lets the caller
send any frame at all, because sending wrong ones is the point too.
"""

import base64
import hashlib
import os
import socket
import ssl
import struct
import threading
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(Exception):
    """The server did not upgrade; status is its HTTP status, or None when it hung up without an answer."""

    def __init__(self, status, reason):
        super().__init__(f"no WebSocket: {status or 'no answer'} {reason}".rstrip())
        self.status = status


class WebSocket:
    """A connected WebSocket. send() may be called from one thread while another is in receive().

    via: the path of a Unix socket, or an address and a port, to connect to, whatever host the url names. With wss any
    certificate will do.
    """

    def __init__(self, url, subprotocol=None, headers=None, deadline=10, via=None):
        parts = urlsplit(url)
        self.close_code = None  # what the server's close frame said, when there was one
        self._sending = threading.Lock()
        self._socket = self._connect(parts, deadline, via)
        try:
            self._input = self._socket.makefile("rb")
            self._upgrade(parts, subprotocol, headers or {})
        except BaseException:
            self.abort()
            raise
        self._socket.settimeout(None)

    @staticmethod
    def _connect(parts, deadline, via):
        if via and not isinstance(via, tuple):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(deadline)
            connection.connect(str(via))
            return connection
        connection = socket.create_connection(via or (parts.hostname, parts.port or 80), deadline)
        if parts.scheme != "wss":
            return connection
        return ssl._create_unverified_context().wrap_socket(connection, server_hostname=parts.hostname)

    def _upgrade(self, parts, subprotocol, headers):
        key = base64.b64encode(os.urandom(16)).decode()
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fields = {"Host": parts.netloc, "Upgrade": "websocket", "Connection": "Upgrade"}
        fields |= {"Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
        if subprotocol:
            fields["Sec-WebSocket-Protocol"] = subprotocol
        fields |= headers
        lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        try:
            self._socket.sendall("\r\n".join(lines).encode())
            status, reason, answer = self._read_head()
        except OSError as error:
            raise Refused(None, str(error)) from error
        if status != 101:
            raise Refused(status, reason)
        accept = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()
        if answer.get("sec-websocket-accept") != accept:
            raise Refused(status, "with a wrong Sec-WebSocket-Accept")
        if subprotocol and answer.get("sec-websocket-protocol") != subprotocol:
            raise Refused(status, f"with the subprotocol {answer.get('sec-websocket-protocol')}")

    def _read_head(self):
        first = self._input.readline(4096).decode("latin-1").split(None, 2)
        if len(first) < 2 or not first[1].isdigit():
            return None, "the server hung up", {}
        fields = {}
        while line := self._input.readline(8192).decode("latin-1").strip():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(first[1]), first[2].strip() if len(first) > 2 else "", fields

    def send(self, payload, opcode=BINARY, last=True):
        """Send one frame; last=False makes it the beginning of a fragmented message."""
        head = bytes([opcode | (0x80 if last else 0)])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65536:
            head += struct.pack(">BH", 0x80 | 126, len(payload))
        else:
            head += struct.pack(">BQ", 0x80 | 127, len(payload))
        mask = os.urandom(4)
        repeated = mask * (len(payload) // 4 + 1)
        masked = bytes(a ^ b for a, b in zip(payload, repeated))
        with self._sending:
            self._socket.sendall(head + mask + masked)

    def receive(self):
        """The next whole message, or None when the connection has ended (then look at close_code)."""
        message = b""
        while True:
            frame = self._read_frame()
            if frame is None:
                return None
            last, opcode, payload = frame
            if opcode == CLOSE:
                self.close_code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                self._answer(payload[:2], CLOSE)
                return None
            if opcode == PING:
                self._answer(payload, PONG)
            elif opcode != PONG:
                message += payload
                if last:
                    return message

    def _read_frame(self):
        try:
            head = self._exactly(2)
            length = head[1] & 0x7F
            if length == 126:
                length = struct.unpack(">H", self._exactly(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._exactly(8))[0]
            if head[1] & 0x80:
                raise ConnectionError("the server masked a frame")
            return bool(head[0] & 0x80), head[0] & 0x0F, self._exactly(length)
        except (OSError, ValueError):  # ValueError: closed under our feet by abort()
            return None

    def _exactly(self, count):
        data = self._input.read(count)
        if len(data) < count:
            raise ConnectionError("the connection ended")
        return data

    def _answer(self, payload, opcode):
        try:
            self.send(payload, opcode)
        except OSError:
            pass  # the other side is gone already; receive() will find out

    def close(self, code=1000):
        """Say good-bye; receive() then sees the server's answer or the end of the connection."""
        self._answer(struct.pack(">H", code), CLOSE)

    def abort(self):
        """Drop the connection as a vanished client does, and wake up a receive() in another thread."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
