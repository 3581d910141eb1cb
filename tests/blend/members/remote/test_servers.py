"""Which server is asked, and how many tokens all of them take."""

import pytest

from blend.members.remote.servers import Servers

URLS = ("http://one/v1", "http://two/v1", "http://three/v1")


@pytest.fixture
def servers():
    servers = Servers("m", lambda server: "")
    servers.open(URLS)
    yield servers
    servers.close()


def test_equally_busy_ones_share_the_conversations_and_each_keeps_its_own(servers):
    chosen = [servers.choose(str(n)) for n in range(90)]
    assert chosen == [servers.choose(str(n)) for n in range(90)]
    assert all(chosen.count(server) > 15 for server in {*chosen}) and len({*chosen}) == 3


def test_the_window_is_that_of_the_smallest_that_told(servers):
    assert servers.window is None
    for server, window in zip(servers._supervised, (4096, None, 2048), strict=True):
        server.window = window
    assert servers.window == 2048
