"""Threads of llama.cpp: no more than there are cores, and one is left while a token is written."""

import pytest

from blend.members.served import threads

MODEL = 100_000_000


@pytest.mark.parametrize("cores", [1, 1.5, 2, 8])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_all_together_never_have_more_threads_than_cores(monkeypatch, cores, processes):
    monkeypatch.setattr(threads, "cores", lambda: cores)
    each = threads.share(MODEL, processes)
    assert each == 1 or each * processes <= cores
    assert threads.spared(each) == 1 or threads.spared(each) * processes <= cores


@pytest.mark.parametrize("given, left", [(1, 1), (2, 2), (7, 7), (8, 7)])
def test_a_step_that_writes_one_token_leaves_a_core(monkeypatch, given, left):
    monkeypatch.setattr(threads, "cores", lambda: 8)
    assert threads.spared(given) == left


def test_a_tiny_model_has_one_thread():
    assert threads.share(8_000_000, 1) == 1
