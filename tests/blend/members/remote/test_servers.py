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


def test_all_requests_that_fail_at_once_are_one_failure_and_whoever_is_left_is_asked(servers):
    bad, *others = servers._supervised
    for _ in range(10):
        servers.failed(bad, "it broke")

    assert servers._supervised[bad]._failures == 1 and servers.down is None
    assert {servers.choose(str(n)) for n in range(30)} == {*others}
    assert servers.choose("Hi", others) is None
    for server in others:
        servers.failed(server, "it broke, too")
    assert servers.down == "it broke; it broke, too"


def test_the_window_is_that_of_the_smallest_that_told(servers):
    assert servers.window is None
    for server, window in zip(servers._supervised, (4096, None, 2048), strict=True):
        server.window = window
    assert servers.window == 2048
