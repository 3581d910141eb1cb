"""The seven criteria of a hard prompt, as far as rules can tell them from the words alone.

Chatbot Arena has a model judge them (Li et al. 2024, arXiv:2406.11939, section 3.1). Rules see what
a message is about and how much it asks for at once; they do not see how hard that is.
"""

import re
from collections.abc import Collection

from arena.categories import criteria_words
from arena.categories.phrases import phrase_pattern, split

HARD = 5
"""Criteria from which a prompt is a hard one."""

CRITERIA = (
    *("specificity", "domain_knowledge", "complexity", "problem_solving", "creativity"),
    *("technical_accuracy", "real_world"),
)

EXACT = ("code", "mathematics")
ASKS = phrase_pattern(split(criteria_words.ASKS))
ASKS_MUCH = phrase_pattern(split(criteria_words.ASKS_MUCH))
PROBLEM = phrase_pattern(split(criteria_words.PROBLEM))
TECHNICAL = phrase_pattern(split(criteria_words.TECHNICAL))
KNOWLEDGE = phrase_pattern(split(criteria_words.KNOWLEDGE))
IDEAS = phrase_pattern(split(criteria_words.IDEAS))
PRACTICE = phrase_pattern(split(criteria_words.PRACTICE))
DEFINITION = re.compile(
    r"\b(?:what\s(?:is|does|are)|difference|explain|was\s(?:ist|sind)|unterschied|erkläre?"
    r"|qu'est-ce|c'est\squoi|différence|qué\s(?:es|son)|diferencia)\b"
)
FULL, DENSE = 150, 120
"""Characters from which a message has several parts, and those that do for code or mathematics."""

SITUATION = 90
"""Characters from which code or mathematics may come with the situation that it is for."""


def criteria(text: str, tags: Collection[str]) -> tuple[str, ...]:
    """Those of CRITERIA that a normalized first message seems to meet; tags: those it has.

    Small talk meets none.
    """
    if "small_talk" in tags:
        return ()
    exact = any(tag in tags for tag in EXACT)
    technical = bool(TECHNICAL.search(text))
    met = {
        "specificity": exact or not {"instruction_following", "languages"}.isdisjoint(tags)
        or bool(ASKS.search(text)) or len(text) > FULL,
        "domain_knowledge": exact or technical or bool(KNOWLEDGE.search(text)),
        "complexity": len(text) > (DENSE if exact else FULL) or bool(ASKS_MUCH.search(text)),
        "problem_solving": bool(PROBLEM.search(text)) or (exact and not DEFINITION.search(text))
        or (len(text) > FULL and "?" in text),
        "creativity": "creative_writing" in tags or bool(IDEAS.search(text)),
        "technical_accuracy": exact or technical,
        "real_world": bool(PRACTICE.search(text)) and (not exact or len(text) >= SITUATION),
    }  # fmt: skip
    return tuple(name for name in CRITERIA if met[name])
