"""Another user of the machine: no socket, no file and no port of termd opens for him."""

import pytest
from support.shell import ask
from support.termd import CHECKOUT
from support.ttyd_client import Refused, Terminal

from .conftest import configure


def everything(machine):
    """TYPE PATH of all that termd has, whoever asks."""
    return machine.run("find", "/run/termd", "/var/lib/termd", "-printf", "%y %p\n").stdout


def try_all(machine, what):
    """What of it opens for somebody else."""
    (machine.root / "usr/local/bin/as-stranger").write_bytes((CHECKOUT / "tests/system/as-stranger").read_bytes())
    (machine.root / "root/everything").write_text(what)
    machine.run("install", "-m", "755", "/usr/local/bin/as-stranger", "/tmp/as-stranger")
    machine.run("install", "-m", "644", "/root/everything", "/tmp/everything")
    return machine.run("/tmp/as-stranger", "/tmp/everything", user="stranger").stdout.splitlines()


SOCKETS = {"access": "sockets", "proxy_group": "www-data", "public_url": "https://terminals.example.org/"}


@pytest.mark.parametrize("access", ["ports", "sockets"])
def test_nothing_of_termd_opens_for_another_user(termd, access):
    termd.run("usermod", "-aG", "www-data", "termd")
    configure(termd, {"recording": {"mode": "on"}, "workers": SOCKETS if access == "sockets" else {}})
    answer = termd.api("POST", "/v1/sessions", {"user": "alice", "host": "127.0.0.1"})
    assert answer.status == 201, answer.body
    session = answer.json()["id"]
    tried = everything(termd)
    for expected in ("s /run/termd/control.sock", f"s /run/termd/sessions/{session}/attach.sock", "f /var/lib/termd/history.db", f"/recordings/{session}"):
        assert expected in tried
    assert ("s /run/termd/proxy.sock" in tried) == (access == "sockets")

    assert try_all(termd, tried) == []
    configure(termd)


def test_what_is_open_to_others_is_found(termd):
    termd.run("install", "-d", "-m", "777", "/tmp/open")
    termd.run("bash", "-c", "umask 0; echo word > /tmp/open/file")
    assert try_all(termd, "d /tmp/open\nf /tmp/open/file\n") == ["list /tmp/open", "write /tmp/open", "read /tmp/open/file", "write /tmp/open/file"]


def test_no_port_of_a_session_gives_a_terminal_without_its_secret(termd, open_shell):
    session, page, shell = open_shell()
    with termd.network():
        for path in ("/ws", "/", f"/ws?arg={session['id']}", "/ws?arg=" + "A" * 43):
            try:
                with Terminal(f"ws://127.0.0.1:{session['worker']['port']}{path}") as intruder:
                    intruder.type("echo $((6*7)) $$\r")
                    intruder.wait_for_end(30)
                    seen = intruder.text()
            except Refused:
                seen = ""
            assert "42" not in seen and str(shell) not in seen
    assert ask(page, "$((6*7))") == "42"


def test_the_ports_of_the_machine_are_those_of_sshd_and_the_sessions(termd, open_shell):
    port = open_shell()[0]["worker"]["port"]
    lines = [line.split() for name in ("tcp", "tcp6") for line in termd.run("cat", f"/proc/net/{name}").stdout.splitlines()[1:]]
    listening = {line[1] for line in lines if line[3] == "0A"}
    assert listening == {"00000000:0016", "00000000000000000000000000000000:0016", f"0100007F:{port:04X}"}


@pytest.mark.parametrize("what", ["cmdline", "environ"])
def test_the_processes_of_a_session_tell_others_no_secret(termd, open_shell, what):
    session, page, _ = open_shell()
    ask(page, "$$")
    found = termd.run("bash", "-c", f"for pid in $(pgrep -u termd); do runuser -u stranger -- cat /proc/$pid/{what} 2>/dev/null; done; true").stdout
    assert session["token"] not in found
