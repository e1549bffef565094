"""supervisord, s6 and runit, each with a number of ttyds to look after.

Each has start(n), which returns when the manager says that worker n is started, port(n), pid(n) of the worker, and managers(): the
processes that look after them. None knows whether a worker answers; who wants to know asks its port.
"""

import contextlib
import http.client
import os
import subprocess
import xmlrpc.client

from support import processes
from support.ports import PortRange
from support.termd import find_ttyd
from support.ttyd_client import get
from support.wait import wait_until

from peers.managers import serving
from surroundings import directory


class Workers:
    def __init__(self, at, ports):
        self.at, self.ports = at, ports
        self.prepare()

    def port(self, n):
        return self.ports.ports[n]

    def command(self, n):
        return f"{find_ttyd()} -i 127.0.0.1 -p {self.port(n)} -W cat"

    def managers(self):
        """Those below the first one that are no workers."""
        ports = {str(port) for port in self.ports.ports}
        below = [each for each in processes.descendants(self.root) if not ports & set(each.command().split())]
        return [self.root, *(each.pid for each in below)]

    def wait_until_answers(self, n):
        def answers():
            try:
                return get(f"http://127.0.0.1:{self.port(n)}/token")[0] == 200
            except (OSError, http.client.HTTPException):
                return False

        wait_until(answers, 20, f"worker {n} to answer")

    def start_all(self):
        for n in range(len(self.ports.ports)):
            self.start(n)
        for n in range(len(self.ports.ports)):
            self.wait_until_answers(n)


class Supervisord(Workers):
    name = "supervisord"

    def prepare(self):
        text = f"[supervisord]\nlogfile={self.at}/log\npidfile={self.at}/pid\nnodaemon=true\nsilent=true\n"
        text += f"[unix_http_server]\nfile={self.at}/s\n[rpcinterface:supervisor]\n"
        text += "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
        for n in range(len(self.ports.ports)):
            text += f"[program:w{n}]\ncommand={self.command(n)}\nautostart=false\nautorestart=true\nstartsecs=0\n"
            text += "stdout_logfile=NONE\nstderr_logfile=NONE\n"
        (self.at / "conf").write_text(text)

    def arguments(self):
        return ["/usr/bin/supervisord", "-c", self.at / "conf"], self.at / "s"

    def proxy(self):
        from supervisor.xmlrpc import SupervisorTransport  # Debian's package of supervisor brings it

        transport = SupervisorTransport(None, None, f"unix://{self.at}/s")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def start(self, n):
        self.proxy().startProcess(f"w{n}")

    def pid(self, n):
        return self.proxy().getProcessInfo(f"w{n}")["pid"]


class S6(Workers):
    name = "s6"
    services = ("s6-svscan", "-c1100")
    up = ("s6-svc", "-u")

    def service(self, n):
        return self.at / "services" / str(n)

    def control(self, n):
        return self.service(n) / "supervise/control"

    def prepare(self):
        for n in range(len(self.ports.ports)):
            service = self.service(n)
            service.mkdir(parents=True)
            (service / "run").write_text(f"#!/bin/sh\nexec {self.command(n)} >/dev/null 2>&1\n")
            (service / "run").chmod(0o755)
            (service / "down").touch()

    def arguments(self):
        return [*self.services, self.at / "services"], self.control(len(self.ports.ports) - 1)

    def is_listened_to(self, n):
        """Services are found in any order, so that the last one says nothing of the others."""
        try:
            os.close(os.open(self.control(n), os.O_WRONLY | os.O_NONBLOCK))
            return True
        except OSError:  # not there yet, or nobody reads it
            return False

    def start(self, n):
        wait_until(lambda: self.is_listened_to(n), 20, f"the supervisor of service {n}")
        subprocess.run([*self.up, self.service(n)], check=True, stdout=subprocess.DEVNULL)

    def pid(self, n):
        told = subprocess.run(["s6-svstat", "-o", "pid", self.service(n)], check=True, capture_output=True)
        return int(told.stdout)


class Runit(S6):
    name = "runit"
    services = ("runsvdir", "-P")
    up = ("sv", "start")

    def pid(self, n):
        return int((self.service(n) / "supervise/pid").read_text())


@contextlib.contextmanager
def supervising(kind, count):
    """One of them with so many workers, none of which is started."""
    ports = PortRange(count)
    try:
        with directory() as at:
            workers = kind(at, ports)
            command, ready = workers.arguments()
            with serving(command, ready) as workers.root:
                yield workers
    finally:
        ports.release()
