"""A small site with words: a battle of each kind that an export tells apart, and a chat."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from stored import BLEND, SINGLE, opened

from arena.battle.voting import cast_vote
from arena.categories.tagger import Tagger
from arena.db.repositories.categories import OURS
from arena.db.store import Store
from arena.models import Battle
from arena.site.recording import finish_turn, give_feedback, start_turn
from blend.conversation import Conversation, Turn

ONE = ([("Hi?", "Hello!", "Go away.")], "left")
TWO = ([("Who?", "Me.", "# I\nam **it**"), ("Why?", "So.", "- because\n- of that")], "right")
TIE = ([("2+2?", "4", "four")], "tie")
BAD = ([("Sing!", "No.", "Never.")], "both_bad")
SHARED = ([("Ping?", "Pong.", "Pong."), ("Again?", "```\nping\n```", "Pong?")], "left")
SAME = ([("Yes?", "Yes.", "Yes.")], "right")
EMPTY = ([("Well?", "Well.", " ")], "left")
BATTLES = (ONE, TWO, TIE, BAD, SHARED, SAME, EMPTY)
"""Each: message, reply on the left, reply on the right; and the vote."""


def voted(
    store: Store,
    said: Sequence[tuple[str, str, str]],
    choice: str,
    who: str = "ann",
    offered: bool = False,
    tagger: Tagger = OURS,
) -> str:
    """A battle of `who` with these messages and this vote, Blended on the left; its id.

    offered: whether the page said that it may be published. tagger: of the site's categories."""
    battle = Battle(who, BLEND.id, SINGLE.id, 0.5, "focus")
    store.battles.open(battle, offered)
    for position, (prompt, *replies) in enumerate(said):
        store.battles.admit_message(battle.id, who, prompt, 8, tagger=tagger)
        sides = (battle.left_conversation, battle.right_conversation)
        for side, reply in zip(sides, replies, strict=True):
            turn = Turn(prompt, reply, finished=True)
            start_turn(store, side, position, turn)
            finish_turn(store, turn)
        store.battles.mark_ready(battle.id)
    cast_vote(store, battle.id, who, choice)
    return battle.id


def chatted(store: Store) -> None:
    """Ann's chat with a persona: two replies are judged, one of them regenerated since."""
    chat = Conversation(system="Be brief.")
    store.conversations.open(chat, "ann", BLEND.id, "chat")
    first, bad, good, cut = (
        Turn("A?", "B.", finished=True),
        Turn("C?", "Long, long.", finished=True),
        Turn("C?", "D.", finished=True),
        Turn("E?", "Unfin"),
    )
    for position, turn, parent in ((0, first, None), (1, bad, None), (1, good, bad.id)):
        start_turn(store, chat.id, position, turn, parent)
        finish_turn(store, turn)
    start_turn(store, chat.id, 2, cut)
    finish_turn(store, cut)
    for turn, thumb in ((bad, -1), (good, 1), (cut, -1)):
        give_feedback(store, turn.id, "ann", thumb)


def judged(path: Path) -> Path:
    """A closed database with all BATTLES of ann's, one of bob's that does not count, and chats."""
    with closing(opened(path)) as store:
        for said, choice in BATTLES:
            voted(store, said, choice)
        dropped = voted(store, [("Bob?", "Bob!", "Rob!")], "left", "bob")
        store.database.execute(
            "UPDATE votes SET counted = 0, reason = 'too_fast' WHERE battle = ?", (dropped,)
        )
        chatted(store)
    return path
