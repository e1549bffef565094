"""Where tests and the bench keep their files: in directories with short names, because paths of Unix sockets end at 107 bytes."""

import os
import tempfile
from pathlib import Path

PLACE = "TERMD_TEST_PLACE"  # in the environment: they are made there, and not in /tmp


def new_place(name, above=None):
    """An empty directory, whose name begins with that one."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=above or os.environ.get(PLACE, "/tmp")))
