"""Terminals behind a real nginx, in a real browser: links, cookies, other sites, and what happens when nginx goes."""

# flake8: noqa: F811

import pytest

from support import shell
from support.behind_nginx import behind_nginx, place, termd  # noqa: F401  fixtures, which the tests name again
from support.https_page import HttpsPage
from support.reverse_proxy import NAME, certificate
from support.wait import wait_until

pytestmark = pytest.mark.usefixtures("built_page")

# Every name of ours is this machine, and its certificate will do.
FLAGS = ["--host-resolver-rules=MAP *.test 127.0.0.1", "--ignore-certificate-errors"]

TRY_WEBSOCKET = """
    window.outcome = null;
    const socket = new WebSocket(URL_HERE, ["tty"]);
    socket.onopen = () => { window.outcome = "open"; socket.close(); };
    socket.onclose = () => { window.outcome ??= "refused"; };
"""


@pytest.fixture
def browser_flags():
    return FLAGS


@pytest.fixture
def nginx(place):
    return place[1]


@pytest.fixture
def elsewhere():
    """A function that serves a page with TLS: its port."""
    made = []

    def serve(html="<!doctype html><title>elsewhere</title>"):
        made.append(HttpsPage(certificate(), html))
        return made[-1].port

    yield serve
    for page in made:
        page.stop()


def websocket_outcome(browser, session):
    """What becomes of the session's WebSocket when the present page opens it."""
    browser.script(TRY_WEBSOCKET.replace("URL_HERE", f"'{session['websocket_url']}'"))
    return wait_until(lambda: browser.script("return window.outcome"), 15, "the WebSocket to open or not")


def says_ask_again(browser):
    return wait_until(lambda: "Ask for a new one" in browser.page_text(), 15, lambda: f"a word about it: {browser.log()}")


def test_a_link_a_shell_a_reload(browser, termd, nginx, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()
    assert browser.address() == f"{nginx.origin}/s/{session['id']}/"
    shell_id = shell.process_id(browser)

    browser.reload()

    browser.wait_for_terminal()
    assert shell.process_id(browser) == shell_id


def test_a_used_link_says_so(browser, termd, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()

    browser.open("about:blank")
    browser.open(session["url"])

    says_ask_again(browser)


def test_an_old_link_says_so(browser, behind_nginx, sshd):
    termd, _ = behind_nginx({"workers": {"ticket_ttl": "1ms"}})
    browser.open(termd.open(sshd.target)["url"])

    says_ask_again(browser)


def test_a_second_window_takes_over_and_the_first_takes_it_back(browser, termd, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()
    shell_id = shell.process_id(browser)
    first = browser.tab()

    second = browser.new_tab()
    browser.open(termd.open(sshd.target)["url"])
    browser.wait_for_terminal()
    assert shell.process_id(browser) == shell_id
    browser.to_tab(first)
    browser.wait_for_state("over")
    browser.click("#again")

    browser.wait_for_state("attached")
    assert shell.process_id(browser) == shell_id
    browser.to_tab(second)
    browser.wait_for_state("over")


def test_the_cookie_of_one_session_opens_no_other(browser, termd, nginx, sshd):
    session, other = termd.open(sshd.target), termd.open("--no-reuse", sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()

    browser.open(f"{nginx.origin}/s/{other['id']}/")

    says_ask_again(browser)
    assert websocket_outcome(browser, other) == "refused"
    assert websocket_outcome(browser, session) == "open"


@pytest.mark.parametrize("name", [NAME, "evil.example.test", "elsewhere.test"])
def test_a_page_of_another_origin_cannot_open_the_websocket(browser, termd, elsewhere, sshd, name):
    """Another port and another name of the same site, whose requests come with the cookie, and another site."""
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()
    assert websocket_outcome(browser, session) == "open"

    browser.open(f"https://{name}:{elsewhere()}/")

    assert browser.script("return document.title") == "elsewhere"
    assert websocket_outcome(browser, session) == "refused"


def test_a_name_that_was_rebound_gets_no_page(browser, termd, nginx, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()

    browser.open(f"https://evil.example.test:{nginx.port}/s/{session['id']}/")

    assert not browser.text() and "ERR_SSL" in browser.page_text()


def test_a_portal_of_the_same_site_shows_a_terminal_in_its_page_and_no_other_site_does(browser, behind_nginx, elsewhere, sshd):
    port = elsewhere("<!doctype html><title>portal</title><iframe style='width:90vw;height:80vh'></iframe>")
    termd, _ = behind_nginx(frame_ancestors=f"https://portal.example.test:{port}")
    show = "document.querySelector('iframe').src = '{}'"

    browser.open(f"https://portal.example.test:{port}/")
    browser.script(show.format(termd.open(sshd.target)["url"]))
    with browser.frame("iframe"):
        browser.wait_for_terminal()
        assert shell.ask(browser, "$((6*7))") == "42"

    browser.open(f"https://evil.example.test:{port}/")
    browser.script(show.format(termd.open(sshd.target)["url"]))
    wait_until(lambda: any("frame-ancestors" in line for line in browser.console("SEVERE")), 15, "Chromium to refuse the frame")


def test_nginx_restarted_the_page_comes_back_by_itself(browser, termd, nginx, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()
    shell_id = shell.process_id(browser)

    def restart():
        nginx.stop()
        nginx.start()

    browser.back_after(restart)

    assert shell.process_id(browser) == shell_id


def test_a_closed_session_says_so_and_its_link_leads_nowhere(browser, termd, nginx, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()

    termd.ctl("close", session["id"])

    browser.wait_for_state("over")
    browser.reload()
    says_ask_again(browser)


def test_a_page_that_was_away_when_its_session_ended_finds_out(browser, termd, nginx, sshd):
    session = termd.open(sshd.target)
    browser.open(session["url"])
    browser.wait_for_terminal()
    nginx.stop()
    browser.wait_for_state("waiting")
    termd.ctl("close", session["id"])

    nginx.start()

    browser.wait_for_state("over")
    browser.wait_until_shown("#over", "Session ended")


def test_ttyds_own_page_works_behind_nginx_too(browser, behind_nginx, sshd):
    termd, _ = behind_nginx({"ttyd": {"page": "stock"}})
    browser.open(termd.open(sshd.target)["url"])
    browser.wait_for_terminal()

    assert shell.ask(browser, "$((6*7))") == "42"


def test_a_terminal_behind_nginx_breaks_no_policy(browser, termd, sshd):
    browser.open(termd.open(sshd.target)["url"])
    browser.wait_for_terminal()
    shell.ask(browser, "$((6*7))")

    assert [line for line in browser.console("SEVERE") if "favicon" not in line] == []
