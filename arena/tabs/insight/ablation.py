"""A blend taken apart by the votes: size, each member's part, the best member, who likes whom."""

import threading
from collections.abc import Mapping

import plotly.graph_objects as go

from arena.board import Asked, Board
from arena.dissection import Dissection, Points, dissected
from arena.dissection_text import correlation, gain, level
from arena.likeness import FEWEST, Likeness, likeness
from arena.notes import listed
from arena.parts import parts
from arena.site import Site
from arena.tabs.figures import GREY, bars, literal
from arena.tabs.insight import canvas
from arena.tabs.insight.section import Section, Shown, Table
from blend.cohort import SMALLEST

EARLY = f"Too early: fewer than {SMALLEST} visitors have votes that count."
NOTHING = "Too early: no vote compares a blend with its members yet."
UNTOLD = (
    "Too few parts of the blend fought to tell. An [ablation] table in the roster makes them: "
    "leave_one_out = true, subsets = 2; the README tells how."
)
STRANGERS = f"Too early: no two members were judged by {FEWEST} visitors who judged both."

LIMITS = {
    "size": "What this does not show: that more is better in itself. Which members are in a blend "
    "matters beside how many, and the mean of a size is over those blends that fought. Sizes "
    "that did not fight are not guessed.",
    "members": "What this does not show: what a member would bring to another blend. A Shapley "
    "value shares out what the blend is above the mean of its members alone, as if they joined "
    "one by one in any order.",
    "best": "What this does not show: why. The copies are the control: the same model under "
    "several names has all of a blend but other models, so what the blend is above them is not "
    "the draws. Which member is best is not known for sure, so the interval covers each of them.",
    "alike": "What this does not show: what the replies have in common; python -m blend diversity "
    "compares those. Two members that met the same rivals look a little alike for that alone, "
    "and a visitor who judged both twenty times counts as much as one who did once.",
}

Apart = tuple[Board, Dissection | None, Mapping[tuple[str, str], Likeness]]


class Ablation:
    """The blend of a site taken apart; once for each state of the votes."""

    def __init__(self, site: Site):
        self.site = site
        self._lock = threading.Lock()
        self._apart: Apart | None = None

    def sections(self) -> list[Section]:
        """In the order in which the page shows them."""
        made = {
            "size": ("How many members", "rating by the number of members", self.size),
            "members": (
                "What each member is worth",
                "what each brings to the blend, and what that loses without it",
                self.members,
            ),
            "best": (
                "Against the best member, and against copies of one",
                "how far the blend is above both",
                self.best,
            ),
            "alike": (
                "Do the same visitors like the same members?",
                "whether votes for two members go together",
                self.alike,
            ),
        }
        return [
            Section(slug, title, shows, LIMITS[slug], show)
            for slug, (title, shows, show) in made.items()
        ]

    def apart(self) -> Apart:
        """The board and what follows from it. Blocks."""
        board = self.site.boards.look(Asked(), self.site.current)
        with self._lock:
            if self._apart is None or self._apart[0] is not board:
                self._apart = board, *apart(board, self.site.roster.focus)
            return self._apart

    def size(self) -> Shown:
        """Rating against the number of members."""
        board, found, _ = self.apart()
        if (early := _early(board, found)) or len(found.sizes) < 2:
            return Shown(early or UNTOLD)
        said = listed(
            f"{size if size > 1 else 'single'} members {level(points)}"
            for size, (_, points) in found.sizes.items()
        )
        sentence = f"Mean rating by number of members of {found.blend}: {said}."
        return Shown(sentence, canvas.marked(sizes(found, board), board.simulated))

    def members(self) -> Shown:
        """What each brings, and what is lost without it."""
        board, found, _ = self.apart()
        if early := _early(board, found):
            return Shown(early)
        brought = [each for each in found.contributions if each.shapley]
        lost = [each for each in found.contributions if each.left_out]
        if not brought and not lost:
            return Shown(UNTOLD)
        said = listed(f"{each.member} {gain(each.shapley)}" for each in brought)
        sentence = f"Points that each member brings to {found.blend}: {said}." if brought else ""
        if lost:
            said = listed(f"{gain(each.left_out)} without {each.member}" for each in lost)
            sentence += f" What it loses: {said}."
        table = Table(
            ("Member", "Brings (Shapley value)", "Lost without it", "Rated alone"),
            [
                (
                    each.member,
                    _cell(gain, each.shapley),
                    _cell(gain, each.left_out),
                    _cell(level, each.alone),
                )
                for each in found.contributions
            ],
        )
        colours = canvas.colours([c.member for c in found.contributions], self._colours)
        rows = [(each.member, each.shapley or each.left_out) for each in brought or lost]
        figure = canvas.whiskers(rows, colours, "points")
        notes = " ".join(found.notes)
        return Shown(f"{sentence} {notes}".strip(), canvas.marked(figure, board.simulated), table)

    def best(self) -> Shown:
        """The blend over its best member, whichever that is, and over copies of one."""
        board, found, _ = self.apart()
        if early := _early(board, found):
            return Shown(early)
        rows: list[tuple[str, Points]] = []
        if found.best:
            rows.append((f"over its best member, {found.best[0]}", found.best[1]))
        for name, (over_member, blend_over) in found.copies.items():
            rows.append((f"over {name}", blend_over))
            if over_member:
                rows.append((f"{name} over one", over_member))
        if not rows:
            return Shown(UNTOLD)
        first, points = rows[0]
        sentence = f"{found.blend} is {gain(points)} points {first}: {_verdict(points)}."
        colours = dict.fromkeys((name for name, _ in rows), self._colours.get(found.blend, GREY))
        figure = canvas.whiskers(rows, colours, "points")
        return Shown(sentence, canvas.marked(figure, board.simulated))

    def alike(self) -> Shown:
        """Whether votes for two members go together, beside what their blend gains."""
        board, found, votes = self.apart()
        if early := _early(board, found):
            return Shown(early)
        known = {pair: each for pair, each in votes.items() if each.correlation}
        if not known:
            return Shown(STRANGERS)
        pairs = {(pair.a, pair.b): pair for pair in found.pairs}
        said = listed(
            f"{a} and {b} {correlation(each)} ({each.visitors:,} visitors)"
            for (a, b), each in known.items()
        )
        rows = [(f"{a} and {b}", each.correlation) for (a, b), each in known.items()]
        figure = canvas.whiskers(rows, {}, "correlation")
        heads = ("Pair", "Votes go together", "Visitors", "Their blend over their mean")
        table = [
            (f"{a} and {b}", correlation(each), each.visitors, _cell(gain, pairs[a, b].gain))
            for (a, b), each in votes.items()
        ]
        sentence = f"How far a visitor's taste for one member goes with that for another: {said}."
        return Shown(sentence, canvas.marked(figure, board.simulated), Table(heads, table))

    @property
    def _colours(self) -> dict[str, str]:
        return self.site.roster.colours


