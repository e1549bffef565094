"""The portal of examples/portal in front of a termd, and somebody who uses it without a browser."""

import http.client
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from support.places import new_place
from support.termd import CHECKOUT
from support.unix_http import Answer
from support.wait import wait_until

FOLDER = CHECKOUT / "examples/portal"
if str(FOLDER) not in sys.path:
    sys.path.insert(0, str(FOLDER))

PASSWORDS = {"alice": "correct horse battery", "bob": "staple of bob"}


def target(sshd, name="db1"):
    """The sshd as a target of the portal."""
    return f"{name}={sshd.target}"


class Portal:
    """One portal on a free port, with the users of PASSWORDS if no others are named; start() it, and stop() it."""

    def __init__(self, socket, targets, *options, passwords=PASSWORDS):
        self.root = new_place("termd-portal")
        self.users, self.log_file = self.root / "users", self.root / "log"
        for name, password in passwords.items():
            self.accounts("add", name, password=password)
        named = [word for text in targets for word in ("--target", text)]
        self._command = ["--socket", socket, "--listen", "127.0.0.1:0", "--users", self.users, *named, *options]
        self._process = None
        self.url = self.port = None

    def accounts(self, what, *arguments, password=""):
        return subprocess.run(
            [sys.executable, FOLDER / "accounts.py", self.users, what, *arguments],
            input=f"{password}\n", capture_output=True, text=True, timeout=30, check=True,
        ).stdout

    def start(self):
        with open(self.log_file, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-u", FOLDER / "portal.py", *self._command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )
        self.url = wait_until(self._serving, 15, lambda: f"the portal to serve; its log: {self.log()}")
        self.port = int(re.search(r"listening on .*:(\d+)\n", self.log())[1])
        return self

    def stop(self):
        """Its exit code."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(10) if self._process else None
        finally:
            if self._process:
                self._process.kill()
                self._process.wait(10)
            shutil.rmtree(self.root, ignore_errors=True)

    def visitor(self, name=None):
        """Somebody who has come to the page; signed in when a name is given."""
        somebody = Visitor(self.url, self.port)
        if name:
            somebody.sign_in(name, PASSWORDS[name])
        return somebody

    def log(self):
        return self.log_file.read_text(errors="replace")[-4000:] if self.log_file.exists() else ""

    def _serving(self):
        if self._process.poll() is not None:
            raise AssertionError(f"the portal ended with {self._process.returncode}: {self.log()}")
        lines = [line for line in self.log().splitlines() if line.startswith("portal: http")]
        return lines[-1].removeprefix("portal: ").rstrip("/") if lines else None


class Visitor:
    """A browser's part of HTTP: keeps the cookie and sends the token, unless told otherwise."""

    def __init__(self, url, port):
        self.url, self.port = url, port
        self.cookie = self.csrf = None

    def sign_in(self, name, password):
        answer = self.ask("POST", "/api/sign-in", {"name": name, "password": password})
        if answer.status == 200:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
            self.csrf = answer.json()["csrf"]
        return answer

    def ask(self, method, path, body=None, headers=None):
        """body: bytes go as they are, anything else as JSON. headers are laid over the usual ones; None leaves one out."""
        usual = {"Host": urlsplit(self.url).netloc}
        if method != "GET":
            usual["Content-Type"] = "application/json"
        if self.cookie:
            usual |= {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        sent = {name: value for name, value in (usual | (headers or {})).items() if value is not None}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def open(self, name="db1"):
        answer = self.ask("POST", "/api/sessions", {"target": name})
        assert answer.status == 200, answer.body
        return answer.json()

    def heartbeat(self, *known):
        return self.ask("POST", "/api/heartbeat", {"known": list(known)})
