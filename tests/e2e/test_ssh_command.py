"""What the real ssh makes of the command lines that termd builds, whoever chooses host, login and port.

`ssh -G` says which host, user, port and options ssh would use, without connecting. Names are made from what would do
harm: dashes in front, options, quotes, substitutions. Those the grammar refuses never reach ssh; the others must change
nothing but what they stand for.
"""

import ipaddress
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.chance import chance
from support.ports import PortRange
from support.termd import build_directory

CASES = 10_000
OF_THE_TARGET = {"host", "hostname", "user", "port"}

HOST_PIECES = ["-o", "-oProxyCommand=touch", "--", "::1", "fe80::1%", "xn--bcher-kva", "10.0.0.", ".", "Web", "db-1", "127.0.0.1"]
LOGIN_PIECES = ["-o", "-oProxyCommand=touch", "--", "root", "$", "_", "-l", ".", "Admin"]
LETTERS = "abz09-_.AZ"
EVIL = "%$@:=/\\ \"'`;|&<>(){}*?~#,!+\t"


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    """A file that appears when somebody executes what only was a name; its path is short and full of letters."""
    return tmp_path_factory.mktemp("c") / "canary"


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("session")


def command_lines(targets):
    """What termd would start for each (host, login, port); None for those it refuses."""
    text = "".join(f"{host} {login} {port}\n" for host, login, port in targets)
    done = subprocess.run(
        [build_directory() / "tests/support/print-ssh-command"], input=text.encode(), capture_output=True, timeout=60, check=True
    )
    lines = done.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(targets)
    return [None if line == "refused" else line.split("\0")[:-1] for line in lines]


def environment(home):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "USER": "termd", "LANG": "C.UTF-8"}


def options_by_ssh(argv, directory):
    """What `ssh -G` prints for this command line, as a sorted list of (name, value)."""
    done = subprocess.run(
        ["ssh", "-G", *argv[1:]],
        cwd=directory,
        env=environment(directory),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, (argv[-6:], done.stderr)
    return sorted(tuple(line.split(" ", 1)) for line in done.stdout.splitlines())


def one_of(options, name):
    found = [value for key, value in options if key == name]
    assert len(found) == 1, (name, found)
    return found[0]


def a_name(choose, pieces, letters):
    return "".join(
        choose.choice(pieces) if choose.random() < 0.3 else choose.choice(letters) for _ in range(choose.randint(1, 8))
    )


def harmless_and_other_targets(count):
    choose = chance()
    targets = []
    for _ in range(count):
        letters = LETTERS if choose.random() < 0.8 else LETTERS + EVIL
        targets.append(
            (a_name(choose, HOST_PIECES, letters), a_name(choose, LOGIN_PIECES, letters), choose.randint(1, 65535))
        )
    return targets


def same_host(a, b):
    """ssh writes an address in its shortest form, and looks a name up in lower case."""
    try:
        return ipaddress.ip_address(a) == ipaddress.ip_address(b)
    except ValueError:
        return a.lower() == b.lower()


# What `ssh -G` must say besides the target, whatever that is (research/security-reliability.md, T16 to T25).
WANTED = {
    "permitlocalcommand": "no", "clearallforwardings": "yes", "forwardagent": "no", "forwardx11": "no",
    "forwardx11trusted": "no", "tunnel": "false", "controlmaster": "false", "controlpersist": "no", "identityagent": "none",
    "gssapiauthentication": "no",
    "hostbasedauthentication": "no", "enablesshkeysign": "no", "addkeystoagent": "false", "updatehostkeys": "false",
    "verifyhostkeydns": "false", "checkhostip": "no", "canonicalizehostname": "false",
    "nohostauthenticationforlocalhost": "no", "stricthostkeychecking": "true", "fingerprinthash": "SHA256",
    "escapechar": "none", "enableescapecommandline": "no", "requesttty": "force", "sessiontype": "default",
    "forkafterauthentication": "no", "identitiesonly": "yes", "batchmode": "yes", "connectionattempts": "1",
    "connecttimeout": "10", "serveraliveinterval": "15", "serveralivecountmax": "3", "loglevel": "VERBOSE",
    "globalknownhostsfile": "none", "userknownhostsfile": "/nonexistent/termd/known_hosts",
    "identityfile": "/nonexistent/key", "proxyusefdpass": "no",
}
# "none", which ssh -G leaves out or prints.
NEVER = (
    "pkcs11provider", "securitykeyprovider", "proxycommand", "proxyjump", "controlpath", "knownhostscommand",
    "localcommand", "remotecommand", "sendenv", "setenv",
)  # fmt: skip


def test_what_keeps_sessions_apart_is_in_force(directory):
    (usual,) = command_lines([("host", "login", 22)])

    options = options_by_ssh(usual, directory)

    said = dict(options)
    assert {name: said.get(name) for name in WANTED} == WANTED
    assert [(name, said[name]) for name in NEVER if said.get(name, "none") != "none"] == []
    assert len(said) == len(options), "an option with two values"


def test_every_target_changes_nothing_but_itself(directory, canary):
    assert shutil.which("ssh"), "there is no ssh"
    (usual,) = command_lines([("host", "login", 22)])
    wanted = [option for option in options_by_ssh(usual, directory) if option[0] not in OF_THE_TARGET]

    targets = harmless_and_other_targets(10 * CASES)
    accepted = [(t, argv) for t, argv in zip(targets, command_lines(targets)) if argv is not None]
    assert CASES <= len(accepted) < len(targets)

    def look(case):
        (host, login, port), argv = case
        options = options_by_ssh(argv, directory)
        assert same_host(one_of(options, "hostname"), host), case
        assert one_of(options, "user") == login, case
        assert one_of(options, "port") == str(port), case
        assert [option for option in options if option[0] not in OF_THE_TARGET] == wanted, case

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(look, accepted[:CASES]))
    assert not canary.exists()


