"""A contender's id changes with what changes its replies, and with nothing else."""

from dataclasses import replace

from blend.contender import assemble, config, contender_id, digest, load
from blend.members.remote import Remote
from blend.roster import read

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
