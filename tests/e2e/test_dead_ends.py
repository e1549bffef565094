"""Targets that come to nothing: each is told from the others, in time, whether its key is known or is to be asked for."""

import http.client
import os
import time

import pytest

from support import dead_ends
from support.ports import PortRange
from support.wait import wait_until

CONNECT_TIMEOUT = 2
ON_TIME = CONNECT_TIMEOUT + 1  # the promise; measured with a machine's own slowness on top
SLOWNESS = 3

POLICIES = {
    "known": {"host_keys": "strict"},  # termd goes straight to ssh
    "unknown": {"host_keys": "ask"},  # termd asks for the keys first
}


@pytest.fixture(params=POLICIES)
def policy(request):
    return request.param


def config_for(policy):
    return {"ssh": POLICIES[policy] | {"connect_timeout": f"{CONNECT_TIMEOUT}s"}}


def tried(termd, host, port, policy, record_property):
    """Open a session there, which must fail in time and leave nothing: (its words, why the login failed)."""
    before = time.monotonic()
    answer = termd.api("POST", "/v1/sessions", {"host": host, "port": port, "login": "root"})
    took = time.monotonic() - before
    record_property("seconds", round(took, 2))
    assert (answer.status, answer.code) == (http.client.BAD_GATEWAY, "start_failed"), answer.body
    assert took < ON_TIME + SLOWNESS, f"it took {took:.1f} s"
    assert termd.list() == [] and termd.leftovers() == []
    # What failed before there was a session is on record as a refusal, and else as a login.
    rows = termd.api("GET", f"/v1/audit?type={'login.failed' if policy == 'known' else 'session.refused'}").json()["events"]
    assert len(rows) == 1
    details = rows[0]["details"]
    assert details.get("code", "start_failed") == "start_failed"
    return answer.json()["detail"], details.get("reason")


def failed(tries, words, reason, policy):
    detail, why = tries
    assert any(word in detail for word in words), detail
    assert why == (reason if policy == "known" else None)


def test_a_closed_port(make_termd, policy, record_property):
    nobody = PortRange(1)
    termd = make_termd(config_for(policy))

    failed(tried(termd, "127.0.0.1", nobody.first, policy, record_property), ["Connection refused"], "unreachable", policy)

    nobody.release()


def test_a_name_that_nobody_has(make_termd, policy, record_property):
    termd = make_termd(config_for(policy))

    tries = tried(termd, "no-such-host.invalid", 22, policy, record_property)

    failed(tries, ["not known", "resol"], "unreachable", policy)


def test_one_that_accepts_and_stays_silent(make_termd, policy, record_property):
    termd = make_termd(config_for(policy))
    with dead_ends.listener() as port:
        failed(tried(termd, "127.0.0.1", port, policy, record_property), ["timed out", "in time"], "timed_out", policy)


def test_one_that_greets_and_says_nothing_more(make_termd, policy, record_property):
    termd = make_termd(config_for(policy))
    with dead_ends.listener(dead_ends.GREETING) as port:
        failed(tried(termd, "127.0.0.1", port, policy, record_property), ["timed out", "in time"], "timed_out", policy)


def test_one_that_hangs_up_at_once(make_termd, policy, record_property):
    termd = make_termd(config_for(policy))
    with dead_ends.listener(then_closes=True) as port:
        failed(tried(termd, "127.0.0.1", port, policy, record_property), ["losed by", "reset by"], "unreachable", policy)


def test_one_that_is_no_ssh_server(make_termd, policy, record_property):
    termd = make_termd(config_for(policy))
    with dead_ends.listener(b"HTTP/1.1 400 Bad Request\r\n\r\n", then_closes=True) as port:
        tries = tried(termd, "127.0.0.1", port, policy, record_property)
        failed(tries, ["losed by", "reset by", "identification"], "unreachable", policy)


@pytest.fixture
def termd_on_a_dead_network(make_termd, policy):
    if os.geteuid() != 0:
        pytest.skip("only root can make a network")
    termd = make_termd(config_for(policy), start=False)
    termd.prefix = dead_ends.ON_A_DEAD_NETWORK
    return termd.start()


def test_a_black_hole(termd_on_a_dead_network, policy, record_property):
    tries = tried(termd_on_a_dead_network, dead_ends.BLACK_HOLE, 22, policy, record_property)
    failed(tries, ["timed out"], "timed_out", policy)


def test_no_route(termd_on_a_dead_network, policy, record_property):
    tries = tried(termd_on_a_dead_network, dead_ends.NO_ROUTE, 22, policy, record_property)
    failed(tries, ["No route to host"], "unreachable", policy)


def test_a_dead_name_server(termd_on_a_dead_network, policy, record_property):
    tries = tried(termd_on_a_dead_network, "db1.example.org", 22, policy, record_property)
    failed(tries, ["timed out", "in time"], "timed_out", policy)


def test_a_name_that_leads_to_two_addresses_is_asked_at_the_one_that_answers(make_termd, sshd):
    """localhost is ::1 and 127.0.0.1 in many a hosts file; the sshd listens on the second only."""
    termd = make_termd({"ssh": {"host_keys": "accept-new"}}, known_hosts="")

    assert termd.open(f"{sshd.login}@localhost:{sshd.port}")["state"] == "ready"


def test_whoever_waits_for_a_silent_host_is_told_at_once_that_termd_drains(make_termd):
    from concurrent.futures import ThreadPoolExecutor

    termd = make_termd({"ssh": {"host_keys": "ask", "connect_timeout": "120s"}})
    with dead_ends.listener() as port, ThreadPoolExecutor() as background:
        body = {"host": "127.0.0.1", "port": port, "login": "root"}
        waiting = background.submit(termd.api, "POST", "/v1/sessions", body)
        wait_until(lambda: dead_ends.scanners(termd), 20, "the host to be asked")

        assert termd.api("POST", "/v1/drain").status == 200

        assert waiting.result(20).code == "draining"


def test_nobody_asks_on_when_termd_is_killed(make_termd):
    from concurrent.futures import ThreadPoolExecutor

    termd = make_termd({"ssh": {"host_keys": "ask", "connect_timeout": "120s"}})
    with dead_ends.listener() as port, ThreadPoolExecutor() as background:
        body = {"host": "127.0.0.1", "port": port, "login": "root"}
        waiting = background.submit(termd.api, "POST", "/v1/sessions", body)
        asking = wait_until(lambda: dead_ends.scanners(termd), 20, "the host to be asked")

        termd.kill9()

        wait_until(lambda: not any(one.running() for one in asking), 20, "nobody to ask")
        assert waiting.exception(20)
        termd.start()
