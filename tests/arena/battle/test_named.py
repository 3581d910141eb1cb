"""Battles between two chosen contenders: named from the start, kept apart, and on no board."""

import asyncio
from contextlib import closing
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_events import scripted
from stored import BLEND, SINGLE, battle_of

from arena.api import leaderboard_files
from arena.battle import battle, voting
from arena.battle.pair_sampler import chosen_pair
from arena.battle.resume import resume_battle
from arena.battle.voting import cast_vote
from arena.db.merge import merge_file
from arena.db.repositories.votes.ledger import LedgerQuery
from arena.db.store import Store
from arena.exchange.export_columns import ExportColumns
from arena.models import NAMED, Battle, Refused, RowError
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.ranking.board.profiles import display_names
from arena.site.metrics import SiteGauges

CHOSEN = ("cedar", "Blended")


async def answered(site, text="Hello", chosen=CHOSEN):
    """A battle after one message and both replies."""
    view = await battle.open_battle(site, "v", chosen=chosen)
    return [grown async for grown in battle.send_message(site, view, text)][-1]


def named_battle(store, status="ready"):
    """A named battle in the store, as far as that."""
    fight = Battle("ann", BLEND.id, SINGLE.id, None, "chosen", source=NAMED)
    store.battles.open(fight)
    store.battles.admit_message(fight.id, "ann", "Hello?", 5)
    store.battles.mark_ready(fight.id)
    if status == "voted":
        cast_vote(store, fight.id, "ann", "left")
    return fight


def on_the_board(site) -> object:
    """All that a board, the metrics and the public figures make of battles and votes."""
    board = site.boards.look(LeaderboardQuery(by="turns"), site.contenders.ids)
    gauges = SiteGauges(site.contenders, site.limiter, site.store)
    told = [
        (family.name, sample.labels, sample.value)
        for family in gauges.collect()
        for sample in family.samples
        if "seconds" not in family.name
    ]
    store = site.store
    left_out = [*store.ledger.read(LedgerQuery(counted=False, source="own"))]
    ids = site.contenders.ids.values()
    return (
        *(leaderboard_files.as_text(board, 0.0), leaderboard_files.as_csv(board), told),
        *(board.data.sources, store.usage.funnel(), store.usage.first_replies()),
        *(store.turn_log.pools(), store.turn_log.preference_counts(ids)),
        *(len(store.vote_audit.read("own").counted), left_out),
        list(store.turn_log.logged_turns(ids, "vote", 0.0)),
    )


def test_the_chosen_two_stand_where_they_were_chosen_and_that_is_stored_before_any_token(site):
    view = asyncio.run(battle.open_battle(site, "v", chosen=CHOSEN))
    assert view.named
    assert (*map(site.contenders.name_of, view.contenders.values()),) == CHOSEN
    written = site.store.database.query("SELECT source, policy, pair_chance, status FROM battles")
    assert written == [("named", "chosen", None, "created")]


@given(st.lists(st.sampled_from(["Blended", "cedar", "", "nobody", None, 3, ["cedar"], {}])))
def test_whatever_a_browser_names_only_two_contenders_that_are_up_can_meet(names):
    here = SimpleNamespace(contenders=SimpleNamespace(ids={"Blended": "1", "cedar": "2"}))
    if len(names) == 2 and {*map(str, names)} == {"Blended", "cedar"}:
        assert (chosen_pair(here, names).left, chosen_pair(here, names).chance) == (names[0], None)
    else:
        with pytest.raises(Refused, match=r"[Cc]hoose"):
            chosen_pair(here, names)


