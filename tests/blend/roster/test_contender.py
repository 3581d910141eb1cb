"""A contender's id changes with what changes its replies, and with nothing else."""

import asyncio
import threading
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import psutil
import pytest
import rosters
import tiny_models
from app_process import lasting

from blend.conversation import Conversation
from blend.members import MemberError
from blend.members.remote.member import Remote
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.policy_file import member_identities, policy_text
from blend.roster import RosterError, read
from blend.roster.contender import assemble, config, contender_id, digest
from blend.roster.loading import load_all, load_member

DIGESTS = {"alder": "1", "birch": "2", "cedar": "3"}


def ids(roster, digests=DIGESTS) -> list[str]:
    return [contender_id(config(each, roster, digests)) for each in roster.contenders]


def first_told(roster, **options):
    """The roster, its first member being told more."""
    first = roster.members[0]
    return replace(
        roster, members=(replace(first, options=first.options | options), *roster.members[1:])
    )


def test_the_id_follows_weights_sampling_members_and_policy(tmp_path):
    roster = read("scripted")
    smaller = replace(roster.blends[0], members=roster.blends[0].members[:2])
    changed = [
        roster,
        replace(roster, blends=(smaller,)),
        first_told(roster, quantise="4bit"),
        first_told(roster, variables={"user_name": "Sam"}),
        first_told(roster, thinking=True),
        first_told(roster, thinking=False),
    ]
    others = {ids(each)[0] for each in changed} | {ids(roster, DIGESTS | {"birch": "other"})[0]}
    assert len(others) == 7 and ids(roster)[1] not in others
    assert ids(replace(first_told(roster, device="cuda:1"), path=tmp_path)) == ids(roster)


def test_a_remote_member_is_known_by_its_model_and_not_by_where_it_is():
    near = read("remote")
    members = [
        replace(m, options={"address": replace(m.options["address"], base_urls=("http://x/v1",))})
        for m in near.members
    ]
    renamed = [replace(m, model=f"{m.model}-2") for m in near.members]

    def remote_ids(members):
        loaded = {m.name: Remote(m.name, m.model, m.sampling, **m.options, key="") for m in members}
        digests = {m.name: digest(m, loaded[m.name]) for m in members}
        return ids(replace(near, members=tuple(members)), digests)

    assert remote_ids(near.members) == remote_ids(members)
    assert not set(remote_ids(members)) & set(remote_ids(renamed))


KINDS = ("llama", "qwen3", "gemma3_text", "gpt_neox", "gptj", "mamba")


def test_six_shapes_of_models_stream_in_one_blend(folders, tmp_path):
    tables = [
        f'[[member]]\nname = "{kind}"\npath = "{folders[kind]}"\nthreads = 1\n'
        + f'engine = "{"generate" if kind in tiny_models.PLAIN else "paged"}"\n'
        + "[member.sampling]\ntemperature = 2.0\nmax_tokens = 8\n"
        for kind in KINDS
    ]
    tables.append(f'[[blend]]\nname = "All"\npolicy = "round-robin"\nmembers = {[*KINDS]}\n')
    six = rosters.roster(tmp_path, "".join(tables))
    members = {spec.name: member for spec, member in load_all(six.members)}
    blend = assemble(six.blends[0], members)

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
            if heard == set(KINDS):
                break
        await asyncio.gather(*(member.aclose() for member in members.values()))
        return heard

    assert asyncio.run(converse()) == set(KINDS)
    wrong = replace(six.members[-1], engine="paged")
    with pytest.raises(MemberError, match=r'mamba has no paged attention: .* engine = "generate"'):
        dict(load_all([wrong]))


def fitted(folder, identities: dict[str, str]):
    """The focus of the scripted roster, with a policy fitted for members of these identities."""
    focus = read("scripted").contenders[0]
    traits = HistoryFeatures(HashedNgrams(4), focus.members)
    policy = Learned(traits, np.zeros((traits.size, 3)), np.zeros(3), 2.0, identities)
    (folder / "policy.json").write_text(policy_text(policy))
    return replace(focus, policy="learned", options={"policy_file": folder / "policy.json"})


def test_a_policy_fitted_for_other_weights_is_refused(tmp_path):
    roster = read("scripted")
    now = config(roster.contenders[0], roster, DIGESTS)
    then = config(roster.contenders[0], roster, DIGESTS | {"birch": "other"})
    members = {spec.name: load_member(spec) for spec in roster.members}

    same = fitted(tmp_path, member_identities(now["members"]))
    assert assemble(same, members, now).policy.reads_message
    other = fitted(tmp_path, member_identities(then["members"]))
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
    assert psutil.wait_procs(started, timeout=60)[1] == []
    assert lasting({t for t in threading.enumerate() if "-load" not in t.name}) == []


def test_a_gguf_member_that_cannot_start_is_named_and_the_others_end(tmp_path):
    shipped, before = read("embedded").members[0], set(threading.enumerate())
    (tmp_path / "cut.gguf").write_bytes(b"GGUF")
    cut = replace(shipped, name="cut", path=str(tmp_path / "cut.gguf"))

    with pytest.raises(MemberError, match="cut: its server ended with exit code 1"):
        list(load_all([cut, shipped]))
    assert lasting(before) == []
