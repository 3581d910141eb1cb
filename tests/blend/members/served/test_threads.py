"""Threads of llama.cpp: no more than there are cores, and one is left while a token is written."""

import pytest

from blend.members.served import threads


@pytest.mark.parametrize("cores", [1, 1.5, 2, 8])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_all_together_never_have_more_threads_than_cores(monkeypatch, cores, processes):
    monkeypatch.setattr(threads, "cores", lambda: cores)
    each = threads.prompt_threads(100_000_000, processes)
    assert each == 1 or each * processes <= cores
    assert threads.decode_threads(each) == max(1, min(each, int(cores) - 1))
    assert threads.prompt_threads(8_000_000, 1) == 1
