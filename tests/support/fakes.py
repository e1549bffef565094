"""ttyds that go wrong as they are told (fake_ttyd.cpp), and strangers who take a ttyd's port."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from support.termd import build_directory, find_ttyd

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n" + b'{"token": ""}'


class FakeTtyd:
    """One that behaves as fake_ttyd.cpp says of its mode, such as "good", "exits@3" or "crashes+good"."""

    def __init__(self, folder, mode):
        self.path = folder / f"fake-ttyd-{mode}"
        self.path.symlink_to(build_directory() / "tests/support/fake-ttyd")
        (folder / "real-ttyd").symlink_to(find_ttyd())  # for the mode "beside"
        self._starts = folder / f"{self.path.name}.starts"

    def __str__(self):
        return str(self.path)

    def starts(self):
        """When it was started, in seconds since some instant, once for each time."""
        if not self._starts.exists():
            return []
        return [int(line.split()[1]) / 1000 for line in self._starts.read_text().splitlines()]


class Stranger:
    """Somebody who listens on a port and answers everything as a ttyd would, and keeps all that he hears."""

    def __init__(self, port, address="127.0.0.1"):
        self.heard = []  # one entry for each connection
        self._server = socket.create_server((address, port))
        self._hears = ThreadPoolExecutor(8)
        self._accepts = threading.Thread(target=self._serve, daemon=True)
        self._accepts.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._hears.submit(self._listen_to, connection)

    def _listen_to(self, connection):
        with connection:
            connection.settimeout(2)
            try:
                self.heard.append(connection.recv(65536))
                connection.sendall(ANSWER)
            except OSError:
                pass

    def leave(self):
        # Not close() alone: a thread that waits in accept() keeps the socket listening.
        self._server.shutdown(socket.SHUT_RDWR)
        self._accepts.join(10)
        self._server.close()
        self._hears.shutdown()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()
