"""A member on the shipped smalltalk under llama.cpp: what it says, and its server's process."""

import asyncio
from contextlib import aclosing

import psutil
from app_process import ROOT

from blend.members import Sampling
from blend.message import Message

SMALLTALK = str(ROOT / "assets" / "models" / "smalltalk" / "smalltalk.gguf")
GREEDY = Sampling(temperature=0.0, max_tokens=24)
HELLO = (Message("user", "Hi! What do you do for fun?"),)


async def heard(member, messages=HELLO, sampling=GREEDY, scope="", most=None) -> list[str]:
    """The pieces of a reply; most: after how many with text it is left."""
    pieces = []
    async with aclosing(member.stream(messages, sampling, scope)) as coming:
        async for piece in coming:
            pieces.append(piece)
            if most and sum(map(bool, pieces)) == most:
                break
    return pieces


def said(member, messages=HELLO, sampling=GREEDY, scope="") -> str:
    return "".join(asyncio.run(heard(member, messages, sampling, scope)))


def usage(member, *asked, **how):
    return asyncio.run(heard(member, *asked, **how))[-1].usage


def server() -> psutil.Process:
    """The youngest process of llama.cpp among our own."""
    mine = psutil.Process().children(recursive=True)
    found = [p for p in mine if any("llama_server" in part for part in p.cmdline())]
    own = [p for p in found if not any("guard" in part for part in p.cmdline())]
    return max(own, key=psutil.Process.create_time)
