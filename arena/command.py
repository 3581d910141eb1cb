"""A command of python -m arena: its errors as one line, and a sentence when it is stopped."""

import sys
from collections.abc import Callable

from arena.records import StoreError


class CommandError(ValueError):
    """A command that cannot be done as it was asked; one line that names the thing and the mend."""


def finish(name: str, work: Callable[[], None], stopped: str = "nothing was changed") -> int:
    """Do the work of the command `name`; 0, or 2 where it cannot be done, or 130 for Ctrl-C.

    stopped: what is said after "stopped: ".
    """
    try:
        work()
    except KeyboardInterrupt:
        print(f"arena {name}: stopped: {stopped}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # see blend.command_line
        raise
    except (StoreError, CommandError, OSError) as error:
        print(f"arena {name}: {error}", file=sys.stderr)
        return 2
    return 0
