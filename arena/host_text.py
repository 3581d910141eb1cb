"""The host's page as HTML: what the rules say of all votes, who stands out, whom to bar."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

from arena.integrity import explained
from arena.plural import many
from arena.retrial import Retrial

SHOWN = 200
"""Votes and visitors that are listed at most; the newest, and the surest."""

CHOICES = {"left": "A", "right": "B", "tie": "tie", "both_bad": "both bad"}

WHY = (
    "<p>“One side” tests how many of a visitor's decided votes went to A (exact binomial test): "
    "under 0.001 that is no chance, and none of their votes counts once the review is stored. "
    "“Surprising” is Chatbot Arena's test, votes against what most others see, combined by Fisher: "
    "a hint, it takes no vote away.</p>"
)


class Seen(NamedTuple):
    """What the page shows, as of one moment. dropped: of votes that do not count, when, visitor,
    choice, reason, rules. at: seconds since 1970. seconds: that the judging took."""

    found: Retrial
    dropped: list[tuple[float, str, str, str, str]]
    barred: list[str]
    at: float
    seconds: float


def page(seen: Seen, said: str = "", typed: str = "") -> str:
    """The whole page. said: what has just been done. typed: what stands in the box for an id."""
    when = datetime.fromtimestamp(seen.at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    took = f", judged anew in {seen.seconds:.0f} s" if seen.seconds >= 1 else ""
    return _frame(f"""{_notice(said)}<p>{_count(seen.found)} As of {when}{took}.</p>
<h2>Review</h2>{_review(seen.found)}
<h2>Bar a visitor</h2><form class="line" method="post" action="host">
<label for="visitor">Visitor's id</label>
<input id="visitor" name="visitor" value="{escape(typed)}" required autocomplete="off"
spellcheck="false"><span><button name="do" value="bar">Bar</button>
<button name="do" value="lift">Lift the bar</button></span></form>
<p>The votes of a barred visitor do not count from now on; earlier ones once the review is stored.
They can go on talking, and are told after each vote that it does not count.</p>
{_barred(seen.barred)}
<h2>Visitors who stand out</h2>{_suspects(seen.found, seen.barred)}
<h2>Votes that do not count</h2>{_dropped(seen)}""")


def entrance(said: str = "", asked: Mapping[str, str] | None = None) -> str:
    """The page for who has not entered the key. asked: a form that came without it, done after."""
    fields = asked or {}
    left = "".join(_hidden(name, fields[name]) for name in ("do", "visitor") if name in fields)
    return _frame(f"""{_notice(said)}<form class="line" method="post" action="host">{left}
<label for="key">The host's key</label>
<input id="key" name="key" type="password" required autocomplete="current-password">
<button class="first">Enter</button></form>
<p>A cookie of this browser stands for the key afterwards, for twelve hours at most.</p>""")


def failure(why: str, asked: Mapping[str, str], said: str = "") -> str:
    """The page where the database could not be read or written: why, and how to ask once more.

    asked: the form that came. said: what was done of it all the same.
    """
    told = said or "Nothing is lost."
    left = () if said else ("do", "visitor")
    fields = "".join(_hidden(name, asked[name]) for name in left if name in asked)
    how = "post" if "do" in asked and not said else "get"
    return _frame(
        f"{_notice(f'{why}. {told}')}"
        f'<form method="{how}" action="host">{fields}'
        '<button class="first">Try again</button></form>'
    )


def _frame(body: str) -> str:
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Host · Blended Arena</title>
<style>{STYLE}</style></head><body><main><p><a href="./">Back to the arena</a></p>
<h1>The host's page</h1>{body}</main></body></html>"""


def _notice(said: str) -> str:
    return f'<p class="notice" role="status">{escape(said)}</p>' if said else ""


def _count(found: Retrial) -> str:
    votes = len(found.case.counted)
    if not votes:
        return "Nobody has voted on this site yet."
    return f"{int(found.case.counted.sum()):,} of {many(votes, 'own vote')} counted."


