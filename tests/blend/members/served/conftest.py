"""A member under llama.cpp, one for each file of tests that asks for it: some kill its server."""

import asyncio

import pytest
from llama_member import GREEDY, SMALLTALK

from blend.members.served.llama_cpp import LlamaCpp


@pytest.fixture(scope="module")
def member():
    made = LlamaCpp.load("talk", SMALLTALK, GREEDY, window=1024)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
def endless(member):
    """The member, writing on after the end of a reply."""
    member.ignore_eos = True
    yield member
    member.ignore_eos = False