def apart(board: Board, focus: str) -> tuple[Dissection | None, dict]:
    """The board's blend taken apart, and the likeness of its members two by two."""
    labels = {profile.id: profile.name for profile in board.profiles}
    ratings = board.standing.ratings
    found = dissected(ratings, parts(board.given.contenders, labels), focus)
    pairs = [(pair.a, pair.b) for pair in found.pairs] if found else []
    return found, likeness(board.ballots, ratings, pairs)


def sizes(found: Dissection, board: Board) -> go.Figure:
    """Each part of the blend as a point, and the mean of each size with its interval."""
    figure = canvas.finish(go.Figure(), 340)
    ratings = board.standing.ratings
    names = [*found.parts]
    figure.add_scatter(
        x=[found.parts[name] for name in names],
        y=[ratings[name].rating for name in names],
        text=[*map(literal, names)],
        mode="markers",
        marker={"color": GREY, "size": 7, "opacity": 0.6},
        hovertemplate="%{text}: %{y:.0f}<extra></extra>",
    )
    means = [(points.value, points.low, points.high) for _, points in found.sizes.values()]
    figure.add_scatter(
        x=[*found.sizes],
        y=[value for value, *_ in means],
        error_y=bars(means, canvas.FIRST),
        mode="lines+markers",
        line={"color": canvas.FIRST, "width": 1, "dash": "dot"},
        marker={"color": canvas.FIRST, "size": 11},
        hovertemplate="mean of %{x}: %{y:.0f}<extra></extra>",
    )
    figure.update_xaxes(
        title_text="members of the blend", dtick=1, range=[0.6, max(found.sizes) + 0.4]
    )
    figure.update_yaxes(title_text="rating", nticks=6)
    return figure.update_layout(showlegend=False)


def _early(board: Board, found: Dissection | None) -> str:
    if board.ballots.visitors < SMALLEST:
        return EARLY
    return "" if found else NOTHING


def _verdict(points: Points) -> str:
    if points.low > 0:
        return "surely more than it"
    return "surely less than it" if points.high < 0 else "the two cannot be told apart yet"


def _cell(write, points: Points | None) -> str:
    return write(points) if points else "—"
