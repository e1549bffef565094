"""The installed service under a real systemd: what survives what, and what is left afterwards."""

import json

import pytest
from support.shell import ask, process_id
from support.wait import wait_until

from .conftest import configure, install


@pytest.fixture(scope="module", params=[{}, {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}], ids=["groups as here", "groups v2"])
def environment(request):
    """With the control groups that this machine has (some have both versions side by side), and with version 2 alone."""
    return request.param


def state_of(machine, unit, name="ActiveState"):
    return machine.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()


def reason_of(machine, session):
    rows = machine.api("GET", "/v1/history").json()["sessions"]
    return next(row["end_reason"] for row in rows if row["id"] == session["id"])


def wait_for_another_main(machine, before):
    def another():
        return state_of(machine, "termd") == "active" and state_of(machine, "termd", "MainPID") not in ("0", before)

    wait_until(another, 60, "systemd to start termd again")


def test_started_means_that_the_socket_answers(termd):
    termd.run("systemctl", "stop", "termd")
    termd.run("systemctl", "start", "termd")
    assert termd.run("curl", "-sf", "--unix-socket", "/run/termd/control.sock", "http://termd/healthz").returncode == 0
    assert state_of(termd, "termd", "StatusText") == "0 sessions"


def test_a_session_logs_in_and_runs_as_termd_in_a_control_group_of_its_own(open_shell, termd):
    session, page, _ = open_shell()
    assert ask(page, "$USER") == "dev"
    ssh = termd.show(session)["ssh"]["pid"]
    assert termd.run("ps", "-o", "user=", "-p", ssh).stdout.strip() == "termd"
    assert session["id"] in termd.run("cat", f"/proc/{ssh}/cgroup").stdout
    assert termd.api("GET", "/v1/status").json()["containment"] == "cgroup"
    listening = termd.run("cat", "/proc/net/tcp").stdout
    assert f"0100007F:{session['worker']['port']:04X}" in listening, "on the loopback, and nowhere else"
    wait_until(lambda: state_of(termd, "termd", "StatusText") == "1 session", 5, "systemd to show one session")


def kill(machine, package):
    machine.run("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "termd")


def restart(machine, package):
    machine.run("systemctl", "restart", "termd")


def upgrade(machine, package):
    install(machine, package.newer)
    assert machine.run("dpkg-query", "-W", "-f", "${Version}", "termd").stdout.startswith("9:")


def stop_answering(machine, package):
    machine.run("systemctl", "kill", "--signal=STOP", "--kill-whom=main", "termd")


@pytest.mark.parametrize("happens", [kill, restart, upgrade, stop_answering])
def test_the_same_shell_goes_on(open_shell, termd, package, happens):
    (_, page, shell), (_, local, local_shell) = open_shell(), open_shell(command="sh")
    ask(local, "$(echo kept > /tmp/mine)")
    main = state_of(termd, "termd", "MainPID")

    happens(termd, package)

    wait_for_another_main(termd, main)
    assert process_id(page) == shell and process_id(local) == local_shell
    assert ask(local, "$(cat /tmp/mine)") == "kept", "its /tmp is that of before"
    assert len(termd.api("GET", "/v1/sessions").json()["sessions"]) == 2


def left_over(machine):
    processes = machine.run("pgrep", "-a", "-u", "termd", check=False).stdout
    files = machine.run("find", "/run/termd", "-mindepth", "1", "(", "-type", "s", "-o", "-path", "*/sessions/*", ")").stdout
    return (processes + files).splitlines()


def groups_of_sessions(machine):
    return machine.run("find", "/sys/fs/cgroup", "-type", "d", "-path", "*termd.service/termd-*").stdout


@pytest.mark.parametrize("how", ["stop", "stop after a crash"])
def test_a_stop_ends_all_sessions_and_leaves_nothing(open_shell, termd, how):
    sessions = [open_shell()[0], open_shell(command="sh")[0]]
    units = ["termd"]
    if how == "stop after a crash":  # and nobody starts it again
        termd.run("systemctl", "set-property", "--runtime", "termd", "TasksMax=infinity")
        (termd.root / "etc/termd/termd.toml").write_text("nonsense")
        kill(termd, None)
        wait_until(lambda: state_of(termd, "termd") == "failed", 30, "termd to fail")
        units.append("termd-sessions")

    termd.run("systemctl", "stop", *units)

    # systemd sees that nobody needs the socket when it has told that termd is stopped.
    wait_until(lambda: state_of(termd, "termd.socket") == "inactive", 20, "the socket to be stopped, too")
    assert left_over(termd) == []
    wait_until(lambda: groups_of_sessions(termd) == "", 20, "systemd to hear that the groups are empty")
    configure(termd)
    assert [reason_of(termd, session) for session in sessions] == ["shutdown"] * 2


def test_a_reload_takes_a_good_configuration_and_says_what_is_wrong_with_a_bad_one(termd):
    file = termd.root / "etc/termd/termd.toml"
    good = file.read_text()
    file.write_text(good.replace("max_per_user = 20", "max_per_user = 7"))
    termd.run("systemctl", "reload", "termd")
    wait_until(lambda: termd.api("GET", "/v1/status").json()["limits"]["max_per_user"] == 7, 10, "the new limit")

    file.write_text(good + "\n[nonsense]\n")
    assert termd.run("systemctl", "reload", "termd", check=False).returncode != 0
    assert "nonsense" in termd.journal("-u", "termd", "-n", "20")
    assert state_of(termd, "termd") == "active"
    configure(termd)


def test_the_journal_knows_levels_and_sessions(open_shell, termd):
    session, *_ = open_shell()
    lines = termd.journal("-u", "termd", "-o", "json", f"SESSION={session['id']}", "EVENT=session.ready").splitlines()
    [entry] = [json.loads(line) for line in lines]
    assert (entry["USER"], entry["HOST"], entry["PRIORITY"]) == ("alice", "127.0.0.1", "6")


@pytest.mark.parametrize("how", ["shut_down", "cut_power"])
def test_sessions_of_a_machine_that_went_down_end_with_reboot(open_shell, termd, how):
    session, *_ = open_shell()

    getattr(termd, how)()
    termd.boot()

    wait_until(lambda: state_of(termd, "termd") == "active", 30, "termd to be up again")
    wait_until(lambda: reason_of(termd, session) == "reboot", 10, "the session's row to be closed")
    assert [line.split("/")[-1] for line in left_over(termd)] == ["termd", "control.sock"]


def test_members_of_the_group_may_connect_and_nobody_else(termd):
    assert termd.run("termctl", "ls", user="stranger", check=False).returncode == 6
    termd.run("usermod", "-aG", "termctl", "portal")
    assert termd.run("termctl", "ls", user="portal").returncode == 0


def test_removing_the_package_ends_the_sessions_and_purging_it_removes_the_data(open_shell, termd, package):
    open_shell()
    termd.run("dpkg", "--remove", "termd")
    assert termd.run("pgrep", "-a", "-u", "termd", check=False).stdout == ""
    assert not (termd.root / "usr/sbin/termd").exists()
    assert termd.run("test", "-e", "/run/termd", check=False).returncode == 1
    rows = termd.run("test", "-s", "/var/lib/termd/history.db")
    assert rows.returncode == 0, "what happened is still on record"

    termd.run("dpkg", "--purge", "termd")
    for path in ("/var/lib/termd", "/run/termd", "/etc/termd/termd.toml"):
        assert termd.run("test", "-e", path, check=False).returncode == 1, path

    install(termd, package.file)
    termd.run("install", "-o", "termd", "-g", "termd", "-m", "600", "/root/key", "/etc/termd/key")
    configure(termd)
