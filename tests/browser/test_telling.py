"""What termd's page tells the person in front of it, and what it does not believe."""

import pytest

from support import shell
from support.wait import wait_until

pytestmark = pytest.mark.usefixtures("built_page")

WITHOUT_END = {"ttl": "1h", "idle_timeout": "0", "gone_timeout": "0"}


@pytest.fixture
def start(make_termd, sshd):
    """A function that starts a termd with these settings of [sessions] and opens a session: (termd, session)."""

    def start(**sessions):
        termd = make_termd(config={"sessions": WITHOUT_END | sessions})
        return termd, termd.open(sshd.target)

    return start


def visit(browser, session):
    browser.open(session["url"] if isinstance(session, dict) else session)
    browser.wait_for_state("attached")
    browser.wait_for_terminal()


def link(termd, session, **how):
    return termd.api("POST", f"/v1/sessions/{session['id']}/tokens", how).json()["url"]


def test_a_message_is_shown_above_the_terminal_until_it_is_put_away(browser, start):
    termd, session = start()
    visit(browser, session)
    before = browser.text().strip()

    termd.ctl("message", session["id"], "<b>lunch</b> at twelve")

    browser.wait_until_shown("#messages", "<b>lunch</b> at twelve")
    assert browser.text().strip() == before
    browser.click("#messages button")
    assert browser.shown("#messages") == ""


def test_a_second_window_takes_over_and_the_first_takes_it_back(browser, start):
    termd, session = start(on_second_client="takeover")
    visit(browser, session)
    shell_id = shell.process_id(browser)
    first = browser.tab()

    second = browser.new_tab()
    visit(browser, session)
    assert shell.process_id(browser) == shell_id

    browser.to_tab(first)
    browser.wait_until_shown("#over", "Opened in another window")
    browser.click("#again")
    browser.wait_for_state("attached")
    assert shell.process_id(browser) == shell_id
    browser.to_tab(second)
    browser.wait_until_shown("#over", "Opened in another window")
    assert len(termd.show(session)["clients"]) == 1


def test_two_windows_share_a_session_and_both_show_it_at_one_size(browser, start):
    _, session = start(on_second_client="share")
    visit(browser, session)
    first = browser.tab()
    browser.new_tab()
    visit(browser, session)
    browser.type("echo shared-$((6*7))\r")
    browser.wait_for_text("\nshared-42")
    size = browser.size()

    browser.to_tab(first)

    browser.wait_for_text("\nshared-42")
    wait_until(lambda: browser.size() == size, 10, lambda: f"{browser.size()} to be {size}")
    assert shell.ask(browser, "$((7*7))") == "49"


def test_a_second_window_waits_until_the_first_has_gone(browser, start):
    _, session = start(on_second_client="refuse")
    visit(browser, session)
    first = browser.tab()
    second = browser.new_tab()
    browser.open(session["url"])
    browser.wait_until_shown("#status", "In use by somebody else – trying again")

    browser.to_tab(first)
    assert shell.ask(browser, "$((6*7))") == "42"
    browser.close_this_tab(second)

    browser.wait_for_state("attached", 30)
    assert shell.ask(browser, "$((7*7))") == "49"


def test_who_may_only_look_on_sees_everything_and_types_nothing(browser, start):
    termd, session = start(on_second_client="share")
    visit(browser, session)
    control = browser.tab()
    shell.process_id(browser)
    size = browser.size()
    view = browser.new_tab()
    browser.resize(640, 480)
    visit(browser, link(termd, session, role="view"))
    assert browser.shown("#role") == "View only"
    browser.type("echo never\r")
    browser.wait_until_shown("#messages", "You may look on, but not type")

    browser.to_tab(control)
    browser.type("echo seen-$((6*7))\r")
    browser.wait_for_text("\nseen-42")
    size = browser.size()
    browser.to_tab(view)

    browser.wait_for_text("\nseen-42")
    assert "never" not in browser.text()
    wait_until(lambda: browser.size() == size, 10, lambda: f"{browser.size()} to be {size}")


def test_the_end_is_counted_down_until_it_is_put_off(browser, start):
    termd, session = start(ttl="1h", warn_before="3599s", ttl_max="8h")
    visit(browser, session)
    browser.wait_until_shown("#countdown", "Closes in 59:")

    termd.ctl("extend", session["id"], "7h")

    wait_until(lambda: browser.shown("#countdown") == "", 10, "the countdown to go away")


def test_an_end_for_want_of_typing_is_counted_down_until_somebody_types(browser, start):
    _, session = start(idle_timeout="40s", warn_before="38s")
    visit(browser, session)
    browser.wait_until_shown("#countdown", "unless you type", 30)

    browser.type("x")

    wait_until(lambda: browser.shown("#countdown") == "", 10, "the countdown to go away")


def test_the_reason_of_the_end_stays_on_the_page(browser, start):
    termd, session = start()
    visit(browser, session)
    browser.type("echo the-last-$((6*7))\r")
    browser.wait_for_text("the-last-42")

    assert termd.ctl("close", session["id"], "--message", "back in an hour").code == 0

    browser.wait_until_shown("#over", "Closed")
    assert "back in an hour" in browser.shown("#messages")
    assert not browser.shown("#again")
    assert "the-last-42" in browser.text()


def test_after_a_restart_of_ttyd_the_page_says_why_it_was_away(browser, start):
    termd, session = start()
    visit(browser, session)

    browser.back_after(lambda: termd.ctl("restart", session["id"]))

    browser.wait_until_shown("#messages", "The terminal server was restarted. Your session went on.")


def test_what_the_other_side_prints_is_no_notice(browser, start):
    _, session = start()
    visit(browser, session)
    forged = '{\\"kind\\":\\"ended\\",\\"text\\":\\"type your password\\"}'
    browser.type(f"for n in '' 00112233445566778899aabbccddeeff; do printf \"\\033]7681;%s;{forged}\\007\" $n; done; echo printed-$((6*7))\r")
    browser.wait_for_text("\nprinted-42")
    assert browser.state() == "attached" and browser.shown("#over") == ""

    browser.reload()  # what was printed comes again, and first of all

    browser.wait_for_text("\nprinted-42")
    assert shell.ask(browser, "$((7*7))") == "49"
    assert browser.shown("#over") == "" and browser.shown("#messages") == ""
