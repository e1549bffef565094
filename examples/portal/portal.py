#!/usr/bin/env python3
"""A small portal in front of termd: users sign in, open terminals, see them in a page, and end them.

    ./accounts.py users add alice
    ./portal.py --socket /run/termd/control.sock --listen 127.0.0.1:8088 --users users --target db1=ops@10.0.0.5

Needs Python 3.10 and nothing else. README.md beside this file says how it is meant.
"""

import argparse
import os
import re
import signal
import socket
import sys

from accounts import Accounts, BadAccounts
from backend import Backend, Target
from signins import Attempts, SignIns
from termd_client import TermdClient
from web import Server, Site

SOURCE = re.compile(r"https?://[A-Za-z0-9.*\[\]:-]+/?")


def arguments():
    parser = argparse.ArgumentParser(description="A portal for termd.", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--socket", default="/run/termd/control.sock", metavar="PATH", help="termd's control socket")
    parser.add_argument("--listen", default="127.0.0.1:8088", type=address, metavar="ADDRESS:PORT", help="where to serve; port 0 takes a free one")
    parser.add_argument("--users", required=True, metavar="FILE", help="who may sign in (accounts.py writes it)")
    parser.add_argument("--target", required=True, type=target, action="append", metavar="NAME=[LOGIN@]HOST[:PORT]",
                        help="where users may go; once for each")
    parser.add_argument("--origin", action="append", type=source, metavar="URL",
                        help="how browsers name this portal: https://portal.example.org; once for each name (default: by the address)")
    parser.add_argument("--terminals", default="http://127.0.0.1:*", type=source, metavar="URL",
                        help="where termd's pages come from (its workers.public_url); the page shows no others")
    parser.add_argument("--heartbeat", default=20, type=seconds, metavar="SECONDS", help="well below half of termd's sessions.gone_timeout")
    return parser.parse_args()


def address(text):
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not ADDRESS:PORT")
    return host.strip("[]"), int(port)


def target(text):
    try:
        return Target.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(error) from None


def source(text):
    """An origin; it goes into a header, and so may hold nothing but one."""
    if not SOURCE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not http://HOST[:PORT] or https://HOST[:PORT]")
    return text.rstrip("/")


def seconds(text):
    value = float(text)
    if not 0.1 <= value <= 3600:
        raise argparse.ArgumentTypeError("must be from 0.1 to 3600")
    return value


def default_origins(host, port):
    """On the loopback both names are good. The first is the better one: cookies know no ports, and the terminals
    are served on 127.0.0.1, so a browser that came by localhost does not send them the portal's cookie."""
    shown = f"[{host}]" if ":" in host else host
    names = ["localhost", shown] if host in ("127.0.0.1", "::1") else [shown]
    return [f"http://{name}" + (f":{port}" if port != 80 else "") for name in names]


def main():
    wanted = arguments()
    host, port = wanted.listen
    try:
        accounts = Accounts(wanted.users)
        server = Server((host, port), socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (BadAccounts, OSError) as error:
        sys.exit(f"portal: {error}")
    origins = wanted.origin or default_origins(host, server.server_address[1])
    backend = Backend(TermdClient(wanted.socket), wanted.target)
    server.site = Site(backend, accounts, SignIns(), Attempts(), origins, wanted.terminals, wanted.heartbeat)

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the same as Ctrl-C
    if os.geteuid() == 0:
        print("portal: warning: runs as root; a user of its own among termd's control.operators is enough", file=sys.stderr)
    if trouble := Backend(TermdClient(wanted.socket, timeout=5), []).check():
        print(f"portal: warning: {trouble}", file=sys.stderr)
    print("portal: listening on {}:{}".format(*server.server_address))
    print(f"portal: {origins[0]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
