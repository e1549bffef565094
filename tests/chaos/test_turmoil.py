"""Everything happens at random, and everything but the sessions' own programs dies: who was spared is alive and usable, and of
everybody else it is on record why he is not."""

from support.chance import LONG, chance
from support.checker import Checker
from support.many import ROOM, together
from support.turmoil import MOST, Turmoil, usable
from support.wait import wait_until

ACTIONS = 20_000 if LONG else 2_000
CONFIG = {
    "commands": {"cat": {"argv": ["/bin/cat"]}},
    "sessions": ROOM | {"ttl": "8h", "idle_timeout": "0", "gone_timeout": "0"},
    "workers": {"stop_grace": "1s", "start_timeout": "30s"},
    # A ttyd that is killed is back soon, however often it is.
    "restart": {"max": 1000, "healthy_after": "1s"},
}


def ssh_to(sshd):
    login, _, address = sshd.target.partition("@")
    host, _, port = address.partition(":")
    return (("host", host), ("port", int(port)), ("login", login))


def spared_are_usable(turmoil):
    spared = [session for session in turmoil.sessions.values() if session.spared()]
    for session in spared:
        turmoil.termd.wait_for_state({"id": session.id}, "ready", 60)
    together(lambda session: usable(session.url, session.command), spared, callers=4)
    return spared


def others_ended_for_a_reason(turmoil, checker):
    over = [session for session in turmoil.sessions.values() if not session.spared()]

    def without_end():
        rows = checker.rows()
        return [session.id for session in over if session.id not in rows or not rows[session.id][0]]

    wait_until(lambda: not without_end(), 60, lambda: f"the end of {without_end()} on record")
    rows = checker.rows()
    wrong = [f"{s.id} may end as {s.ends}, and did as {rows[s.id]}" for s in over if not s.ended_well(rows[s.id])]
    assert wrong == []
    return over


def nobody_else_was_there(turmoil, checker):
    """Also those whose opening was not answered are in the model, if they came to life; the others are not lost, but nothing."""
    assert {session["id"] for session in turmoil.termd.list()} <= turmoil.sessions.keys()
    assert [name for name, row in checker.rows().items() if row[0] == "lost" and name not in turmoil.sessions] == []


def test_who_is_spared_lives_and_who_is_not_has_ended_for_the_right_reason(make_termd, sshd):
    termd = make_termd(config=CONFIG, ports=3 * MOST)
    turmoil = Turmoil(termd, chance(), {(("command", "cat"),): 5, ssh_to(sshd): 1})
    with Checker(termd, [sshd.client_key]) as checker:
        try:
            turmoil.go_on(ACTIONS)
        finally:
            turmoil.leave()
            print(dict(turmoil.done))

        spared = spared_are_usable(turmoil)
        over = others_ended_for_a_reason(turmoil, checker)
        nobody_else_was_there(turmoil, checker)
        checker.check()
        assert termd.ctl("close", "--all", deadline=300).code == 0
        checker.check()
        print(f"{len(spared)} sessions were spared, {len(over)} ended")
        assert spared and over
