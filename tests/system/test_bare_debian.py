"""From nothing to a shell in the browser: README's first command on a Debian 12 that has nothing installed, and the quick tests.

tests/system/bare-debian without arguments runs both commands whole, and is run by hand before a release, for Debian 13, too.
"""

import subprocess

from support.termd import CHECKOUT


def test_a_clone_gets_from_nothing_to_a_shell_on_a_bare_debian(needs):
    # What this machine has compiled already is not compiled once more: what is looked for here is what setup forgets to install.
    cache = subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True, check=True).stdout.strip()
    bare_debian = [CHECKOUT / "tests/system/bare-debian", "--worktree", "--ccache", cache, "bookworm"]
    done = subprocess.run([*bare_debian, "--", "./scripts/demo", "./scripts/test unit"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    assert "the link answers: 200" in done.stdout
    assert "left behind: nothing" in done.stdout
    assert "1 passed, 0 failed\n" in done.stdout
