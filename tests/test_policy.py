"""Policies: chances, not choices."""

from hypothesis import given
from hypothesis import strategies as st

from blend.conversation import Conversation
from blend.policy import POLICIES


@given(st.lists(st.text(min_size=1), min_size=1, max_size=9, unique=True))
def test_chances_sum_to_one_over_exactly_the_members(members):
    for policy in POLICIES.values():
        chances = policy().chances(members, Conversation())
        assert list(chances) == members
        assert abs(sum(chances.values()) - 1) < 1e-9
        assert min(chances.values()) >= 0


def test_uniform_gives_each_the_same():
    assert POLICIES["uniform"]().chances(["a", "b"], Conversation()) == {"a": 0.5, "b": 0.5}