@pytest.mark.parametrize(
    "name",
    [
        "-oProxyCommand=touch${IFS}%s",
        "-oProxyCommand=touch\t%s",
        "-o ProxyCommand=touch %s",
        "--",
        "-F%s",
        "-E%s",
        "$(touch %s)",
        "`touch %s`",
        "a;touch %s",
        "a|touch %s",
        "a\n%s",
        "a%%h",
        "'a'",
        '"a"',
        "ssh://a",
        "a@b",
        "",
    ],
)
def test_a_name_that_is_meant_as_something_else_never_reaches_ssh(name, canary):
    name = name.replace("%s", str(canary)).replace("%%", "%").replace("\n", "\\n")
    assert command_lines([(name, "root", 22), ("localhost", name, 22)]) == [None, None]


def test_a_proxy_command_of_the_administrator_is_not_in_force(directory):
    (usual,) = command_lines([("host", "login", 22)])
    at = usual.index("-l")
    argv = [*usual[:at], "-o", "ProxyCommand=touch canary", "-o", "PermitLocalCommand=yes", *usual[at:]]
    assert options_by_ssh(argv, directory) == options_by_ssh(usual, directory)


def test_a_connection_is_tried_and_nothing_else_is_run(directory, canary):
    """Not -G this time: ssh goes as far as the closed port and runs nothing on the way."""
    ports = PortRange(1)
    traps = directory / "home"
    (traps / ".ssh").mkdir(parents=True)
    (traps / ".ssh/config").write_text(f"Host *\n  ProxyCommand touch {canary}\nMatch exec \"touch {canary}\"\n")
    logins = ["root", "o-oProxyCommand", "_x$", "a.b-c", "l"]
    targets = [(host, login, ports.first) for host in ("127.0.0.1", "::1", "localhost", "127.0.0.1") for login in logins]
    for target, argv in zip(targets, command_lines(targets)):
        (directory / "ssh.log").unlink(missing_ok=True)
        done = subprocess.run(
            ["ssh", *argv[1:]], cwd=directory, env=environment(traps), stdin=subprocess.DEVNULL, capture_output=True, timeout=60
        )
        assert done.returncode == 255
        log = (directory / "ssh.log").read_text()
        assert "ssh: connect to host" in log, (target, log)
        assert not canary.exists(), target
    ports.release()
