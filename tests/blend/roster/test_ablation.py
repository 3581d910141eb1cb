"""A blend taken apart: which contenders come of it, and what may not be asked."""

import asyncio

import pytest
from rosters import refused, roster

from blend.conversation import Conversation
from blend.roster.contender import assemble, config, contender_id
from blend.roster.loading import load_all

ROSTER = """
{members}
[[blend]]
name = "All"
members = ["a", "b", "c", "d"]
{policy}
[ablation]
{ablation}
"""
MEMBERS = "\n".join(f'[[member]]\nname = "{name}"\nengine = "scripted"' for name in "abcd")


def text(ablation: str, policy: str = "") -> str:
    return ROSTER.format(members=MEMBERS, ablation=ablation, policy=policy)


def parts(tmp_path, ablation: str, policy: str = "") -> dict[str, str]:
    made = roster(tmp_path, text(ablation, policy)).parts
    return {part.name: "".join(part.members) for part in made}


def test_each_member_is_left_out_once(tmp_path):
    without = {"All without a": "bcd", "All without b": "acd"}
    without |= {"All without c": "abd", "All without d": "abc"}
    assert parts(tmp_path, "leave_one_out = true") == without


def test_subsets_up_to_a_size_and_no_set_of_members_twice(tmp_path):
    assert len(parts(tmp_path, "subsets = 2")) == 6
    both = parts(tmp_path, "subsets = 4\nleave_one_out = true")
    assert len(both) == 6 + 4 and "a + b" in both and "All without a" in both
    pair = parts(tmp_path, "subsets = 2", '[[blend]]\nname = "Pair"\nmembers = ["b", "a"]')
    assert len(pair) == 5 and "a + b" not in pair
    refused(tmp_path, text("subsets = 1"), "makes no contender")


def test_parts_draw_by_the_policy_of_the_whole(tmp_path):
    policy = 'policy = "weighted"\nweights = { a = 3, d = 2 }\nepsilon = 0.05'
    part = roster(tmp_path, text("leave_one_out = true", policy)).parts[0]
    assert (part.name, part.policy) == ("All without a", "weighted")
    assert part.options == {"weights": {"b": 1, "c": 1, "d": 2}, "epsilon": 0.05}


def test_parts_are_contenders_with_colours_and_ids_of_their_own(tmp_path):
    made = roster(tmp_path, text('leave_one_out = true\ncopies = 2\ncopied = ["a"]'))
    digests = dict.fromkeys("abcd", "1")
    ids = {contender_id(config(spec, made, digests)) for spec in made.contenders}
    assert len(ids) == len(made.contenders) == 1 + 4 + 4 + 1
    assert made.colours["a #1"] == made.colours["a"]
    copies = config(made.parts[-1], made, digests)["members"]
    assert [(m["name"], m["of"], m["copy"]) for m in copies] == [("a #1", "a", 1), ("a #2", "a", 2)]


def test_a_blend_of_copies_is_one_model_under_several_names(tmp_path):
    made = roster(tmp_path, text('copies = 3\ncopied = ["a"]'))
    members = {spec.name: member for spec, member in load_all(made.members)}
    (only,) = made.parts
    assert (only.name, only.members) == ("3 × a", ("a",))
    blend = assemble(only, members)

    async def run():
        return [[t async for t in blend.reply(Conversation().ask("Hi"))][-1] for _ in range(40)]

    turns = asyncio.run(run())
    assert {turn.draw.member for turn in turns} == {"a #1", "a #2", "a #3"} == {*only.drawn_members}
    assert {turn.draw.chance for turn in turns} == {1 / 3}
    assert len(members["a"].received) == 40 and not members["b"].received


@pytest.mark.parametrize(
    ("ablation", "said"),
    [
        ("subset = 2", "unknown key 'subset'"),
        ('of = "Al"', "no blend 'Al'; did you mean 'All'"),
        ("subsets = 5", "subsets must lie between 0 and 4"),
        ("copies = 1", "copies must be 0 or at least 2, not 1"),
        ('copies = 2\ncopied = ["x"]', "no member 'x' in 'All'"),
        ("", "makes no contender: set leave_one_out"),
    ],
)
def test_what_makes_no_ablation_is_said(tmp_path, ablation, said):
    refused(tmp_path, text(ablation), said)


def test_a_blend_that_follows_a_pattern_is_not_taken_apart(tmp_path):
    pattern = 'policy = "sequence"\nsequence = ["a", "b", "c", "d"]'
    why = "'All' draws by a pattern of all of its members: take"
    refused(tmp_path, text("leave_one_out = true", pattern), why)
