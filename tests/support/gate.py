"""A door in front of a server: who connects is held at it until it is opened, or turned away."""

import socket
import threading


class Gate:
    """Listens on a free loopback port at once. Nothing passes before open_to() or turn_away()."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._held = []
        self._come = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_for_somebody(self, deadline=15):
        assert self._come.wait(deadline), "nobody has come to the gate"

    def open_to(self, port):
        """Those who are held get a connection to that port."""
        for one in self._take():
            other = socket.create_connection(("127.0.0.1", port))
            for source, target in ((one, other), (other, one)):
                threading.Thread(target=_carry, args=(source, target), daemon=True).start()

    def turn_away(self):
        for one in self._take():
            one.close()

    def close(self):
        self._listener.close()
        self.turn_away()

    def _accept(self):
        while True:
            try:
                self._held.append(self._listener.accept()[0])
            except OSError:
                return  # closed
            self._come.set()

    def _take(self):
        held, self._held = self._held, []
        return held


def _carry(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
