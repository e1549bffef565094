"""Notices that somebody opens a file (inotify(7)), for tests that have to do something at just that moment."""

import ctypes
import os
import select

IN_OPEN = 0x20
EVENT = 16  # bytes of one event about a file that is watched itself: it carries no name

_libc = ctypes.CDLL(None, use_errno=True)


class Watch:
    """Counts the openings of one file from now on; wait() returns once for each."""

    def __init__(self, path):
        self._fd = _libc.inotify_init1(os.O_CLOEXEC)
        if self._fd < 0 or _libc.inotify_add_watch(self._fd, os.fsencode(path), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify", str(path))

    def wait(self, deadline=15):
        if not select.select([self._fd], [], [], deadline)[0]:
            raise AssertionError(f"nobody opened the file in {deadline} s")
        os.read(self._fd, EVENT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._fd)
