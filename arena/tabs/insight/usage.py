"""How the site is used: the arena's funnel, and how long replies let one wait."""

import plotly.graph_objects as go

from arena.site import Site
from arena.tabs.figures import GREY, literal
from arena.tabs.insight import canvas
from arena.tabs.insight.section import Section, Shown
from arena.usage import Funnel, Waiting
from blend.cohort import SMALLEST

STEPS = {
    "opened": "opened",
    "finished": "answered by both",
    "voted": "voted on",
    "counted": "counted",
}
BAR = "#0072b2"
PERCENTILES = {"half": "circle", "95 %": "diamond", "99 %": "square"}


def sections(site: Site) -> list[Section]:
    """The two sections over one site."""
    return [
        Section(
            "funnel",
            "From a battle to a vote",
            "how many battles are answered, voted on, and counted",
            "What this does not show: why a battle was left. Simulated and imported battles are "
            "not in it.",
            lambda: funnel(site.store.funnel()),
        ),
        Section(
            "waiting",
            "How long one waits",
            "seconds to the first words and to the end of a reply, by member",
            "What this does not show: what the visitor's own connection adds. Newest replies "
            "only, of those that ended by themselves; members differ in how much they write.",
            lambda: waiting(site.store.waiting(), site.roster.colours),
        ),
    ]


def funnel(found: Funnel) -> Shown:
    """How many battles get how far."""
    if found.visitors < SMALLEST:
        return Shown(f"Too early: fewer than {SMALLEST} visitors have opened a battle.")
    counts = [getattr(found, step) for step in STEPS]
    shares = [count / found.opened for count in counts]
    figure = canvas.finish(go.Figure(), 210)
    figure.add_bar(
        x=counts,
        y=list(STEPS.values()),
        orientation="h",
        marker={"color": BAR},
        text=[f"{count:,} · {share:.0%}" for count, share in zip(counts, shares, strict=True)],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    # Room for the numbers of the longest bar.
    figure.update_xaxes(range=[0, 1.5 * found.opened], nticks=5)
    figure.update_layout(showlegend=False)
    return Shown(
        f"Of {found.opened:,} battles of {found.visitors:,} visitors {shares[1]:.0%} were answered "
        f"by both sides, {shares[2]:.0%} were voted on, and {shares[3]:.0%} count.",
        figure,
    )


def waiting(found: tuple[Waiting, ...], colours: dict[str, str]) -> Shown:
    """Percentiles of the time to the first token and to the end, by member."""
    if not found:
        return Shown(f"Too early: no member has answered {SMALLEST} visitors yet.")
    titles = ["Seconds to the first words", "Seconds to the end of the reply"]
    figure = canvas.rows(titles, 160 + 76 * len(found), shared=False)
    for number, (name, symbol) in enumerate(PERCENTILES.items()):
        # The legend's own marks: those of the members are in colour.
        key = {"symbol": symbol, "size": 10, "color": GREY}
        figure.add_scatter(x=[None], y=[None], name=name, mode="markers", marker=key)
        for row, measure in enumerate(("first_token", "whole"), start=1):
            figure.add_scatter(
                x=[getattr(each, measure)[number] for each in found],
                y=[literal(each.member) for each in found],
                name=name,
                showlegend=False,
                mode="markers",
                marker={
                    "symbol": symbol,
                    "size": 10,
                    "color": [colours.get(each.member, GREY) for each in found],
                },
                hovertemplate=f"%{{y}}, {name} wait under %{{x:.2f}} s<extra></extra>",
                row=row,
                col=1,
            )
    figure.update_xaxes(rangemode="tozero", nticks=6, tickangle=0)
    figure.update_yaxes(type="category", showgrid=False)
    slowest = max(found, key=lambda each: each.first_token[1])
    return Shown(
        f"Half of all replies begin within {_middle(found):.2f} s; the slowest member's, "
        f"{slowest.member}'s, begin within {slowest.first_token[1]:.2f} s in 95 of 100 cases.",
        figure,
    )


def _middle(found: tuple[Waiting, ...]) -> float:
    """The replies' median over all members, from the members' own, weighted by their replies."""
    replies = sum(each.replies for each in found)
    return sum(each.first_token[0] * each.replies for each in found) / replies
