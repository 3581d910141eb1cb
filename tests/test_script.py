"""The texts of a benchmark: of the size that was asked for, and never the same twice."""

import random

import pytest

from blend.bench.script import Script, script
from blend.members.scripted import Scripted


def words(messages) -> int:
    return sum(len(message.text.split()) for message in messages)


@pytest.mark.parametrize("size", [300, 1000, 3000])
def test_a_history_has_the_size(size):
    texts = Script(random.Random(1), size, words)
    assert words(texts.history(9).messages()) == pytest.approx(size, rel=0.1)


def test_no_two_histories_begin_alike():
    texts = Script(random.Random(1), 300, words)
    assert len({texts.history(9).messages()[0] for _ in range(200)}) == 200


def test_members_without_a_template_are_guessed_at():
    assert script({"a": Scripted("a")}, 64, random.Random(1)).size == 1_000
