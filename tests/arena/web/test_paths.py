"""Paths behind a prefix, as Starlette reads them."""

import pytest

from arena.web.paths import without_prefix


@pytest.mark.parametrize(
    ("path", "root", "within"),
    [
        ("/arena/about", "/arena", "/about"),
        ("/arena/arena", "/arena", "/arena"),
        ("/arena", "/arena", ""),
        ("/arenas", "/arena", "/arenas"),
        ("/about", "/arena", "/about"),
        ("/about", "", "/about"),
        ("/about", "https://x.example/arena/", "/about"),
    ],
)
def test_a_prefix_is_taken_off_where_it_is_one(path, root, within):
    assert without_prefix(path, root) == within
