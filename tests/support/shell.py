"""Talking to a shell, or to cat, in a terminal.

It works with anything that has type(text) and text(): a Terminal or a Browser. Prompts and echoes are different from
machine to machine, so every answer stands between marks that the typed line does not contain in that form.
"""

import itertools
import re

from support.wait import wait_until

_numbers = itertools.count(1)


def ask(terminal, expression, deadline=15):
    """What the shell makes of an expression such as '$$', '$((6*7))' or '$(stty size)'."""
    number = next(_numbers)
    # The quotes keep the echo of the typed line from looking like the answer. The number keeps apart this answer
    # and earlier ones, which a re-attached terminal shows again.
    terminal.type(f'echo "a{number}"=:"{expression}":=\r')
    pattern = re.compile(rf"a{number}=:([^\"]*?):=")
    wait_until(
        lambda: pattern.search(terminal.text()),
        deadline,
        lambda: f"the shell's answer to {expression}; the terminal's text ends in {terminal.text()[-500:]!r}",
    )
    return pattern.search(terminal.text()).group(1).strip()


def process_id(terminal, deadline=15):
    """The shell's own process id: the same number means the same shell."""
    return int(ask(terminal, "$$", deadline))


def echoes(terminal, deadline=15):
    """Wait until cat has given back a line: it comes once from the terminal, as it is typed, and then from cat."""
    word = f"word-{next(_numbers)}"
    terminal.type(f"{word}\r")
    terminal.read_until(rf"{word}\s+{word}\b", deadline)
