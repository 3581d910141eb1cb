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
from arena.ranking.ablation.format import correlation, gain, level, notes
from arena.ranking.board.leaderboard import Leaderboard, LeaderboardQuery
from arena.site.site import Site
from arena.texts import ENGLISH, Texts
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

    def _analysed(self) -> BlendAnalysis:
        """The blend of now, with a result. Raises TooEarly."""
        analysis = self.analysis()
        if analysis.board.ballots.visitors < MIN_VISITORS:
            raise TooEarly("votes", few=MIN_VISITORS)
        if analysis.result is None:
            raise TooEarly("blend")
        return analysis

    def size(self, texts: Texts = ENGLISH) -> SectionContent:
        """Rating against the number of members."""
        board, result, _ = self._analysed()
        if len(result.sizes) < 2:
            raise TooEarly("parts")
        means = [
            texts("insights.size.mean", n=size, rating=level(points))
            for size, (_, points) in result.sizes.items()
        ]
        means = texts.listed(means)
        sentence = texts("insights.size.sentence", blend=result.blend, means=means)
        return SectionContent(sentence, _marked(sizes(result, board, texts), board, texts))

    def members(self, texts: Texts = ENGLISH) -> SectionContent:
        """What each member brings, and what is lost without it."""
        board, result, _ = self._analysed()
        brought = [each for each in result.contributions if each.shapley]
        lost = [each for each in result.contributions if each.left_out]
        if not brought and not lost:
            raise TooEarly("parts")
        sentences = []
        if brought:
            gains = texts.listed([f"{each.member} {gain(each.shapley)}" for each in brought])
            sentences.append(texts("insights.members.brings", blend=result.blend, gains=gains))
        if lost:
            losses = [
                texts("insights.members.lost", points=gain(each.left_out), member=each.member)
                for each in lost
            ]
            sentences.append(texts("insights.members.loses", losses=texts.listed(losses)))
        heads = ("member", "shapley", "left_out", "alone")
        table = SectionTable(
            [texts(f"insights.members.head_{head}") for head in heads],
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
        figure = figures.interval_figure(rows, colours, texts("insights.points"), texts)
        sentences += notes(result, texts)
        return SectionContent(" ".join(sentences), _marked(figure, board, texts), table)

    def best(self, texts: Texts = ENGLISH) -> SectionContent:
        """The blend over its best member, whichever that is, and over copies of one."""
        board, result, _ = self._analysed()
        rows: list[tuple[str, Estimate]] = []
        if result.best:
            best = texts("insights.best.over_best", name=result.best[0])
            rows.append((best, result.best[1]))
        for name, (over_member, blend_over) in result.copies.items():
            rows.append((texts("insights.best.over", name=name), blend_over))
            if over_member:
                rows.append((texts("insights.best.over_one", name=name), over_member))
        if not rows:
            raise TooEarly("parts")
        first, points = rows[0]
        verdict = texts(f"insights.best.{_verdict(points)}")
        values = {"blend": result.blend, "points": gain(points), "over": first, "verdict": verdict}
        sentence = texts("insights.best.sentence", **values)
        colours = dict.fromkeys((name for name, _ in rows), self._colours.get(result.blend, GREY))
        figure = figures.interval_figure(rows, colours, texts("insights.points"), texts)
        return SectionContent(sentence, _marked(figure, board, texts))

    def alike(self, texts: Texts = ENGLISH) -> SectionContent:
        """Whether votes for two members go together, beside what their blend gains."""
        board, result, pairs = self._analysed()
        measured = {texts.listed(pair): each for pair, each in pairs.items() if each.correlation}
        if not measured:
            raise TooEarly("judged_both", few=FEWEST)
        correlations = [
            texts("insights.alike.pair", pair=pair, r=correlation(each, texts), n=each.visitors)
            for pair, each in measured.items()
        ]
        rows = [(pair, each.correlation) for pair, each in measured.items()]
        gains = {(pair.a, pair.b): pair.gain for pair in result.pairs}
        heads = ("pair", "together", "visitors", "gain")
        table = SectionTable(
            [texts(f"insights.alike.head_{head}") for head in heads],
            [
                (
                    texts.listed(pair),
                    correlation(each, texts),
                    each.visitors,
                    _cell(gain, gains[pair]),
                )
                for pair, each in pairs.items()
            ],
        )
        figure = figures.interval_figure(rows, {}, texts("insights.alike.correlation"), texts)
        return SectionContent(
            texts("insights.alike.sentence", pairs=texts.listed(correlations)),
            _marked(figure, board, texts),
            table,
        )


def sizes(result: AblationResult, board: Leaderboard, texts: Texts) -> go.Figure:
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
        f"{texts('insights.size.mean_of')} %{{x}}: %{{y:.0f}}",
        [[points.low for points in means], [points.high for points in means]],
        bars="y",
        mode="lines+markers",
        line={"width": 1, "dash": "dot"},
        marker_size=11,
    )
    ends = [0.6, max(result.sizes) + 0.4]
    figure.update_xaxes(title_text=texts("insights.size.axis"), dtick=1, range=ends)
    return figure.update_yaxes(title_text=texts("insights.size.rating"), nticks=6)


def _marked(figure: go.Figure, board: Leaderboard, texts: Texts) -> go.Figure:
    return figures.mark_simulated(figure, board.simulated, texts("insights.simulated"))


def _verdict(points: Estimate) -> str:
    return {"above": "more", "below": "less", "": "unclear"}[points.side()]


def _cell(write: Callable[[Estimate], str], points: Estimate | None) -> str:
    return write(points) if points else "—"
