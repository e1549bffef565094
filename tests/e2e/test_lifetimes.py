"""How long sessions live, how many there may be, who gets which: every limit with short times, and real processes.

What has to happen is waited for. That something does not happen is shown by waiting for something else that takes longer."""

import http.client
import time
from datetime import datetime, timedelta

import pytest

from support import processes, shell
from support.many import close, open_session, show, together
from support.termd import build_directory
from support.wait import wait_until

CHATTER = "while :; do echo chatter; sleep 0.1; done"
COMMANDS = {
    "cat": {"argv": ["/bin/cat"]},
    "shell": {"argv": ["/bin/sh"]},
    "chatter": {"argv": ["/bin/sh", "-c", CHATTER]},
    "deaf": {"argv": [str(build_directory() / "tests/support/stray"), "deaf"]},
}
WITHOUT_END = {"ttl": "1h", "idle_timeout": "0", "gone_timeout": "0", "unattached_timeout": "0", "warn_before": "0"}


@pytest.fixture
def make(make_termd):
    """A function that starts a termd with these limits only: make(ttl="2s", …)."""

    def start(ports=40, **limits):
        config = {"commands": COMMANDS, "sessions": WITHOUT_END | limits, "workers": {"stop_grace": "500ms"}}
        return make_termd(config=config, ports=ports)

    return start


def moment(text):
    return datetime.fromisoformat(text)


def life_of(closed):
    """How long it lived, in seconds."""
    return (moment(closed["closed_at"]) - moment(closed["created_at"])).total_seconds()


def post(termd, session, what, body=None):
    return termd.api("POST", f"/v1/sessions/{session['id']}/{what}", body)


def visit(termd, session, connect):
    """Come to a session, and leave it again."""
    page = connect(session)
    wait_until(lambda: show(termd, session)["clients"], 10, "the page to be there")
    page.close()


def lives(termd, session):
    return show(termd, session)["state"] == "ready"


def lives_on_for(termd, session, seconds, meanwhile=lambda: None):
    """Whether it still lives when so much time of its life has passed, with something done again and again until then."""
    end = time.monotonic() + seconds

    def done():
        meanwhile()
        return not lives(termd, session) or time.monotonic() > end

    wait_until(done, seconds + 10, "time to pass")
    return lives(termd, session)


# ---- ttl ---------------------------------------------------------------------------------------


def test_a_session_ends_with_its_ttl(make, connect):
    termd = make(ttl="1500ms")
    session = open_session(termd, "chatter")
    page = connect(session)

    closed = termd.wait_for_state(session, "closed")

    assert closed["end_reason"] == "ttl" and closed["closed_at"] >= session["expires_at"]
    assert life_of(closed) >= 1.5
    page.wait_for_end()
    assert "the time of this session is over" in page.text() and "session ended: ttl" in page.text()
    assert termd.leftovers() == []


def test_a_request_has_a_ttl_of_its_own(make):
    termd = make(ttl="1h", ttl_max="2h")

    closed = termd.wait_for_state(open_session(termd, "cat", ttl="1s"), "closed")

    assert closed["end_reason"] == "ttl"


@pytest.mark.parametrize("ttl", ["3h", "0"])
def test_no_ttl_goes_past_ttl_max(make, ttl):
    termd = make(ttl="1h", ttl_max="2h")
    session = open_session(termd, "cat")

    refused = termd.api("POST", "/v1/sessions", {"command": "cat", "ttl": ttl})
    assert (refused.status, refused.code) == (http.client.BAD_REQUEST, "invalid_request")
    assert [problem["field"] for problem in refused.json()["errors"]] == ["ttl"]
    refused = post(termd, session, "extend", {"ttl": ttl})
    assert (refused.status, refused.code) == (http.client.BAD_REQUEST, "invalid_request")
    assert show(termd, session)["expires_at"] == session["expires_at"]


