"""What the tests of this folder share besides tests/conftest.py: a session, and its page in a browser."""

import pytest


@pytest.fixture
def session(termd, sshd):
    return termd.open(sshd.target)


@pytest.fixture
def page(browser, session):
    """The browser with the session's page open and its terminal in use."""
    browser.open(session["url"])
    browser.wait_for_terminal()
    return browser
