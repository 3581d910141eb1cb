"""The texts of a benchmark: of a size that fits, and never the same twice."""

import random
from types import SimpleNamespace

import pytest

from blend.bench.workload import ANSWER, Workload
from blend.members.scripted import Scripted


@pytest.mark.parametrize("window, words", [(None, ANSWER), (8192, ANSWER), (1024, 16), (64, 2)])
def test_a_history_leaves_half_of_the_smallest_window_and_is_new(window, words):
    small = SimpleNamespace(template=SimpleNamespace(window=window))
    texts = Workload(random.Random(1), [Scripted("a"), *([small] if window else [])])
    assert [len(turn.reply.split()) for turn in texts.history(9).turns] == [words] * 9
    assert len({texts.history(9).messages()[0] for _ in range(200)}) == 200
