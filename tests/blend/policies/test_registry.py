"""What a roster may tell a policy, and the one line for what it may not."""

from pathlib import Path

import numpy as np
import pytest

from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.policy_file import policy_text
from blend.policies.registry import make_policy, policy_identity
from blend.policies.sequence import FixedSequence
from blend.policies.sticky import Sticky
from blend.roster import RosterError
from blend.roster.policy_options import read_options

MEMBERS = ("a", "b", "c")


def read(policy: str, **entry) -> dict:
    return read_options(entry, policy, MEMBERS, Path(), "blend 'B'")


def test_uniform_is_told_nothing_and_keeps_its_short_name():
    assert read("uniform") == {} and policy_identity("uniform", {}) == "uniform"


def test_weights_not_named_are_one_and_the_floor_is_told():
    made = make_policy("weighted", read("weighted", weights={"a": 2}), MEMBERS)
    assert made.weights == {"a": 2.0, "b": 1.0, "c": 1.0} and made.epsilon == 0.02


def test_the_usual_floor_leaves_room_in_a_large_blend():
    members = [f"m{n}" for n in range(40)]
    assert read_options({}, "thompson", members, Path(), "")["epsilon"] == pytest.approx(1 / 400)


def test_a_round_robin_goes_in_the_rosters_order():
    assert make_policy("round-robin", read("round-robin", epsilon=0), MEMBERS).order == MEMBERS


def test_how_long_a_sticky_policy_stays_is_told_and_part_of_the_contender():
    stay, turns = read("sticky", stay=1), read("sticky", turns=2, epsilon=0)
    assert (stay, turns) == ({"epsilon": 0.02, "stay": 1.0}, {"epsilon": 0.0, "turns": 2})
    assert make_policy("sticky", stay, MEMBERS) == Sticky(stay=1.0)
    assert policy_identity("sticky", turns) == {"name": "sticky", "epsilon": 0.0, "turns": 2}


def test_a_sequence_is_of_the_blends_members_and_part_of_the_contender():
    options = read("sequence", sequence=["a", "a", "c"], epsilon=0)
    assert options == {"epsilon": 0.0, "sequence": ["a", "a", "c"]}
    assert make_policy("sequence", options, MEMBERS) == FixedSequence(["a", "a", "c"], 0.0)
    assert policy_identity("sequence", options) == {"name": "sequence", **options}


def test_a_fitted_policy_is_found_from_the_roster_and_known_by_its_content(tmp_path):
    traits = HistoryFeatures(HashedNgrams(4), MEMBERS)
    fitted = Learned(traits, np.zeros((traits.size, 3)), np.zeros(3), 2.0)
    for name in ("one.json", "copy.json"):
        (tmp_path / name).write_text(policy_text(fitted))
    one, copy = (
        read_options({"policy_file": f}, "learned", MEMBERS, tmp_path, "")
        for f in ("one.json", "copy.json")
    )

    assert policy_identity("learned", one) == policy_identity("learned", copy)
    made = make_policy("learned", one, MEMBERS)
    assert (made.inverse_temperature, made.epsilon, made.reads_message) == (2.0, 0.02, True)
    with pytest.raises(RosterError, match="fitted for a, b, c, not for a, b"):
        read_options({"policy_file": "one.json"}, "learned", MEMBERS[:2], tmp_path, "")


@pytest.mark.parametrize(
    ("policy", "entry", "said"),
    [
        ("wieghted", {}, "no policy 'wieghted'; did you mean 'weighted'"),
        ("uniform", {"epsilon": 0.1}, "epsilon is for the policy 'weighted' or .*'uniform'"),
        ("no-repeat", {"weights": {}}, "weights is for the policy 'weighted', not"),
        ("thompson", {"epsilon": 0.4}, "between 0 and 1/3, not 0.4"),
        ("thompson", {"epsilon": float("nan")}, "between 0 and 1/3"),
        ("sticky", {}, "needs one of `stay`, .*, and `turns`"),
        ("sticky", {"stay": 0.5, "turns": 2}, "needs one of `stay`"),
        ("sticky", {"stay": 1.2}, "between 0 and 1, not 1.2"),
        ("sticky", {"stay": float("nan")}, "stay, a chance, must lie between"),
        ("sticky", {"turns": 0}, "must be at least 1, not 0"),
        ("no-repeat", {"turns": 2}, "turns is for the policy 'sticky', not for 'no-repeat'"),
        ("sequence", {}, "'B' needs a sequence .* sequence = ..a., .a., .c..$"),
        ("sequence", {"sequence": ["a", "d"]}, "sequence of blend 'B': no member 'd'; known are"),
        ("uniform", {"sequence": ["a"]}, "sequence is for the policy 'sequence', not for"),
        ("learned", {}, "needs a policy_file: make one with python -m arena fit"),
        ("learned", {"policy_file": "no.json"}, "no.json: cannot be read"),
        ("uniform", {"policy_file": "no.json"}, "policy_file is for the policy 'learned', not"),
        ("weighted", {"weights": {"d": 1}}, "no member 'd'"),
        ("weighted", {"weights": {"a": -1}}, "a must be a number ≥ 0, not -1"),
        ("weighted", {"weights": {"a": True}}, "must be a number"),
        ("weighted", {"weights": {"a": 0, "b": 0, "c": 0}}, "all zero"),
    ],
)
def test_what_is_wrong_is_said(policy, entry, said):
    with pytest.raises(RosterError, match=said):
        read(policy, **entry)
