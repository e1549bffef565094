"""The example of a portal in a real browser: what its users see and click."""

import getpass

import pytest

from support import shell
from support.portal import PASSWORDS, Portal, target
from support.wait import wait_until

FRAME = "#frame iframe"


def browse(browser, make_termd, sshd, request, sessions=None):
    """A termd and a portal whose page beats often, and the browser on it: (termd, portal)."""
    config = {"control": {"operators": ["root", getpass.getuser()]}, "sessions": sessions or {}}
    termd = make_termd(config)
    portal = Portal(termd.socket, [target(sshd), target(sshd, "db2")], "--heartbeat", "0.5")
    request.addfinalizer(portal.stop)
    browser.open(portal.start().url)
    return termd, portal


def sign_in(browser, name="alice", password=None):
    browser.fill("#name", name)
    browser.fill("#password", password or PASSWORDS[name])
    browser.click("#sign-in button")


def open_terminal(browser, name="db1"):
    """Click, and wait until the terminal in the frame has a prompt."""
    browser.click(f"button[data-target={name}]")
    browser.wait_for_element(FRAME)
    with browser.frame(FRAME):
        browser.wait_for_terminal()


def rows(browser):
    return browser.script("return [...document.querySelectorAll('#sessions tr')].map(line => line.dataset.session)")


def shown(browser, selector):
    return browser.script(f"return document.querySelector('{selector}').innerText")


@pytest.fixture
def page(browser, make_termd, sshd, request):
    """(termd, portal), with alice signed in."""
    both = browse(browser, make_termd, sshd, request)
    sign_in(browser)
    return both


def test_a_user_signs_in_types_in_the_frame_and_ends_the_terminal_from_the_list(browser, page):
    termd, _ = page
    open_terminal(browser)
    with browser.frame(FRAME):
        browser.type("echo $((6*7))\r")
        browser.wait_for_text("\n42\n")
    session = termd.list()[0]
    wait_until(lambda: rows(browser) == [session["id"]], 15, "the session on the list")
    assert session["user"] == "alice" and len(session["clients"]) == 1

    browser.click(f"tr[data-session='{session['id']}'] button[data-action=end]")

    wait_until(lambda: rows(browser) == [], 15, "an empty list")
    wait_until(lambda: "db1: ended" in shown(browser, "#notices"), 15, "the notice that it has ended")
    assert not browser.has(FRAME)
    assert termd.show(session)["end_reason"] == "user"


def test_a_wrong_password_is_said_and_the_right_one_lets_in(browser, make_termd, sshd, request):
    browse(browser, make_termd, sshd, request)
    sign_in(browser, password="not the password")
    wait_until(lambda: "wrong" in shown(browser, "#sign-in-trouble"), 15, "the word that it is wrong")

    sign_in(browser)

    wait_until(lambda: shown(browser, "#user") == "alice", 15, "alice's page")
    browser.reload()
    wait_until(lambda: shown(browser, "#user") == "alice", 15, "alice's page after a reload")
    browser.click("#sign-out")
    wait_until(lambda: not browser.script("return document.getElementById('sign-in').hidden"), 15, "the form")


def test_heartbeats_keep_a_terminal_that_nobody_looks_at_until_the_page_is_closed(browser, make_termd, sshd, request):
    termd, _ = browse(browser, make_termd, sshd, request, {"gone_timeout": "3s"})
    sign_in(browser)
    open_terminal(browser)
    with browser.frame(FRAME):
        shell_id = shell.process_id(browser)
    browser.click("#hide")
    session = termd.list()[0]
    wait_until(lambda: termd.show(session)["clients"] == [], 15, "the terminal to be left")
    beats = set()

    def beaten():
        now = termd.show(session)
        assert now["state"] == "ready", now
        beats.add(now["last_heartbeat_at"])
        return len(beats) > 12  # one each half second and more: twice as long as gone_timeout lets it live without

    wait_until(beaten, 60, lambda: f"more heartbeats than {len(beats)}")
    browser.click(f"tr[data-session='{session['id']}'] button[data-action=show]")
    browser.wait_for_element(FRAME)
    with browser.frame(FRAME):
        browser.wait_for_terminal()
        assert shell.process_id(browser) == shell_id

    browser.close_tab()
    assert termd.wait_for_state(session, "closed", 30)["end_reason"] == "gone"


def test_the_page_shows_notices_and_why_a_terminal_ended(browser, make_termd, sshd, request):
    termd, _ = browse(browser, make_termd, sshd, request, {"ttl": "1h", "idle_timeout": "0", "warn_before": "3599s"})
    sign_in(browser)
    open_terminal(browser)
    wait_until(lambda: "db1: closes in" in shown(browser, "#notices"), 15, "the notice that it closes soon")

    assert termd.ctl("close", termd.list()[0]["id"]).code == 0

    wait_until(lambda: "ended by an administrator" in shown(browser, "#notices"), 15, "the notice that it was ended")
    assert rows(browser) == [] and not browser.has(FRAME)


def test_a_termd_that_is_down_is_shown_and_the_page_recovers(browser, page):
    termd, _ = page
    open_terminal(browser)
    session = termd.list()[0]
    termd.kill9()
    wait_until(lambda: "does not answer" in shown(browser, "#trouble"), 15, "the word that termd is down")
    with browser.frame(FRAME):
        assert shell.ask(browser, "$((6*7))") == "42"  # the terminal itself needs no termd

    termd.start()

    wait_until(lambda: browser.script("return document.getElementById('trouble').hidden"), 15, "the trouble to be over")
    assert rows(browser) == [session["id"]]


def test_nothing_on_the_page_breaks_its_own_security_policy(browser, page):
    def violations():
        return [message for message in browser.console("SEVERE") if "Content Security Policy" in message]

    open_terminal(browser)
    assert violations() == []
    # And there is one: what did not come with the page is not run.
    browser.script("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.head.append(s)")
    assert browser.script("return window.ran") is None
    assert violations() != []
