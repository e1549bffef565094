"""A program for a terminal that writes what no terminal should be sent: `hostile_output.py DIRECTORY BYTES SEED`.

First it writes WARM_UP bytes, makes the file DIRECTORY/warm, waits until it is gone, and then writes BYTES more, makes the
file DIRECTORY/done, and stays. The bytes are random ones between sequences that never end, that are endless, that are cut
in the middle, or that ask for far too much.
"""

import os
import pathlib
import random
import sys
import time
import tty

WARM_UP = 32 << 20
BLOCK = 8 << 20

ESC = b"\x1b"
NASTY = [
    ESC + b"[" + b"9" * 5000 + b"m",
    ESC + b"[" + b"1;" * 20000 + b"H",
    ESC + b"[?" + b"1049;2004;1000;" * 300 + b"h",
    ESC + b"]0;" + b"title" * 20000,  # never ends
    ESC + b"]52;c;" + b"QUJD" * 50000 + b"\x07",
    ESC + b"P" + b"q" * 100000 + ESC,
    ESC + b"_" + b"\x00" * 1000 + ESC + b"\\",
    ESC * 10000,
    ESC + b"(", ESC + b"#", ESC + b"c", ESC + b"[!p", ESC + b"[?1049h", ESC + b"[?1049l",
    b"\xf0\x9f\x98", b"\xff" * 1000, b"\xc0\x80", b"\xed\xa0\x80", b"\x80" * 5000,
    b"\x9b" * 300, b"\x90", b"\x18\x1a", b"\x00" * 4096, b"\n" * 4096, b"\r\n" * 2000, b"\x0e\x0f" * 500,
]  # fmt: skip


def block(chance):
    out = bytearray()
    while len(out) < BLOCK:
        out += chance.choice(NASTY)
        out += chance.randbytes(chance.randrange(1, 20000))
    return bytes(out[:BLOCK])


def write_all(data):
    while data:
        data = data[os.write(1, data) :]


def main():
    directory, size, chance = pathlib.Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    tty.setraw(1)
    data = memoryview(block(chance))
    for _ in range(WARM_UP // BLOCK):
        write_all(data)
    (directory / "warm").touch()
    while (directory / "warm").exists():
        time.sleep(0.01)
    for _ in range(size // BLOCK):
        write_all(data[chance.randrange(1 << 20) :])  # cut somewhere else each time
    (directory / "done").touch()
    while True:
        time.sleep(1000)


if __name__ == "__main__":
    main()
