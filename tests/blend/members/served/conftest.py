"""A member under llama.cpp, and servers of a test that are gone once it ends."""

import asyncio

import pytest
from llama_member import GREEDY, SMALLTALK
from started_servers import Starter

from blend.members.served import process as server_process
from blend.members.served.llama_cpp import LlamaCpp


@pytest.fixture(scope="module")
def member():
    """One for each file of tests that asks for it: some kill its server."""
    made = LlamaCpp.load("talk", SMALLTALK, GREEDY, window=1024)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
def endless(member):
    """The member, writing on after the end of a reply."""
    member.ignore_eos = True
    yield member
    member.ignore_eos = False


@pytest.fixture
def start(tmp_path):
    """Starts servers of a test, and stops those that are left."""
    starter = Starter(str(tmp_path))
    yield starter
    for process in starter.made:
        process.stop()


@pytest.fixture
def often(monkeypatch):
    """Servers are looked at more often than is wise."""
    monkeypatch.setattr(server_process, "PROBE_EVERY", 0.2)
    monkeypatch.setattr(server_process, "PROBE_TIMEOUT", 0.5)
