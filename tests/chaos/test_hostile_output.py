"""Whatever a program writes to its terminal, its shim stays as small as it was, and the terminal works."""

import sys
from pathlib import Path

from support import chance, hostile_output, leftovers
from support.many import SANITIZED, memory, open_session
from support.wait import wait_until

GIGABYTE = 1 << 30
FLAT = 1 << 20  # as much as the issue allows: a page or two of the allocator's own is not what we look for


def test_a_gigabyte_of_hostile_output_leaves_the_shim_as_it_was(make_termd, tmp_path, long_run):
    size = GIGABYTE * (4 if long_run else 1) // (16 if SANITIZED else 1)
    seed = chance.chance().randrange(1 << 32)
    argv = [sys.executable, str(Path(hostile_output.__file__)), str(tmp_path), str(size), str(seed)]
    # Nobody attaches, and on a busy machine it takes minutes.
    termd = make_termd(config={"commands": {"hostile": {"argv": argv}}, "sessions": {"unattached_timeout": "0"}})
    session = open_session(termd, "hostile")
    wait_until((tmp_path / "warm").exists, 60, "the first bytes")
    shim = leftovers.shim_of(session)
    before = memory(shim)

    (tmp_path / "warm").unlink()
    wait_until((tmp_path / "done").exists, 600, "all of it")

    grown = memory(shim) - before
    assert SANITIZED or grown < FLAT, f"the shim has grown by {grown} bytes, from {before}"
    assert termd.show(session)["state"] == "ready"
    assert shim.running()
