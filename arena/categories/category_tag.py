"""The column `category_tag` of arena-human-preference-140k, of a first message."""

from collections.abc import Collection

from arena.categories.criteria import CRITERIA
from arena.categories.tagger import Tagger

CategoryTag = dict[str, dict[str, bool | int | str | None] | None]

_RULES = Tagger()


def category_tag(message: str) -> CategoryTag:
    """What Chatbot Arena's classifiers tell of a first message, by our rules.

    Their scores, how sure a classifier was, stay None: a rule has none.
    """
    return tag_column(*_RULES.judge(message))


def tag_column(tags: Collection[str], met: Collection[str] | None = None) -> CategoryTag:
    """The same of tags that were noted. met: criteria; None where nobody can tell any more."""
    criteria = None if met is None else {name: name in met for name in sorted(CRITERIA)}
    return {
        "creative_writing_v0.1": {"creative_writing": "creative_writing" in tags, "score": None},
        "criteria_v0.1": criteria,
        "if_v0.1": {"if": "instruction_following" in tags, "score": None},
        "math_v0.1": {"math": "mathematics" in tags},
    }
