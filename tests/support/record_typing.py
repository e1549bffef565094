#!/usr/bin/env python3
"""Writes anew what real shells answer to keys: tests/golden/typed/SHELL.trace, for tests/unit/shim/typed_corpus_test.cpp.

    record_typing.py [SHELL...]

Each line is a key or what came after it, in hexadecimal: "K 6c" and "O 6c0d0a". To be looked through afterwards: what is
on record must be what a person would say was typed, which stands in SHELL.lines.
"""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import tempfile
import termios
from pathlib import Path

GOLDEN = Path(__file__).resolve().parents[1] / "golden/typed"
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i", "-C", "function fish_prompt; echo 'fish> '; end"],
}
ASKS = "python3 -c \"import getpass; getpass.getpass('Pass''word: ')\"\r"
KEYS = [
    "echo one t''wo\r", "echo umlauts äö\r", ASKS, "hunter2\r", "echo fi''rst\r", "\x1b[A\r", "ecxx\x7f\x7fho se''cond\r",
    "echo thrd\x1b[D\x1b[Di\x05\r", "echo nev\x03", "vim -u NONE -i NONE -n\r", "ihello\r\x1b", ":q!\r",
    "echo " + "wort " * 20 + "\r", "ls /etc/hostn\t\r", "ls /etc/host\ts\r", "echo " + "x" * 73 + "\r", "exit\r",
]  # fmt: skip
QUIET = 0.4  # seconds without output after which no more is awaited


def answers(master):
    out = b""
    while select.select([master], [], [], QUIET)[0]:
        try:
            out += os.read(master, 65536)
        except OSError:
            break
    return out


def record(argv, home):
    pid, master = pty.fork()
    if pid == 0:
        keep = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "PS1": "$ "}
        os.chdir("/")
        os.execvpe(argv[0], argv, keep)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    yield "O", answers(master)
    for key in re.findall(r"\x1b(?:\[.)?|.", "".join(KEYS), re.DOTALL):
        os.write(master, key.encode())
        yield "K", key.encode()
        yield "O", answers(master)
    os.close(master)
    os.waitpid(pid, 0)


for shell in sys.argv[1:] or SHELLS:
    with tempfile.TemporaryDirectory() as home, open(GOLDEN / f"{shell}.trace", "w") as file:
        for kind, data in record(SHELLS[shell], home):
            if data:
                file.write(f"{kind} {data.hex()}\n")