def test_extending_moves_the_end_and_never_nearer(make):
    termd = make(ttl="2s", ttl_max="2h")
    session, other = open_session(termd, "cat"), open_session(termd, "cat", reuse=False)

    longer = post(termd, session, "extend", {"ttl": "1h"}).json()
    assert moment(longer["expires_at"]) - moment(session["expires_at"]) > timedelta(minutes=59)
    assert post(termd, session, "extend", {"ttl": "1s"}).json()["expires_at"] == longer["expires_at"]

    assert termd.wait_for_state(other, "closed")["end_reason"] == "ttl"  # it was opened later
    assert lives(termd, session)


def test_the_end_of_an_extended_session_is_kept_by_a_later_termd(make):
    termd = make(ttl="1500ms", ttl_max="2h")
    session, other = open_session(termd, "cat"), open_session(termd, "cat", reuse=False)
    post(termd, session, "extend", {"ttl": "1h"})
    extended = show(termd, session)["expires_at"]
    termd.kill9()

    # The shims know by themselves which of the two has to end.
    wait_until(lambda: not termd.processes_of(other), 15, "the end of the one that was not extended")
    assert termd.processes_of(session)

    termd.start()
    assert termd.wait_for_state(session, "ready")["expires_at"] == extended
    ended = show(termd, other)
    assert (ended["state"], ended["end_reason"]) == ("closed", "ttl")


@pytest.mark.parametrize("command", ["chatter", "deaf"])
def test_a_dead_termd_lengthens_no_session(make, command):
    termd = make(ttl="1s")
    session = open_session(termd, command)
    termd.kill9()

    wait_until(lambda: not termd.processes_of(session), 10, lambda: f"the end of {termd.processes_of(session)}")

    termd.start()
    assert show(termd, session)["end_reason"] == "ttl"
    assert termd.leftovers() == []


def test_a_stopped_command_does_not_outlive_its_ttl(make):
    termd = make(ttl="1s")
    session = open_session(termd, "chatter")
    for process in termd.processes_of(session):
        if process.pid in (session["ssh"]["pid"], session["worker"]["pid"]):
            processes.send(process, 19)  # SIGSTOP

    assert termd.wait_for_state(session, "closed")["end_reason"] == "ttl"
    assert termd.leftovers() == []


# ---- idle --------------------------------------------------------------------------------------


def test_output_is_no_sign_of_life(make, connect):
    termd = make(idle_timeout="1500ms")
    session = open_session(termd, "chatter")
    page = connect(session)

    closed = termd.wait_for_state(session, "closed")

    assert closed["end_reason"] == "idle" and life_of(closed) >= 1.5
    assert page.text().count("chatter") > 5
    page.wait_for_end()
    assert "nobody has typed for too long" in page.text()


def test_keys_are_signs_of_life(make, connect):
    termd = make(idle_timeout="1500ms")
    session = open_session(termd, "cat")
    page = connect(session)

    assert lives_on_for(termd, session, 4, meanwhile=lambda: page.type("k"))

    closed = termd.wait_for_state(session, "closed")
    assert closed["end_reason"] == "idle"
    since = (moment(closed["closed_at"]) - moment(closed["last_input_at"])).total_seconds()
    assert since >= 1.5


def test_the_very_last_key_counts(make, connect):
    """Not only the first one of each second: the next one may not come for a while."""
    termd = make(idle_timeout="1h")
    session = open_session(termd, "cat")
    page = connect(session)
    page.type("1")
    first = wait_until(lambda: show(termd, session)["last_input_at"], 10, "the first key to be known")
    page.type("2")
    page.read_until("12")

    last = wait_until(lambda: show(termd, session)["last_input_at"] != first and show(termd, session), 10, "the second key")

    assert moment(last["idle_at"]) - moment(last["last_input_at"]) == timedelta(hours=1)


def test_a_request_has_an_idle_timeout_of_its_own(make):
    termd = make()

    assert termd.wait_for_state(open_session(termd, "cat", idle_timeout="1s"), "closed")["end_reason"] == "idle"


# ---- nobody there ------------------------------------------------------------------------------


def test_a_session_that_nobody_comes_to_ends(make, connect):
    termd = make(unattached_timeout="1s")
    visited, alone = open_session(termd, "cat"), open_session(termd, "cat", reuse=False)
    visit(termd, visited, connect)

    closed = termd.wait_for_state(alone, "closed")

    assert closed["end_reason"] == "unattached" and life_of(closed) >= 1
    assert lives(termd, visited)


