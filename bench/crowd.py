"""One termd with many sessions, which several works look at one after the other; they are opened once."""

import atexit

from surroundings import a_termd, pick

import asking

FEW, MANY = pick(200, 4), pick(1000, 8)
INTERVAL = pick(5, 1)  # between two probes of a session, seconds


class Crowd:
    def __init__(self):
        self._context = a_termd(MANY, probe={"interval": f"{INTERVAL}s", "timeout": pick("2s", "900ms"), "failures": 20})
        self.termd = self._context.__enter__()
        self.count = 0

    def grow(self, count):
        """Until there are so many sessions."""
        if count > self.count:
            asking.ask(self.termd.socket, [asking.http("POST", "/v1/sessions", {"command": "cat"})], 16, count - self.count)
            self.count = count

    def ports(self):
        return [session["worker"]["port"] for session in self.termd.list()]

    def end(self):
        self._context.__exit__(None, None, None)


_crowd = None


def crowd():
    global _crowd
    if _crowd is None:
        _crowd = Crowd()
        atexit.register(_crowd.end)
    return _crowd
