"""A command of python -m arena: its errors as one line, and a sentence when it is stopped."""

from collections.abc import Callable

from arena.models import StoreError
from blend import command_line


class CommandError(ValueError):
    """A command that cannot be done as it was asked; one line that names the thing and the mend."""


def finish(name: str, work: Callable[[], int | None], stopped: str = "nothing was changed") -> int:
    """Do the work of the command `name`; see `blend.command_line.finish`."""
    return command_line.finish(f"arena {name}", work, (StoreError, CommandError), stopped)