def test_a_named_vote_is_stored_shows_no_change_of_ratings_and_is_in_nothing_that_is_counted(site):
    blind = asyncio.run(answered(site, chosen=None))
    asyncio.run(voting.vote(site, blind, "tie"))
    before = on_the_board(site)
    view = asyncio.run(voting.vote(site, asyncio.run(answered(site)), "left"))
    reveal = view.reveal
    assert (reveal.left.name, reveal.counted, reveal.reason) == ("cedar", False, NAMED)
    assert view.rating_change == {} and not view.leaked
    assert on_the_board(site) == before
    assert site.store.database.query(
        "SELECT choice, counted, address IS NULL FROM votes JOIN battles b ON b.id = battle"
        " WHERE source = 'named'"
    ) == [("left", 0, 1)]
    with pytest.raises(Refused, match="its vote already"):
        asyncio.run(voting.vote(site, view, "right"))


def test_named_votes_use_up_nothing_of_what_counts_in_a_day(store):
    store.database.execute("UPDATE visitors SET address_hash = 'here'")
    for _ in range(4):
        named_battle(store, "voted")
    pending = store.votes.pending(battle_of(store, "ready").id)
    now = store.database.clock()
    assert {*store.votes.counts_today(pending, now, 300).values()} == {0}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE votes SET counted = 1",
        "UPDATE battles SET source = 'own' WHERE source = 'named'",
        "UPDATE battles SET source = 'named' WHERE source = 'own'",
        "INSERT INTO votes (battle, choice, created, counted, reason, rules)"
        " SELECT id, 'tie', 0, 1, '', '' FROM battles WHERE status = 'ready'",
    ],
)
def test_no_named_vote_can_count_and_no_battle_can_change_its_kind(store, change):
    named_battle(store, "voted")
    named_battle(store)
    battle_of(store, "created")
    with pytest.raises(RowError, match="names"):
        store.database.execute(change)


def test_each_kind_brings_back_its_own_latest_battle(site):
    blind = asyncio.run(answered(site, chosen=None))
    named = asyncio.run(answered(site))

    def back(**which):
        found = asyncio.run(resume_battle(site, "v", **which))
        return found and (found.battle, found.named)

    assert back() == (blind.battle, False) and back(named=True) == (named.battle, True)
    assert back(id=named.battle) == (named.battle, True)  # whatever a page believes it to be
    assert back(id=blind.battle, named=True) == (blind.battle, False)
    asyncio.run(battle.abandon(site, named))
    assert back(named=True) is None and back() == (blind.battle, False)
    assert asyncio.run(resume_battle(site, "w", named.battle)) is None


def test_a_name_in_a_reply_is_no_leak_where_the_names_are_in_view(tmp_path):
    with scripted(tmp_path, lines=["I am Alder. My name is alder."]) as site:
        both = [asyncio.run(answered(site, chosen=pair)) for pair in (("alder", "birch"), None)]
    assert not both[0].leaked


def test_what_chosen_contenders_read_is_in_no_cache_that_a_blind_battle_reads(site):
    asyncio.run(answered(site))
    scopes = {scope for member in site.contenders.loaded.values() for scope in member.scopes}
    assert len(scopes) == 1 and scopes.pop().startswith("named ")
    asyncio.run(answered(site, chosen=None))
    assert "" in {scope for member in site.contenders.loaded.values() for scope in member.scopes}


def test_an_export_tells_which_votes_were_named_and_a_merge_keeps_them_so(tmp_path, store):
    named_battle(store, "voted")
    names = display_names([BLEND, SINGLE], {BLEND.id, SINGLE.id}, set())
    shown = ExportColumns(b"key", False)
    (vote,), (fight,) = store.rows.votes(), store.rows.battles()
    assert shown.vote(vote, names)["anony"] is False
    assert (vote["source"], vote["counted"], fight["source"]) == (NAMED, 0, NAMED)

    with closing(Store.open(tmp_path / "other.db")) as other:
        merge_file(other.database, tmp_path / "arena.db", lambda done, of: None)
        assert [row["source"] for row in other.rows.battles()] == [NAMED]
        assert other.votes.counts("own").votes == 0 and other.rows.sizes()["votes"] == 1
