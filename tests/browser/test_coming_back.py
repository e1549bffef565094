"""termd's page loses its connection and gets it back by itself: nobody presses a key for it, and none is lost."""

import itertools
import signal

import pytest

from support import processes, shell
from support.wait import wait_until

pytestmark = pytest.mark.usefixtures("built_page")

KILLS = 10
RETURN = 10  # seconds until the page has noticed


@pytest.fixture
def termd(make_termd):
    return make_termd(config={"restart": {"max": 100, "healthy_after": "100ms"}})


def answered(page, number):
    """Whether the shell has answered this line: the answer is none of the letters that were typed."""
    return f"={number * 7};" in page.text()


def type_line(page, number):
    page.type(f'echo "="$(({number}*7))";"\r')


def test_ttyd_killed_ten_times_while_typing_nothing_typed_after_the_return_is_lost(termd, session, page):
    shell_id = shell.process_id(page)
    numbers = itertools.count(1_000_003)

    for _ in range(KILLS):
        before = termd.ttyd_of(session)
        page.type("echo never")  # in the middle of a line
        states = page.follow_states()
        processes.send(before, signal.SIGKILL)
        wait_until(states, RETURN, "the page to notice")
        page.type("\x15")  # held until there is a terminal again
        first = next(numbers)
        type_line(page, first)
        page.wait_for_state("attached", 30)
        second = next(numbers)
        type_line(page, second)
        for number in (first, second):
            wait_until(lambda: answered(page, number), 15, lambda: f"{number} × 7 among {page.text()[-1500:]!r}")
        assert termd.ttyd_of(session).pid != before.pid

    assert shell.process_id(page) == shell_id
    assert termd.show(session)["worker"]["restarts"] == KILLS


def test_typing_through_an_outage_arrives_whole(termd, session, page):
    """No look at the page's state: keys are pressed all the time, and from the return on none is missing."""
    shell_id = shell.process_id(page)
    states = page.follow_states()
    processes.send(termd.ttyd_of(session), signal.SIGKILL)
    wait_until(states, RETURN, "the page to notice")

    numbers = range(1_000_003, 1_000_043)
    for number in numbers:
        type_line(page, number)

    for number in numbers:
        wait_until(lambda: answered(page, number), 20, lambda: f"{number} × 7 among {page.text()[-1500:]!r}")
    assert shell.process_id(page) == shell_id


def test_while_the_connection_is_lost_the_page_says_so_and_counts_down(termd, session, page):
    ttyd = termd.ttyd_of(session)
    termd.kill9()  # nobody starts another one
    processes.send(ttyd, signal.SIGKILL)

    page.wait_until_shown("#status", "Connection lost – trying again in")
    page.type("kept")
    page.wait_until_shown("#status", "what you type is kept")

    termd.start()
    page.wait_for_state("attached", 30)
    page.wait_for_text("kept")
    assert page.shown("#status") == ""


def test_the_network_is_back_and_the_page_does_not_wait(page):
    page.back_after(lambda: page.script("dispatchEvent(new Event('online'))"))

    assert shell.ask(page, "$((6*7))") == "42"


def test_what_was_asked_of_the_terminal_before_is_not_answered_again(page):
    page.type("stty raw -echo min 0 time 10; printf '\\033[c\\033[6n'; cat > /dev/null; stty sane; echo over\r")
    page.wait_for_text("\nover")

    page.reload()
    page.wait_for_text("\nover")

    assert shell.ask(page, "$((6*7))") == "42"
    assert "1;2c" not in page.text().rpartition("over")[2]
