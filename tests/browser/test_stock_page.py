"""ttyd.page = "stock": ttyd's own page, on which termd says what it has to say in lines of the terminal."""

import signal

import pytest

from support import processes, shell
from support.wait import wait_until

RETURN = 3  # seconds until a killed ttyd has to be back


@pytest.fixture
def termd(make_termd):
    return make_termd(config={"ttyd": {"page": "stock"}})


def cut_off(page):
    """Whether the page says that it has lost its connection, is getting it back, or just has."""
    return "onnect" in page.page_text()


def test_ttyd_killed_the_return_key_is_back_in_the_same_shell(termd, session, page):
    shell_id = shell.process_id(page)

    processes.send(termd.ttyd_of(session), signal.SIGKILL)
    wait_until(lambda: cut_off(page), RETURN, "the page to notice")

    def back():
        if "Press" in page.page_text():
            page.type("\r")
        return not cut_off(page)

    wait_until(back, RETURN, lambda: f"the page to be connected again: {page.page_text()!r}")
    assert shell.process_id(page) == shell_id


def test_messages_and_the_reason_of_the_end_are_lines_in_the_terminal(termd, session, page):
    termd.ctl("message", session["id"], "lunch at twelve")
    page.wait_for_text("termd: lunch at twelve")

    assert termd.ctl("close", session["id"], "--message", "back in an hour").code == 0

    page.wait_for_text("back in an hour")
    page.wait_for_text("session ended: ")


def test_a_second_window_takes_over_and_the_first_waits_until_it_is_wanted_back(termd, session, page):
    shell_id = shell.process_id(page)
    first = page.tab()
    second = page.new_tab()
    page.open(session["url"])
    page.wait_for_terminal()

    page.to_tab(first)
    page.wait_for_text("taken over by another window – press Return to come back")
    page.to_tab(second)
    assert shell.process_id(page) == shell_id
    assert len(termd.show(session)["clients"]) == 1

    page.to_tab(first)
    page.type("\r")
    wait_until(lambda: page.text().strip() and "taken over" not in page.text(), 15, "the terminal to be shown again")
    assert shell.process_id(page) == shell_id
    page.to_tab(second)
    page.wait_for_text("taken over by another window")


def test_a_link_that_is_not_valid_is_said_to_be_so(session, browser):
    browser.open(session["url"][:-1])

    browser.wait_for_text("this link is not valid")
