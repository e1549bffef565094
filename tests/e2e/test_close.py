"""Closing: whatever a session started is gone afterwards, however it resists, and the rest goes on."""

import http.client
import os

import pytest

from support import leftovers, processes, scripts, shell
from support.processes import look
from support.wait import wait_until

NEVER = "abcdefghijklmnop"  # has the form of a session's id


def have_gone(found):
    """Whether none of the processes is there any more, not even as a zombie."""

    def still():
        now = [look(process.pid) for process in found if process.alive()]
        # One that was adopted by init is ended; when init gets round to collecting it is not our doing.
        return [str(process) for process in now if process and not (process.zombie and process.parent == 1)]

    wait_until(lambda: not still(), 10, lambda: f"the end of {still()}")
    return True


@pytest.fixture(params=["cgroup", "subreaper"])
def contained(request, make_termd, tmp_path):
    """A function that starts a termd with a stubborn command, once for each way in which it holds processes together."""
    if request.param == "subreaper" and os.geteuid() != 0:
        pytest.skip("only root can hide the control groups from termd")

    def make(**workers):
        command = scripts.write(tmp_path, "stubborn", scripts.STUBBORN)
        config = {"commands": {"stubborn": {"argv": [str(command)]}}, "workers": {"stop_grace": "500ms"} | workers}
        termd = make_termd(config=config, hide_cgroups=request.param == "subreaper")
        if termd.ctl_json("status")["containment"] != request.param:
            pytest.skip("no control groups that termd may write to on this machine")
        return termd

    return make


def open_stubborn(termd, folder):
    """A session of that command, and all its processes once it has started what it means to leave behind."""
    session = termd.open("--command", "stubborn")
    wait_until((folder / "stubborn.ready").exists, 15, "the stubborn command")
    pids = [folder / "grandchild.pid", folder / "orphan.pid"]
    wait_until(lambda: all(p.exists() and p.read_text().strip() for p in pids), 15, "what it leaves behind")
    below = [look(int(path.read_text())) for path in pids]
    everything = termd.processes_of(session)
    assert set(p.pid for p in below) <= set(p.pid for p in everything)
    return session, everything


def test_close_leaves_nothing(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)
    of_session, far_shell = termd.processes_of(session), look(shell_id)
    assert len(of_session) >= 4  # shim, ssh, ttyd, termd-attach

    outcome = termd.ctl("close", session["id"])

    assert outcome.code == 0, outcome.stderr
    assert termd.leftovers() == []  # now, not soon: close answers when all has gone
    assert have_gone(of_session)
    page.wait_for_end()
    assert have_gone([far_shell])
    closed = termd.show(session)
    assert closed["state"] == "closed" and closed["end_reason"] in ("user", "admin")
    assert termd.list() == []


def test_close_without_a_page_leaves_nothing(termd, sshd):
    session = termd.open(sshd.target)
    of_session = termd.processes_of(session)

    assert termd.ctl("close", session["id"]).code == 0

    assert termd.leftovers() == []
    assert have_gone(of_session)


def test_close_ends_a_command_that_ignores_signals_and_its_setsid_grandchildren(contained, tmp_path):
    termd = contained()
    session, of_session = open_stubborn(termd, tmp_path)

    assert termd.ctl("close", session["id"]).code == 0

    assert termd.leftovers() == []
    assert have_gone(of_session)


def test_close_now_does_not_wait_for_the_grace(contained, tmp_path):
    # With a grace longer than the deadline of the command, only skipping it can succeed.
    termd = contained(stop_grace="10m")
    session, of_session = open_stubborn(termd, tmp_path)

    assert termd.ctl("close", "--now", session["id"], deadline=30).code == 0

    assert termd.leftovers() == []
    assert have_gone(of_session)


