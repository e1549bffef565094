"""A session in a real browser: what its user sees on the page, and what others do not see."""

import signal
from urllib.parse import urlsplit

import pytest

from support import processes, shell
from support.wait import TimedOut, wait_until

pytestmark = pytest.mark.usefixtures("built_page")

RETURN = 3  # seconds until a killed ttyd has to be back (issue "a session", point 3)


def test_typed_keys_are_answered_on_the_page(page):
    page.type("echo $((6*7))\r")

    page.wait_for_text("\n42\n")


def test_keys_beyond_letters_reach_the_shell(page):
    page.type("echo wrong\x15")  # Ctrl-U empties the line
    page.type("echo 'ä€' | od -An -tx1 | tr -d ' \\n'; echo\r")

    page.wait_for_text("\nc3a4e282ac0a")


def test_resizing_the_window_reaches_the_terminal(page):
    columns, rows = page.size()
    assert shell.ask(page, "$(stty size)") == f"{rows} {columns}"

    page.resize(700, 500)

    wait_until(lambda: page.size()[0] < columns and page.size()[1] < rows, 10, lambda: f"a smaller terminal: {page.size()}")
    columns, rows = page.size()
    assert shell.ask(page, "$(stty size)") == f"{rows} {columns}"


def test_a_reload_finds_the_same_shell_and_its_earlier_output(page):
    shell_id = shell.process_id(page)
    page.type("echo before-the-reload-$((1000+1))\r")
    page.wait_for_text("\nbefore-the-reload-1001")

    page.reload()

    page.wait_for_text("\nbefore-the-reload-1001")
    assert shell.process_id(page) == shell_id


def test_a_full_screen_program_is_there_again_after_a_reload(page):
    page.type("printf '\\033[?1049h\\033[2J\\033[5;10Hfull-%s-screen' big; read -r answer\r")
    page.wait_for_text("         full-big-screen")

    page.reload()

    page.wait_for_text("         full-big-screen")


def test_ttyd_killed_a_reload_is_back_in_the_same_shell(termd, session, page):
    shell_id = shell.process_id(page)
    page.type("echo kept-$((20+3))\r")
    page.wait_for_text("\nkept-23")

    processes.send(termd.ttyd_of(session), signal.SIGKILL)

    def back():
        page.reload()  # and the time to show something before the next one
        try:
            page.wait_for_text("\nkept-23", 1)
        except TimedOut:
            return False
        return True

    wait_until(back, RETURN, lambda: f"the shell after a reload; page: {page.page_text()!r}")
    assert shell.process_id(page) == shell_id


def test_termd_killed_typing_goes_on(termd, session, page):
    shell_id = shell.process_id(page)

    termd.kill9()

    page.type("echo without-termd-$((6*7))\r")
    page.wait_for_text("\nwithout-termd-42")
    page.reload()
    page.wait_for_text("\nwithout-termd-42")
    assert shell.process_id(page) == shell_id

    termd.start()

    assert [found["id"] for found in termd.list()] == [session["id"]]
    assert shell.process_id(page) == shell_id
    assert termd.ctl("close", session["id"]).code == 0
    page.wait_for_state("over")
    assert termd.leftovers() == []


def test_exit_ends_the_session_and_a_reload_brings_no_new_shell(termd, session, page):
    shell.process_id(page)
    page.type("exit\r")

    closed = termd.wait_for_state(session, "closed")

    assert (closed["end_reason"], closed["exit"]) == ("exited", {"code": 0})
    page.wait_until_shown("#over", "Session ended")
    page.reload()
    assert page.text() == ""
    assert termd.leftovers() == []


WRONG = "A" * 43  # as long as a token


@pytest.mark.parametrize("query", ["", "?arg=", f"?arg={WRONG}", "?arg=--help"], ids=["none", "empty", "wrong", "option"])
def test_a_page_without_the_token_shows_no_shell(termd, session, browser, sshd, query):
    sign = termd.root / "somebody-was-here"

    browser.open(f"http://{urlsplit(session['url']).netloc}/{query}")
    browser.wait_until_shown("#over", "link")
    browser.type(f"\rtouch {sign}\r")
    browser.click("#again")
    browser.wait_until_shown("#over", "link")
    browser.type(f"\rtouch {sign}\r")

    assert "$" not in browser.text() and "#" not in browser.text()
    browser.open(session["url"])  # its owner is as well off as ever
    browser.wait_for_terminal()
    assert shell.ask(browser, "$((6*7))") == "42"
    assert not sign.exists()
    assert termd.show(session)["ssh"]["pid"] == session["ssh"]["pid"]


def test_closing_the_tab_is_noticed_and_the_session_stays(termd, session, page):
    shell_id = shell.process_id(page)
    assert len(termd.show(session)["clients"]) == 1

    page.close_tab()

    wait_until(lambda: termd.show(session)["clients"] == [], 15, "the page to be noticed as gone")
    page.open(session["url"])
    page.wait_for_terminal()
    assert shell.process_id(page) == shell_id
