"""Fixtures of the tests with a real nginx in front of termd."""

import shutil

import pytest

from support.nginx import Nginx
from support.ports import PortRange
from support.reverse_proxy import termd_config
from support.toml import merged


@pytest.fixture
def behind_nginx(show_in_report, make_termd):
    """A function that starts a termd and an nginx in front of it: (termd, nginx)."""
    if not (shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")):
        pytest.fail("no nginx on this machine: install nginx-light")
    made, port = [], PortRange(1)

    def make(config=None, **options):
        termd = make_termd(config=merged(termd_config(port.first), config or {}), start=False)
        termd.root.chmod(0o711)  # the proxy's group has to get to the sockets
        nginx = Nginx(termd.start(), port.first, **options)
        made.append(nginx)
        show_in_report(nginx)
        return termd, nginx.start()

    yield make
    for nginx in made:
        nginx.destroy()
    port.release()


@pytest.fixture
def place(behind_nginx):
    return behind_nginx()


@pytest.fixture
def termd(place):
    return place[0]