def _review(found: Retrial) -> str:
    rules = f"the rules of today (version {escape(found.review.rules)})"
    out, back, changes = (int(which.sum()) for which in (found.out, found.back, found.changed))
    if not len(found.case.counted):
        return "<p>Once there are votes, they are judged here by the rules of today.</p>"
    if not changes:
        return f"<p>All votes stand as {rules} and the bars below would have them.</p>"
    rest = f" For {changes - out - back:,} only the reason or the rules' version changes." * (
        changes > out + back
    )
    return (
        f"<p>Under {rules} and with the bars below, {many(out, 'vote')} would stop counting and "
        f"{back:,} would count again.{rest} Nothing is deleted.</p>"
        + _form("apply", "", f"Store the review ({many(changes, 'vote')})", "first")
    )


def _suspects(found: Retrial, barred: Sequence[str]) -> str:
    rows = found.suspects()
    if not rows:
        return "<p>Nobody. It takes some ten votes of one visitor to tell.</p>"
    cells = [
        (
            *(f"<code>{escape(id)}</code>", f"{votes:,}", f"{side:.2g}", f"{odd:.2g}"),
            "barred" if id in barred else _form("bar", id, "Bar"),
        )
        for id, votes, side, odd in rows[:SHOWN]
    ]
    heads = ("Visitor", "Votes", "One side: p", "Surprising: p", "Action")
    more = f"The surest {SHOWN:,} of {len(rows):,}" if len(rows) > SHOWN else ""
    return WHY + _table("Visitors who stand out", heads, cells, more)


def _barred(ids: Sequence[str]) -> str:
    if not ids:
        return "<p>Nobody is barred.</p>"
    cells = [(f"<code>{escape(id)}</code>", _form("lift", id, "Lift the bar")) for id in ids]
    said = f"{len(ids):,} {'visitor is' if len(ids) == 1 else 'visitors are'} barred"
    return _table("Barred visitors", ("Visitor", "Action"), cells, said)


def _dropped(seen: Seen) -> str:
    if not seen.dropped:
        return "<p>None.</p>"
    case = seen.found.case
    tally = Counter(code for why in case.reason[~case.counted] for code in why.split(", "))
    sums = [(f"{n:,}", escape(explained(code))) for code, n in tally.most_common()]
    cells = [
        (
            datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d %H:%M"),
            f"<code>{escape(visitor)}</code>",
            CHOICES.get(choice, choice),
            escape(explained(reason)),
            escape(rules),
        )
        for created, visitor, choice, reason, rules in seen.dropped
    ]
    heads = ("When (UTC)", "Visitor", "Vote", "Why it does not count", "Rules")
    dropped = int((~case.counted).sum())
    newest = f"The newest {len(cells):,} of {dropped:,}" if dropped > len(cells) else "Each of them"
    return _table("Reasons", ("Votes", "Why they do not count"), sums, "By reason") + _table(
        "Votes that do not count", heads, cells, newest
    )


def _table(
    name: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], caption: str = ""
) -> str:
    """A table that scrolls by itself where it is too wide, also by the keyboard."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    said = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{name}"><table>{said}'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _form(what: str, visitor: str, label: str, kind: str = "") -> str:
    whom = _hidden("visitor", visitor) if visitor else ""
    name = f' aria-label="{escape(f"{label}: {visitor}")}"' if visitor else ""
    return (
        f'<form method="post" action="host">{whom}'
        f'<button class="{kind}" name="do" value="{what}"{name}>{label}</button></form>'
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 60rem; margin: 0 auto; padding: .5rem 1rem 2rem; }
a { color: light-dark(#1d4ed8, #93c5fd); }
h1 { font-size: 1.35rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; } form { display: inline; }
.notice { border-left: 4px solid #2563eb; padding: .25rem .75rem; }
.line, .line span { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.line input { flex: 0 1 22rem; min-width: 0; }
.wide { overflow-x: auto; margin: .75rem 0; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8886; }
td:first-child, button { white-space: nowrap; }
code { font-size: .85em; white-space: normal; }
@media (min-width: 640px) { code { white-space: nowrap; } }
button, input { font: inherit; border: 1px solid #8888; border-radius: 6px; padding: .25rem .75rem;
  color: CanvasText; background: light-dark(#f4f4f5, #27272a); }
button { cursor: pointer; } button:hover { background: light-dark(#e4e4e7, #3f3f46); }
button.first { color: #fff; background: #2563eb; border-color: #2563eb; }
button.first:hover { background: #1d4ed8; }
:focus-visible { outline: 3px solid light-dark(#2563eb, #93c5fd); outline-offset: 2px; }
"""
