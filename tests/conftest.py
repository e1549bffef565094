"""Fixtures of the tests of whole programs: an sshd for the whole run, and a termd, terminals and a browser for each test.

Every termd is ended after its test, and nothing may be left of it: that is checked after each test, whatever its subject.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

from support import browser as browsers, contract, unix_http  # noqa: E402
from support.fake_termd import FakeTermd  # noqa: E402
from support.sshd import Sshd  # noqa: E402
from support.termd import Termd, build_directory  # noqa: E402
from support.ttyd_client import Terminal  # noqa: E402

unix_http.listeners.append(contract.check)

SHOW_IN_REPORT = pytest.StashKey()


@pytest.fixture(scope="session")
def sshd():
    """An sshd whose logins get a bare shell of the current user."""
    server = Sshd(bare_home=True)
    yield server
    server.stop()


@pytest.fixture
def show_in_report(request):
    """A function that takes what has a log(), which is to be in the report if the test fails."""
    return request.node.stash.setdefault(SHOW_IN_REPORT, []).append


@pytest.fixture
def make_termd(show_in_report, sshd):
    """A function that starts a termd: make_termd(config={…}, …). The test need not end it."""
    made = []

    def make(config=None, start=True, **options):
        daemon = Termd(options.pop("sshd", sshd), config, **options)
        made.append(daemon)
        show_in_report(daemon)
        return daemon.start() if start else daemon

    yield make
    try:
        for daemon in made:
            end(daemon)
    finally:
        for daemon in made:
            daemon.destroy()


def end(daemon):
    """Stop a termd as its owner would, and look at what is left."""
    daemon.remember_sessions()
    if not daemon.running() and daemon.sessions:
        daemon.start()  # a killed one leaves its sessions alive on purpose; its successor ends them
    if daemon.running():
        assert daemon.stop() == 0, f"termd ended badly after SIGTERM; its log: {daemon.log()}"
    assert daemon.leftovers() == [], f"left behind; termd's log: {daemon.log()}"


@pytest.fixture
def termd(make_termd):
    """A running termd with everything at its default."""
    return make_termd()


@pytest.fixture
def connect():
    """A function that opens a terminal page of a session (or URL) without a browser; closed after the test."""
    terminals = []

    def open_page(session, **options):
        url = session if isinstance(session, str) else session["url"]
        terminals.append(Terminal.load(url, **options))
        return terminals[-1]

    yield open_page
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def browser_flags():
    """More options for Chromium; a file of tests may have its own."""
    return ()


@pytest.fixture
def browser(show_in_report, browser_flags):
    """A Chromium with an empty profile."""
    browsers.require()
    chromium = browsers.Browser(browser_flags)
    show_in_report(chromium)
    yield chromium
    chromium.quit()


@pytest.fixture
def built_page():
    """The file of termd's own page. A machine that could not have npm's packages has none, and no tests of it."""
    page = build_directory() / "web/page.html"
    if not page.exists() and os.environ.get("TERMD_REQUIRE_BROWSER") == "1":
        pytest.fail(f"TERMD_REQUIRE_BROWSER=1, but there is no {page}")
    if not page.exists():
        pytest.skip(f"no {page}: scripts/setup could not have npm's packages")
    return page


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Put what a person would look at first, logs and screens, into the report of a failed test."""
    report = (yield).get_result()
    if report.failed and call.when == "call":
        for thing in item.stash.get(SHOW_IN_REPORT, []):
            report.sections.append((f"log of {type(thing).__name__}", thing.log()))


@pytest.fixture
def fake(tmp_path_factory):
    """A server in termd's place."""
    server = FakeTermd(tmp_path_factory.mktemp("fake") / "s")
    yield server
    server.shutdown()
    server.server_close()
