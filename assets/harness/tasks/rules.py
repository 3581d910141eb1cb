"""Rules that score a reply: what the task files name by `!function`, and their items by `rule`."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
EDGE = " \n\t\"'“”*_.,:;!?"
"""What may stand around a reply's first and last words."""


def score_answer(doc: Mapping, results: Sequence[str]) -> dict[str, float]:
    """Whether a reply has one of the item's `answers` as a word of its own."""
    return {"passed": float(any(_has(results[0], answer) for answer in doc["answers"]))}


def score_number(doc: Mapping, results: Sequence[str]) -> dict[str, float]:
    """Whether the last number of a reply is the item's `answer`."""
    return {"passed": float(passes("number", doc["answer"], results[0]))}


def score_rule(doc: Mapping, results: Sequence[str]) -> dict[str, float]:
    """Whether a reply keeps the item's `rule`."""
    return {"passed": float(passes(doc["rule"], doc["value"], results[0]))}


def score_conversation(doc: Mapping, results: Sequence[str]) -> dict[str, float]:
    """The share of the item's `checks` that the replies pass. results: JSON with the `content` of
    each reply, as `ConversationModel` writes it."""
    replies = [message["content"] for message in json.loads(results[0])]
    passed = [
        passes(check["rule"], check["value"], replies[check["reply"]], replies)
        for check in doc["checks"]
    ]
    return {"passed": sum(passed) / len(passed)}


def passes(rule: str, value: str, reply: str, replies: Sequence[str] = ()) -> bool:
    """Whether a reply keeps one of RULES. replies: all of its conversation. An empty one keeps
    none. Raises KeyError for a rule that is not there."""
    check = RULES[rule]
    return bool(reply.strip()) and bool(check(reply.strip(), value, replies))


def _has(reply: str, words: str) -> int:
    """How often the words stand in a reply as such, in any case."""
    return len(re.findall(rf"(?<!\w){re.escape(words)}(?!\w)", reply, re.IGNORECASE))


def _number(reply: str) -> float | None:
    """The last number of a reply in digits."""
    found = NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", reply))
    return float(found[-1]) if found else None


def _choice(reply: str, options: Sequence[str]) -> str | None:
    """The one of the options that a reply names; None where it names none or several."""
    named = [option for option in options if _has(reply, option)]
    return named[0] if len(named) == 1 else None


def _sentences(reply: str) -> int:
    return len([part for part in re.split(r"(?<=[.!?])[\"”')]*\s+", reply) if WORD.search(part)])


def _lines(reply: str, beginning: str) -> list[str]:
    return re.findall(rf"^\s*({beginning})\s*\S", reply, re.MULTILINE)


def _is_object(reply: str, key: str) -> bool:
    """Whether a reply is a JSON object with that one key, in the fence of a code block or not."""
    try:
        read = json.loads(re.sub(r"^```(?:json)?\s*|\s*```$", "", reply))
    except ValueError:
        return False
    return isinstance(read, dict) and list(read) == [key]


def _items(reply: str, value: str) -> bool:
    parts = reply.strip(" .").split(",")
    short = all(1 <= len(WORD.findall(part)) <= 3 for part in parts)
    return "\n" not in reply and short and len(parts) == int(value)


def _between(reply: str, value: str) -> bool:
    number, (low, high) = _number(reply), map(float, value.split())
    return number is not None and low <= number <= high


def _of_earlier(reply: str, value: str, replies: Sequence[str], other: bool) -> bool:
    """Whether the option that a reply names is, or is not, the one of an earlier reply."""
    place, *options = value.split()
    before, now = _choice(replies[int(place)], options), _choice(reply, options)
    return None not in (before, now) and (before != now) == other


def _more_than(reply: str, value: str, replies: Sequence[str]) -> bool:
    place, more = map(int, value.split())
    before = _number(replies[place])
    return before is not None and _number(reply) == before + more


Rule = Callable[[str, str, Sequence[str]], object]

RULES: dict[str, Rule] = {
    "words_at_most": lambda reply, n, _: len(WORD.findall(reply)) <= int(n),
    "words_at_least": lambda reply, n, _: len(WORD.findall(reply)) >= int(n),
    "one_word": lambda reply, value, _: len(WORD.findall(reply)) == 1,
    "only": lambda reply, word, _: reply.strip(EDGE).casefold() == word.casefold(),
    "includes": lambda reply, word, _: _has(reply, word),
    "all_of": lambda reply, words, _: all(_has(reply, word) for word in words.split()),
    "avoids": lambda reply, word, _: not _has(reply, word),
    "three_times": lambda reply, word, _: _has(reply, word) >= 3,
    "lowercase": lambda reply, value, _: reply == reply.lower() != reply.upper(),
    "uppercase": lambda reply, value, _: reply == reply.upper() != reply.lower(),
    "starts_with": lambda reply, word, _: re.match(
        rf"{re.escape(word)}(?!\w)", reply.lstrip(EDGE), re.IGNORECASE
    ),
    "ends_with": lambda reply, word, _: re.search(
        rf"(?<!\w){re.escape(word.strip(EDGE))}$", reply.rstrip(EDGE), re.IGNORECASE
    ),
    "bullets": lambda reply, n, _: len(_lines(reply, "-")) == int(n),
    "numbered": lambda reply, n, _: (
        _lines(reply, r"\d+\.") == [f"{place}." for place in range(1, int(n) + 1)]
    ),
    "sentences": lambda reply, n, _: _sentences(reply) == int(n) and reply[-1] in ".!?\"”')",
    "question": lambda reply, value, _: _sentences(reply) == 1 and reply.rstrip('"”').endswith("?"),
    "no_commas": lambda reply, value, _: "," not in reply,
    "no_digits": lambda reply, value, _: not re.search(r"\d", reply),
    "quoted": lambda reply, value, _: re.fullmatch('["“][^"“”]+["”]', reply),
    "items": lambda reply, n, _: _items(reply, n),
    "json": lambda reply, key, _: _is_object(reply, key),
    "number": lambda reply, n, _: _number(reply) == float(n),
    "between": lambda reply, bounds, _: _between(reply, bounds),
    "more_than": _more_than,
    "same_number": lambda reply, place, replies: (
        _number(reply) is not None and _number(reply) == _number(replies[int(place)])
    ),
    "one_of": lambda reply, options, _: _choice(reply, options.split()),
    "same_word": lambda reply, value, replies: _of_earlier(reply, value, replies, False),
    "other_word": lambda reply, value, replies: _of_earlier(reply, value, replies, True),
}
"""What a reply must be, by name: of the reply, the item's value, and the conversation's replies."""
