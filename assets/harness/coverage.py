"""How often the intervals of `compare` hold the true difference, on made-up scores.

python -m assets.harness.coverage --runs 1000
"""

import argparse
from collections.abc import Sequence

import numpy as np
from tqdm import trange

from assets.harness.compare import compare
from assets.harness.sample_logs import TaskScores
from blend.command_line import SEED, at_least, finish, use_utf8

CASES = {
    "a task, 20 groups of 5": (1, 20, 5, 0.45, 0.1),
    "a task, 16 groups of 4": (1, 16, 4, 0.3, 0.05),
    "few items pass": (1, 20, 4, 0.1, 0.05),
    "no difference": (1, 20, 4, 0.3, 0.0),
    "four tasks": (4, 20, 4, 0.35, 0.05),
}
"""Tasks, groups, items of a group, how many items the base passes, how many more the other does."""


def holds(case: str, rng: np.random.Generator) -> bool:
    """Whether the interval of all tasks holds the difference, in scores drawn anew.

    Groups differ in how hard they are, by up to 0.08, and in what the other gains, by up to 0.04.
    """
    tasks, groups, size, passed, gain = CASES[case]
    named = tuple(str(group) for group in np.repeat(np.arange(groups), size))
    items = tuple(map(str, range(len(named))))
    logs: dict[str, dict[str, TaskScores]] = {"base": {}, "other": {}}
    for task in map(str, range(tasks)):
        ease, edge = np.repeat(rng.uniform((-0.08, -0.04), (0.08, 0.04), (groups, 2)).T, size, 1)
        for contender, chance in (("base", passed + ease), ("other", passed + ease + gain + edge)):
            scores = (rng.random(len(named)) < chance).astype(float)
            logs[contender][task] = TaskScores("passed", items, named, scores)
    [*_, row] = compare(logs, ["base"])
    [less] = row.differences
    if less.low is None:
        return abs(less.value - gain) < 1e-9
    return less.low <= gain <= less.high


def main(argv: Sequence[str] | None = None) -> int:
    """Print the share of each case: 0."""
    use_utf8()
    about, *_ = __doc__.split("\n\n")
    parser = argparse.ArgumentParser("python -m assets.harness.coverage", description=about)
    parser.add_argument("--runs", type=at_least(1), default=1000, help="of each case (%(default)s)")
    parser.add_argument("--seed", type=SEED, default=0, help="of what is drawn (%(default)s)")
    args = parser.parse_args(argv)

    def work() -> None:
        rng = np.random.default_rng(args.seed)
        for case in CASES:
            held = sum(holds(case, rng) for _ in trange(args.runs, desc=case, leave=False))
            print(f"{case:28}{held / args.runs:8.1%}")

    return finish("coverage", work)


if __name__ == "__main__":
    raise SystemExit(main())
