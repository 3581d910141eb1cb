"""A panel in a roster: what is accepted, what is said of the rest, and the contender's id."""

import pytest
from rosters import refused, roster

from blend.panel import Panel
from blend.policies.policy_file import PolicyError
from blend.policies.registry import make_policy
from blend.roster.contender import assemble, config, contender_id, digest
from blend.roster.loading import load_member

ROSTER = """
[[member]]
name = "oak"
lines = ["Oak"]
[[member]]
name = "elm"
lines = ["Elm"]
[[member]]
name = "judge"
lines = ["A"]
[[blend]]
name = "Council"
members = ["oak", "elm"]
policy = "panel"
judge = "judge"
"""
JUDGE = 'judge = "judge"'


def test_a_panel_is_assembled_of_its_members_and_its_judge(tmp_path):
    council = roster(tmp_path, ROSTER)
    spec, members = council.blends[0], {each.name: load_member(each) for each in council.members}
    made = assemble(spec, members)

    assert isinstance(made, Panel) and made.judge is members["judge"]
    assert spec.needs == ("oak", "elm", "judge") and [*made.members] == ["oak", "elm"]
    assert [each.name for each in made.writers] == ["oak", "elm"]
    text = ROSTER.replace(JUDGE, 'judge = "elm"\nwrite = true')
    writing = roster(tmp_path, text).blends[0]
    assert writing.needs == ("oak", "elm") and writing.options["write"]


def test_the_id_covers_the_judge_what_it_does_and_what_it_is(tmp_path):
    def id_of(text: str) -> str:
        made = roster(tmp_path, text)
        digests = {spec.name: digest(spec, load_member(spec)) for spec in made.members}
        return contender_id(config(made.blends[0], made, digests))

    others = ((JUDGE, 'judge = "elm"'), (JUDGE, f"{JUDGE}\nwrite = true"), ('"A"', '"B"'))
    assert id_of(ROSTER) == id_of(ROSTER)
    assert len({id_of(ROSTER), *(id_of(ROSTER.replace(*change)) for change in others)}) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (JUDGE, "", "blend 'Council' needs a judge, .* as in judge = .oak"),
        (
            JUDGE,
            'judge = "jugde"',
            "judge of .*: no member 'jugde'; did you mean 'judge'",
        ),
        (JUDGE, 'judge = "oak"\nwrite = 1', "write"),
        (JUDGE, 'judge = "oak"\nepsilon = 0.1', "epsilon is for the policy .*, not for 'panel'"),
        ('"panel"', '"uniform"', "judge is for the policy 'panel', not for 'uniform'"),
        ('"oak", ', "", "a panel has 2 to 26 members, not 1"),
        ('["A"]', '["A"]\nretired = true', "judge of blend 'Council': no member 'judge'"),
        (
            '["A"]',
            '["A"]\n[member.best_of]\nreward = "."',
            "'judge' writes the best of several, name another",
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, said):
    (tmp_path / "config.json").write_text("{}")  # the folder looks like a reward model
    refused(tmp_path, ROSTER.replace(old, new), said)


def test_a_panel_is_taken_apart_into_panels(tmp_path):
    three = ROSTER.replace('"oak", "elm"]', '"oak", "elm", "judge"]')
    parts = roster(tmp_path, f"{three}[ablation]\nleave_one_out = true").parts
    assert {part.members for part in parts} == {
        ("oak", "elm"),
        ("oak", "judge"),
        ("elm", "judge"),
    }
    assert {(part.policy, part.judge) for part in parts} == {("panel", "judge")}


def test_a_panel_has_no_chances_to_judge():
    with pytest.raises(PolicyError, match="'panel' draws nobody"):
        make_policy("panel", {"judge": "oak", "write": False}, ["oak", "elm"])
