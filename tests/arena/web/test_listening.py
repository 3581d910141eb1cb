"""Sockets: any host of this machine, any port, and a sentence where one cannot be had."""

import socket

import pytest

from arena.web.listening import (
    NEVER_GIVEN,
    free_port,
    listen,
    raise_file_limit,
    site_url,
    start_listening,
)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("0.0.0.0", "http://0.0.0.0:"),
        ("localhost", "http://localhost:"),
        ("::1", "http://[::1]:"),
        ("[::1]", "http://[::1]:"),
        ("::", "http://[::]:"),
    ],
)
def test_a_free_port_is_found_and_told(host, shown):
    if ":" in host and not socket.has_ipv6:
        pytest.skip("there is no IPv6 here")
    made = listen(host, 0)
    try:
        ports = {each.getsockname()[1] for each in made}
        assert len(ports) == 1 and 0 not in ports
        assert site_url(host, made) == shown + str(*ports)
        made[0].listen()
        near = ["::1"] if made[0].family == socket.AF_INET6 else ["127.0.0.1"]
        for address in [*near, "127.0.0.1"] if host == "::" else near:  # IPv4 comes that way, too
            socket.create_connection((address, *ports), 5).close()
    finally:
        for each in made:
            each.close()


def test_a_port_that_is_taken_or_a_host_that_is_none_is_said():
    (first,) = listen("127.0.0.1", 0)
    with first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(OSError, match=rf"cannot listen on 127.0.0.1:{port} \(Address already"):
            listen("127.0.0.1", port)
    for host in ("no.such.host.invalid", "1.2.3.4.5", "x" * 300, "192.0.2.1"):
        with pytest.raises(OSError, match="choose others with --host and --port"):
            listen(host, 0)


def test_a_port_for_later_is_free_and_none_that_the_system_gives_to_others():
    port = free_port()
    (here,) = listen("127.0.0.1", port)
    with here:
        start_listening([here])
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        assert port in NEVER_GIVEN and other.getsockname()[1] not in NEVER_GIVEN


def test_two_that_took_one_port_are_told_when_they_open():
    (first,) = listen("127.0.0.1", 0)
    (second,) = listen("127.0.0.1", first.getsockname()[1])
    with first, second:
        start_listening([first])
        with pytest.raises(OSError, match="Address already in use"):
            start_listening([second])


def test_the_process_may_hold_what_the_system_allows():
    assert raise_file_limit() >= 256
    assert raise_file_limit() == raise_file_limit()
