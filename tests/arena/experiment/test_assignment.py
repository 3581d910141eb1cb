"""Who writes for whom: the focus, the arm, or what the host looks at with the right key."""

import pytest

from arena.experiment.assignment import Assignment, assign, preview_arm
from blend.roster.experiment import Experiment

TRIAL = Experiment("trial", {"Blended": 1.0, "alder": 1.0}, "alder", "pepper")


def test_without_an_experiment_everybody_gets_the_blend():
    assert {assign("Blended", None, f"v{n}") for n in range(50)} == {Assignment("Blended")}


def test_in_an_experiment_a_visitor_keeps_the_arm():
    given = [assign("Blended", TRIAL, f"v{n}") for n in range(50)]
    assert given == [assign("Blended", TRIAL, f"v{n}") for n in range(50)]
    assert {each.exposure for each in given} == {("trial", "Blended"), ("trial", "alder")}
    assert all(each.contender == each.exposure[1] and not each.preview for each in given)


def test_a_preview_is_of_any_contender_and_exposes_nobody():
    assert assign("Blended", TRIAL, "v", "birch") == Assignment("birch", None, preview=True)


@pytest.mark.parametrize(
    ("arm", "host", "shown"),
    [("birch", True, "birch"), ("birch", False, ""), ("nobody", True, ""), ("", True, "")],
)
def test_a_preview_is_for_the_host_and_of_a_contender(arm, host, shown):
    assert preview_arm(["Blended", "birch"], arm, host) == shown
