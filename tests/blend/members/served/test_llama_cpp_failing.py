"""A server of llama.cpp that dies, hangs or is closed: what its member says, and what is left."""

import asyncio
import signal
import time
from contextlib import aclosing, suppress
from dataclasses import replace

import psutil
import pytest
from llama_member import GREEDY, HELLO, SMALLTALK, said, server
from waiting import soon

from blend.conversation import Conversation
from blend.engine import check_length
from blend.members import MemberDown, MemberError
from blend.members.served.llama_cpp import LlamaCpp
from blend.message import Message


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (signal.SIGKILL, r"signal 9|connection to llama.cpp broke"),
        (signal.SIGSTOP, r"has not answered for"),
    ],
    ids=["killed", "stopped"],
)
def test_a_reply_whose_server_dies_or_hangs_ends_with_that_and_it_comes_back(endless, how, reason):
    async def midway() -> None:
        long = replace(GREEDY, max_tokens=900)
        async with aclosing(endless.stream(HELLO, long)) as coming:
            async for piece in coming:
                if piece:  # some may be on their way after its end
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(how)

    process, start = server(), time.monotonic()
    with pytest.raises(MemberError, match=reason):
        asyncio.run(midway())
    assert time.monotonic() - start < 40
    soon(lambda: endless.down is not None)
    with pytest.raises(MemberDown, match=r"signal 9|has not answered"):
        said(endless)
    soon(lambda: endless.down is None)
    assert said(endless, sampling=replace(GREEDY, max_tokens=4))


def test_a_server_that_hangs_leaves_no_message_waiting():
    asked = (Message("user", "Nobody has asked this before"),)
    member = LlamaCpp.load("stuck", SMALLTALK, GREEDY, window=512)
    try:
        process = server()
        process.send_signal(signal.SIGSTOP)
        soon(lambda: process.status() == psutil.STATUS_STOPPED)  # its threads may answer until then
        start = time.monotonic()
        assert member.measure(asked, 24) is None
        check_length([member], Conversation().ask("Nor this"))
        with pytest.raises(MemberError, match=r"has not answered|no answer"):
            said(member, asked)
        assert time.monotonic() - start < 30
    finally:
        asyncio.run(member.aclose())


def test_a_closed_member_says_so_and_leaves_no_process():
    member = LlamaCpp.load("c", SMALLTALK, GREEDY, window=256)
    process = server()

    asyncio.run(member.aclose())
    asyncio.run(member.aclose())

    assert member.down == "it was closed" and not process.is_running()
    with pytest.raises(MemberDown):
        said(member, (Message("user", "Are you there?"),))
