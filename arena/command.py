"""A command of python -m arena: its numbers, its errors as one line, a sentence at a stop."""

from collections.abc import Callable

from arena.models import StoreError
from blend import command_line
from blend.command_line import SEED, CommandError, at_least

__all__ = ["SEED", "CommandError", "at_least", "finish"]


def finish(name: str, work: Callable[[], int | None], stopped: str = "nothing was changed") -> int:
    """Do the work of the command `name`; see `blend.command_line.finish`."""
    return command_line.finish(f"arena {name}", work, (StoreError,), stopped)
