"""What ssh says when it cannot log in stays readable, on termd's page and on ttyd's own."""

import pytest

from support.gate import Gate
from support.wait import wait_until


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.close()


@pytest.fixture(params=["termd", "stock"])
def open_session(request, make_termd, sshd, gate, browser):
    """A function that opens a session through the gate without waiting, and its page: open_session(key)."""
    if request.param == "termd":
        request.getfixturevalue("built_page")

    def open_session(key=None):
        ssh = {"keys": [str(key)]} if key else {}
        known = sshd.known_hosts().replace(f":{sshd.port} ", f":{gate.port} ")
        termd = make_termd(config={"ttyd": {"page": request.param}, "ssh": ssh}, known_hosts=known)
        session = termd.open(f"{sshd.login}@127.0.0.1:{gate.port}", "--no-wait")
        gate.wait_for_somebody()
        browser.open(session["url"])
        wait_until(lambda: len(termd.show(session)["clients"]) == 1, 15, "the page to be there")
        return termd, session

    return open_session


def test_a_refused_key_is_seen(open_session, browser, gate, sshd, request):
    termd, session = open_session(sshd.new_key(f"stranger-{request.node.callspec.id}"))

    gate.open_to(sshd.port)

    browser.wait_for_text("Permission denied (publickey)")
    browser.wait_for_text("session ended: ") if browser.state() is None else browser.wait_until_shown("#over", "Session ended")
    assert termd.wait_for_state(session, "closed")["end_reason"] == "start_failed"
    assert "Permission denied" in browser.text()


def test_a_host_that_hangs_up_is_seen(open_session, browser, gate):
    termd, session = open_session()

    gate.turn_away()

    browser.wait_for_text("kex_exchange_identification: ")
    assert termd.wait_for_state(session, "closed")["end_reason"] == "start_failed"
    assert "kex_exchange_identification: " in browser.text()
