"""A Hub of our own, and replicas of a site that push to it."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from fake_hub import Server
from hub_repository import NAME
from huggingface_hub import constants

from arena.db.store import Store
from arena.exchange.hub import Hub


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    """A Hub of our own, and the client told of it as by its variables."""
    with Server() as server:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("HF_TOKEN", "hf_test")
        yield server


@pytest.fixture
def replica(tmp_path, server):
    """replica("a"): a store on a disk of its own and its hub, which pushes when it is told to."""
    with ExitStack() as stack:

        def start(disk: str, **options: bool) -> tuple[Store, Hub]:
            path = tmp_path / f"{disk}.db"
            store = stack.enter_context(closing(Store.open(path, **options)))
            hub = Hub(store, NAME, every=60, endpoint=server.url)
            hub.start()
            stack.callback(hub.close, patience=10)
            return store, hub

        yield start
