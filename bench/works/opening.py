"""Opening sessions: until the terminal's ttyd answers, beside a ttyd that is started with nothing around it."""

import statistics

from support.ports import PortRange
from support.sshd import Sshd
from support.termd import build_directory, find_ttyd

import asking
from results import Goal, Row, in_turn, ratios
from surroundings import a_termd, client, pick


def starter(what, *arguments):
    """The median of what it printed, in milliseconds."""
    return statistics.median(line[0] for line in client("starter", what, *arguments)) / 1000


class Bare:
    """ttyd, shim and ssh, each started alone."""

    def __init__(self, sshd, ports):
        self._first = ports.first
        self._ssh = ["ssh", "-F", "none", "-i", sshd.client_key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        self._ssh += ["-o", "LogLevel=ERROR", "-p", sshd.port, sshd.target.rpartition(":")[0], "echo in"]

    def ttyd(self, count):
        return starter("ttyd", count, self._first, find_ttyd())

    def shim(self, count):
        return starter("shim", count, build_directory() / "supervisor/shim/termd-shim")

    def ssh(self, count):
        return starter("output", count, *self._ssh)

    def fleet(self, count):
        return count / starter("fleet", count, self._first, find_ttyd()) * 1000


class Ours:
    def __init__(self, termd, sshd):
        self._termd = termd
        login, _, port = sshd.target.rpartition(":")
        login, _, host = login.partition("@")
        self._ssh = {"host": host, "login": login, "port": int(port)}

    def one(self, count, **fields):
        """A session opened, milliseconds at the median; one after the other."""
        answers = asking.ask(self._termd.socket, [asking.http("POST", "/v1/sessions", fields or {"command": "cat"})], 1, count)
        self._close()
        return answers.median_us / 1000

    def over_ssh(self, count):
        return self.one(count, **self._ssh)

    def many(self, count, callers):
        answers = asking.ask(self._termd.socket, [asking.http("POST", "/v1/sessions", {"command": "cat"})], callers, count)
        self._close()
        return answers.rate

    def _close(self):
        assert self._termd.ctl("close", "--all", "--now", deadline=120).code == 0


def rows():
    rounds, few, many = pick(5, 1), pick(20, 2), pick(200, 10)
    sshd, ports = Sshd(bare_home=True), PortRange(many)
    try:
        with a_termd(many, sshd) as termd:
            ours, bare = Ours(termd, sshd), Bare(sshd, ports)
            yield one(rounds, few, ours, bare)
            yield over_ssh(rounds, few, ours, bare)
            yield sixteen(rounds, many, ours, bare)
    finally:
        ports.release()
        sshd.stop()


def one(rounds, few, ours, bare):
    ways = in_turn(rounds, {"termd": lambda: ours.one(few), "bare ttyd": lambda: bare.ttyd(few), "shim alone": lambda: bare.shim(few)})
    floor = [sum(each) for each in zip(ways["bare ttyd"], ways["shim alone"])]
    return Row("open one session", "ms", ways, [Goal("x bare ttyd and shim", 1.25, ratios(ways["termd"], floor))])


def over_ssh(rounds, few, ours, bare):
    measure = {"termd": lambda: ours.over_ssh(few), "bare ttyd": lambda: bare.ttyd(few), "shim alone": lambda: bare.shim(few), "ssh alone": lambda: bare.ssh(few)}
    ways = in_turn(rounds, measure)
    floor = [sum(each) for each in zip(ways["bare ttyd"], ways["shim alone"], ways["ssh alone"])]
    return Row("open one session, until ssh is in", "ms", ways, [Goal("x bare ttyd, shim and ssh", 1.25, ratios(ways["termd"], floor))])


def sixteen(rounds, many, ours, bare):
    ways = in_turn(rounds, {"termd": lambda: ours.many(many, 16), "bare ttyds": lambda: bare.fleet(many)})
    return Row(f"{many} sessions, 16 callers", "sessions/s", ways, [Goal("x bare ttyds", 0.7, ratios(ways["termd"], ways["bare ttyds"]), at_least=True)])
