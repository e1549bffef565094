"""What a signed-in user may ask the portal for: one table of requests, each a function of (user, id, body).

Everything passes through here on its way to termd, for which the portal is an operator: it may do anything to anybody's
sessions. So each request is for the signed-in user alone, and a session of somebody else is as unknown as one that does
not exist.
"""

import re
import threading
from dataclasses import dataclass

from termd_client import TermdError, TermdUnreachable

SESSION = re.compile(r"[a-z0-9]{16}")
MOST_KNOWN = 50
# What a page needs to know about a session; the rest (process ids, ports) is the operators' business.
SHOWN = ("id", "title", "host", "login", "state", "end_reason", "exit", "detail", "created_at", "expires_at", "labels")


class Refusal(Exception):
    """Answered as a problem, in the form of termd's own."""

    def __init__(self, status, code, detail, headers=()):
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers

    def problem(self):
        return {"status": self.status, "code": self.code, "detail": self.detail}


@dataclass(frozen=True)
class Target:
    """A place that users may go to; they name it, and where it is stays with the portal."""

    name: str
    host: str
    login: str | None = None
    port: int | None = None

    @classmethod
    def parse(cls, text):
        """NAME=[LOGIN@]HOST[:PORT], an IPv6 address in brackets."""
        found = re.fullmatch(r"([^=\s]{1,64})=(?:([^@\s]+)@)?(\[[0-9A-Fa-f:.%\w]+\]|[^:\s@]+)(?::(\d{1,5}))?", text)
        if not found:
            raise ValueError(f"{text!r} is not NAME=[LOGIN@]HOST[:PORT]")
        name, login, host, port = found.groups()
        return cls(name, host.strip("[]"), login, int(port) if port else None)


class Backend:
    """opens_at_once: openings wait for ssh, so they get a part of termd's connections and the heartbeats keep the rest."""

    def __init__(self, termd, targets, opens_at_once=8):
        self._termd = termd
        self._targets = {target.name: target for target in targets}
        self._opening = threading.BoundedSemaphore(opens_at_once)
        self._requests = (
            ("GET", re.compile("/api/targets"), self._list_targets),
            ("POST", re.compile("/api/sessions"), self._open),
            ("POST", re.compile("/api/heartbeat"), self._heartbeat),
            ("POST", re.compile("/api/sessions/([^/]+)/url"), self._url),
            ("POST", re.compile("/api/sessions/([^/]+)/extend"), self._extend),
            ("DELETE", re.compile("/api/sessions/([^/]+)"), self._close),
        )

    def answer(self, method, path, user, body):
        """The answer as a dict, or a Refusal."""
        methods = []
        for its_method, pattern, function in self._requests:
            if found := pattern.fullmatch(path):
                methods.append(its_method)
                if its_method == method:
                    return self._ask(function, user, *found.groups(), body)
        if methods:
            raise Refusal(405, "method_not_allowed", f"this path takes {', '.join(methods)}", [("Allow", ", ".join(methods))])
        raise Refusal(404, "not_found", "there is nothing at this path")

    def check(self):
        """None, or what would keep the portal from working with termd as it is now."""
        try:
            # Nobody's name, so that an answer says no more than that we may ask.
            self._termd.list(user="portal-check")
        except TermdUnreachable as error:
            return error.detail
        except TermdError as error:
            return _for_people(error).detail
        return None

    def _ask(self, function, *arguments):
        try:
            return function(*arguments)
        except TermdError as error:
            raise _for_people(error) from None

    def _list_targets(self, user, body):
        _fields(body)
        return {"targets": list(self._targets)}

    def _open(self, user, body):
        target = self._targets.get(_fields(body, target=str)["target"])
        if target is None:
            raise Refusal(400, "invalid_request", "there is no such target")
        if not self._opening.acquire(blocking=False):
            raise Refusal(503, "busy", "many terminals are being opened: try again in a moment", [("Retry-After", "2")])
        try:
            session = self._termd.open(
                target.host, login=target.login, port=target.port, user=user, title=target.name, labels={"via": "portal"}
            )
        finally:
            self._opening.release()
        return {"session": _shown(session), "url": session["url"]}

    def _heartbeat(self, user, body):
        """All in one request of the page: its sessions live on, what is new about them, and what became of the others.

        known: the ids that the page showed until now. A notice is handed out once, so of two pages one gets it.
        """
        known = _fields(body, known=list)["known"]
        if len(known) > MOST_KNOWN or not all(isinstance(one, str) and SESSION.fullmatch(one) for one in known):
            raise Refusal(400, "invalid_request", "known: is not a short list of ids")
        live, notices = [], []
        for session in self._termd.list(user=user):
            beat = self._beat(session)
            if beat is None or session["state"] == "closing":
                continue  # the page is told below, or never showed it
            live.append(_shown(session) | {"expires_in": beat["expires_in"], "idle_in": beat["idle_in"]})
            notices += [{"session": session["id"], "text": text} for text in beat["notices"]]
        gone = set(known) - {session["id"] for session in live}
        return {"sessions": live, "notices": notices, "ended": [self._last_state(user, one) for one in sorted(gone)]}

    def _beat(self, session):
        """What the heartbeat brings, or None when the session has just ended."""
        try:
            return self._termd.heartbeat(session["id"])
        except TermdUnreachable:
            raise
        except TermdError as error:
            if error.code in ("wrong_state", "not_found"):
                return None
            raise

    def _last_state(self, user, session):
        """The end of a session, as long as termd remembers it."""
        try:
            return _shown(self._own(user, session))
        except Refusal:
            return {"id": session, "state": "closed", "end_reason": None}

    def _url(self, user, session, body):
        """Another way in, for a page that was reloaded: the portal keeps no tokens."""
        _fields(body)
        return {"url": self._termd.tokens(self._own(user, session)["id"])["url"]}

    def _extend(self, user, session, body):
        ttl = _fields(body, ttl=str)["ttl"]
        return {"session": _shown(self._termd.extend(self._own(user, session)["id"], ttl))}

    def _close(self, user, session, body):
        _fields(body)
        own = self._own(user, session)["id"]
        return {"session": _shown(self._termd.close(own, user=user))}

    def _own(self, user, session):
        # The whole id only: termd takes the beginning of one, and that could come to mean another's session.
        if SESSION.fullmatch(session):
            try:
                found = self._termd.show(session)
                if found["id"] == session and found["user"] == user:
                    return found
            except TermdError as error:
                if error.code != "not_found":
                    raise
        raise Refusal(404, "not_found", "there is no such session")


def _fields(body, **wanted):
    """The body's fields when they are exactly the wanted ones, of the wanted types."""
    for name in body:
        if name not in wanted:
            raise Refusal(400, "invalid_request", "there is a field that does not belong here")
    for name, kind in wanted.items():
        if not isinstance(body.get(name), kind):
            raise Refusal(400, "invalid_request", f"{name}: is missing or of the wrong type")
    return body


def _shown(session):
    return {name: session.get(name) for name in SHOWN}


def _for_people(error):
    """termd's refusal as the portal's own: what the user can do something about is passed on."""
    if isinstance(error, TermdUnreachable):
        return Refusal(503, "termd_unreachable", "The terminal service does not answer. Open terminals go on without it.")
    if error.code in ("forbidden", "unauthorized"):
        return Refusal(502, "portal_not_operator", "termd does not let the portal act for its users: put the portal's user among control.operators")
    return Refusal(error.status, error.code, error.detail)
