"""A finished battle as text that can be pasted anywhere: Markdown, and readable as it is."""

from arena.battle.state import BattleView
from blend.conversation import Turn

CHOICE_LABELS = {
    "left": "A is better",
    "right": "B is better",
    "tie": "a tie",
    "both_bad": "both bad",
}
"""What a visitor said, by choice."""


def battle_text(view: BattleView, title: str) -> str:
    """Questions, replies, names and the vote of a battle that has its vote; else nothing.

    title: of the site's roster. Where a blend wrote, each reply tells which member it was.
    """
    reveal = view.reveal
    if reveal is None:
        return ""
    names = {"left": f"A · {reveal.left.name}", "right": f"B · {reveal.right.name}"}
    kind = "Two contenders side by side" if view.named else "A blind battle"
    lines = [f"**{kind} in Blended Arena** ({title})"]
    pairs = zip(view.conversations["left"].turns, view.conversations["right"].turns, strict=True)
    for left, right in pairs:
        lines += [_quoted(left.prompt)]
        lines += [
            f"**{names[side]}**{_by(turn, name)}: {turn.reply.strip()}"
            for side, turn, name in (
                ("left", left, reveal.left.name),
                ("right", right, reveal.right.name),
            )
        ]
    counts = "" if reveal.counted else " (kept, but not counted)"
    known = "with the names in view" if view.named else "before I knew"
    lines += [
        f"A was **{reveal.left.name}**, B was **{reveal.right.name}**. "
        f"My vote, {known}: {CHOICE_LABELS[reveal.choice]}{counts}."
    ]
    return "\n\n".join(lines)


def _quoted(prompt: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in prompt.split("\n"))


def _by(turn: Turn, name: str) -> str:
    """The member that was drawn, where that says more than the contender's name."""
    return f" ({turn.draw.member})" if turn.draw and turn.draw.member != name else ""
