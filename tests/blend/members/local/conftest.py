"""The model of the tests of paged members, and what plain generate says on it, asked once."""

import pytest
from paged_member import DOGS, HELLO, generated, says


@pytest.fixture(scope="session")
def folder(folders):
    return folders["llama"]


@pytest.fixture(scope="session")
def plain(folder):
    """plain["…"]: what plain generate says to that text."""
    texts = (HELLO, "Hello", *DOGS)
    return dict(zip(texts, generated(folder, map(says, texts)), strict=True))
