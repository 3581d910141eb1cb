"""What replies look like: repeated runs, distinct-n, intervals, the sentence about the blend."""

import numpy as np
import pytest

from blend.conversation import Conversation, Turn, Usage
from blend.evaluation.reply_statistics import (
    PlayedConversation,
    comparison,
    distinct,
    interval,
    measure,
    repeats,
    statistics_table,
)

LONG = "the quick brown fox jumps over the lazy dog"


def talk(*turns: tuple[str, str]) -> Conversation:
    done = tuple(Turn(p, r, finished=True, usage=Usage(finish="stop")) for p, r in turns)
    return Conversation(turns=done)


def test_a_run_of_six_words_said_before_counts_whoever_said_it() -> None:
    assert repeats(talk(("hi", LONG), ("go on", f"Well, {LONG.upper()}!"))) == [False, True]
    assert repeats(talk((LONG, "the quick brown fox jumps over it"))) == [True]
    assert repeats(talk(("hi", "the quick brown fox jumps"), ("so", LONG))) == [False, False]
    assert repeats(talk(("hi", f"{LONG} and {LONG}"))) == [True]


def test_distinct_n_is_one_where_nothing_repeats() -> None:
    assert distinct([["a", "b", "c"], ["d", "e"]], 1) == 1.0
    assert distinct(["abab"], 2) == pytest.approx(2 / 3)
    assert distinct([""], 2) == 0.0


def test_an_empty_reply_and_one_cut_by_its_length_are_counted() -> None:
    turns = (
        Turn("hi", "well then", usage=Usage(finish="length")),
        Turn("and", "", error="No reply could be given just now."),
    )
    game = measure(Conversation(turns=turns), "persona", 0.5)
    assert (game.replies, game.empty, game.ended, game.words) == (2, 0.5, 0.0, 1.0)
    assert game.reward == 0.5 and game.opener == "hi"


def test_the_interval_shrinks_with_conversations_and_holds_the_mean() -> None:
    rng = np.random.default_rng(0)
    few, many = (interval(rng.normal(1, 1, n)) for n in (20, 2000))
    assert few.low < few.value < few.high and many.high - many.low < (few.high - few.low) / 3
    hit = [
        found.low <= 0 <= found.high
        for seed in range(200)
        for found in [interval(np.random.default_rng(seed).normal(0, 1, 60), 400)]
    ]
    assert 0.88 < np.mean(hit) < 0.99


def test_the_verdict_says_ahead_only_where_the_interval_is_clear_of_zero() -> None:
    def games(shift: float, seed: int) -> list[PlayedConversation]:
        noise = np.random.default_rng(seed).normal(0, 0.01, 30)
        return [
            PlayedConversation("o", "persona", 10, 0, 0, 1, 0.5, 0.5 + n, 8, shift + n)
            for n in noise
        ]

    played = {"Blended": games(1.0, 1), "a": games(0.0, 2), "b": games(1.0, 3), "c": games(2, 4)}
    said = comparison(played, "Blended", ["a", "b", "c"])
    assert "reward: Blended is ahead of a" in said and "reward: Blended is behind c" in said
    assert "reward: Blended is not told apart from b" in said
    assert statistics_table(played).count("\n") == 5
