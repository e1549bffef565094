#!/usr/bin/env python3
"""Who may sign in to the portal: a file with one user to a line, their password as a scrypt hash.

    accounts.py FILE add NAME       asks for the password, or reads it from standard input when that is no terminal
    accounts.py FILE remove NAME    also ends what NAME is signed in to
    accounts.py FILE list

A line is NAME:N:R:P:SALT:HASH, salt and hash in base64. The portal looks at the file again whenever it has changed.
"""

import argparse
import base64
import getpass
import hashlib
import hmac
import os
import re
import sys
import threading

# What termd takes as a user's name; a colon is not among it.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}")
COST = (1 << 15, 8, 1)  # 32 MiB and some 80 ms
LEAST_PASSWORD, LONGEST_PASSWORD = 8, 256


class BadAccounts(Exception):
    """The file cannot be used; the text says why and what to do."""


def line_for(name, password):
    salt = os.urandom(16)
    cost = ":".join(map(str, COST))
    return f"{name}:{cost}:{_text(salt)}:{_text(_scrypt(password, salt, COST))}"


class Accounts:
    """The users of a file. May be asked by threads; two passwords at most are worked on at a time."""

    def __init__(self, path):
        self._path = path
        self._lock = threading.Lock()
        self._working = threading.BoundedSemaphore(2)  # of 32 MiB each
        self._seen, self._users = None, {}
        self._nobody = _entry(line_for("nobody", _text(os.urandom(16))))[1]
        self._load()

    def names(self):
        return sorted(self._load())

    def holds(self, name, account):
        """Whether the user still is who check() found: not removed, and with the same password."""
        return self._load().get(name) == account

    def check(self, name, password):
        """The user's account if that is the password, or None; takes as long for a user who does not exist."""
        found = self._load().get(name)
        cost, salt, right = found or self._nobody
        with self._working:
            given = _scrypt(password[:LONGEST_PASSWORD], salt, cost)
        return found if hmac.compare_digest(given, right) else None

    def _load(self):
        with self._lock:
            try:
                now = os.stat(self._path)
                seen = (now.st_ino, now.st_mode, now.st_size, now.st_mtime_ns)
                if seen != self._seen:
                    self._users, self._seen = _read(self._path, now), seen
            except OSError as error:
                raise BadAccounts(f"{self._path}: {error.strerror}") from None
            return self._users


def _read(path, status):
    if status.st_mode & 0o077:
        raise BadAccounts(f"{path}: others may read or write it; run: chmod 600 {path}")
    with open(path, encoding="utf-8") as lines:
        users = {}
        for number, line in enumerate(lines, 1):
            try:
                if line.strip() and not line.startswith("#"):
                    users.update([_entry(line)])
            except ValueError:
                raise BadAccounts(f"{path}:{number}: is not NAME:N:R:P:SALT:HASH") from None
        return users


def _entry(line):
    name, n, r, p, salt, right = line.strip().split(":")
    if not NAME.fullmatch(name):
        raise ValueError(name)
    return name, ((int(n), int(r), int(p)), base64.b64decode(salt, validate=True), base64.b64decode(right, validate=True))


def _scrypt(password, salt, cost):
    n, r, p = cost
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=256 * n * r)


def _text(data):
    return base64.b64encode(data).decode()


def _ask_password():
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        sys.exit("accounts.py: these are not the same")
    return password


def _rewrite(path, name, line):
    """The file without the user's old line, and with the new one if there is any; whole or not at all."""
    old = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            old = [entry.rstrip("\n") for entry in lines]
    new = [entry for entry in old if entry.split(":")[0] != name] + ([line] if line else [])
    descriptor = os.open(f"{path}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{entry}\n" for entry in new)
    os.replace(f"{path}.new", path)
    return len(new) != len(old)


def main():
    parser = argparse.ArgumentParser(description="The users of the portal.")
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("what", choices=["add", "remove", "list"])
    parser.add_argument("name", metavar="NAME", nargs="?")
    wanted = parser.parse_args()
    if wanted.what == "list":
        try:
            print(*Accounts(wanted.file).names(), sep="\n")
        except BadAccounts as error:
            sys.exit(f"accounts.py: {error}")
        return
    if not NAME.fullmatch(wanted.name or ""):
        parser.error("NAME is letters, digits and _.@+-, 64 at most, and does not begin with a sign")
    if wanted.what == "remove":
        if not _rewrite(wanted.file, wanted.name, None):
            sys.exit(f"accounts.py: there is no {wanted.name} in {wanted.file}")
        return
    password = _ask_password()
    if not LEAST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        sys.exit(f"accounts.py: a password has {LEAST_PASSWORD} to {LONGEST_PASSWORD} characters")
    _rewrite(wanted.file, wanted.name, line_for(wanted.name, password))


if __name__ == "__main__":
    main()
