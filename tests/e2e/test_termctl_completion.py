"""The completion scripts in the real shells."""

import os
import shutil
import subprocess

import pytest

from support.fake_termd import ID, OTHER, SESSION, reply
from support.termd import build_directory

SESSIONS = {"sessions": [SESSION, SESSION | {"id": OTHER, "user": "bob", "host": "2001:db8::7"}]}


def needs(shell):
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not here: scripts/setup --test")


def in_shell(fake, *command, script=None):
    fake.answer = reply(200, SESSIONS)
    environment = os.environ | {
        "PATH": f"{build_directory() / 'cli'}:{os.environ['PATH']}", "TERMCTL_SOCKET": fake.server_address,
        "TERM": "dumb", "HOME": os.path.dirname(fake.server_address), "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(command, input=script, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    assert done.stderr == "", done
    return done.stdout


def in_bash(fake, *words):
    """What bash offers for the last of the words as it cuts them, by the script's own function."""
    line = " ".join(f"'{word}'" for word in ["termctl", *words])
    script = f"""
        source <(termctl completion bash)
        complete -p termctl
        COMP_WORDS=({line}) COMP_CWORD={len(words)}
        _termctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    registered, *offered = in_shell(fake, "bash", "--norc", "-c", script).splitlines()
    assert registered == "complete -F _termctl termctl"
    return [word for word in offered if word]


def test_bash(fake):
    assert in_bash(fake, "stat") == ["status"]
    assert in_bash(fake, "config", "") == ["check"]
    assert in_bash(fake, "show", "") == [ID, OTHER]
    assert in_bash(fake, "close", OTHER, ID[:2]) == [ID]
    assert in_bash(fake, "ls", "--user", "") == ["alice", "bob"]
    assert in_bash(fake, "ls", "--state", "re") == ["ready"]
    assert "--message" in in_bash(fake, "close", "--")


def test_bash_cuts_words_at_signs_and_is_not_confused(fake):
    assert in_bash(fake, "ls", "--user", "=", "b") == ["bob"]
    assert in_bash(fake, "ls", "--user", "=") == ["alice", "bob"]
    assert in_bash(fake, "open", "2001", ":", "db8", "::", "") == ["7"]
    assert in_bash(fake, "open", "2001", ":", "d") == ["db8::7"]
    assert in_bash(fake, "open", "root", "@", "10.") == ["10.0.0.5"]


@needs("fish")
@pytest.mark.parametrize(
    "line, offered",
    [
        ("termctl stat", ["status"]), ("termctl show ", [OTHER, ID]), ("termctl ls --user b", ["bob"]),
        ("termctl ls --state re", ["ready"]), ("termctl open 2001:", ["2001:db8::7"]), ("termctl ls --user=b", ["--user=bob"]),
    ],
)  # fmt: skip
def test_fish(fake, line, offered):
    script = f"termctl completion fish | source; complete -C '{line}'"

    shown = in_shell(fake, "fish", "--no-config", "-c", script).splitlines()

    assert [each.split("\t")[0] for each in shown] == offered


# A shell in a shell: zsh completes only where it edits a line. The widget shows the line that came of it.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PS1="" PS2=""; autoload -Uz compinit && compinit -u -D; source <(termctl completion zsh)'
zpty -w shell 'show() { zle complete-word; print -r -- "<<$BUFFER>>" }; zle -N show; bindkey "^X" show; echo READ""Y'
zpty -r -m shell line '*READY*' || exit 1
zpty -n -w shell "LINE"$'\x18'
zpty -r -m shell line '*<<termctl*>>*' || exit 1
print -r -- "$line"
zpty -d shell
"""


@needs("zsh")
@pytest.mark.parametrize(
    "line, completed",
    [
        ("termctl stat", "termctl status"), (f"termctl show {ID[:3]}", f"termctl show {ID}"), ("termctl ls --user b", "termctl ls --user bob"),
        ("termctl ls --state re", "termctl ls --state ready"), ("termctl ls --mess", "termctl ls --mess"),
    ],
)  # fmt: skip
def test_zsh(fake, line, completed):
    shown = in_shell(fake, "zsh", "-f", "-c", ZSH.replace("LINE", line))

    assert shown.split("<<")[-1].split(">>")[0].strip() == completed
