"""Why a member wrote a reply: the chances of its draw, the policy, and when it was drawn."""

from html import escape

from arena.pages.appearance import who
from arena.texts import Texts
from blend.conversation import Draw
from blend.roster import BlendSpec, Roster


def chances_panel(roster: Roster, draw: Draw, texts: Texts, by_sentence: bool = False) -> str:
    """What "Why this one?" unfolds, folded at first. by_sentence: every sentence was drawn so."""
    chances = dict(draw.chances) or {draw.member: draw.chance}
    ordered = sorted(chances.items(), key=lambda item: -item[1])
    bars = "".join(
        f'<li class="who-{who(roster, name)}{" drawn" * (name == draw.member)}">'
        f"<bdi>{escape(name)}</bdi>"
        f'<i style="inline-size:{chance:.1%}"></i><b>{texts.percent(chance)}</b></li>'
        for name, chance in ordered
    )
    alone = len(chances) == 1
    named = "chat.policy_per_sentence" if by_sentence else _policy_name(roster, chances)
    policy = texts("chat.policy_alone" if alone else named)
    timed = not (alone or by_sentence)
    when = texts("chat.ahead" if draw.ahead else "chat.just_then") if timed else ""
    return (
        f'<div class="chances" hidden><p>{escape(policy)} {escape(when)}</p><ul>{bars}</ul></div>'
    )


def _policy_name(roster: Roster, chances: dict[str, float]) -> str:
    """The sentence of the policy that drew. A turn does not say which blend's it was: where the
    roster's blends of these members differ in it, or has none of them, it is a plain sentence."""
    known = [*roster.contenders, *(each for each in roster.retired if isinstance(each, BlendSpec))]
    known = [each for each in known if not each.judge and each.policy != "per_sentence"]
    policies = {each.policy for each in known if chances.keys() <= each.drawn_members.keys()}
    return f"chat.policy_{policies.pop().replace('-', '_') if len(policies) == 1 else 'random'}"
