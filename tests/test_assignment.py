"""Who writes for whom: the focus, the arm, or what the host looks at with the right key."""

from dataclasses import replace

import pytest

from arena.assignment import Assignment, assigned, previewed
from blend.experiment import Experiment
from blend.roster import read


@pytest.fixture
def roster():
    plain = read("scripted")
    trial = Experiment("trial", {"Blended": 1.0, "alder": 1.0}, "alder", "pepper")
    return replace(plain, experiment=trial)


def test_without_an_experiment_everybody_gets_the_blend(roster):
    plain = replace(roster, experiment=None)
    assert {assigned(plain, f"v{n}") for n in range(50)} == {Assignment("Blended")}


def test_in_an_experiment_a_visitor_keeps_the_arm(roster):
    given = [assigned(roster, f"v{n}") for n in range(50)]
    assert given == [assigned(roster, f"v{n}") for n in range(50)]
    assert {each.exposure for each in given} == {("trial", "Blended"), ("trial", "alder")}
    assert all(each.contender == each.exposure[1] and not each.preview for each in given)


def test_a_preview_is_of_any_contender_and_exposes_nobody(roster):
    assert assigned(roster, "v", "birch") == Assignment("birch", None, preview=True)


@pytest.mark.parametrize(
    ("arm", "host", "shown"),
    [("birch", True, "birch"), ("birch", False, ""), ("nobody", True, ""), ("", True, "")],
)
def test_a_preview_is_for_the_host_and_of_a_contender(roster, arm, host, shown):
    assert previewed(roster, arm, host) == shown
