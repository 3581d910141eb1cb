"""A contender's id changes with what changes its replies, and with nothing else."""

from dataclasses import replace

from blend.contender import assemble, config, contender_id, load
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


def test_members_become_a_blend():
    roster = read("scripted")
    members = {spec.name: load(spec) for spec in roster.members}
    blend = assemble(roster.contenders[0], members)
    assert list(blend.members) == ["alder", "birch", "cedar"]
