"""Who writes for whom: the focus, the arm, or what the host looks at with the right key."""

from dataclasses import replace

import pytest

from arena.experiment.assignment import Assignment, preview_arm
from arena.site.site import Site
from blend.roster import read
from blend.roster.experiment import Experiment

TRIAL = Experiment("trial", {"Blended": 1.0, "alder": 1.0}, "alder", "pepper")


def assigned(store, trial, preview=""):
    """Whom each of 50 visitors gets."""
    site = Site(replace(read("scripted"), experiment=trial), store)
    return [site.assignment(f"v{n}", preview) for n in range(50)]


def test_without_an_experiment_everybody_gets_the_blend(store):
    assert {*assigned(store, None)} == {Assignment("Blended")}


def test_in_an_experiment_a_visitor_keeps_the_arm(store):
    given = assigned(store, TRIAL)
    assert given == assigned(store, TRIAL)
    assert {each.exposure for each in given} == {("trial", "Blended"), ("trial", "alder")}
    assert all(each.contender == each.exposure[1] and not each.preview for each in given)


def test_a_preview_is_of_any_contender_and_exposes_nobody(store):
    assert {*assigned(store, TRIAL, "birch")} == {Assignment("birch", None, preview=True)}


@pytest.mark.parametrize(
    ("arm", "host", "shown"),
    [("birch", True, "birch"), ("birch", False, ""), ("nobody", True, ""), ("", True, "")],
)
def test_a_preview_is_for_the_host_and_of_a_contender(arm, host, shown):
    assert preview_arm(["Blended", "birch"], arm, host) == shown
