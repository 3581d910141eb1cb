"""The page of a study: its tables, read from the reports beside it, and what papers say of them.

    python -m assets.studies.page OUT

writes OUT/README.md. What `assets/studies/run` has not measured yet is said to be missing.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assets.studies.blended_loss import blended_differences
from blend.command_line import CommandError, finish, use_utf8

HERE = Path(__file__).parent
REPORTS = {
    "law": "law/report.json",
    "handoff": "handoff/report.json",
    "lengths": "handoff/lengths.json",
    "diversity": "diversity.json",
    "duel": "duel/report.json",
    "judge": "judge/report.json",
    "tasks": "tasks.json",
}
"""What the page is made of, by name; all of it is JSON that a command has written."""


def main(argv: Sequence[str] | None = None) -> int:
    """Write the page: 0, or 2 where a report cannot be read."""
    use_utf8()
    parser = argparse.ArgumentParser("python -m assets.studies.page", description=__doc__)
    parser.add_argument("out", type=Path, help="the folder of a study's results")
    args = parser.parse_args(argv)

    def work() -> None:
        (args.out / "README.md").write_text(page(args.out), encoding="utf-8")
        print(args.out / "README.md", file=sys.stderr)

    return finish("page", work)


def page(folder: Path) -> str:
    """The page of the results in a folder. Raises CommandError, OSError.

    Where the folder has findings.md, which reads the figures in words, it opens the page.
    """
    reports = {name: _read(folder / path) for name, path in REPORTS.items()}
    if not any(reports.values()):
        raise CommandError(f"{folder} has no report: `bash assets/studies/run` makes them")
    environment = Environment(
        loader=FileSystemLoader([folder, HERE]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "share": share, "verdict": verdict}
    roster = _roster(folder / "roster.toml")
    (focus,) = (blend for blend in roster["blend"] if blend["name"] == roster["focus"])
    return environment.get_template("page.md.jinja").render(
        **reports,
        roster=roster,
        focus=focus,
        best=best_of(reports["tasks"] or (), focus["members"]),
        pools=_pools(folder, reports["law"], focus["members"]),
        copies=[name for name in _fighters(reports) if " × " in name],
        findings=(folder / "findings.md").is_file(),
        against=against,
    )


def _roster(path: Path) -> Mapping[str, Any]:
    """The roster's own words: its models need not be here. Raises CommandError."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{path} is no roster: {error}") from None


def _pools(
    folder: Path, law: Mapping | None, members: Sequence[str]
) -> list[tuple[Sequence[str], Mapping[str, Mapping]]]:
    """The focus, then each other pair of the law's members, then all of them: Blended's loss less
    that of each."""
    if not law:
        return []
    every = [member["name"] for member in law["members"]]
    table = folder / "law" / "losses.parquet"
    pairs = [list(pair) for pair in combinations(every, 2) if set(pair) != set(members)]
    pools = [members, *pairs, every] if len(every) > len(members) else [members]
    found = [(pool, blended_differences(table, pool)) for pool in pools]
    return [(pool, {name: asdict(each) for name, each in of.items()}) for pool, of in found]


def _fighters(reports: Mapping[str, Any]) -> list[str]:
    """Who took part in the duel."""
    wins = (reports["duel"] or {"wins": {}})["wins"]
    return list(dict.fromkeys(name for of_judge in wins.values() for name in of_judge))


def _read(path: Path) -> Any:
    """The report of a file; None where there is none yet. Raises CommandError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise CommandError(f"{path} is no JSON: {error}") from None


def number(of: Mapping[str, float] | None, form: str = "+.3f") -> str:
    """An estimate with its interval, each number in a format; a dash where there is none."""
    if of is None or of["value"] is None:
        return "–"
    if of["low"] is None:
        return f"{of['value']:{form}}"
    return f"{of['value']:{form}} ({of['low']:{form}} to {of['high']:{form}})"


def share(of: Mapping[str, float] | None) -> str:
    """An estimate of a share in per cent."""
    if of is None:
        return "–"
    value, low, high = (100 * of[key] for key in ("value", "low", "high"))
    return f"{value:.0f} % ({low:.0f} to {high:.0f})"


def verdict(of: Mapping[str, float] | None, zero: float, more: str, less: str) -> str:
    """What an interval says of a value against `zero`: more, less, or that it cannot be told.

    Where there is one for all differences at once, that one speaks.
    """
    low, high = (of.get(f"{end}_all", of[end]) for end in ("low", "high")) if of else (None, None)
    if low is None or low <= zero <= high:
        return "cannot be told"
    return more if low > zero else less


def against(rows: Sequence[Mapping], contender: str, base: str) -> Mapping[str, Mapping]:
    """By task of the evaluation harness, a contender's difference from a base."""
    return {
        row["task"]: each
        for row in rows
        if row["contender"] == contender
        for each in row["differences"]
        if each["base"] == base
    }


def best_of(rows: Sequence[Mapping], members: Sequence[str]) -> str:
    """The member with the highest mean score over the tasks."""
    scores = {m: [row["score"] for row in rows if row["contender"] == m] for m in members}
    return max(members, key=lambda member: sum(scores[member]))


if __name__ == "__main__":
    raise SystemExit(main())
