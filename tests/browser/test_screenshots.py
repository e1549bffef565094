"""Pictures of the page's states for docs/page.md: TERMD_SCREENSHOTS=docs/page scripts/test browser (or this file alone)."""

import os
import signal
from pathlib import Path

import pytest

from support import processes, shell
from support.wait import wait_until

FOLDER = os.environ.get("TERMD_SCREENSHOTS")
pytestmark = [pytest.mark.usefixtures("built_page"), pytest.mark.skipif(not FOLDER, reason="only with TERMD_SCREENSHOTS")]

DEMO = r"""clear; printf '\033[1;34m%s\033[0m\n' "termd keeps this shell; the page is only its window."
printf '\033[32m%s\033[0m  %s\n' ok "reload, sleep, a crash of ttyd or of termd: it goes on" ok "links: https://example.org/" ok "wide: ä ✓ │├──┤│"
for i in 0 1 2 3 4 5 6 7; do printf '\033[3%sm████\033[9%sm████\033[0m ' $i $i; done; echo
"""


@pytest.fixture
def open_page(browser, make_termd, sshd):
    """A function that opens a session with something to see on its page: (termd, session)."""

    def open_page(size=(760, 420), title="deploy@db1", **sessions):
        termd = make_termd(config={"sessions": sessions, "restart": {"max": 100}})
        session = termd.open(sshd.target, "--title", title)
        browser.resize(*size)
        browser.emulate_colours("dark")
        script = termd.root / "demo.sh"
        script.write_text(DEMO)
        browser.open(session["url"])
        browser.wait_for_terminal()
        browser.type(f"PS1='$ '; . {script}\r")
        browser.wait_for_text("wide:")
        return termd, session

    return open_page


def take(browser, name):
    Path(FOLDER).mkdir(exist_ok=True)
    browser.screenshot(Path(FOLDER) / f"{name}.png")


def test_attached(browser, open_page):
    open_page()
    take(browser, "attached-dark")
    browser.emulate_colours("light")
    wait_until(lambda: browser.theme() == "light", 10, "light colours")
    take(browser, "attached-light")


def test_reconnecting(browser, open_page):
    termd, session = open_page()
    ttyd = termd.ttyd_of(session)
    termd.kill9()
    processes.send(ttyd, signal.SIGKILL)
    browser.wait_until_shown("#status", "trying again in 2")
    browser.type("ls")
    browser.wait_until_shown("#status", "is kept", 30)
    take(browser, "reconnecting")
    termd.start()


def test_countdown_and_message(browser, open_page):
    termd, session = open_page(ttl="61s", warn_before="60s")
    browser.wait_until_shown("#countdown", "Closes in 0:4", 60)
    take(browser, "countdown")


def test_message(browser, open_page):
    termd, session = open_page()
    termd.ctl("message", session["id"], "db1 restarts at 18:00. Please save your work.")
    browser.wait_until_shown("#messages", "db1 restarts")
    take(browser, "message")


def test_view_only(browser, open_page):
    termd, session = open_page(on_second_client="share")
    url = termd.api("POST", f"/v1/sessions/{session['id']}/tokens", {"role": "view"}).json()["url"]
    browser.new_tab()
    browser.emulate_colours("dark")
    browser.open(url)
    browser.wait_for_text("wide:")
    take(browser, "view-only")


def test_taken_over(browser, open_page):
    termd, session = open_page()
    first = browser.tab()
    browser.new_tab()
    browser.open(session["url"])
    browser.wait_for_terminal()
    browser.to_tab(first)
    browser.wait_until_shown("#over", "Opened in another window")
    take(browser, "taken-over")


def test_ended(browser, open_page):
    termd, session = open_page()
    termd.ctl("close", session["id"], "--message", "db1 is being replaced; back at 19:00")
    browser.wait_until_shown("#over", "Closed")
    take(browser, "ended")


def test_phone(browser, open_page):
    browser.emulate_phone(360, 640)
    open_page()
    take(browser, "phone")