def test_a_session_that_everybody_has_left_ends(make, connect):
    termd = make(gone_timeout="1s")
    left, watched = open_session(termd, "cat"), open_session(termd, "cat", reuse=False)
    connect(watched)
    visit(termd, left, connect)

    closed = termd.wait_for_state(left, "closed")

    assert closed["end_reason"] == "gone" and life_of(closed) >= 1
    assert lives_on_for(termd, watched, 1.5)  # it is longer without a heartbeat than the other was


def test_a_heartbeat_stands_for_a_page(make, connect):
    termd = make(gone_timeout="1s")
    session = open_session(termd, "cat")
    visit(termd, session, connect)

    assert lives_on_for(termd, session, 3, meanwhile=lambda: post(termd, session, "heartbeat"))

    assert termd.wait_for_state(session, "closed")["end_reason"] == "gone"


def test_coming_back_in_time_keeps_a_session(make, connect):
    termd = make(gone_timeout="2s")
    session = open_session(termd, "shell")
    page = connect(session)
    shell_id = shell.process_id(page)
    page.close()
    wait_until(lambda: show(termd, session)["clients"] == [], 10, "the page to have gone")

    again = connect(session)

    assert lives_on_for(termd, session, 3)
    assert shell.process_id(again) == shell_id


# ---- warnings ----------------------------------------------------------------------------------


def test_the_end_is_announced_in_the_terminal_and_in_the_next_heartbeat(make, connect):
    termd = make(ttl="3s", warn_before="2s")
    session = open_session(termd, "cat")
    page = connect(session)
    assert post(termd, session, "heartbeat").json()["notices"] == []

    page.read_until(r"this session closes in [12] s")

    beat = post(termd, session, "heartbeat").json()
    assert len(beat["notices"]) == 1 and "closes in" in beat["notices"][0]
    assert 0 <= beat["expires_in"] <= 2
    assert post(termd, session, "heartbeat").json()["notices"] == []  # each is told once
    assert termd.wait_for_state(session, "closed")["end_reason"] == "ttl"


def test_an_idle_end_is_announced_until_somebody_types(make, connect):
    termd = make(idle_timeout="2s", warn_before="1s")
    session = open_session(termd, "cat")
    page = connect(session)

    page.read_until("closes in 1 s unless somebody types")
    page.type("here I am\r")
    page.read_until("here I am\r\nhere I am")

    closed = termd.wait_for_state(session, "closed")
    assert closed["end_reason"] == "idle" and life_of(closed) >= 3
    page.wait_for_end()
    assert page.text().count("unless somebody types") == 2


# ---- how many ----------------------------------------------------------------------------------

AT_ONCE = 30


def open_at_once(termd, bodies):
    """The answers to all requests, made at the same time."""
    answers = together(lambda body: termd.api("POST", "/v1/sessions", {"command": "cat"} | body), bodies, callers=AT_ONCE)
    created = [answer.json() for answer in answers if answer.status in (http.client.CREATED, http.client.OK)]
    termd.sessions.update(session["id"] for session in created)
    return created, [answer for answer in answers if answer.status not in (http.client.CREATED, http.client.OK)]


def test_many_requests_at_once_do_not_pass_the_limit_of_a_user(make):
    termd = make(max_per_user=5)

    created, refused = open_at_once(termd, [{"reuse": False}] * AT_ONCE)

    assert len({session["id"] for session in created}) == 5 and len(refused) == AT_ONCE - 5
    assert {(answer.status, answer.code) for answer in refused} == {(http.client.TOO_MANY_REQUESTS, "user_limit")}
    assert len(termd.list()) == 5
    close(termd, created[0])
    open_session(termd, "cat", reuse=False)
    assert termd.api("POST", "/v1/sessions", {"command": "cat", "reuse": False}).code == "user_limit"


def test_many_requests_at_once_do_not_pass_the_limit_of_all(make):
    termd = make(max_total=7)

    created, refused = open_at_once(termd, [{"user": f"user{n}"} for n in range(AT_ONCE)])

    assert len({session["id"] for session in created}) == 7 and len(refused) == AT_ONCE - 7
    assert {(answer.status, answer.code) for answer in refused} == {(http.client.TOO_MANY_REQUESTS, "total_limit")}
    close(termd, created[0])
    open_session(termd, "cat", user="somebody-else")


