"""The vote: judged by the rules and stored in one transaction, and only then the names."""

import asyncio
from dataclasses import replace
from itertools import chain

from arena.battle.facts import with_facts
from arena.battle.state import BattleView, RatingChange
from arena.db.repositories.battles import check_battle
from arena.db.repositories.votes.visitor_votes import RATINGS
from arena.db.store import Store
from arena.models import NAMED, Choice, Refused, Reveal, StoreError, VoteCounts
from arena.ranking.ballots import CHOICES, PairCounts
from arena.ranking.ratings import point_ratings
from arena.site.site import Site
from arena.votes.evidence import PendingVote, reply_stats
from arena.votes.rules import Verdict, VoteEvidence, decide


async def vote(site: Site, view: BattleView, choice: str) -> BattleView:
    """The vote, committed; only then the view holds a reveal. Raises Refused."""
    return await asyncio.to_thread(_vote, site, view, choice)


def _vote(site: Site, view: BattleView, choice: str) -> BattleView:
    store = site.store
    state = store.battles.state(view.battle)
    if state is not None and state.turns != view.turns:
        raise Refused("refusals.elsewhere")
    change: RatingChange = {}
    if not view.named and choice in CHOICES:
        ids = (view.contenders["left"], view.contenders["right"])
        change = rating_change(store.votes.counts("own"), ids, choice)
    reveal = cast_vote(store, view.battle, view.visitor, choice, change)
    if not reveal.counted:
        change = {id: (before, before) for id, (before, _) in change.items()}
    tally = None if view.named else store.visitor_votes.tally(view.visitor)
    voted = replace(view, status="voted", reveal=reveal, rating_change=change, tally=tally)
    return with_facts(site, _with_authors(site, voted))


def rating_change(before: VoteCounts, ids: tuple[str, str], choice: Choice) -> RatingChange:
    """What a vote that counts does to its two contenders; "both bad" changes nothing.

    before: the counts without this vote. ids: of the left, of the right.
    """
    counts = PairCounts.of(before.outcomes, ids)  # these two come first
    table = counts.table.copy()
    table[0, 1, CHOICES.index(choice)] += 1
    old, new = (point_ratings(each).tolist() for each in (counts, PairCounts(counts.names, table)))
    return {ids[0]: (old[0], new[0]), ids[1]: (old[1], new[1])}


def _with_authors(site: Site, view: BattleView) -> BattleView:
    """With who wrote each reply: a battle that was brought back has learnt that only now.

    The vote is in: where that cannot be read, it is shown without.
    """
    if all(turn.draw for c in view.conversations.values() for turn in c.turns if turn.has_reply):
        return view
    try:
        loaded = {
            side: site.store.conversations.load(c.id, view.visitor)
            for side, c in view.conversations.items()
        }
    except StoreError:
        return view
    return view if None in loaded.values() else replace(view, conversations=loaded)


def cast_vote(
    store: Store, battle: str, visitor: str, choice: str, change: RatingChange | None = None
) -> Reveal:
    """Store the vote and, only then, tell the names. Raises Refused; then nothing is told.

    change: what it does to the ratings if it counts, to be looked up later.
    """
    if choice not in CHOICES:
        raise Refused("refusals.no_choice")
    with store.database.transaction():
        pending = store.votes.pending(battle)
        check_battle(visitor, pending and pending.visitor, pending and pending.status)
        try:
            stats = reply_stats(store.votes.replies(pending))
        except ValueError as error:
            path = store.database.path
            raise StoreError(f"{path}: battle {battle}: {error}: restore a backup") from error
        now = store.database.clock()
        times = {"waited": _since(pending.ready, now), "watched": _since(stats.began, now)}
        verdict = _judge(store, pending, now, **times, shorter=stats.columns["shorter"])
        row = {
            "created": now,
            "counted": verdict.counted,
            "reason": verdict.reason,
            "rules": verdict.rules,
            "address": None if pending.named else pending.address,
            **times,
            **stats.columns,
        }
        if change and verdict.counted:
            row |= zip(RATINGS, chain.from_iterable(change.values()), strict=True)
        store.votes.add(battle, choice, row)
    return Reveal(*pending.contenders, choice, verdict.counted, verdict.reason)


def _judge(store: Store, pending: PendingVote, now: float, **noted: float | None) -> Verdict:
    """Whether the vote counts: by the rules, where the names were hidden; else it never does."""
    if pending.named:
        return Verdict(False, NAMED, store.limits.version)
    today = store.votes.counts_today(pending, now, store.limits.by_address)
    evidence = VoteEvidence(**noted, **today, leaked=pending.leaked, barred=pending.barred)
    return decide(evidence, store.limits)


def _since(start: float | None, now: float) -> float | None:
    """Seconds; None where they are not known, as where the clock was set back meanwhile."""
    return None if start is None or now < start else now - start
