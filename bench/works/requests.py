"""Control requests: how many a second, with the server on one core and whoever asks on another."""

import contextlib

import asking
from peers.managers import python_manager, redis
from results import Goal, Row, in_turn, ratios
from surroundings import a_termd, pick
from watching import alone_on_its_core, cpu_seconds

SECONDS = "1s"


class Asked:
    """A server, and what to ask it for each kind of request."""

    def __init__(self, socket, pid, requests, speaks="http"):
        self.socket, self.pid, self.requests, self.speaks = socket, pid, requests, speaks
        self.aside = alone_on_its_core(pid)

    def rate(self, kind, connections):
        return self.ask(kind, connections).rate

    def ask(self, kind, connections):
        return asking.ask(self.socket, self.requests[kind], connections, pick(SECONDS, "0.1s"), self.speaks, self.aside)

    def cpu_us(self, kind):
        """What one request of 16 connections costs the server."""
        before = cpu_seconds(self.pid)
        answers = self.ask(kind, 16)
        return (cpu_seconds(self.pid) - before) / answers.count * 1e6


def requests_for(base, ids):
    return {
        "heartbeat": [asking.http("POST", f"{base}/{id}/heartbeat") for id in ids],
        "show": [asking.http("GET", f"{base}/{id}") for id in ids],
        "list": [asking.http("GET", base)],
    }


@contextlib.contextmanager
def everybody(sessions):
    """termd, the Python manager and redis, each of the first two with so many sessions."""
    with a_termd(sessions) as termd, python_manager(sessions) as manager, redis() as (redis_socket, redis_pid):
        asking.ask(termd.socket, [asking.http("POST", "/v1/sessions", {"command": "cat"})], 16, sessions)
        manager.open(sessions, 16)
        ping = ["PING\r\n"]
        yield {
            "termd": Asked(termd.socket, termd.pid, requests_for("/v1/sessions", [each["id"] for each in termd.list()])),
            "Python manager": Asked(manager.socket, manager.pid, requests_for("/sessions", [each["id"] for each in manager.sessions()])),
            "redis PING": Asked(redis_socket, redis_pid, {"heartbeat": ping, "show": ping, "list": ping}, "line"),
        }


def rows():
    sessions = pick(200, 5)
    with everybody(sessions) as servers:
        for kind in ("heartbeat", "show"):
            for connections in (1, 16):
                yield small(servers, kind, connections)
        yield cost(servers)
        for connections in (1, 16):
            yield whole_list(servers, sessions, connections)


def rates(servers, kind, connections):
    return in_turn(pick(5, 1), {name: lambda server=server: server.rate(kind, connections) for name, server in servers.items()})


def plural(connections):
    return f"{connections} connection{'s' if connections > 1 else ''}"


def small(servers, kind, connections):
    ways = rates(servers, kind, connections)
    goal = Goal("x redis PING", 0.5, ratios(ways["termd"], ways["redis PING"]), at_least=True)
    return Row(f"{kind}, {plural(connections)}", "requests/s", ways, [goal] if connections == 16 else [])


def cost(servers):
    ways = in_turn(pick(5, 1), {name: lambda server=server: server.cpu_us("heartbeat") for name, server in servers.items()})
    return Row("processor of the server for a heartbeat, 16 connections", "microseconds", ways)


def whole_list(servers, sessions, connections):
    both = {name: server for name, server in servers.items() if name != "redis PING"}
    ways = rates(both, "list", connections)
    goal = Goal("x the Python manager", 5, ratios(ways["termd"], ways["Python manager"]), at_least=True)
    return Row(f"list of {sessions}, {plural(connections)}", "lists/s", ways, [goal])