def test_sessions_that_do_not_start_leave_no_place_taken(make_termd, tmp_path):
    commands = {"none": {"argv": [str(tmp_path / "no-such-program")]}, "cat": {"argv": ["/bin/cat"]}}
    termd = make_termd(config={"commands": commands, "sessions": WITHOUT_END | {"max_per_user": 2}})

    created, refused = open_at_once(termd, [{"command": "none", "reuse": False}] * AT_ONCE)

    assert created == [] and {answer.code for answer in refused} <= {"start_failed", "user_limit"}
    assert termd.list() == [] and termd.leftovers() == []
    assert len(open_at_once(termd, [{"reuse": False}] * 2)[0]) == 2


def test_a_user_who_opens_too_fast_is_slowed_down_alone(make):
    termd = make(open_rate=1, open_burst=3, max_per_user=20)

    created, refused = open_at_once(termd, [{"reuse": False}] * 10)

    assert 3 <= len(created) <= 5  # three at once, and those for whom it took a second
    assert {(answer.status, answer.code) for answer in refused} == {(http.client.TOO_MANY_REQUESTS, "user_limit")}
    assert "too fast" in refused[0].json()["detail"]
    open_session(termd, "cat", user="somebody-else")
    again = {"command": "cat", "reuse": False}
    wait_until(lambda: termd.api("POST", "/v1/sessions", again).status == http.client.CREATED, 5, "a place a second later")


# ---- which -------------------------------------------------------------------------------------


def test_the_same_again_is_the_same_session_with_another_way_in(make, connect):
    termd = make()

    created, refused = open_at_once(termd, [{"command": "shell"}] * AT_ONCE)

    assert refused == [] and len({session["id"] for session in created}) == 1
    assert len({session["token"] for session in created}) == AT_ONCE
    assert len(termd.list()) == 1
    assert len({shell.process_id(connect(session)) for session in created[::10]}) == 1


@pytest.mark.parametrize("other", [
    {"user": "somebody-else"}, {"mode": "popup"}, {"command": "shell"}, {"login": "another"}, {"reuse": False},
    {"host": "127.0.0.1"},
], ids=lambda other: next(iter(other)))
def test_anything_else_is_another_session(make, other):
    termd = make()
    session = open_session(termd, "cat")

    answer = termd.api("POST", "/v1/sessions", {"command": "cat"} | other)

    assert answer.status == http.client.CREATED and answer.json()["id"] != session["id"]


def test_a_session_that_is_closing_is_not_given_out_again(make):
    termd = make()
    session = open_session(termd, "deaf")
    wait_until((termd.session_directory(session) / "stray.ready").exists, 10, "it to be deaf")
    closing = together(lambda step: step(), [
        lambda: close(termd, session),
        lambda: wait_until(lambda: show(termd, session)["state"] == "closing", 10, "its closing")
        and termd.api("POST", "/v1/sessions", {"command": "deaf"}),
    ])

    assert closing[1].status == http.client.CREATED and closing[1].json()["id"] != session["id"]


def test_targets_are_as_allowed(make_termd, sshd):
    rules = {"allow": ["127.0.0.0/29", "*.example.org"], "deny": ["127.0.0.3", "secret.*"]}
    termd = make_termd(config={"targets": rules})

    def try_to_open(host):
        return termd.api("POST", "/v1/sessions", {"host": host, "port": sshd.port, "login": sshd.login})

    assert try_to_open("127.0.0.1").status == http.client.CREATED
    for host in ("127.0.0.3", "127.0.0.8", "10.0.0.1", "::1", "example.org", "secret.example.org", "SECRET.Example.ORG."):
        refused = try_to_open(host)
        assert (refused.status, refused.code) == (http.client.FORBIDDEN, "target_denied"), host
        assert termd.ctl("open", f"{sshd.login}@[{host}]" if ":" in host else f"{sshd.login}@{host}").code == 6
    assert len(termd.list()) == 1
