"""Who is signed in, and who has tried too often. In memory alone: restarting the portal signs everybody out."""

import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass, field

LONGEST = 12 * 3600  # seconds from signing in
IDLE = 3600  # seconds without a request; an open page makes some all the time
MOST_PER_USER = 10  # the oldest goes


@dataclass
class SignIn:
    user: str
    account: tuple  # as it was then: another password ends the sign-in
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    since: float = 0
    seen: float = 0

    def vouches_for(self, csrf):
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class SignIns:
    """Sign-ins by a random secret that only the cookie holds: here is its hash, so looking it up tells nothing."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._by_hash = {}  # oldest first

    def start(self, user, account):
        """(secret for the cookie, SignIn)"""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._lock:
            self._forget_old(now)
            own = [key for key, value in self._by_hash.items() if value.user == user]
            for key in own[: len(own) + 1 - MOST_PER_USER]:
                del self._by_hash[key]
            signed_in = self._by_hash[_hash(secret)] = SignIn(user, account, since=now, seen=now)
        return secret, signed_in

    def find(self, secret):
        """The sign-in, or None; it counts as seen."""
        now = self._clock()
        with self._lock:
            found = self._by_hash.get(_hash(secret))
            if found is None or _over(found, now):
                return None
            found.seen = now
            return found

    def end(self, secret):
        with self._lock:
            self._by_hash.pop(_hash(secret), None)

    def _forget_old(self, now):
        self._by_hash = {key: value for key, value in self._by_hash.items() if not _over(value, now)}


class Attempts:
    """Passwords that were wrong: an address that gave `most` of them within `window` seconds for one user has to wait.

    An attempt counts as wrong from its beginning, so that many at once are no way around it.
    """

    def __init__(self, most=5, window=60, clock=time.monotonic):
        self._most, self._window, self._clock = most, window, clock
        self._lock = threading.Lock()
        self._begun = {}

    def begin(self, who):
        """0, or the seconds to wait before the next attempt."""
        now = self._clock()
        with self._lock:
            recent = self._recent(who, now)
            if len(recent) >= self._most:
                return int(recent[0] + self._window - now) + 1
            if len(self._begun) > 10000:  # somebody makes names up
                self._begun = {key: kept for key in self._begun if (kept := self._recent(key, now))}
            self._begun[who] = [*recent, now]
            return 0

    def succeeded(self, who):
        with self._lock:
            self._begun.pop(who, None)

    def _recent(self, who, now):
        return [at for at in self._begun.get(who, []) if now - at < self._window]


def _over(found, now):
    return now - found.since > LONGEST or now - found.seen > IDLE


def _hash(secret):
    return hashlib.sha256(secret.encode()).digest()
