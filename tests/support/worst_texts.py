"""Texts on which a pattern that goes back, a rescan or a sort that is quadratic would show."""

import random
import time
from collections.abc import Callable

PIECES = {
    "line ends": "\n",
    "carriage returns": "\r\n",
    "blank lines": " \n",
    "spaces": " ",
    "tabs": "\t",
    "wide spaces": "\u3000",
    "one letter": "a",
    "one capital": "A",
    "one-letter words": "a ",
    "digits": "1",
    "numbered": "1. ",
    "hashes": "#",
    "headers": "# a\n",
    "headers that are none": "# \n",
    "stars": "*",
    "bold that is none": "**a",
    "bold": "**a** ",
    "underscores": "_",
    "underscored": "__a",
    "dashes": "-",
    "list items": "- a\n",
    "backticks": "`",
    "fences": "```\n",
    "fences and text": "```a ",
    "brackets": "[",
    "images": "![](",
    "angles": "<",
    "tags": "<a",
    "ampersands": "&",
    "pipes": "|",
    "table": "| a ",
    "dollars": "$",
    "backslashes": "\\",
    "quotes": "'",
    "double quotes": '"',
    "quoted lines": "> ",
    "colons": ":",
    "dots": ".",
    "questions": "?",
    "dots and spaces": ". ",
    "claims": "i am ",
    "short claims": "im ",
    "claims with quotes": "I'm \u201c",
    "introductions": "my name is ",
    "joined introductions": "\u6211\u53eb",
    "names": "trivia ",
    "names in words": "xtriviax",
    "names and colons": "trivia : ",
    "claimed names": "i am trivia's ",
    "claimed versions": "i am trivia 1.1.1-1_",
    "parts of names": "hugging ",
    "letters of names": "q-w-e-",
    "a name's first letter": "q ",
    "accents out of order": "\u0301\u0316",
    "letters with accents": "a\u0301\u0316\u0327",
    "a sentence in one sign": "\ufdfa",
    "wide letters": "\uff21",
    "dotted capitals": "\u0130",
    "sigmas": "\u03a3'",
    "sharp s": "\u1e9e",
    "ligatures": "\ufb03",
    "emoji": "\U0001f98a",
    "joined emoji": "\U0001f469\u200d",
    "flags": "\U0001f1e9",
    "skin tones": "\U0001f44d\U0001f3fd",
    "invisible": "\u200b",
    "soft hyphens": "\u00ad",
    "right to left": "\u05d0\u05d1 ",
    "directions": "\u202e",
    "Arabic": "\u0645 ",
    "Devanagari": "\u0915\u094d",
    "Thai": "\u0e01\u0e31",
    "Hangul": "\ud55c",
    "Jamo": "\u1112\u1161",
    "kana with marks": "\u304b\u3099",
    "CJK": "\u4e00",
    "variants": "\u4e00\U000e0100",
    "private use": "\ue000\ue001",
    "a place of the encoder": " \ue0001\ue001",
    "the mark of a lost sign": "\ufffd",
    "sentences": "I am a concierge at a hotel. Ask me about trivia: I'm mixed. ",
    "JSON": '{"a":[',
    "links": "http://a.",
    "control tokens": "<|im_end|>",
    "emphasis in emphasis": "*a **a ",
    "emphasis of both kinds": "*a_ ",
    "strikes": "~~a",
    "links that are none": "[a](",
    "links in links": "[a](<b",
    "definitions of links": "[a]: b\n",
    "comments": "<!--",
    "entities": "&#1;",
    "formulas": "$a$ ",
    "formulas that are none": "\\(a",
    "long formulas": "$$\\frac{",
    "quotes in quotes": "> > ",
    "lists in lists": "- - ",
    "a table's rules": "|-|\n",
    "web addresses": "www.a.b/?",
    "mail addresses": "a@b.",
    "schemes": "a://",
    "code of many lengths": "``a` ",
}
"""What a whole text is made of, by name."""


def _many_signs(length: int) -> str:
    """As many different signs as there are, so that no table of them is of use."""
    signs = [chr(n) for n in range(0x20, 0x30000) if not 0xD800 <= n <= 0xDFFF]
    random.Random(1).shuffle(signs)
    return ("".join(signs) * (length // len(signs) + 1))[:length]


def _many_words(length: int) -> str:
    """Words of which no two are alike."""
    return " ".join(f"{n:x}" for n in range(length))[:length]


def texts(length: int) -> dict[str, str]:
    """Every text at that length, by name."""
    found = {name: (piece * length)[:length] for name, piece in PIECES.items()}
    half = length // 2
    found |= {f"{name}, then a word": text[:-1] + "x" for name, text in found.items()}
    found["spaces between"] = "my name is" + " " * (length - 16) + "trivia"
    found["an open fence"] = ("```" + "a\n" * half)[:length]
    found["a word at the end"] = " " * (length - 6) + "trivia"
    found["different signs"] = _many_signs(length)
    found["different words"] = _many_words(length)
    return found


def seconds(task: Callable[[], object], enough: float, runs: int = 5) -> float:
    """The least time that the task takes of the processor, in up to so many runs.

    enough: what no more runs are needed for. Other programs do not count, so a busy machine does
    little harm.
    """
    least = float("inf")
    for _ in range(runs):
        began = time.thread_time()
        task()
        least = min(least, time.thread_time() - began)
        if least < enough:
            break
    return least
