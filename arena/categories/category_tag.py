"""The column `category_tag` of arena-human-preference-140k, of a first message."""

from arena.categories.criteria import CRITERIA
from arena.categories.tagger import Tagger

CategoryTag = dict[str, dict[str, bool | int | str | None]]

_RULES = Tagger()


def category_tag(message: str) -> CategoryTag:
    """What Chatbot Arena's classifiers tell of a first message, by our rules.

    Their scores, how sure a classifier was, stay None: a rule has none.
    """
    tags, met = _RULES.tags(message), _RULES.criteria(message)
    return {
        "creative_writing_v0.1": {"creative_writing": "creative_writing" in tags, "score": None},
        "criteria_v0.1": {name: name in met for name in sorted(CRITERIA)},
        "if_v0.1": {"if": "instruction_following" in tags, "score": None},
        "math_v0.1": {"math": "mathematics" in tags},
    }
