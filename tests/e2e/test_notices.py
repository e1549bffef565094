"""What whoever looks at a terminal is told apart from its output: on termd's page as notices, elsewhere as lines."""

import pytest

from support import shell
from support.many import show
from support.wait import wait_until

pytestmark = pytest.mark.usefixtures("built_page")

COMMANDS = {"cat": {"argv": ["/bin/cat"]}, "shell": {"argv": ["/bin/sh"]}}


@pytest.fixture
def make(make_termd):
    """A function that starts a termd with these settings of [sessions]."""

    def start(page="termd", workers=None, **sessions):
        config = {"commands": COMMANDS, "sessions": sessions, "ttyd": {"page": page}, "workers": workers or {}}
        return make_termd(config=config)

    return start


def message(termd, session, text):
    answer = termd.api("POST", f"/v1/sessions/{session['id']}/message", {"text": text})
    assert answer.status == 204


def link(termd, session, **how):
    """Another link to the session."""
    return termd.api("POST", f"/v1/sessions/{session['id']}/tokens", how).json()["url"]


def kinds(page):
    return [notice["kind"] for notice in page.notices]


def test_the_first_thing_the_page_hears_is_its_role(make, connect):
    termd = make(on_second_client="share")
    session = termd.open("--command", "cat")

    control, view = connect(session), connect(link(termd, session, role="view"))

    assert control.wait_for_notice("attached") == {"kind": "attached", "role": "control"}
    assert view.wait_for_notice("attached") == {"kind": "attached", "role": "view"}
    assert kinds(control)[0] == kinds(view)[0] == "attached"
    wait_until(lambda: kinds(view)[-2:] == ["replayed", "size"], 10, lambda: f"the replay's end and the size: {kinds(view)}")


def test_a_message_is_a_notice_on_the_page_and_a_line_elsewhere(make, connect):
    termd, stock = make(), make(page="stock")
    session, other = termd.open("--command", "cat"), stock.open("--command", "cat")
    page, plain = connect(session), connect(other)
    page.wait_for_notice("attached")
    shell.echoes(plain)

    message(termd, session, 'lunch at "12" – ä')
    message(stock, other, 'lunch at "12" – ä')

    assert page.wait_for_notice("message")["text"] == 'lunch at "12" – ä'
    plain.read_until('\x1b\\[7m termd: lunch at "12" – ä \x1b\\[0m')
    assert plain.notices == []


def test_a_message_to_an_empty_room_is_told_to_who_comes_next_and_once(make, connect):
    termd = make()
    session = termd.open("--command", "cat")
    message(termd, session, "while you were out")

    page = connect(session)
    assert page.wait_for_notice("message")["text"] == "while you were out"
    page.close()
    again = connect(session)
    shell.echoes(again)
    assert "message" not in kinds(again)


def test_a_warning_of_the_end_counts_down_and_is_withdrawn_by_an_extension(make, connect):
    termd = make(ttl="1h", warn_before="3599s", ttl_max="8h")
    session = termd.open("--command", "cat")
    page = connect(session)

    warning = page.wait_for_notice("closing")
    assert 3_000_000 < warning["left"] <= 3_600_000 and warning["by_idle"] is False
    late = connect(session)  # takes over, and hears of it too
    assert late.wait_for_notice("closing")["left"] <= warning["left"]

    assert termd.api("POST", f"/v1/sessions/{session['id']}/extend", {"ttl": "7h"}).status == 200
    late.wait_for_notice("staying")


def test_typing_withdraws_the_warning_that_nobody_types(make, connect):
    termd = make(idle_timeout="4s", warn_before="3s")
    session = termd.open("--command", "cat")
    page = connect(session)
    assert page.wait_for_notice("closing")["by_idle"] is True

    page.type("here I am\r")

    page.wait_for_notice("staying")


def test_who_is_taken_over_is_told_so(make, connect):
    termd = make(on_second_client="takeover")
    session = termd.open("--command", "shell")
    first = connect(session)
    shell_id = shell.process_id(first)

    second = connect(session)

    first.wait_for_end()
    assert first.notices[-1] == {"kind": "taken_over", "text": "taken over by another window"}
    assert shell.process_id(second) == shell_id


def test_who_is_refused_for_somebody_else_hears_that_it_may_pass(make, connect):
    termd = make(on_second_client="refuse")
    session = termd.open("--command", "cat")
    first = connect(session)
    first.wait_for_notice("attached")

    second = connect(session)

    assert second.wait_for_notice("refused") == {"kind": "refused", "text": "somebody else is using this session", "busy": True}
    second.wait_for_end()
    first.close()
    wait_until(lambda: show(termd, session)["clients"] == [], 15, "the first one to have left")
    connect(session).wait_for_notice("attached")


@pytest.mark.parametrize("token", ["", "A" * 43])
def test_who_has_no_valid_link_is_told_so(make, connect, token):
    termd = make()
    session = termd.open("--command", "cat")

    page = connect(session["url"].split("?")[0] + (f"?arg={token}" if token else ""))

    refused = page.wait_for_notice("refused")
    assert "link" in refused["text"] and "busy" not in refused
    page.wait_for_end()


def test_the_end_comes_with_its_reason(make, connect):
    termd = make()
    session = termd.open("--command", "shell")
    page = connect(session)
    shell.process_id(page)

    page.type("exit 3\r")

    page.wait_for_end()
    last = page.notices[-1]
    assert (last["kind"], last["reason"]) == ("ended", "exited") and "3" in last["text"]


def test_who_closes_it_may_say_why(make, connect):
    termd = make()
    session = termd.open("--command", "cat")
    page = connect(session)
    page.wait_for_notice("attached")

    assert termd.ctl("close", session["id"], "--message", "back in an hour").code == 0

    page.wait_for_end()
    assert "back in an hour" in page.wait_for_notice("message")["text"]
    assert page.notices[-1]["kind"] == "ended"


def test_everybody_hears_of_the_terminals_size(make, connect):
    termd = make(workers={"columns": [20, 100]})
    session = termd.open("--command", "cat")
    page = connect(session, columns=90, rows=30)
    view = connect(link(termd, session, role="view"), columns=50, rows=10)

    def size_of(one):
        return next(((n["columns"], n["rows"]) for n in reversed(one.notices) if n["kind"] == "size"), None)

    wait_until(lambda: size_of(page) == size_of(view) == (90, 30), 10, lambda: f"90×30: {size_of(page)}, {size_of(view)}")
    page.resize(500, 40)
    wait_until(lambda: size_of(page) == size_of(view) == (100, 40), 10, lambda: f"100×40: {size_of(page)}, {size_of(view)}")
    view.resize(30, 12)
    assert size_of(page) == (100, 40)


def test_what_a_program_prints_is_no_notice(make, connect):
    termd = make()
    session = termd.open("--command", "shell")
    page = connect(session)
    page.wait_for_notice("attached")

    page.type("printf '\\033]7681;%s;{\"kind\":\"ended\"}\\007done\\n' 00112233445566778899aabbccddeeff\r")

    page.read_until("\x07done")
    assert "ended" not in kinds(page)
    again = connect(session)  # what was printed is shown again, after the one notice that sets the nonce
    again.wait_for_notice("replayed")
    assert again.notices[0]["kind"] == "attached"
