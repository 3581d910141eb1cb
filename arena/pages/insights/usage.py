"""How the site is used: the arena's funnel, and how long replies let one wait."""

from arena.db.repositories.usage import LatencyPercentiles
from arena.experiment.cohort import MIN_VISITORS
from arena.pages import figures
from arena.pages.figures import GREY, plotly_text
from arena.pages.insights.section import SectionContent, TooEarly
from arena.site.site import Site
from arena.texts import ENGLISH, Texts

STEPS = ("opened", "finished", "voted", "counted")
PERCENTILES = {"half": "circle", "most": "diamond", "nearly_all": "square"}


def funnel(site: Site, texts: Texts = ENGLISH) -> SectionContent:
    """How many battles get how far. Raises TooEarly."""
    battles = site.store.usage.funnel()
    if battles.visitors < MIN_VISITORS:
        raise TooEarly("battles", few=MIN_VISITORS)
    counts = [getattr(battles, step) for step in STEPS]
    shares = [count / battles.opened for count in counts]
    figure = figures.new_figure(210)
    figure.add_bar(
        x=counts,
        y=[texts(f"insights.funnel.{step}") for step in STEPS],
        orientation="h",
        marker={"color": figures.FIRST},
        text=[
            f"{texts.number(count)} · {texts.percent(share)}"
            for count, share in zip(counts, shares, strict=True)
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    # Room for the numbers of the longest bar.
    figure.update_xaxes(range=[0, 1.5 * battles.opened], nticks=5)
    return SectionContent(
        texts(
            "insights.funnel.sentence",
            n=battles.opened,
            visitors=battles.visitors,
            **dict(zip(STEPS, map(texts.percent, shares), strict=True)),
        ),
        figure,
    )


def waiting(site: Site, texts: Texts = ENGLISH) -> SectionContent:
    """Percentiles of the time to the first token and to the end, by member. Raises TooEarly."""
    members, colours = site.store.usage.latencies(), site.roster.colours
    if not members:
        raise TooEarly("no_replies", few=MIN_VISITORS)
    titles = [texts("insights.waiting.first"), texts("insights.waiting.whole")]
    figure = figures.new_figure(160 + 76 * len(members), titles, shared=False, legend=True)
    for number, (share, symbol) in enumerate(PERCENTILES.items()):
        name = texts(f"insights.waiting.{share}")
        # The legend's own marks: those of the members are in colour.
        key = {"symbol": symbol, "size": 10, "color": GREY}
        figure.add_scatter(x=[None], y=[None], name=name, mode="markers", marker=key)
        own = key | {"color": [colours.get(each.member, GREY) for each in members]}
        for row, measure in enumerate(("first_token", "whole"), start=1):
            figure.add_scatter(
                x=[getattr(each, measure)[number] for each in members],
                y=[plotly_text(each.member) for each in members],
                name=name,
                showlegend=False,
                mode="markers",
                marker=own,
                hovertemplate=f"%{{y}}, {name}: < %{{x:.2f}} s<extra></extra>",
                row=row,
                col=1,
            )
    figure.update_xaxes(rangemode="tozero", nticks=6, tickangle=0)
    figure.update_yaxes(type="category", showgrid=False)
    slowest = max(members, key=lambda each: each.first_token[1])
    return SectionContent(
        texts(
            "insights.waiting.sentence",
            half=_median(members),
            slowest=slowest.member,
            most=slowest.first_token[1],
        ),
        figure,
    )


def _median(members: tuple[LatencyPercentiles, ...]) -> float:
    """The replies' median over all members, from the members' own, weighted by their replies."""
    replies = sum(each.replies for each in members)
    return sum(each.first_token[0] * each.replies for each in members) / replies
