"""Zeros that nobody uses take no memory, and are zeros all the same."""

import sys

import psutil
import pytest

torch = pytest.importorskip("torch")

from blend.members.untouched import give_back  # noqa: E402


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked")
def test_zeros_given_back_take_no_memory_and_are_zeros_still():
    process, size = psutil.Process(), 64 << 20
    zeros = torch.zeros(size + 1, dtype=torch.uint8)
    held = process.memory_info().rss
    give_back(zeros)

    assert held - process.memory_info().rss > 0.9 * size
    zeros[size // 2] = 7
    assert (int(zeros.sum()), int(zeros[0]), int(zeros[-1])) == (7, 0, 0)


def test_less_than_a_page_is_left_alone():
    few = torch.zeros(10, dtype=torch.uint8)
    give_back(few)

    assert few.tolist() == [0] * 10
