"""Best of n in a roster: one reward model for several members, and what is wrong in one line."""

from dataclasses import replace

import pytest
import tiny_models
from best_of_n import WARM
from replies import reply
from rosters import refused, roster

from blend.roster.contender import config, contender_id, digest
from blend.roster.loading import load_all, load_member

pytestmark = pytest.mark.anyio
ROSTER = """
[[member]]
name = "a"
path = "llama"
engine = "generate"
[member.best_of]
n = 3
reward = "reward"
reward_window = 64
[[member]]
name = "b"
engine = "scripted"
[member.best_of]
n = 2
reward = "reward"
reward_window = 64
[[blend]]
name = "Both"
members = ["a", "b"]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    root = tmp_path_factory.mktemp("best")
    tiny_models.save("llama", root / "llama")
    tiny_models.save("llama", root / "reward", "SequenceClassification", num_labels=1)
    return root


async def test_a_roster_names_one_reward_model_for_several_members(place):
    a, b = (member for _, member in load_all(roster(place, ROSTER).members))
    assert a._reward_model is b._reward_model and (a.name, a.device, b.device) == (
        "a",
        "CPU",
        "scripted",
    )
    assert "".join(await reply(a, sampling=replace(WARM, seed=1))).strip()
    await a.aclose()
    await b.aclose()
    assert a.down == b.down == "it was closed"


def test_the_contender_follows_n_and_the_reward_model(place):
    made = roster(place, ROSTER)
    spec = made.members[1]
    contest = spec.best_of
    changed = [
        spec,
        replace(spec, best_of=replace(contest, n=3)),
        replace(spec, best_of=replace(contest, reward=replace(contest.reward, window=32))),
        replace(spec, best_of=None),
    ]
    single = made.contenders[2]
    ids = {
        contender_id(config(single, made, {"b": digest(each, load_member(each))}))
        for each in changed
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('reward = "reward"', "", "best_of.* of member 'a' needs a 'reward'"),
        ("n = 3", "n = 0", "best_of of member 'a': n must lie between 1 and 64, not 0"),
        ("n = 3", "m = 3", "unknown key 'm' in .*best_of"),
        ("64", "0", "reward_window must be at least 1"),
        ('"reward"', '"rewards"', "no reward model in the folder .*rewards"),
        ('"reward"', '"./x/reward"', "no reward model in the folder"),
        ('"reward"', '"reward"\ntemplate = "none"', "no template 'none'"),
        ("[member.best_of]", "sampling = {temperature = 0}\n[member.best_of]", "member 'a': best"),
    ],
)
def test_what_is_wrong_in_a_roster_is_named_in_one_line(place, tmp_path, old, new, said):
    (tmp_path / "llama").symlink_to(place / "llama")
    (tmp_path / "reward").symlink_to(place / "reward")
    refused(tmp_path, ROSTER.replace(old, new, 1), said)


def test_an_id_on_the_hub_is_kept_as_it_is(place, tmp_path):
    (tmp_path / "llama").symlink_to(place / "llama")
    made = roster(tmp_path, ROSTER.replace('"reward"', '"someone/reward"'))
    assert made.members[0].best_of.reward.source == "someone/reward"
