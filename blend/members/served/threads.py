"""How many threads a llama.cpp process gets where the roster does not say."""

import os
from contextlib import suppress
from pathlib import Path

SMALL = 32e6
"""Bytes of a file below which a second thread costs more than it brings."""


def share(size: int, processes: int) -> int:
    """The threads of one of several processes, for a file of that many bytes.

    All cores for one, else an equal part each, so that all together never have more threads than
    there are cores: threads wait for each other in a loop, and where one of them has no core, the
    others keep theirs busy for nothing. Measured on two cores, tokens a second. SmolLM2 135M (97
    MB): alone 75 with one thread, 100 with two; two such processes at once 85 each with one thread,
    15 each with two. A model of 4 million parameters (8 MB): 1,100 with one thread, 630 to 800 with
    two.
    """
    return 1 if size < SMALL else max(1, int(cores() // processes))


def spared(threads: int) -> int:
    """As many of them as leave a core to others, for a step that writes a single token.

    Such a step waits for memory, so the last core brings it little: SmolLM2 on two cores, 120
    tokens a second with one thread and 125 with two. Where something else keeps a core busy, a
    browser or this program's own page, it costs a lot: 45 to 119 with one thread, 2 to 12 with two.
    """
    return max(1, min(threads, int(cores()) - 1))


def cores() -> float:
    """Cores that this process may use: of its affinity, and of its container's quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    found = len(affinity(0)) if affinity else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # "max" where there is none
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return min(found, int(quota) / int(period))
    return found
