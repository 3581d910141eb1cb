"""Arms: the same one everywhere and always, in the shares that were asked for."""

from collections import Counter

import pytest
from rosters import refused, roster

from blend.roster import RosterError
from blend.roster.experiment import Experiment, read_experiment

MEMBERS = "".join(f'[[member]]\nname = "{name}"\nengine = "scripted"\n' for name in "ab")
GOOD = f'{MEMBERS}[[blend]]\nname = "Both"\nmembers = ["a", "b"]\n'
TABLE = '\n[experiment]\nname = "trial"\nsalt = "pepper"\narms = { Both = 2, a = 1 }\n'


def three(salt="pepper", name="trial"):
    return Experiment(name, {"a": 1.0, "b": 2.0, "c": 5.0}, "a", salt)


def test_an_arm_never_changes():
    """Golden: another process, machine or version must give the same arms."""
    arms = [three().arm(f"visitor-{n}") for n in range(12)]
    assert "".join(arms) == "accbcabbcbcc"
    assert {three().arm(odd) for odd in ("", "\0", "\ud800", "x" * 10_000)} <= {"a", "b", "c"}


@pytest.mark.parametrize("salt", ["pepper", "", "ünïcode", "x" * 500])
def test_shares_are_met(salt):
    """Chi-square with 2 degrees of freedom: 13.8 is passed once in a thousand times."""
    shares, n = three(salt), 40_000
    found = Counter(shares.arm(f"018f3c2a-{n:012x}") for n in range(n))
    expected = {name: n * share / 8 for name, share in shares.arms.items()}
    assert sum((found[a] - e) ** 2 / e for a, e in expected.items()) < 13.8


@pytest.mark.parametrize("change", [{"salt": "salt"}, {"name": "second trial"}])
def test_another_salt_or_name_draws_anew(change):
    """Two draws agree where chance makes them: Σ share² = 30/64 of the time."""
    old, new = three(), three(**change)
    same = sum(old.arm(str(n)) == new.arm(str(n)) for n in range(4000)) / 4000
    assert same == pytest.approx(30 / 64, abs=0.04)


def test_a_part_of_a_blend_can_be_an_arm(tmp_path):
    table = TABLE.replace("a = 1", '"3 × a" = 1')
    made = roster(tmp_path, GOOD + "\n[ablation]\ncopies = 3\n" + table)
    assert dict(made.experiment.arms) == {"Both": 2.0, "3 × a": 1.0}
    assert made.experiment.control == "Both" and "pepper" not in repr(made.experiment)
    arms = {made.experiment.arm(str(n)) for n in range(40)}
    assert arms == {"Both", "3 × a"} <= {spec.name for spec in made.contenders}


def test_the_salt_can_come_from_the_environment(monkeypatch):
    table = {"name": "trial", "arms": {"a": 1, "b": 1}, "salt_env": "TRIAL_SALT"}
    with pytest.raises(RosterError, match="set the environment variable TRIAL_SALT"):
        read_experiment(table, "ab")
    monkeypatch.setenv("TRIAL_SALT", "pepper")
    assert read_experiment(table, "ab").salt == "pepper"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "trial"', "", "needs a 'name'"),
        ("a = 1", "c = 1", "no contender 'c'"),
        ("a = 1", "a = 0", "the share of 'a' must be above 0, not 0"),
        ("a = 1", "a = true", "the share of 'a' must be above 0"),
        ("a = 1", 'a = "half"', "the share of 'a' must be above 0"),
        (", a = 1", "", "needs two arms at least"),
        ("arms = { Both = 2, a = 1 }", 'arms = ["Both"]', "'arms' in .* its type is wrong"),
        ('salt = "pepper"', "", "needs either `salt`, .* or `salt_env`"),
        ('salt = "pepper"', 'salt = "x"\nsalt_env = "Y"', "needs either"),
        ('salt = "pepper"', 'salt = "x"\ncontrol = "b"', "the control 'b' is no arm"),
        ('salt = "pepper"', 'salt = "x"\narm = "b"', "unknown key 'arm' in the .*mean 'arms'"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path, old, new, said):
    refused(tmp_path, GOOD + TABLE.replace(old, new), said)
