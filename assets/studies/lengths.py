"""How long the replies are that members wrote for the hand-off matrix: mean characters, as JSON.

python -m assets.studies.lengths OUT/handoff/contexts.jsonl
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean


def mean_lengths(lines: Iterable[str]) -> dict[str, float]:
    """By member, the mean characters of its replies in the lines of a contexts.jsonl."""
    lengths: dict[str, list[int]] = {}
    for row in map(json.loads, lines):
        lengths.setdefault(row["writer"], []).extend(map(len, row["replies"] or ()))
    return {name: round(fmean(some), 1) for name, some in lengths.items() if some}


if __name__ == "__main__":
    (path,) = map(Path, sys.argv[1:])
    print(json.dumps(mean_lengths(path.read_text(encoding="utf-8").splitlines()), indent=1))
