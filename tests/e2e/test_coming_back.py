"""Somebody reloads the page: what he sees is what he saw, also when the program has the whole screen.

A terminal emulator (pyte) stands for the page. It is new for every connection, as a reloaded page's is.
"""

import shutil

import pyte
import pytest

from support.many import open_session
from support.wait import wait_until

COLUMNS, ROWS = 80, 24


class Screen(pyte.Screen):
    """vim asks xterm about its keyboard (CSI > m), which pyte 0.8 takes for colours and cannot call."""

    def select_graphic_rendition(self, *attributes, private=False):
        if not private:
            super().select_graphic_rendition(*attributes)

    def scroll_up(self, count=1):
        here = self.cursor.y
        self.cursor.y = self.margins.bottom if self.margins else self.lines - 1
        for _ in range(count or 1):
            self.index()
        self.cursor.y = here


class Stream(pyte.ByteStream):
    """tmux scrolls several lines at once (SU, ECMA-48 8.3.147) when output comes fast; pyte 0.8 does not know how."""

    csi = pyte.ByteStream.csi | {"S": "scroll_up"}
    events = pyte.ByteStream.events | {"scroll_up"}


class Page:
    """What somebody sees in one connection."""

    def __init__(self, connect, session):
        self.terminal = connect(session, columns=COLUMNS, rows=ROWS)
        self._screen = Screen(COLUMNS, ROWS)
        self._stream = Stream(self._screen)
        self._read = 0

    def lines(self):
        output = self.terminal.output
        self._stream.feed(output[self._read:])
        self._read = len(output)
        return [line.rstrip() for line in self._screen.display]

    def wait_for(self, wanted, what, deadline=20):
        """The lines, when wanted(lines) is true of them."""
        return wait_until(lambda: (lines := self.lines()) and wanted(lines) and lines, deadline, lambda: f"{what}; the screen:\n" + "\n".join(self.lines()))


@pytest.fixture
def come_back(make_termd, connect):
    """A function that runs a program, lets somebody use it, and gives the page he left and the one he comes back to."""

    def run(argv, use, replay="256K"):
        termd = make_termd(config={"commands": {"program": {"argv": argv}}, "workers": {"replay": replay}})
        session = open_session(termd, "program")
        first = Page(connect, session)
        use(first)
        first.terminal.close()
        wait_until(lambda: termd.show(session)["clients"] == [], 15, "the page to be gone")
        return first, Page(connect, session)

    return run


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text"
    path.write_text("".join(f"line {number} of the text\n" for number in range(1, 2001)))
    return str(path)


def whole_screen_around_line_1000(lines):
    """Painted to the end: what is still on its way would be missing in what is compared later."""
    numbers = [int(line.split()[0]) for line in lines[:-1] if line.endswith(" of the text") and line.split()[0].isdigit()]
    return len(numbers) == ROWS - 1 and 1000 in numbers and numbers == list(range(numbers[0], numbers[0] + ROWS - 1))


@pytest.mark.parametrize("replay", ["256K", "2K", "0"])
def test_vim_looks_as_it_did(come_back, text, replay):
    def use(page):
        page.wait_for(lambda lines: "line 1 of the text" in lines[0], "vim")
        for _ in range(40):
            page.terminal.type("\x06")  # a screen down
        page.terminal.type(":set number\r:1000\r")
        page.wait_for(whole_screen_around_line_1000, "line 1000")

    before, after = come_back([shutil.which("vim"), "-u", "NONE", "-n", "--cmd", "set shortmess+=FI", text], use, replay)

    after.wait_for(lambda lines: lines[:-1] == before.lines()[:-1], "the same screen")


def test_less_looks_as_it_did(come_back, text):
    def use(page):
        page.wait_for(lambda lines: "line 1 of the text" in lines[0], "less")
        page.terminal.type("700g")
        page.wait_for(lambda lines: lines[0] == "line 700 of the text", "line 700")

    before, after = come_back([shutil.which("less"), text], use, "1K")

    after.wait_for(lambda lines: lines == before.lines(), "the same screen")


def test_htop_paints_itself_again(come_back):
    wanted = lambda lines: "F10" in lines[-1] and any("PID" in line and "USER" in line for line in lines)  # noqa: E731

    _, after = come_back([shutil.which("htop"), "-d", "1"], lambda page: page.wait_for(wanted, "htop"), "1K")

    after.wait_for(wanted, "htop")


def test_tmux_looks_as_it_did(come_back, tmp_path):
    argv = [shutil.which("tmux"), "-f", "/dev/null", "-S", str(tmp_path / "tmux"), "new-session", "seq 1 5000; printf 'all-%s\\n' there; exec sleep 1000"]
    shown = [str(number) for number in range(4980, 5001)] + ["all-there"]
    wanted = lambda lines: lines[: len(shown)] == shown  # noqa: E731

    before, after = come_back(argv, lambda page: page.wait_for(wanted, "the output"), "1K")

    after.wait_for(lambda lines: lines[:-1] == before.lines()[:-1], "the same screen")  # the last has a clock


def test_a_shell_that_was_not_in_a_full_screen_program_shows_its_last_lines(come_back):
    def use(page):
        page.terminal.type("seq 1 3000; printf 'all-%s\\n' there\r")
        page.wait_for(lambda lines: any(line == "all-there" for line in lines), "the output")

    before, after = come_back(["/bin/sh"], use, "4K")

    after.wait_for(lambda lines: lines == before.lines(), "the same screen")
