"""Texts on which a pattern that goes back, a rescan or a sort that is quadratic would show."""

import json
import random
import time
from collections.abc import Callable

from app_process import ROOT

PIECES: dict[str, str] = json.loads(
    (ROOT / "tests" / "golden" / "worst_texts.json").read_text("utf-8")
)
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
