"""Who gets in: the holder of the session's token, by whatever path, and nobody else."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support import processes, shell
from support.ttyd_client import Refused, Terminal
from support.wait import wait_until

WRONG = "A" * 43  # as long as a token of 256 bits in base64url


def try_to_type(address, sign):
    """Use a WebSocket as if it led to a shell, and return what came out until the other side hung up."""
    try:
        with Terminal(address) as intruder:
            intruder.type(f"touch {sign}\r")
            intruder.wait_for_end(30)
            return intruder.text()
    except Refused:
        return ""


ADDRESSES = {
    "without a token": "/ws",
    "with an empty token": "/ws?arg=",
    "with a wrong token": f"/ws?arg={WRONG}",
    "with half the token": "/ws?arg={half}",
    "with another session's token": "/ws?arg={other}",
    "with the session's id": "/ws?arg={id}",
    "with the token behind a wrong one": f"/ws?arg={WRONG}&arg={{token}}",
    "with an option for ssh": "/ws?arg=-oProxyCommand=touch%20{sign}",
    "with an option of a program": "/ws?arg=--help",
    "straight to the root": "/",
    "straight to the root with a wrong token": f"/?arg={WRONG}",
    "with a very long token": "/ws?arg=" + "A" * 3000,
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_no_terminal(termd, sshd, connect, address):
    session, other = termd.open(sshd.target), termd.open("--no-reuse", sshd.target)
    page = connect(session)
    shell_id = shell.process_id(page)
    sign = termd.root / "somebody-was-here"
    path = address.format(
        half=session["token"][: len(session["token"]) // 2],
        other=other["token"],
        id=session["id"],
        token=session["token"],
        sign=sign,
    )

    seen = try_to_type(f"ws://{urlsplit(session['url']).netloc}{path}", sign)

    # Neither the replay of the session's output nor a prompt of a new shell was shown, and nothing was run.
    # The number counts only by itself: the page's marks are keys in hexadecimal.
    assert not re.search(rf"\b{shell_id}\b", seen) and "$" not in seen and "#" not in seen
    assert shell.ask(page, "$((6*7))") == "42"  # whatever the intruder typed would have come before this
    assert str(sign) not in page.text() and not sign.exists()
    assert shell.process_id(page) == shell_id
    assert termd.show(session)["state"] == "ready"
    assert termd.show(session)["ssh"]["pid"] == session["ssh"]["pid"]


def test_many_wrong_tokens_do_not_lock_the_owner_out(termd, sshd, connect):
    session = termd.open(sshd.target)
    shell_id = shell.process_id(connect(session))
    sign = termd.root / "somebody-was-here"
    for _ in range(10):
        try_to_type(session["websocket_url"].replace(session["token"], WRONG), sign)

    assert shell.process_id(connect(session)) == shell_id
    assert not sign.exists()


def test_the_token_of_a_closed_session_opens_nothing(termd, sshd):
    old = termd.open(sshd.target)
    assert termd.ctl("close", old["id"]).code == 0
    new = termd.open(sshd.target)
    sign = termd.root / "somebody-was-here"

    seen = try_to_type(new["websocket_url"].replace(new["token"], old["token"]), sign)

    assert new["token"] != old["token"]
    assert "$" not in seen and "#" not in seen and not sign.exists()


def test_two_tokens_of_one_session_are_both_good(termd, sshd, connect):
    first, second = termd.open(sshd.target), termd.open(sshd.target)

    assert shell.process_id(connect(second)) == shell.process_id(connect(first))


def test_the_token_is_nowhere_to_be_read(termd, sshd, connect):
    """Other users of the machine can read command lines; files and logs live on after the session."""
    session = termd.open(sshd.target)
    shell.process_id(connect(session))
    secret = session["token"]

    def in_sight():
        """Command lines of everything on the machine, and all files of this termd; not memory, not environments."""
        found = [str(process) for process in processes.everything() if secret in process.command()]
        for path in Path(termd.root).rglob("*"):
            if path.is_file() and secret.encode() in path.read_bytes():
                found.append(str(path))
        return found

    assert in_sight() == []
    for output in (termd.ctl("ls"), termd.ctl("-o", "json", "ls"), termd.ctl("-o", "json", "show", session["id"])):
        assert secret not in output.stdout


def test_the_title_tells_nothing_secret(termd, sshd, connect):
    session = termd.open(sshd.target)
    page = connect(session)
    wait_until(lambda: page.title is not None, 15, "the title")

    assert session["token"] not in page.title and str(termd.root) not in page.title


def test_session_files_are_their_owners_alone(termd, sshd):
    session = termd.open(sshd.target)
    folder = termd.session_directory(session)

    assert folder.stat().st_mode & 0o077 == 0
    assert termd.socket.stat().st_mode & 0o007 == 0
