"""How well the tagger agrees with the messages that were labelled by hand: python FILE [HALF]."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sklearn.metrics import cohen_kappa_score, precision_score, recall_score

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "tests" / "arena" / "categories" / "messages.jsonl"


class Agreement(NamedTuple):
    """hand, rules: how many messages have the tag by each. kappa: Cohen's, 1 where all agree."""

    hand: int
    rules: int
    precision: float
    recall: float
    kappa: float


def labelled(half: str | None = None) -> list[dict]:
    """The messages with their labels: those that the rules were tuned on, or those for the check.

    `hard_prompt` was not judged as such: five of the seven criteria make one.
    """
    rows = map(json.loads, MESSAGES.read_text(encoding="utf-8").splitlines())
    return [row for row in rows if half in (None, row["half"])]


def agreement(pairs: Iterable[tuple[bool, bool]]) -> Agreement:
    """Of (label by hand, tag by the rules) of each message."""
    hand, rules = zip(*pairs, strict=True)
    scores = (score(hand, rules) for score in (precision_score, recall_score, cohen_kappa_score))
    return Agreement(sum(hand), sum(rules), *scores)


def table(half: str | None = None) -> dict[str, Agreement]:
    """The agreement on each tag and each criterion."""
    from arena.categories.criteria import CRITERIA
    from arena.categories.tagger import TAGS, Tagger

    rows, tagger = labelled(half), Tagger()
    found = [(row, *tagger.judge(row["text"])) for row in rows]
    of_tags = {t: agreement((t in r["tags"], t in tags) for r, tags, _ in found) for t in TAGS}
    return of_tags | {
        c: agreement((c in r["criteria"], c in met) for r, _, met in found) for c in CRITERIA
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for name, at in table(*sys.argv[1:2]).items():
        print(
            f"{name:<22} hand {at.hand:>3}  rules {at.rules:>3}  precision {at.precision:.2f}"
            f"  recall {at.recall:.2f}  kappa {at.kappa:.2f}"
        )
