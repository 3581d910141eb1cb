"""What there is to know of a side once its name is shown: who wrote, how much, and how fast."""

from collections.abc import Mapping
from dataclasses import replace

from arena.battle.state import SIDES, BattleView, SideFacts
from arena.site.site import Site
from blend.conversation import Conversation


def side_facts(conversation: Conversation, members: Mapping[str, int | None]) -> SideFacts:
    """Of one side of a battle; members: see `LoadedContenders.parameters`."""
    turns = [turn for turn in conversation.turns if turn.has_reply]
    timed = [turn for turn in turns if turn.seconds and turn.usage.completion_tokens]
    waits = [turn.ttft_s for turn in turns if turn.ttft_s is not None]
    tokens = sum(turn.usage.completion_tokens for turn in timed)
    return SideFacts(
        members=members,
        authors=tuple(", ".join(dict.fromkeys(turn.writers)) for turn in turns if turn.draw),
        tokens=tokens or None,
        first_token=sum(waits) / len(waits) if waits else None,
        speed=tokens / sum(turn.seconds for turn in timed) if tokens else None,
    )


def with_facts(site: Site, view: BattleView) -> BattleView:
    """The battle with the facts of both sides, where its vote is in; before it, as it is."""
    if view.reveal is None:
        return view
    facts = {
        side: side_facts(view.conversations[side], site.contenders.parameters(contender))
        for side, contender in zip(SIDES, (view.reveal.left, view.reveal.right), strict=True)
    }
    return replace(view, facts=facts)
