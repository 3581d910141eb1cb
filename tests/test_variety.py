"""How different members' first replies are, beyond what one member differs from itself."""

import numpy as np
import pytest

from arena.variety import FEWEST, variety


def drawn(rng, n, words):
    """First replies of members a, b and c; each writes words of its own, c the same as b."""
    replies = []
    for _ in range(n):
        left, right = rng.choice(list(words), 2)
        one, other = (" ".join(rng.choice(words[m], 8)) for m in (left, right))
        replies.append((str(left), str(right), one, other))
    return replies


WORDS = {"a": list("klmno"), "b": list("vwxyz"), "c": list("vwxyz")}


def test_members_of_other_words_differ_beyond_chance_and_others_do_not():
    found = {(p.a, p.b): p for p in variety(drawn(np.random.default_rng(1), 600, WORDS))}
    assert found["a", "b"].beyond.low > 0.1 and found["a", "c"].beyond.low > 0.1
    assert found["b", "c"].beyond.low < 0 < found["b", "c"].beyond.high
    assert found["b", "c"].between.value > 0.1  # and yet no two replies are the same


def test_the_most_different_come_first():
    found = variety(drawn(np.random.default_rng(2), 600, WORDS))
    assert (found[-1].a, found[-1].b) == ("b", "c")


def test_its_interval_holds():
    """Of b and c, who are one: 95 of 100 intervals hold nothing."""
    rng, held = np.random.default_rng(3), 0
    words = {m: WORDS[m] for m in "bc"}
    for _ in range(200):
        (pair,) = variety(drawn(rng, 200, words), lambda x, y: float(x.split()[0] != y.split()[0]))
        held += pair.beyond.low <= 0 <= pair.beyond.high
    assert 0.91 * 200 <= held <= 0.99 * 200


@pytest.mark.parametrize("replies", [[], [("a", "b", "x", "y")] * (FEWEST - 1)])
def test_of_few_nothing_is_said(replies):
    assert variety(replies) == ()


def test_without_the_same_member_on_both_sides_chance_is_not_known():
    assert variety([("a", "b", "x y", "z")] * FEWEST) == ()
