"""A contender in words and bars: what it is, what the votes say of it, some of its battles."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from arena.models import SampleBattle
from arena.pages import markup
from arena.pages.contender.members import member_facts
from arena.pages.contender.trend import trend
from arena.pages.leaderboard.axis import Axis, AxisBar
from arena.pages.leaderboard.choices import slice_label
from arena.pages.leaderboard.table import contender_link, rank_text, reason_text
from arena.pages.templates import render
from arena.ranking.board.leaderboard import Leaderboard
from arena.ranking.board.record import ContenderRecord, Outcomes
from arena.texts import Texts
from blend.conversation import Conversation
from blend.roster import Roster
from blend.roster.specs import BlendSpec, MemberSpec

SHARES = Axis(-0.03, 1.03, 0.5)

MOST = 12
"""Groups that are shown of each kind: the first ones, so of languages the most spoken."""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How some battles ended, as a row of a table.

    href: of the opponent's page, or empty. bar: None where no battle compares.
    """

    label: str
    href: str
    number: int | None
    share: str
    interval: str
    bar: AxisBar | None
    ended: str
    battles: str


@dataclass(frozen=True, slots=True)
class SampleText:
    """A battle to be read. Of each turn: what was asked, what this contender said, who of it did,
    and the same of the other one."""

    other: str
    href: str
    when: str
    vote: str
    turns: tuple[tuple[Markup, Markup, str, Markup, str], ...]


def contender_page(
    board: Leaderboard,
    record: ContenderRecord,
    samples: list[SampleBattle] | None,
    roster: Roster,
    texts: Texts,
) -> str:
    """The whole page as HTML."""
    profile, source = record.profile, board.data.source
    numbers = {name: number for number, name in enumerate(roster.colours)}
    drawn = sum(each.exposure.drawn for each in board.profiles) / 2
    rating = record.rating
    return render(
        "contender.html",
        texts,
        profile=profile,
        source=source,
        number=numbers.get(profile.name),
        about=_about(profile.name, roster) if source == "own" else "",
        focus=source == "own" and profile.name == roster.focus,
        rating=rating,
        rank="" if rating is None or profile.retired else rank_text(rating, texts),
        whole=outcome_row(record.whole, texts),
        share_drawn=texts.percent(profile.exposure.drawn / drawn) if drawn else "",
        members=member_facts(profile, roster, texts),
        numbers=numbers,
        trend=trend(record.elo, texts),
        opponents=[
            outcome_row(each, texts, contender_link(each.label, source), numbers.get(each.label))
            for each in record.opponents
        ],
        middle=SHARES.at(0.5),
        marks=[(SHARES.at(mark), texts.percent(mark)) for mark in (0.0, 0.5, 1.0)],
        parts={by: _parts(parts, by, texts) for by, parts in record.parts.items() if parts},
        reasons=board.reasons.get(profile.id),
        reason=lambda each: reason_text(each, texts),
        samples=_samples(samples or (), profile.id, board, texts),
        banner=texts(f"board.banner_{source}") if source != "own" else "",
    )


def outcome_row(
    outcomes: Outcomes, texts: Texts, href: str = "", number: int | None = None, label: str = ""
) -> OutcomeRow:
    """How some battles ended."""
    share, low, high = outcomes.share, outcomes.low, outcomes.high
    compares = not math.isnan(share)
    return OutcomeRow(
        label=label or outcomes.label,
        href=href,
        number=number,
        share=texts.percent(share) if compares else "–",
        interval=texts("board.interval", low=texts.percent(low), high=texts.percent(high))
        if compares
        else "",
        bar=SHARES.bar(low, share, high) if compares else None,
        ended=texts(
            "contender.ended",
            wins=outcomes.wins,
            losses=outcomes.losses,
            ties=outcomes.ties,
            bad=outcomes.both_bad,
        ),
        battles=texts.number(outcomes.battles),
    )


def unknown_page(name: str, board: Leaderboard, roster: Roster, texts: Texts) -> str:
    """What is said where nobody of that name is on the board, with links to those who are."""
    names = (row.name for row in board.standing.ratings.rows)
    return render(
        "unknown_contender.html",
        texts,
        name=name if name in _specs(roster) else "",
        source=board.data.source,
        about=_about(name, roster),
        links=[(each, contender_link(each, board.data.source)) for each in names],
    )


def _about(name: str, roster: Roster) -> str:
    """What the roster says of a contender, as a sentence; empty where it says nothing."""
    spec = _specs(roster).get(name)
    about = spec.about.strip() if spec else ""
    return f"{about[0].upper()}{about[1:].rstrip('.')}. " if about else ""


def _specs(roster: Roster) -> Mapping[str, MemberSpec | BlendSpec]:
    """What the roster says of contenders, by their names: of those that are up, and of others."""
    return {spec.name: spec for spec in (*roster.contenders, *roster.retired)}


def _parts(parts: Sequence[Outcomes], by: str, texts: Texts) -> list[OutcomeRow]:
    shown = [(each, slice_label(each.label, by, texts)) for each in parts[:MOST]]
    return [outcome_row(each, texts, label=label) for each, label in shown]


def _samples(
    samples: Iterable[SampleBattle], me: str, board: Leaderboard, texts: Texts
) -> list[SampleText]:
    names = {profile.id: profile.name for profile in board.profiles}
    return [
        _sample(each, each.contenders.index(me), names, texts)
        for each in samples
        if all(id in names for id in each.contenders)
    ]


def _sample(sample: SampleBattle, side: int, names: Mapping[str, str], texts: Texts) -> SampleText:
    other = names[sample.contenders[1 - side]]
    outcome = "won" if sample.choice == ("left", "right")[side] else "lost"
    vote = sample.choice if sample.choice in ("tie", "both_bad") else outcome
    own, others = sample.sides[side], sample.sides[1 - side]
    return SampleText(
        other=other,
        href=contender_link(other, "own"),
        when=texts.date(sample.voted),
        vote=texts(f"contender.vote_{vote}"),
        turns=tuple(_turns(own, others, texts)),
    )


def _turns(own: Conversation, others: Conversation, texts: Texts) -> Iterable[tuple]:
    for mine, theirs in zip(own.turns, others.turns, strict=False):
        yield (
            Markup(markup.typed(mine.prompt)),
            *(Markup(markup.reply(mine.reply)), texts.listed([*dict.fromkeys(mine.writers)])),
            *(Markup(markup.reply(theirs.reply)), texts.listed([*dict.fromkeys(theirs.writers)])),
        )
