"""A blend taken apart by the votes: size, each member's part, the best member, who likes whom."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import plotly.graph_objects as go

from arena.experiment.cohort import MIN_VISITORS
from arena.pages import figures
from arena.pages.figures import GREY, plotly_text
from arena.pages.insights.section import SectionContent, SectionTable, StateCache, TooEarly
from arena.ranking.ablation.affinity import FEWEST, Affinity, affinities
from arena.ranking.ablation.analysis import AblationResult, analyse_blend
from arena.ranking.ablation.composition import compositions
from arena.ranking.ablation.format import correlation, gain, level
from arena.ranking.board.leaderboard import Leaderboard, LeaderboardQuery
from arena.ranking.caveats import join_names
from arena.site.site import Site
from blend.evaluation.resample import Estimate


class BlendAnalysis(NamedTuple):
    """A board, its blend taken apart, and the likeness of the blend's members two by two."""

    board: Leaderboard
    result: AblationResult | None
    likeness: Mapping[tuple[str, str], Affinity]


class AblationSections:
    """The blend of a site taken apart; once for each state of the votes."""

    def __init__(self, site: Site):
        self._focus, self._colours = site.roster.focus, site.roster.colours
        self.analysis = StateCache(
            lambda: site.boards.look(LeaderboardQuery(), site.contenders.ids), self._analyse
        )

    def _analyse(self, board: Leaderboard) -> BlendAnalysis:
        labels = {profile.id: profile.name for profile in board.profiles}
        ratings = board.standing.ratings
        result = analyse_blend(ratings, compositions(board.data.contenders, labels), self._focus)
        pairs = [(pair.a, pair.b) for pair in result.pairs] if result else []
        return BlendAnalysis(board, result, affinities(board.ballots, ratings, pairs))

    def _result(self) -> tuple[AblationResult, Leaderboard]:
        """Raises TooEarly."""
        board, result, _ = self.analysis()
        if board.ballots.visitors < MIN_VISITORS:
            raise TooEarly("votes", few=MIN_VISITORS)
        if result is None:
            raise TooEarly("blend")
        return result, board

    def size(self) -> SectionContent:
        """Rating against the number of members."""
        result, board = self._result()
        if len(result.sizes) < 2:
            raise TooEarly("parts")
        means = join_names(
            f"{size if size > 1 else 'single'} members {level(points)}"
            for size, (_, points) in result.sizes.items()
        )
        sentence = f"Mean rating by number of members of {result.blend}: {means}."
        return SectionContent(
            sentence, figures.mark_simulated(sizes(result, board), board.simulated)
        )

    def members(self) -> SectionContent:
        """What each member brings, and what is lost without it."""
        result, board = self._result()
        brought = [each for each in result.contributions if each.shapley]
        lost = [each for each in result.contributions if each.left_out]
        if not brought and not lost:
            raise TooEarly("parts")
        sentences = []
        if brought:
            gains = join_names(f"{each.member} {gain(each.shapley)}" for each in brought)
            sentences.append(f"Points that each member brings to {result.blend}: {gains}.")
        if lost:
            losses = join_names(f"{gain(each.left_out)} without {each.member}" for each in lost)
            sentences.append(f"What it loses: {losses}.")
        table = SectionTable(
            ("Member", "Brings (Shapley value)", "Lost without it", "Rated alone"),
            [
                (
                    each.member,
                    _cell(gain, each.shapley),
                    _cell(gain, each.left_out),
                    _cell(level, each.alone),
                )
                for each in result.contributions
            ],
        )
        colours = figures.colours([each.member for each in result.contributions], self._colours)
        rows = [(each.member, each.shapley or each.left_out) for each in brought or lost]
        figure = figures.mark_simulated(
            figures.interval_figure(rows, colours, "points"), board.simulated
        )
        return SectionContent(" ".join([*sentences, *result.notes]), figure, table)

    def best(self) -> SectionContent:
        """The blend over its best member, whichever that is, and over copies of one."""
        result, board = self._result()
        rows: list[tuple[str, Estimate]] = []
        if result.best:
            rows.append((f"over its best member, {result.best[0]}", result.best[1]))
        for name, (over_member, blend_over) in result.copies.items():
            rows.append((f"over {name}", blend_over))
            if over_member:
                rows.append((f"{name} over one", over_member))
        if not rows:
            raise TooEarly("parts")
        first, points = rows[0]
        sentence = f"{result.blend} is {gain(points)} points {first}: {_verdict(points)}."
        colour = self._colours.get(result.blend, GREY)
        figure = figures.interval_figure(rows, {name: colour for name, _ in rows}, "points")
        return SectionContent(sentence, figures.mark_simulated(figure, board.simulated))

    def alike(self) -> SectionContent:
        """Whether votes for two members go together, beside what their blend gains."""
        result, board = self._result()
        pairs = self.analysis().likeness
        measured = {f"{a} and {b}": each for (a, b), each in pairs.items() if each.correlation}
        if not measured:
            raise TooEarly("judged_both", few=FEWEST)
        correlations = join_names(
            f"{pair} {correlation(each)} ({each.visitors:,} visitors)"
            for pair, each in measured.items()
        )
        rows = [(pair, each.correlation) for pair, each in measured.items()]
        gains = {(pair.a, pair.b): pair.gain for pair in result.pairs}
        table = SectionTable(
            ("Pair", "Votes go together", "Visitors", "Their blend over their mean"),
            [
                (f"{a} and {b}", correlation(each), each.visitors, _cell(gain, gains[a, b]))
                for (a, b), each in pairs.items()
            ],
        )
        return SectionContent(
            f"How far a visitor's taste for one member goes with that for another: {correlations}.",
            figures.mark_simulated(
                figures.interval_figure(rows, {}, "correlation"), board.simulated
            ),
            table,
        )


def sizes(result: AblationResult, board: Leaderboard) -> go.Figure:
    """Each part of the blend as a point, and the mean of each size with its interval."""
    figure = figures.new_figure(340)
    ratings = board.standing.ratings
    names = [*result.parts]
    figure.add_scatter(
        x=[result.parts[name] for name in names],
        y=[ratings[name].rating for name in names],
        text=[*map(plotly_text, names)],
        mode="markers",
        marker={"color": GREY, "size": 7, "opacity": 0.6},
        hovertemplate="%{text}: %{y:.0f}<extra></extra>",
    )
    means = [points for _, points in result.sizes.values()]
    figures.add_series(
        figure,
        *("", [*result.sizes], [points.value for points in means], figures.FIRST),
        "mean of %{x}: %{y:.0f}",
        [[points.low for points in means], [points.high for points in means]],
        bars="y",
        mode="lines+markers",
        line={"width": 1, "dash": "dot"},
        marker_size=11,
    )
    ends = [0.6, max(result.sizes) + 0.4]
    figure.update_xaxes(title_text="members of the blend", dtick=1, range=ends)
    return figure.update_yaxes(title_text="rating", nticks=6)


def _verdict(points: Estimate) -> str:
    if points.low > 0:
        return "surely more than it"
    return "surely less than it" if points.high < 0 else "the two cannot be told apart yet"


def _cell(write: Callable[[Estimate], str], points: Estimate | None) -> str:
    return write(points) if points else "—"
