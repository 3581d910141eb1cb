"""How many threads a llama.cpp process gets where the roster does not say."""

import os
from contextlib import suppress
from pathlib import Path

SMALL = 32e6
"""Bytes of a file below which a second thread costs more than it brings."""


def prompt_threads(size: int, processes: int) -> int:
    """The threads of one of several processes, for a file of that many bytes.

    All together never have more threads than there are cores: threads wait for each other in a
    loop, and where one has no core, the others keep theirs busy for nothing. On two cores, two
    processes with SmolLM2 135M write 85 tokens a second each with one thread, 15 with two.
    """
    return 1 if size < SMALL else max(1, int(cores() // processes))


def decode_threads(threads: int) -> int:
    """As many of them as leave a core to others, for a step that writes a single token.

    Such a step waits for memory, so the last core brings it little: with SmolLM2 on two cores, 4 %.
    Where a browser or this program's own page keeps a core busy, it costs ten times the speed.
    """
    return max(1, min(threads, int(cores()) - 1))


def cores() -> float:
    """Cores that this process may use: of its affinity, and of its container's quota."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    with suppress(OSError, ValueError):  # "max" where there is none
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return min(count, int(quota) / int(period))
    return count
