"""Sampling settings: their ranges, and what an engine refuses."""

import pytest

from blend.members import Sampling, SamplingError


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("temperature", -0.1),
        ("temperature", "hot"),
        ("temperature", float("nan")),
        ("top_p", 0.0),
        ("top_p", 1.1),
        ("top_k", 1.5),
        ("max_tokens", 0),
        ("min_p", True),
        ("repetition_penalty", 0),
    ],
)
def test_a_value_out_of_range_is_named(setting, value):
    with pytest.raises(SamplingError, match=setting):
        Sampling(**{setting: value})


def test_only_what_does_something_can_be_refused():
    Sampling(top_p=1.0, max_tokens=5, stop=("\n",)).refuse_unless((), "paged", "remove it")
    with pytest.raises(SamplingError, match=r"min_p cannot be honoured by the engine 'paged'"):
        Sampling(min_p=0.1).refuse_unless({"top_p"}, "paged", "remove it")
