"""termd's control API for programs in Python; needs nothing but the standard library.

    termd = TermdClient("/run/termd/control.sock")
    session = termd.open("db1", user="alice", login="ops")
    print(session["url"])
    termd.heartbeat(session["id"])
    termd.close(session["id"])

Answers are termd's JSON as dicts. What termd refuses is raised as TermdError, with the problem's stable code; a termd
that cannot be reached, or does not answer, as TermdUnreachable. A client may be shared by threads: every request has a
connection of its own, and no more than `connections` are open at a time (termd takes 32 of one uid).
"""

import http.client
import json
import socket
import threading
from urllib.parse import quote, urlencode

LONGEST_ANSWER = 8 << 20


class TermdError(Exception):
    """A refusal (RFC 9457). code is one of interface §3, such as "user_limit"; errors names fields that are wrong."""

    def __init__(self, status, problem):
        self.status = status
        self.code = problem.get("code", "internal")
        self.detail = problem.get("detail") or problem.get("title") or http.client.responses.get(status, "")
        self.errors = problem.get("errors", [])
        self.problem = problem
        super().__init__(f"{self.code}: {self.detail}")


class TermdUnreachable(TermdError):
    """No answer. When the request had been sent already, whether it was carried out is not known."""

    def __init__(self, why):
        super().__init__(503, {"code": "unreachable", "detail": why})


class TermdClient:
    """timeout: seconds without a sign of termd. Opening waits for ssh, which may take as long as termd lets it."""

    def __init__(self, socket_path, timeout=60, connections=24):
        self.socket_path = str(socket_path)
        self._timeout = timeout
        self._free = threading.BoundedSemaphore(connections)

    def open(self, host=None, **fields):
        """A session with its token, url and websocket_url. fields: user, login, port, command, title, ttl, labels, …

        None stands for a field that is left out. Only an operator may name another user than itself.
        """
        body = {"host": host, **fields}
        return self.request("POST", "/v1/sessions", {k: v for k, v in body.items() if v is not None})

    def list(self, **filters):
        """The live sessions. filters: user, host, state, label ("k=v")."""
        return self.request("GET", "/v1/sessions" + _query(filters))["sessions"]

    def show(self, session):
        return self.request("GET", _path(session))

    def close(self, session, message=None, now=False, user=None):
        """The session as it ended; answers when its last process has gone. message is shown in the terminal first.

        user: for whom an operator closes it; the reason is "user" then and not "admin".
        """
        query = {"message": message, "now": "true" if now else None, "user": user}
        return self.request("DELETE", _path(session) + _query(query))

    def heartbeat(self, session):
        """Says that the session's client is alive: expires_in and idle_in (seconds or None), and notices for it."""
        return self.request("POST", _path(session, "heartbeat"))

    def extend(self, session, ttl):
        """Let it live for ttl ("30m") from now, if that is longer."""
        return self.request("POST", _path(session, "extend"), {"ttl": ttl})

    def tokens(self, session, role="control", ttl=None):
        """Another token and url for the session; role "view" may only look. ttl None: as long as the session."""
        body = {"role": role} if ttl is None else {"role": role, "ttl": ttl}
        return self.request("POST", _path(session, "tokens"), body)

    def revoke_tokens(self, session):
        """No token handed out so far opens the session any more; who is in stays."""
        self.request("DELETE", _path(session, "tokens"))

    def message(self, session, text):
        """Show a line in the terminal."""
        self.request("POST", _path(session, "message"), {"text": text})

    def status(self):
        return self.request("GET", "/v1/status")

    def request(self, method, target, body=None):
        """Any request of the API; None for an answer without a body."""
        with self._free:
            status, kind, text = self._exchange(method, target, body)
        answer = _parse(status, kind, text)
        if status >= 400:
            raise TermdError(status, answer if isinstance(answer, dict) else {})
        return answer

    def _exchange(self, method, target, body):
        connection = _UnixConnection(self.socket_path, self._timeout)
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "Connection": "close"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            try:
                connection.request(method, target, data, headers)
            except (BrokenPipeError, ConnectionResetError):
                pass  # one connection too many is refused before it has asked: the answer is waiting
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type", ""), answer.read(LONGEST_ANSWER + 1)
        except TimeoutError:
            raise TermdUnreachable(f"termd did not answer within {self._timeout:g} s") from None
        except FileNotFoundError:
            raise TermdUnreachable(f"termd is not running: there is no {self.socket_path}") from None
        except ConnectionRefusedError:
            raise TermdUnreachable(f"termd is not running: nobody listens on {self.socket_path}") from None
        except PermissionError:
            raise TermdUnreachable(f"this user may not connect to {self.socket_path} (control.group)") from None
        except (OSError, http.client.HTTPException) as error:
            raise TermdUnreachable(f"termd hung up: {error or type(error).__name__}") from None
        finally:
            connection.close()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("termd", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _path(session, below=None):
    # quote() leaves dots alone, and "." in a path is no session; termd knows no such id and says so.
    return "/v1/sessions/" + quote(session, safe="") + (f"/{below}" if below else "")


def _query(parameters):
    given = {name: value for name, value in parameters.items() if value is not None}
    return "?" + urlencode(given) if given else ""


def _parse(status, kind, text):
    if status == 204 or not text:
        return None
    if len(text) > LONGEST_ANSWER or kind.split(";")[0] not in ("application/json", "application/problem+json"):
        raise TermdUnreachable("the answer makes no sense: is this really termd's control socket?")
    try:
        return json.loads(text)
    except ValueError:
        raise TermdUnreachable("the answer makes no sense: is this really termd's control socket?") from None
