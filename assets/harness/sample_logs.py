"""The evaluation harness's logs of items and replies, as scores by contender and task."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from blend.command_line import CommandError

LOG = re.compile(r"samples_(.+)_\d{4}-\d\d-\d\dT[\d.-]+\.jsonl")


@dataclass(frozen=True, slots=True, eq=False)
class TaskScores:
    """One contender's scores (n,) of a task's items. items: a hash of each; groups: what each
    shares its text with, itself where nothing is named."""

    metric: str
    items: tuple[str, ...]
    groups: tuple[str, ...]
    scores: np.ndarray


Logs = Mapping[str, Mapping[str, TaskScores]]
"""Contender → task → scores."""


def read_logs(root: Path, metric: str | None = None, filter_: str | None = None) -> Logs:
    """The scores in FOLDER/CONTENDER/samples_TASK_DATE.jsonl. Raises CommandError, OSError.

    Several logs of one task are averaged item by item: a blend draws anew in each. metric, filter_:
    which of a task's; by default, its first.
    """
    files: dict[str, dict[str, list[tuple[str, TaskScores]]]] = {}
    for path in sorted(root.glob("*/samples_*.jsonl")):
        if match := LOG.fullmatch(path.name):
            tasks = files.setdefault(unquote(path.parent.name), {})
            read = _read(path, metric, filter_)
            tasks.setdefault(match[1], []).append((str(path), read))
    if not files:
        raise CommandError(f"{root} has no logs: `python -m assets.harness.run` makes them")
    return {
        contender: {task: mean_of(several) for task, several in tasks.items()}
        for contender, tasks in files.items()
    }


def _read(path: Path, metric: str | None, filter_: str | None) -> TaskScores:
    try:
        with path.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        chosen = [row for row in rows if row["filter"] == (filter_ or rows[0]["filter"])]
        metric = metric or rows[0]["metrics"][0]
        chosen.sort(key=lambda row: row["doc_id"])
        items = tuple(row["doc_hash"] + row["prompt_hash"] for row in chosen)
        groups = tuple(str(row["doc"].get("group") or row["doc_hash"]) for row in chosen)
        # Some metrics are a list for each item: one score for each of its instructions.
        scores = [np.mean(row[metric], dtype=float) for row in chosen]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        said = f"{path} is no log with such scores ({error!r}): ask again, or see --metric"
        raise CommandError(said) from None
    if not chosen:
        raise CommandError(f"{path} has nothing of the filter {filter_!r}: see --filter")
    return TaskScores(metric, items, groups, np.array(scores))


def mean_of(named: Sequence[tuple[str, TaskScores]]) -> TaskScores:
    """The mean of several scores of the same items, each with its name. Raises CommandError."""
    [(name, first), *others] = named
    for other_name, other in others:
        check_pairs(first, other, name, other_name)
    scores = np.mean([each.scores for _, each in named], axis=0)
    return TaskScores(first.metric, first.items, first.groups, scores)


def check_pairs(one: TaskScores, other: TaskScores, name: str, other_name: str) -> None:
    """Raise CommandError for scores of different items: no differences can be taken of them."""
    if one.items != other.items:
        said = f"{name} has {len(one.items)} items and {other_name} {len(other.items)}, or others"
        raise CommandError(f"{said}: ask both again with one task file and one --limit")
