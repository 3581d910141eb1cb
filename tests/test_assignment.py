"""Who writes for whom: the focus, the arm, or what the host looks at with the right key."""

from dataclasses import replace

import pytest

from arena.assignment import HOST_KEY, Assignment, assigned, previewed
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
    ("arm", "key", "shown"),
    [
        ("birch", "open sesame", "birch"),
        ("birch", "open", ""),
        ("birch", "", ""),
        ("birch", "öpen \ud800", ""),
        ("nobody", "open sesame", ""),
        ("", "open sesame", ""),
    ],
)
def test_a_preview_needs_the_key_and_a_contender(roster, monkeypatch, arm, key, shown):
    monkeypatch.setenv(HOST_KEY, "open sesame")
    assert previewed(roster, arm, key) == shown


def test_without_a_key_there_are_no_previews(roster, monkeypatch):
    monkeypatch.delenv(HOST_KEY, raising=False)
    assert previewed(roster, "birch", "") == ""
