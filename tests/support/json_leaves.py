"""The values of a JSON document, each with the way to it."""

from collections.abc import Iterator


def leaves(value: object, where: str = "") -> Iterator[tuple[str, object]]:
    """Every value of a JSON value that holds no others, with the way to it, in its order."""
    if value and isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, f"{where}/{key}")
    else:
        yield where, value
