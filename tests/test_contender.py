"""A contender's id changes with what changes its replies, and with nothing else."""

import asyncio
import threading
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import psutil
import pytest
import tiny

from blend.contender import assemble, config, contender_id, digest, load, load_all
from blend.conversation import Conversation
from blend.grams import Hashed
from blend.learned import Learned
from blend.members import MemberError
from blend.members.remote import Remote
from blend.policyfile import identities, text
from blend.roster import RosterError, read
from blend.traits import Traits
from tests.conftest import lasting

DIGESTS = {"alder": "1", "birch": "2", "cedar": "3"}


def test_the_id_follows_weights_sampling_members_and_policy():
    roster = read("scripted")
    focus, single = roster.contenders[0], roster.contenders[1]
    ids = {
        contender_id(config(focus, roster, DIGESTS)),
        contender_id(config(single, roster, DIGESTS)),
        contender_id(config(focus, roster, DIGESTS | {"birch": "other"})),
        contender_id(config(replace(focus, members=focus.members[:2]), roster, DIGESTS)),
    }
    assert len(ids) == 4


def test_the_id_does_not_follow_the_host(tmp_path):
    roster = read("scripted")
    moved = replace(roster, path=tmp_path)
    first = roster.contenders[0]
    assert contender_id(config(first, roster, DIGESTS)) == contender_id(
        config(first, moved, DIGESTS)
    )


def test_a_remote_member_is_known_by_its_model_and_not_by_where_it_is(tmp_path):
    near = read("remote")
    members = [
        replace(m, options={"address": replace(m.options["address"], base_urls=("http://x/v1",))})
        for m in near.members
    ]
    renamed = [replace(m, model=f"{m.model}-2") for m in near.members]

    def ids(members):
        loaded = {m.name: Remote(m.name, m.model, m.sampling, **m.options, key="") for m in members}
        digests = {m.name: digest(m, loaded[m.name]) for m in members}
        roster = replace(near, members=tuple(members))
        return [contender_id(config(c, roster, digests)) for c in roster.contenders]

    assert ids(near.members) == ids(members) and not set(ids(members)) & set(ids(renamed))


def test_members_become_a_blend():
    roster = read("scripted")
    members = {spec.name: load(spec) for spec in roster.members}
    blend = assemble(roster.contenders[0], members)
    assert list(blend.members) == ["alder", "birch", "cedar"]


@pytest.mark.parametrize(
    "told", [{"quantise": "4bit"}, {"variables": {"user_name": "Sam"}}], ids=str
)
def test_the_id_follows_how_the_weights_are_read_and_who_speaks(told):
    roster = read("scripted")
    first = replace(roster.members[0], options=roster.members[0].options | told)
    other = replace(roster, members=(first, *roster.members[1:]))
    moved = replace(roster.members[0], options=roster.members[0].options | {"device": "cuda:1"})
    elsewhere = replace(roster, members=(moved, *roster.members[1:]))
    focus = roster.contenders[0]

    ids = [contender_id(config(focus, r, DIGESTS)) for r in (roster, other, elsewhere)]

    assert ids[0] == ids[2] != ids[1]


def written(place, folders, kinds):
    """A roster of tiny models, one of each kind, and their blend."""
    members = [
        f'[[member]]\nname = "{kind}"\npath = "{folders[kind]}"\nthreads = 1\n'
        + f'engine = "{"generate" if kind in tiny.PLAIN else "paged"}"\n'
        + "[member.sampling]\ntemperature = 2.0\nmax_tokens = 8\n"
        for kind in kinds
    ]
    names = ", ".join(f'"{kind}"' for kind in kinds)
    place.write_text("".join(members) + f'[[blend]]\nname = "All"\nmembers = [{names}]\n')
    return read(place)


def test_six_shapes_of_models_stream_in_one_blend(folders, tmp_path):
    kinds = ("llama", "qwen3", "gemma3_text", "gpt_neox", "gptj", "mamba")
    roster = written(tmp_path / "six.toml", folders, kinds)
    members = {spec.name: member for spec, member in load_all(roster.members)}
    blend = assemble(replace(roster.blends[0], seed=3), members)

    async def converse():
        conversation, heard = Conversation(), set()
        for n in range(60):
            conversation = conversation.ask(f"Question {n}?")
            async with aclosing(blend.reply(conversation)) as turns:
                states = [turn async for turn in turns]
            assert states[-1].finished and states[-1].error is None
            if len({turn.reply for turn in states}) > 2:  # it grew word by word
                heard.add(states[-1].draw.member)
            conversation = conversation.answered(states[-1])
            if heard == set(kinds):
                break
        await asyncio.gather(*(member.aclose() for member in members.values()))
        return heard

    assert asyncio.run(converse()) == set(kinds)


def test_a_shape_without_pages_is_sent_to_the_other_engine(folders, tmp_path):
    roster = written(tmp_path / "one.toml", folders, ["mamba"])
    wrong = replace(roster.members[0], engine="paged")

    with pytest.raises(MemberError, match=r'mamba has no paged attention: .* engine = "generate"'):
        dict(load_all([wrong]))


def fitted(folder, identities: dict[str, str]):
    """The focus of the scripted roster, with a policy fitted for members of these identities."""
    focus = read("scripted").contenders[0]
    traits = Traits(Hashed(4), focus.members)
    policy = Learned(traits, np.zeros((traits.size, 3)), np.zeros(3), 2.0, identities)
    (folder / "policy.json").write_text(text(policy))
    return replace(focus, policy="learned", options={"policy_file": folder / "policy.json"})


def test_a_policy_fitted_for_other_weights_is_refused(tmp_path):
    roster = read("scripted")
    now = config(roster.contenders[0], roster, DIGESTS)
    then = config(roster.contenders[0], roster, DIGESTS | {"birch": "other"})
    members = {spec.name: load(spec) for spec in roster.members}

    same = fitted(tmp_path, identities(now["members"]))
    assert assemble(same, members, now).policy.reads_message
    other = fitted(tmp_path, identities(then["members"]))
    with pytest.raises(RosterError, match="fitted for another 'birch' than this one"):
        assemble(other, members, now)
    (tmp_path / "policy.json").write_text("gone")
    with pytest.raises(RosterError, match="no policy file"):
        assemble(other, members, now)


def test_gguf_members_start_side_by_side_and_those_that_nobody_waits_for_end():
    others = {*psutil.Process().children(recursive=True)}  # of fixtures
    coming = load_all(read("embedded").members)
    spec, first = next(coming)
    assert spec.name == "smalltalk"
    begun = {thread.name for thread in threading.enumerate()}
    left = [name for name in ("trivia", "concierge", "mixed") if f"{name}-load" in begun]
    started = [p for p in psutil.Process().children(recursive=True) if p not in others]
    coming.close()
    asyncio.run(first.aclose())
    assert left or len(started) == 4 * 2  # a server and its guard for each
    assert psutil.wait_procs(started, timeout=30)[1] == []
    assert lasting({t for t in threading.enumerate() if "-load" not in t.name}) == []


def test_a_gguf_member_that_cannot_start_is_named_and_the_others_end(tmp_path):
    shipped, before = read("embedded").members[0], set(threading.enumerate())
    (tmp_path / "cut.gguf").write_bytes(b"GGUF")
    cut = replace(shipped, name="cut", path=str(tmp_path / "cut.gguf"))

    with pytest.raises(MemberError, match="cut: its server ended with exit code 1"):
        list(load_all([cut, shipped]))
    assert lasting(before) == []
