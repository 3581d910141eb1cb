"""Which server is asked, which rests, and for how long."""

import threading
import time

from blend.members.http.servers import LONGEST_REST, Servers

URLS = ("http://one/v1", "http://two/v1", "http://three/v1")


def well(server):
    return ""


def rests(servers):
    return [server.until - time.monotonic() for server in servers._all]


def until(true, within=3.0):
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_equally_busy_ones_share_the_conversations_and_each_keeps_its_own():
    servers = Servers("m", URLS, well)
    chosen = [servers.choose(str(n)) for n in range(90)]

    assert chosen == [servers.choose(str(n)) for n in range(90)]
    assert all(chosen.count(server) > 15 for server in servers._all)


def test_all_requests_that_fail_at_once_are_one_failure():
    servers = Servers("m", URLS[:1], well)
    for _ in range(10):
        servers.failed(servers._all[0], "it broke")

    assert servers._all[0].failures == 1 and 0 < rests(servers)[0] <= 1
    assert servers.down == "it broke"
    servers.close()


def test_rests_grow_up_to_a_limit_and_a_server_may_ask_for_its_own():
    servers = Servers("m", URLS[:1], well)
    servers.close()
    server, grown = servers._all[0], []
    for _ in range(8):
        server.ailment = ""
        servers.failed(server, "it broke")
        grown.append(round(rests(servers)[0]))

    assert grown == [1, 2, 4, 8, 16, 32, LONGEST_REST, LONGEST_REST]
    servers.failed(server, "busy", 300.0)
    assert 299 < rests(servers)[0] <= 300 and server.failures == 8
    servers.answered(server)
    assert server.failures == 0


def test_one_that_is_still_away_rests_longer_and_the_thread_ends_with_the_last():
    answers = ["gone", "gone", ""]
    servers = Servers("away", URLS[:1], lambda server: answers.pop(0))

    def watched():
        return any(thread.name == "away-watch" for thread in threading.enumerate())

    servers.check()
    assert servers.down == "gone" and watched()
    until(lambda: servers.down is None, 6.0)
    assert answers == [] and servers._all[0].failures == 2
    until(lambda: not watched())


def test_the_window_is_that_of_the_smallest_that_told():
    servers = Servers("m", URLS, well)
    assert servers.window is None

    servers._all[0].window, servers._all[2].window = 4096, 2048
    assert servers.window == 2048
