"""Why a member wrote a reply: the chances of its draw, the policy, and when it was drawn."""

from html import escape

from arena.pages.appearance import who
from arena.texts import Texts
from blend.conversation import Draw
from blend.roster import BlendSpec, Roster


def chances_panel(roster: Roster, spec: BlendSpec, draw: Draw, texts: Texts) -> str:
    """What "Why this one?" unfolds, folded at first. spec: the blend that the draw was made for."""
    chances = dict(draw.chances) or {draw.member: draw.chance}
    ordered = sorted(chances.items(), key=lambda item: -item[1])
    bars = "".join(
        f'<li class="who-{who(roster, name)}{" drawn" * (name == draw.member)}">'
        f"<bdi>{escape(name)}</bdi>"
        f'<i style="inline-size:{chance:.1%}"></i><b>{texts.percent(chance)}</b></li>'
        for name, chance in ordered
    )
    policy = texts("chat.policy_alone" if len(chances) == 1 else _policy_name(spec, chances))
    when = "" if len(chances) == 1 else texts("chat.ahead" if draw.ahead else "chat.just_then")
    return (
        f'<div class="chances" hidden><p>{escape(policy)} {escape(when)}</p><ul>{bars}</ul></div>'
    )


def _policy_name(spec: BlendSpec, chances: dict[str, float]) -> str:
    """The sentence of the blend's policy; a plain one where others were drawn from."""
    if not chances.keys() <= spec.drawn_members.keys():
        return "chat.policy_random"
    return f"chat.policy_{spec.policy.replace('-', '_')}"
