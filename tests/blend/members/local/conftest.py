"""A tiny model: what plain generate says on it, asked once, and a member under plain decoding."""

import pytest
from generate_member import load, says
from paged_member import DOGS, HELLO, generated


@pytest.fixture(scope="session")
def folder(folders):
    return folders["llama"]


@pytest.fixture(scope="session")
def plain(folder):
    """plain["…"]: what plain generate says to that text."""
    texts = (HELLO, "Hello", *DOGS)
    return dict(zip(texts, generated(folder, map(says, texts)), strict=True))


@pytest.fixture
def member(folders):
    """One for each test, so that it has read nothing yet."""
    return load(folders["llama"])
