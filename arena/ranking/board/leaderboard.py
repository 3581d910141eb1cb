"""A board as a visitor asks for it: votes of one source, rated, sliced, read out. No page here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from arena.models import JUDGED, Contender, ExcludedCounts, Source
from arena.ranking.ballots import Ballots
from arena.ranking.board.profiles import (
    DrawCounts,
    Profile,
    UncountedBattles,
    display_names,
    draw_counts,
)
from arena.ranking.board.reasons import ReasonShares, reason_record
from arena.ranking.context.draws import writers
from arena.ranking.elo import EloHistory, elo_history
from arena.ranking.format import rating_records
from arena.ranking.judges import JudgesReport
from arena.ranking.sensitivity.analysis import Sensitivity, analyse_sensitivity
from arena.ranking.standings import Standings, compute_standings
from arena.texts import ENGLISH, Texts

COLUMNS = ("turns", "language", "created", "length", "category", "left_draws", "right_draws")
"""What of each vote a board needs; at equal style, `style` as well."""


@dataclass(frozen=True, slots=True)
class LeaderboardQuery:
    """What somebody wants to see.

    source: "" for this site's own votes, or the first that has any. by: what the slices beside the
    board are by, "" for none. part: which of them the board itself is of, "" for all votes. style:
    at equal length and markdown.
    """

    source: Source | str = ""
    by: str = ""
    part: str = ""
    style: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return (*COLUMNS, "style") if self.style else COLUMNS


@dataclass(frozen=True, slots=True)
class LeaderboardSource:
    """What a database says besides its votes.

    sources: those that have votes. contenders: all that were ever noted. uncounted: battles that
    are in no rating. stored: whether it is in the database, or made up to show what a board is.
    visitors: the number in the ballots of each visitor, by their id; for no page and for no file.
    """

    source: Source
    sources: tuple[Source, ...]
    contenders: Sequence[Contender]
    uncounted: UncountedBattles
    excluded: ExcludedCounts
    stored: bool = True
    visitors: Mapping[str, int] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Leaderboard:
    """Everything that the leaderboard shows.

    standing: of the votes that were asked for, and all slices of all votes in its `parts`. path:
    of the same votes. ballots: all votes of the source, by name on the board. reasons: why visitors
    voted so, by contender id; of all counted votes of the source, so that a board of a part has
    none. judges: how good the machines are that judged, of all their verdicts.
    """

    query: LeaderboardQuery
    data: LeaderboardSource
    standing: Standings
    elo: EloHistory
    profiles: tuple[Profile, ...]
    ballots: Ballots
    reasons: Mapping[str, ReasonShares] = field(default_factory=dict)
    judges: JudgesReport | None = None

    @property
    def rated_votes(self) -> int:
        """Votes that the board rests on."""
        return self.standing.ratings.counts.total

    @property
    def counted(self) -> int:
        """Votes of the source that count."""
        return len(self.ballots)

    @property
    def votes(self) -> int:
        return self.counted + self.data.excluded.dropped

    @property
    def simulated(self) -> bool:
        return self.data.source == "simulated"

    @property
    def retired(self) -> tuple[str, ...]:
        """Names of those that fought and do so no more."""
        return tuple(profile.name for profile in self.profiles if profile.retired)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to rate."""
        return not self.rated_votes

    def sentence(self, texts: Texts = ENGLISH, part: str = "") -> str:
        """The board in one sentence; where no vote counts yet, how to cast the first. part: what
        the board's part is called; empty for its own name."""
        if self.empty and not self.standing.visitors:
            return texts("ranking.no_vote" if not self.counted else "ranking.no_vote_of_slice")
        sentence = self.standing.sentence(texts)
        if self.empty:
            return sentence
        of = [part or self.query.part] if self.query.part else []
        of += [texts("ranking.at_equal_style")] if self.query.style else []
        if not of:
            return sentence
        these = ", ".join(of)  # not capitalize(): it would change the letters after the first
        return texts("ranking.of_these", these=these[:1].upper() + these[1:], sentence=sentence)


def make_leaderboard(
    ballots: Ballots,
    query: LeaderboardQuery,
    data: LeaderboardSource,
    current: Mapping[str, str],
    focus: str,
    active: Collection[str] = (),
) -> Leaderboard:
    """The board of ballots by contender id, with the columns that were asked for.

    current: ids of the contenders that are up, by name; they are shown with or without battles. All
    others are retired; while nobody is up yet, those whose names are not `active`, if any are.
    focus: whom the sentence is about. Raises ValueError for a slice that has no votes.
    """
    draws = draw_counts(ballots.counts(), data.uncounted)
    up = set(current.values())
    labels = display_names(data.contenders, set(draws), up)
    on_board = [c for c in data.contenders if c.id in labels]
    retired = {
        c.id for c in on_board if (c.id not in up if up else active and c.name not in active)
    }
    ballots = replace(ballots, names=(*ballots.names, *sorted(set(labels) - set(ballots.names))))
    named = ballots.renamed(labels)
    result = compute_standings(
        named,
        method="style" if query.style else "plain",
        by=query.by,
        part=query.part,
        focus=focus,
        retired={labels[id] for id in retired},
        writers={labels[c.id]: writers(c.config) for c in on_board},
    )
    return Leaderboard(
        query=query,
        data=data,
        standing=result,
        elo=elo_history(result.ballots),
        profiles=tuple(
            Profile(
                *(c.id, labels[c.id], c.id in up, draws.get(c.id, DrawCounts()), c.config),
                retired=c.id in retired,
            )
            for c in on_board
        ),
        ballots=named,
    )


def board_sensitivity(board: Leaderboard) -> Sensitivity:
    """What other models make of a board's votes, not at equal style; a second on a million."""
    return analyse_sensitivity(board.standing.ballots, people=board.data.source != JUDGED)


def leaderboard_rows(leaderboard: Leaderboard) -> list[dict[str, object]]:
    """The table as JSON-able rows, best first: the rating of each contender, and how often it was
    drawn. By slices, where they were asked for and none was chosen; the reasons are of all votes.
    """
    profiles = {profile.name: profile for profile in leaderboard.profiles}
    if leaderboard.query.by and not leaderboard.query.part:
        tables = leaderboard.standing.parts
    else:
        tables = {leaderboard.query.part: leaderboard.standing.ratings}
    return [
        record
        | {
            "slice": label,
            "style": leaderboard.query.style,
            "source": leaderboard.data.source,
            "id": profiles[record["contender"]].id,
            "drawn": profiles[record["contender"]].exposure.drawn,
            "retired": profiles[record["contender"]].retired,
            "reasons": reason_record(leaderboard.reasons.get(profiles[record["contender"]].id)),
        }
        for label, ratings in tables.items()
        for record in rating_records(ratings)
    ]
