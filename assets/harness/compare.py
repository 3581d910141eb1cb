"""Compare contenders by the evaluation harness's logs: scores, and paired differences.

    python -m assets.harness.compare logs --base NAME --base NAME+NAME

The folder has a folder for each contender, with the harness's samples_TASK_DATE.jsonl in it.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from assets.harness.sample_logs import (
    Logs,
    TaskScores,
    check_pairs,
    mean_of,
    read_logs,
)
from blend.command_line import CommandError, finish, run
from blend.evaluation.clustered import half_width

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """A contender's score less a base's. low, high: its 95 % interval; low_all, high_all: the one
    that holds for all differences at once (Bonferroni). None where all items differ alike, which
    tells no variance. differing: on how many items the two differ."""

    base: str
    value: float
    low: float | None
    high: float | None
    low_all: float | None
    high_all: float | None
    differing: int


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One contender on one task, or on all of them, each task counting alike."""

    task: str
    metric: str
    contender: str
    items: int
    groups: int
    score: float
    low: float | None
    high: float | None
    differences: tuple[ScoreDifference, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table: 0, or 2 where the logs cannot be compared."""
    about, *_ = __doc__.split("\n\n")
    parser = argparse.ArgumentParser("python -m assets.harness.compare", description=about)
    parser.add_argument("logs", type=Path, help="a folder with one for each contender")
    base = "what the others are compared with; NAME+NAME is the mean of several; may be repeated"
    parser.add_argument("--base", action="append", default=[], metavar="NAME", help=base)
    parser.add_argument("--metric", help="default: the first of each task")
    parser.add_argument("--filter", help="default: the first of each task")
    parser.add_argument("--json", action="store_true", help="write JSON")
    args = parser.parse_args(argv)

    def work() -> None:
        rows = compare(read_logs(args.logs, args.metric, args.filter), args.base)
        if args.json:
            print(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
        else:
            print(table(rows))

    return finish("compare", work)


def compare(logs: Logs, bases: Sequence[str] = ()) -> list[ComparisonRow]:
    """A row for each task and contender, then those of all tasks, where one metric scores them all.

    The interval of a difference is that of the mean of paired differences, clustered by group:
    items that share a text count as one opinion. Raises CommandError.
    """
    tasks = list(dict.fromkeys(task for scores in logs.values() for task in scores))
    metrics = {scores.metric for by_task in logs.values() for scores in by_task.values()}
    parts = {task: [task] for task in tasks}
    if len(tasks) > 1 and len(metrics) == 1:
        parts["all tasks"] = tasks
    rows = [
        (part, contender, [base for base in bases if base != contender])
        for part, needed in parts.items()
        for contender in logs
        if all(task in logs[contender] for task in needed)
    ]
    many = sum(len(against) for _, _, against in rows)
    return [
        _row(logs, part, parts[part], contender, against, many) for part, contender, against in rows
    ]


def _row(
    logs: Logs, part: str, tasks: Sequence[str], contender: str, bases: Sequence[str], many: int
) -> ComparisonRow:
    own = [logs[contender][task] for task in tasks]
    groups = [scores.groups for scores in own]
    score, low, high = _interval([each.scores for each in own], groups)
    differences = []
    for base in bases:
        of_base = [_base(logs, base, task) for task in tasks]
        for scores, others in zip(own, of_base, strict=True):
            check_pairs(scores, others, contender, base)
        less = [a.scores - b.scores for a, b in zip(own, of_base, strict=True)]
        at_once = _interval(less, groups, 1 - (1 - LEVEL) / many)
        differing = sum(int(np.count_nonzero(each)) for each in less)
        differences.append(ScoreDifference(base, *_interval(less, groups), *at_once[1:], differing))
    items, distinct = sum(map(len, groups)), sum(len(set(each)) for each in groups)
    named = (part, own[0].metric, contender, items, distinct)
    return ComparisonRow(*named, score, low, high, tuple(differences))


def _base(logs: Logs, base: str, task: str) -> TaskScores:
    """The scores of a base: of one contender, or the mean of several, joined by +."""
    names = [base] if base in logs else base.split("+")
    for name in names:
        if task not in logs.get(name, {}):
            raise CommandError(f"{name!r} has no log of {task}: logs are of {', '.join(logs)}")
    return mean_of([(name, logs[name][task]) for name in names])


def _interval(
    values: Sequence[np.ndarray], groups: Sequence[Sequence[str]], level: float = LEVEL
) -> tuple[float, float | None, float | None]:
    """The mean of the tasks' means with its interval; None where nothing differs to tell it by."""
    residuals = []
    for task, named in zip(values, groups, strict=True):
        _, cluster = np.unique(named, return_inverse=True)
        share = (task - task.mean()) / (len(task) * len(values))
        residuals.append(np.bincount(cluster, share))
    mean = float(np.mean([task.mean() for task in values]))
    half = float(half_width(np.concatenate(residuals), level))
    known = np.isfinite(half) and half > 1e-12
    return (mean, mean - half, mean + half) if known else (mean, None, None)


def table(rows: Sequence[ComparisonRow]) -> str:
    """The rows as text: a block a task, a column a base."""
    return "\n".join(_lines(rows))


def _lines(rows: Sequence[ComparisonRow]) -> Iterator[str]:
    wide = max(12, *(len(row.contender) + 2 for row in rows))
    bases = list(dict.fromkeys(d.base for row in rows for d in row.differences))
    part = ""
    for row in rows:
        if row.task != part:
            part = row.task
            heads = "".join(f"{f'less {base}':>48}" for base in bases)
            yield f"\n{part}: {row.items} items in {row.groups} groups"
            yield f"{'':{wide}}{row.metric:>24}{heads}"
        score = f"{row.score:.3f} {_bounds(row.low, row.high, '.3f')}"
        by_base = {d.base: d for d in row.differences}
        cells = "".join(f"{_cell(by_base.get(base)):>48}" for base in bases)
        yield f"{row.contender:{wide}}{score:>24}{cells}"
    if bases:
        many = sum(len(row.differences) for row in rows)
        yield f"\n[95 % interval, by group] [the one that holds for all {many} differences at once]"


def _cell(difference: ScoreDifference | None) -> str:
    if difference is None:
        return "—"
    if difference.low is None:
        return f"{difference.value:+.3f} [all items alike]"
    own = _bounds(difference.low, difference.high, "+.3f")
    at_once = _bounds(difference.low_all, difference.high_all, "+.3f")
    return f"{difference.value:+.3f} {own} {at_once}"


def _bounds(low: float | None, high: float | None, form: str) -> str:
    return "[all items alike]" if low is None else f"[{low:{form}}, {high:{form}}]"


if __name__ == "__main__":
    # Through `run`, which ends quietly where the reader of a pipe has left.
    named = {"compare": "assets.harness.compare"}
    raise SystemExit(run("assets.harness", __doc__, named, ["compare", *sys.argv[1:]]))
