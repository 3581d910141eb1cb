"""Sockets: the addresses that the site listens on, and how many files the process may hold."""

import random
import socket
from contextlib import suppress

BACKLOG = 1024  # connections that may wait until they are accepted
NEVER_GIVEN = range(20_000, 32_000)  # ports: systems give their programs those from 32,768 on
MOST_FILES = 65_536  # file handles that are asked for; the system's limit for the process is first


def listen(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host, all on one port: a free one where it is 0.

    Raises OSError with a sentence.
    """
    host, sockets = host.strip("[]"), []
    try:
        found = socket.getaddrinfo(host or None, port, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            sockets.append(_bind(socket.socket(family, kind, protocol), address, port))
            port = port or sockets[0].getsockname()[1]
    except (OSError, OverflowError, UnicodeError) as error:
        for each in sockets:
            each.close()
        raise _refusal(error, host, port) from None
    return sockets


def free_port() -> int:
    """A port of this machine that nobody uses, and that the system gives to no other program before
    a server opens it."""
    while True:
        port = random.SystemRandom().choice(NEVER_GIVEN)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def start_listening(sockets: list[socket.socket]) -> None:
    """Let connections come and wait. Raises OSError, where another took the port meanwhile."""
    for each in sockets:
        host, port, *_ = each.getsockname()
        try:
            each.listen(BACKLOG)
        except OSError as error:
            raise _refusal(error, host, port) from None


def _refusal(error: Exception, host: str, port: int) -> OSError:
    reason = getattr(error, "strerror", None) or error
    where = f"{_format_host(host)}:{port}"
    return OSError(f"cannot listen on {where} ({reason}): choose others with --host and --port")


def _bind(made: socket.socket, address: tuple, port: int) -> socket.socket:
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if made.family == socket.AF_INET6:
            # `::` means every address, those of IPv4 too; the others are IPv6 by themselves.
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(address[0] != "::"))
        made.bind((address[0], port, *address[2:]))
    except (OSError, OverflowError):
        made.close()
        raise
    return made


def site_url(host: str, sockets: list[socket.socket]) -> str:
    """The address to open, as it is printed."""
    return f"http://{_format_host(host.strip('[]'))}:{sockets[0].getsockname()[1]}"


def _format_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def raise_file_limit() -> int:
    """Let the process hold as many files as the system allows it; how many these are."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_FILES if soft == resource.RLIM_INFINITY else soft