def test_close_ends_an_ssh_that_ignores_hangup(make_termd, sshd, tmp_path, connect):
    wrapper = scripts.write(tmp_path, "stubborn_ssh", scripts.STUBBORN_SSH)
    termd = make_termd(config={"ssh": {"path": str(wrapper)}, "workers": {"stop_grace": "500ms"}})
    session = termd.open(sshd.target)
    assert (tmp_path / "stubborn_ssh.ready").exists()
    shell.process_id(connect(session))
    of_session = termd.processes_of(session)
    assert any("sleep 1000" in process.command() for process in of_session)

    assert termd.ctl("close", session["id"]).code == 0

    assert termd.leftovers() == []
    assert have_gone(of_session)


def test_close_ends_what_outlived_the_command(contained, tmp_path):
    """The command is gone by itself, but something it started is not."""
    termd = contained()
    session, of_session = open_stubborn(termd, tmp_path)

    processes.send(termd.ssh_of(session), 9)

    assert termd.wait_for_state(session, "closed")["end_reason"] == "exited"
    assert termd.leftovers() == []
    assert have_gone(of_session)


def test_close_ends_a_stubborn_session_of_a_termd_before(contained, tmp_path):
    """Adopted sessions are closed as thoroughly as one's own."""
    termd = contained()
    session, of_session = open_stubborn(termd, tmp_path)
    termd.kill9()
    termd.start()

    assert termd.ctl("close", session["id"]).code == 0

    assert termd.leftovers() == []
    assert have_gone(of_session)


def test_closing_one_leaves_the_others_alone(termd, sshd, connect):
    kept, closed = termd.open(sshd.target), termd.open("--no-reuse", sshd.target)
    page = connect(kept)
    shell_id = shell.process_id(page)

    assert termd.ctl("close", closed["id"]).code == 0

    assert [session["id"] for session in termd.list()] == [kept["id"]]
    assert shell.process_id(page) == shell_id


def test_close_all(termd, sshd):
    for _ in range(3):
        termd.open("--no-reuse", sshd.target)

    assert termd.ctl("close", "--all").code == 0

    assert termd.list() == []
    assert termd.leftovers() == []


def test_closing_twice_is_no_error(termd, sshd):
    session = termd.open(sshd.target)

    assert termd.ctl("close", session["id"]).code == 0
    assert termd.ctl("close", session["id"]).code == 0


def test_a_session_that_never_was_is_not_found(termd):
    assert termd.ctl("close", NEVER).code == 4
    assert termd.ctl("show", NEVER).code == 4
    answer = termd.api("DELETE", f"/v1/sessions/{NEVER}")
    assert (answer.status, answer.code) == (http.client.NOT_FOUND, "not_found")


def test_the_port_of_a_closed_session_is_given_out_again(make_termd, sshd):
    termd = make_termd(ports=1)

    for _ in range(3):
        session = termd.open(sshd.target)
        assert session["worker"]["port"] == termd.range.first
        assert termd.ctl("close", session["id"]).code == 0


def test_a_user_cannot_have_too_many(termd, sshd):
    for _ in range(3):
        termd.open("--no-reuse", sshd.target)

    outcome = termd.ctl("open", "--no-reuse", sshd.target)

    assert outcome.code == 5
    answer = termd.api(
        "POST", "/v1/sessions", {"host": "127.0.0.1", "port": sshd.port, "login": sshd.login, "reuse": False}
    )
    assert (answer.status, answer.code) == (http.client.TOO_MANY_REQUESTS, "user_limit")
    assert len(termd.list()) == 3


def test_sigterm_closes_every_session_and_leaves_nothing(termd, sshd, connect):
    page = connect(termd.open(sshd.target))
    termd.open("--no-reuse", sshd.target)
    of_sessions = [p for session in termd.sessions for p in leftovers.of_session(session)]

    assert termd.stop() == 0

    page.wait_for_end()
    assert termd.leftovers() == []
    assert have_gone(of_sessions)


def test_sigterm_ends_stubborn_sessions_too(contained, tmp_path):
    termd = contained()
    _, of_session = open_stubborn(termd, tmp_path)

    assert termd.stop() == 0

    assert termd.leftovers() == []
    assert have_gone(of_session)
