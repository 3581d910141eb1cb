"""The leaderboard in words: its table, what it rests on, how firm it is, who its contenders are."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from arena.board import Board
from arena.listing import MORE, SAID
from arena.plural import many
from arena.profile import Profile
from arena.rating import Ratings

COLUMNS = {
    "Rank": "str",
    "Contender": "str",
    "Rating": "number",
    "95 % interval": "str",
    "Battles": "number",
    "Win %": "number",
    "Tie %": "number",
    "Both bad %": "number",
    "Note": "str",
}

WIDTHS = ["90px", "200px", "95px", "165px", "105px", "95px", "95px", "130px", "140px"]

METHOD = (
    "Ratings are Bradley-Terry strengths from all counted votes, on the chess scale: 400 points "
    "are odds of ten to one, and the mean, weighted by battles, is 1000. A tie counts half to "
    "each; “both bad” is shown, but ranks nobody. Bars are 95 % intervals that take the votes of "
    "one visitor as one opinion; the rank is the range that they allow. The sentence on top "
    "compares pair by pair, which can tell two apart whose bars overlap. “At equal style” takes "
    "out what length and markdown sway, as far as they differ within battles."
)


def headline(sentence: str) -> str:
    """What stands on top, as HTML: the names in it are no markup."""
    return f"<h2>{escape(sentence)}</h2>"


def banner(shown: Board) -> str:
    """Whose votes these are, where they are not this site's own; else nothing."""
    if shown.given.source == "own":
        return ""
    said = f"These are {SAID[shown.given.source]}."
    if not shown.given.stored:
        said += " They are not stored, and go as soon as you choose something else."
    return f'<p class="notice" role="note">{escape(said)}</p>'


def totals(shown: Board, now: float) -> str:
    """How much the board rests on, and as of when."""
    when = datetime.fromtimestamp(now, UTC).strftime("%d %B %Y, %H:%M:%S UTC")
    people, void = many(shown.ballots.visitors, "visitor"), shown.given.rest.void
    said = [
        f"{shown.counted:,} of {many(shown.votes, 'vote')} counted, from {people}",
        f"{many(void, 'battle')} skipped or void",
    ]
    if shown.rated != shown.counted:
        said.insert(1, f"{many(shown.rated, 'vote')} of them shown")
    return " · ".join([*said, f"as of {when}"])


def notes(shown: Board) -> str:
    """What limits the numbers, if anything, as HTML."""
    ratings = shown.standing.ratings
    said = list(ratings.notes)
    if any(row.preliminary for row in ratings.rows):
        said.append(f"Open circles are preliminary: under {ratings.minimum} battles.")
    return escape(" ".join(said))


def table(ratings: Ratings) -> list[list[object]]:
    """The rows under COLUMNS."""
    return [
        [
            f"{row.rank}" if row.rank == row.worst else f"{row.rank} to {row.worst}",
            row.name,
            round(row.rating),
            f"{row.low:.0f} to {row.high:.0f}",
            row.battles,
            *(round(100 * n / max(row.battles, 1)) for n in (row.wins, row.ties, row.both_bad)),
            "preliminary" if row.preliminary else "",
        ]
        for row in ratings.rows
    ]


def firmness(shown: Board) -> str:
    """The side's pull, the votes that would turn the top, what style is worth: a list in HTML."""
    side, upset = shown.standing.side, shown.standing.upset
    told = "" if side.clear else ", which is no more than chance"
    said = [
        f"<b>Side.</b> Between equals the left reply wins {side.share:.1%} of the time "
        f"({side.low:.1%} to {side.high:.1%}){told}."
    ]
    if upset is None:
        said.append("<b>The top.</b> Nobody could take it by turning votes: there is no rival yet.")
    else:
        said.append(f"<b>The top.</b> {escape(upset.sentence)}")
    said += [
        f"<b>Style.</b> {MORE[effect.name]} is worth {effect.points:+.0f} points "
        f"({effect.low:+.0f} to {effect.high:+.0f})."
        for effect in shown.standing.effects
    ]
    return f"<ul>{''.join(f'<li>{each}</li>' for each in said)}</ul>"


def links(shown: Board) -> str:
    """Where this very board can be had as a file."""
    asked = shown.asked
    query = {"source": shown.given.source, "part": asked.part, "style": "1" * asked.style}
    query |= {"by": asked.by} if asked.part else {}
    told = escape(urlencode({key: value for key, value in query.items() if value}))
    return (
        f'Download: <a href="leaderboard.csv?{told}" download>the table as CSV</a> · '
        f'<a href="leaderboard.json?{told}" download>everything as JSON</a>'
    )


def contenders(profiles: Iterable[Profile], colours: Mapping[str, str], own: bool = True) -> str:
    """What each contender is and how often it was drawn, most often first, as HTML.

    own: whether they fight on this site, so that it can be told which of them are up.
    """
    ordered = sorted(profiles, key=lambda each: (-each.exposure.drawn, each.name))
    battles = sum(each.exposure.drawn for each in ordered) / 2
    return "".join(_contender(each, battles, list(colours), own) for each in ordered)


def _contender(profile: Profile, battles: float, colours: list[str], own: bool) -> str:
    seen = profile.exposure
    who = f" who-{colours.index(profile.name)}" if profile.name in colours else ""
    share = f" ({seen.drawn / battles:.0%} of all)" if battles else ""
    became = ", ".join(
        f"{count:,} {what}"
        for count, what in (
            (seen.counted, "with a vote that counts"),
            (seen.dropped, "with one that does not"),
            (seen.void, "without a vote"),
        )
        if count
    )
    gone = "" if profile.up or not own else " Not up now."
    settings = "".join(
        f"<li><b>{escape(name)}</b>: {escape(said)}</li>" for name, said in profile.settings
    )
    more = f"<details><summary>Settings of {escape(profile.name)}</summary>"
    more += f"<ul>{settings}<li>id {escape(profile.id)}</li></ul></details>"
    return (
        f'<div class="profile"><span class="chip{who}">{escape(profile.name)}</span> '
        f"{escape(profile.sentence)}{gone}<br>Drawn for {many(seen.drawn, 'battle')}{share}"
        f"{': ' if became else ''}{became}.{more}</div>"
    )
