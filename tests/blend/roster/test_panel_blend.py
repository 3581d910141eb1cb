"""A panel in a roster: what is accepted, what is said of the rest, and the contender's id."""

import pytest

from blend.panel import Panel
from blend.policies.policy_file import PolicyError
from blend.policies.registry import make_policy
from blend.roster import RosterError, read
from blend.roster.contender import assemble, config, contender_id, digest
from blend.roster.loading import load_member

MEMBERS = """
[[member]]
name = "oak"
lines = ["Oak"]
[[member]]
name = "elm"
lines = ["Elm"]
[[member]]
name = "judge"
lines = ["A"]
"""
BLEND = """
[[blend]]
name = "Council"
members = ["oak", "elm"]
"""
PANEL = 'policy = "panel"\n'


def council(folder, keys='judge = "judge"', members=MEMBERS, policy=PANEL):
    (folder / "r.toml").write_text(f"{members}{BLEND}{policy}{keys}")
    return read(folder / "r.toml")


def id_of(roster) -> str:
    digests = {spec.name: digest(spec, load_member(spec)) for spec in roster.members}
    return contender_id(config(roster.blends[0], roster, digests))


def test_a_panel_is_assembled_of_its_members_and_its_judge(tmp_path):
    spec = council(tmp_path).blends[0]
    members = {each.name: load_member(each) for each in council(tmp_path).members}
    made = assemble(spec, members)

    assert isinstance(made, Panel) and made.judge is members["judge"]
    assert spec.needs == ("oak", "elm", "judge") and [*made.members] == ["oak", "elm"]
    assert [each.name for each in made.writers] == ["oak", "elm"]
    writing = council(tmp_path, 'judge = "elm"\nwrite = true').blends[0]
    assert writing.needs == ("oak", "elm") and writing.options["write"]


def test_the_id_covers_the_judge_what_it_does_and_what_it_is(tmp_path):
    plain = council(tmp_path)
    others = (
        council(tmp_path, 'judge = "elm"'),
        council(tmp_path, 'judge = "judge"\nwrite = true'),
        council(tmp_path, members=MEMBERS.replace('"A"', '"B"')),
    )
    assert id_of(plain) == id_of(council(tmp_path))
    assert len({id_of(roster) for roster in (plain, *others)}) == 4


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "blend 'Council' needs a judge, .* as in judge = .oak"),
        ('judge = "jugde"', "judge of blend 'Council': no member 'jugde'; did you mean 'judge'"),
        ('judge = "oak"\nwrite = 1', "write"),
        ('judge = "oak"\nepsilon = 0.1', "epsilon is for the policy .*, not for 'panel'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, keys, said):
    with pytest.raises(RosterError, match=said):
        council(tmp_path, keys)


def test_a_judge_is_up_and_answers_once(tmp_path):
    retired = MEMBERS.replace('lines = ["A"]', 'lines = ["A"]\nretired = true')
    with pytest.raises(RosterError, match="judge of blend 'Council': no member 'judge'"):
        council(tmp_path, members=retired)
    (tmp_path / "config.json").write_text("{}")
    several = f'{MEMBERS}[member.best_of]\nreward = "."\n'
    with pytest.raises(RosterError, match="'judge' writes the best of several, name another"):
        council(tmp_path, members=several)


def test_one_member_is_no_panel(tmp_path):
    (tmp_path / "r.toml").write_text(f'{MEMBERS}{BLEND}{PANEL}judge = "elm"'.replace('"oak", ', ""))
    with pytest.raises(RosterError, match="a panel has 2 to 26 members, not 1"):
        read(tmp_path / "r.toml")


def test_the_keys_of_a_panel_are_no_others(tmp_path):
    with pytest.raises(RosterError, match="judge is for the policy 'panel', not for 'uniform'"):
        council(tmp_path, 'judge = "elm"', policy='policy = "uniform"\n')


def test_a_panel_is_taken_apart_into_panels(tmp_path):
    three = BLEND.replace('"elm"', '"elm", "judge"')
    (tmp_path / "r.toml").write_text(
        f'{MEMBERS}{three}{PANEL}judge = "judge"\n[ablation]\nleave_one_out = true'
    )
    parts = read(tmp_path / "r.toml").parts
    assert {part.members for part in parts} == {
        ("oak", "elm"),
        ("oak", "judge"),
        ("elm", "judge"),
    }
    assert {(part.policy, part.judge) for part in parts} == {("panel", "judge")}


def test_a_panel_has_no_chances_to_judge():
    with pytest.raises(PolicyError, match="'panel' draws nobody"):
        make_policy("panel", {"judge": "oak", "write": False}, ["oak", "elm"])
