"""A finished battle as text that can be pasted anywhere: Markdown, and readable as it is."""

from arena.battle.state import SIDES, BattleView
from arena.texts import ENGLISH, Texts
from blend.conversation import Turn


def battle_text(view: BattleView, title: str, texts: Texts = ENGLISH) -> str:
    """Questions, replies, names and the vote of a battle that has its vote; else nothing.

    title: of the site's roster. Where a blend wrote, each reply tells which member it was.
    """
    reveal = view.reveal
    if reveal is None:
        return ""
    names = {"left": reveal.left.name, "right": reveal.right.name}
    lines = [texts("battle.shared_named" if view.named else "battle.shared_blind", title=title)]
    for both in zip(*(view.conversations[side].turns for side in SIDES), strict=True):
        lines += [_quoted(both[0].prompt)]
        lines += [
            f"**{letter} · {names[side]}**{_by(turn, names[side])}: {turn.reply.strip()}"
            for letter, side, turn in zip("AB", SIDES, both, strict=True)
        ]
    kind = "_named" if view.named else "" if reveal.counted else "_uncounted"
    shared = texts("battle.shared_names", a=names["left"], b=names["right"])
    choice = texts(f"vote.chose_{reveal.choice}")
    return "\n\n".join([*lines, f"{shared} {texts(f'battle.shared_vote{kind}', choice=choice)}"])


def _quoted(prompt: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in prompt.split("\n"))


def _by(turn: Turn, name: str) -> str:
    """The members that wrote it, where that says more than the contender's name."""
    wrote = ", ".join(dict.fromkeys(turn.writers))
    return f" ({wrote})" if wrote not in ("", name) else ""
