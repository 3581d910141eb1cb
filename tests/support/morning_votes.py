"""Battles of one morning, and votes as many seconds after them as a test says."""

from stored import BLEND, SINGLE

from arena.battle.voting import cast_vote
from arena.models import Battle
from arena.site.recording import finish_turn, start_turn
from arena.votes.rules import DAY
from blend.conversation import Draw, Turn

MORNING = 20_000 * DAY + 9 * 3600


def store_turn(store, conversation, position, prompt, reply):
    """A finished reply whose first token came a second after it was asked for."""
    draw = Draw("x", 1.0, {"x": 1.0})
    turn = Turn(prompt, reply, draw, True, ttft_s=1.0, seconds=4.0)
    start_turn(store, conversation, position, turn)
    finish_turn(store, turn)


def fight(store, *prompts, visitor="ann", replies=("Hello!", "Hi **you**.")):
    """A battle with a message for each prompt, ready now."""
    battle = Battle(visitor, BLEND.id, SINGLE.id, 0.5, "focus", created=store.database.clock())
    store.battles.open(battle)
    for position, prompt in enumerate(prompts):
        store.battles.admit_message(battle.id, visitor, prompt, 8)
        store.database.clock.now += 4
        store_turn(store, battle.left_conversation, position, prompt, replies[0])
        store_turn(store, battle.right_conversation, position, prompt, replies[1])
        store.battles.mark_ready(battle.id)
    return battle


def vote(store, battle, after=2.0, choice="left"):
    store.database.clock.now += after
    return cast_vote(store, battle.id, battle.visitor, choice)


def cast(store, battle):
    """The vote's row, as a dict."""
    found = store.database.query("SELECT * FROM votes WHERE battle = ?", (battle.id,))
    names = store.database.query("SELECT name FROM pragma_table_info('votes')")
    return dict(zip([name for (name,) in names], found[0], strict=True))
