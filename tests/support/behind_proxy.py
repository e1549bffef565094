"""A browser and its reverse proxy, without either: what both ask termd when workers.access is "sockets"."""

import re
from urllib.parse import urlsplit

from support import unix_http
from support.ttyd_client import Terminal

ORIGIN = "https://terminals.example.org"
CONFIG = {"workers": {"access": "sockets", "proxy_group": "", "public_url": f"{ORIGIN}/"}}


def ask(termd, method, path, uri=None, body=None, origin=ORIGIN, host=None, **headers):
    """Ask as the proxy does, about a browser's request for `uri`; more headers as Name_of_it="value"."""
    fields = {"X-Original-Host": urlsplit(ORIGIN).netloc if host is None else host, "X-Original-URI": uri, "Origin": origin}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    fields = {name: value for name, value in fields.items() if value is not None}
    return unix_http.request(termd.runtime / "proxy.sock", method, path, body, fields)


def place_of(session, page=""):
    """The path of a page of the session, as browsers ask for it."""
    return f"/s/{session['id']}/{page}"


def ticket_of(session):
    """The one-time secret in the link that was given out."""
    return urlsplit(session["url"]).fragment


def redeem(termd, session, ticket=None, **options):
    """Post the ticket as the page behind a link does."""
    body = {"ticket": ticket_of(session) if ticket is None else ticket}
    return ask(termd, "POST", "/v1/enter", place_of(session, "enter"), body, **options)


def enter(termd, session, ticket=None):
    """Open the link: the cookie that the browser has then, as it sends it."""
    answer = redeem(termd, session, ticket)
    assert answer.status == 204, f"the ticket was refused: {answer.status} {answer.body}"
    return re.match(r"[^;]+", answer.headers["set-cookie"])[0]


def authorize(termd, session, page="ws", cookie=None, **options):
    """Ask whether a request for a page of the session may go on."""
    return ask(termd, "POST", "/v1/authorize", place_of(session, page), cookie=cookie, **options)


def open_terminal(termd, session, cookie):
    """The terminal of the session, as the proxy connects the browser that has the cookie."""
    answer = authorize(termd, session, cookie=cookie)
    assert answer.status == 204, f"not let through: {answer.status} {answer.body}"
    return Terminal(f"ws://localhost/ws?arg={answer.headers['x-termd-attach']}", via=answer.headers["x-termd-socket"])
