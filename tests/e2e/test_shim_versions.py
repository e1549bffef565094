"""A termd that comes to shims of another version: it takes up those that it can speak with, and leaves the others alone."""

import json
import re
import shutil

import pytest

from support.checked_text import checked
from support.fake_shim import HELLO, STOP, FakeShim
from support.many import ROOM, open_session
from support.termd import CHECKOUT
from support.wait import wait_until

CONFIG = {"commands": {"sleeps": {"argv": ["/bin/sleep", "1000"]}}, "sessions": ROOM}
SESSION = "k3v9q0w1x2y4z5a6"  # an id that nobody has


def constant(name):
    header = (CHECKOUT / "protocol/shim_messages.hpp").read_text()
    return int(re.search(rf"constexpr int {name} = (\d+);", header)[1])


NEWEST, OLDEST = constant("version"), constant("oldest_version")


@pytest.fixture
def termd(make_termd):
    return make_termd(config=CONFIG)


@pytest.fixture
def fake_shim(termd):
    """A function that makes a session with such a shim, as one that an earlier termd left: fake_shim(oldest, newest)."""
    made = []

    def make(oldest, newest, says=SESSION):
        real = next(path for path in (termd.runtime / "sessions").iterdir())
        record = json.loads((real / "session.json").read_bytes()) | {"id": SESSION, "worker_port": termd.range.ports[-1], "cgroup": ""}
        del record["check"]
        directory = real.parent / SESSION
        directory.mkdir(mode=0o700)
        (directory / "session.json").write_bytes(checked(record))
        made.append(FakeShim(directory, oldest, newest, says))
        return made[-1]

    yield make
    for shim in made:
        shim.stop()
    shutil.rmtree(termd.runtime / "sessions" / SESSION, ignore_errors=True)


def listed(termd):
    return {session["id"] for session in termd.list()}


@pytest.mark.parametrize("oldest, newest", [(OLDEST, OLDEST), (NEWEST, NEWEST + 1)], ids=["of the oldest version", "of the next version that speaks ours, too"])
def test_a_shim_of_another_version_that_speaks_ours_is_taken_up(termd, fake_shim, oldest, newest):
    whole = open_session(termd, "sleeps")
    termd.kill9()
    shim = fake_shim(oldest, newest)

    termd.start()

    wait_until(lambda: termd.show({"id": SESSION}).get("ssh", {}).get("pid") == shim.pid, 15, "what the shim tells to be known")
    termd.wait_for_state(whole, "ready")
    assert "set aside" not in termd.log()
    termd.ctl_json("close", SESSION)
    assert termd.show({"id": SESSION})["end_reason"] == "user"
    assert STOP in shim.stop()


@pytest.mark.parametrize(
    "oldest, newest, says, why",
    [
        (NEWEST + 1, NEWEST + 1, SESSION, f"its shim speaks version {NEWEST + 1}, this termd speaks "),
        (NEWEST + 1, NEWEST + 2, SESSION, f"its shim speaks version {NEWEST + 1} to {NEWEST + 2}, this termd speaks "),
        (OLDEST - 1, OLDEST - 1, SESSION, f"its shim speaks version {OLDEST - 1}, this termd speaks "),
        (OLDEST, NEWEST, "k3v9q0w1x2y4z5a7", "its shim is that of session k3v9q0w1x2y4z5a7"),
    ],
    ids=["too new", "too new, with a range", "too old", "of another session"],
)
def test_a_shim_that_does_not_fit_is_set_aside_and_lives_on(termd, fake_shim, oldest, newest, says, why):
    whole = open_session(termd, "sleeps")
    termd.kill9()
    shim = fake_shim(oldest, newest, says)
    directory = termd.runtime / "sessions" / SESSION
    before = (directory / "session.json").read_bytes()

    termd.start()

    wait_until(lambda: f"set aside: {directory}: {why}" in termd.log(), 15, lambda: f"the report in {termd.log()}")
    assert termd.wait_for_state(whole, "ready")["ssh"]["pid"] == whole["ssh"]["pid"]
    assert listed(termd) == {whole["id"]}
    assert termd.stop() == 0  # which ends the others
    assert shim.running() and (directory / "session.json").read_bytes() == before
    assert sorted(path.name for path in directory.iterdir()) == ["control.sock", "lock", "session.json"]
    assert termd.log().count("set aside") == 1
    assert shim.stop() == [HELLO]
