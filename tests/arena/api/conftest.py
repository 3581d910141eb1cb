"""What the tests of /v1 share: sites that are asked in process."""

from contextlib import ExitStack, closing

import pytest
from asgi_site import Served

from arena.db.store import Store


@pytest.fixture
def opened(tmp_path):
    """opened(**options): one more site; see Served."""
    with ExitStack() as stack:
        made = []

        def make(**options: object) -> Served:
            store = stack.enter_context(closing(Store.open(tmp_path / f"{len(made)}.db")))
            made.append(Served(store, **options))
            return made[-1]

        yield make
