"""What the tests of this folder share besides tests/conftest.py."""

import contextlib

import pytest

from support import chance
from support.checker import Checker


@pytest.fixture
def long_run():
    """Whether there is an hour, not two minutes."""
    return chance.LONG


@pytest.fixture
def check():
    """A function that gives a termd, which has no session yet, its checker for the rest of the test."""
    with contextlib.ExitStack() as checkers:
        yield lambda termd: checkers.enter_context(Checker(termd))
