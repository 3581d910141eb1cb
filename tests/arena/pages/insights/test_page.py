"""The insights page's values: every section on a real database, empty, simulated, or small."""

import asyncio
import json
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from chatting import BLEND, NOON, Chatter, Clock

from arena.db.repositories.usage import Funnel, LatencyPercentiles
from arena.db.repositories.visits import DAY
from arena.db.store import Store
from arena.experiment.reading import ExperimentRecord
from arena.experiment.synthetic_visitors import arms
from arena.pages import figures
from arena.pages.insights import usage
from arena.pages.insights.page import InsightsPage
from arena.pages.insights.section import TooEarly
from arena.simulation.simulate_visits import write_visits
from arena.site.leaderboards import LeaderboardCache
from arena.texts import ENGLISH

MARKED = ENGLISH("insights.simulated")
COLOURS = {"Blended": "#0072b2", "oak": "#d55e00"}


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    store.database.clock = Clock(NOON)
    store.contenders.save(BLEND.id, BLEND.name, {})
    yield store
    store.close()


def page(store, experiment=None) -> InsightsPage:
    roster = SimpleNamespace(
        contenders=[],
        colours=COLOURS,
        experiment=experiment,
        focus="Blended",
        blends=(),
        law=None,
        handoff=None,
        path=Path("scripted.toml"),
    )
    boards = LeaderboardCache(roster, store)
    return InsightsPage(
        SimpleNamespace(
            store=store, roster=roster, boards=boards, contenders=SimpleNamespace(ids={})
        )
    )


def contents(insights) -> dict:
    """What is told of this site's visitors; the law and the hand-offs are of models."""
    own = [s for s in insights.sections if not s.slug.startswith(("law", "handoff"))]
    return {section.slug: section.content() for section in own}


def simulate(store, visitors=700, days=25, count=3, name="sim"):
    write_visits(store, arms(count), visitors, days, name, np.random.default_rng(3))


def test_a_simulated_experiment_fills_every_section_of_it(store):
    simulate(store)
    insights = page(store)
    report = insights.experiment.reading().report
    found = contents(insights)

    heading = unescape(asyncio.run(insights.heading()))
    assert heading.startswith("<p>Experiment 'sim': 2,100 simulated visitors")
    assert " % (" in found["retention"].sentence and "of control" in found["retention"].sentence
    assert found["engagement"].sentence.startswith("Who came on day 7 after joining stayed")
    assert [row[0] for row in found["ratios"].table.rows] == ["arm-2", "arm-3"]
    assert found["looks"].sentence.count("\n- ") == 3
    assert "Within three minutes visitors answered" in found["sooner"].sentence
    for slug in ("retention", "engagement", "ratios", "looks", "sooner"):
        text = found[slug].figure.to_json()
        assert json.loads(text) and MARKED in text and "arm-2" in text
    line = next(t for t in found["retention"].figure.data if t.name == "control")
    known = ~np.isnan(report.arms[0].retention.value)
    known[0] = False
    assert line.y == pytest.approx(100 * report.arms[0].retention.value[known])
    fitted = next(t for t in found["ratios"].figure.data if t.name == "arm-2")
    assert fitted.y == pytest.approx(np.exp(report.arms[1].retention_fit.fitted))

    shown = asyncio.run(insights.show(insights.sections[2], None))
    whole, said, picture, table, limits, reasons, rest = shown
    assert "compared with control" in said and limits.startswith("What this does not show")
    assert whole.visible and picture.visible and table.visible
    assert (reasons, rest) == ({"ratios": ""}, f"<p>{ENGLISH('page.reading')}</p>")


def test_it_is_computed_once_for_each_state_of_the_visits(store):
    simulate(store, visitors=60, days=10)
    experiment = page(store).experiment
    first = experiment.reading()
    assert experiment.reading() is first
    Chatter(store, store.database.clock).say(NOON)
    second = experiment.reading()
    assert second is not first
    store.database.clock.now = NOON + DAY
    assert experiment.reading() is not second


def test_the_rosters_experiment_goes_before_a_newer_one(store):
    store.experiments.save(ExperimentRecord("mine", "oak", {"oak": 1.0, "Blended": 1.0}))
    store.database.clock.now += 60
    simulate(store, visitors=60, days=10)
    planned = [(None, "sim"), ("mine", "mine"), ("not yet", "sim")]
    for name, read in planned:
        experiment = SimpleNamespace(name=name) if name else None
        assert page(store, experiment).experiment.reading().experiment.name == read


def test_under_five_visitors_nothing_is_drawn(store):
    store.experiments.save(ExperimentRecord("mine", "oak", {"oak": 1.0, "Blended": 1.0}))
    for n in range(8):
        arm = "oak" if n < 4 else "Blended"
        Chatter(store, store.database.clock, visitor=f"v{n}").say(NOON, exposure=("mine", arm))
    store.database.clock.now = NOON + 3 * DAY
    insights = page(store)
    assert all(content.empty for content in contents(insights).values())
    assert "Not shown, under 5 visitors: oak, Blended" in asyncio.run(insights.heading())


def test_a_legend_of_many_lines_stands_above_the_first_panels_title():
    for height in (300, 700):
        layout = figures.new_figure(height, ["Retention", "Engagement"], legend=True).layout
        title = layout.annotations[0]
        assert (layout.legend.yanchor, title.yanchor, title.y) == ("bottom", "bottom", 1.0)
        assert (layout.legend.y - 1) * (height - 100) > figures.TITLE
        assert layout.margin.t > figures.TITLE  # where there is no legend


def test_real_visitors_without_an_experiment_are_one_curve(store):
    for n in range(6):
        Chatter(store, store.database.clock, visitor=f"v{n}").say(NOON)
        if n % 2:
            Chatter(store, store.database.clock, visitor=f"v{n}").say(NOON + DAY)
    store.database.clock.now = NOON + 2 * DAY
    found = contents(page(store))
    assert found["retention"].sentence == (
        "On day 1 after joining, 50 % (19 to 81) of everybody came back."
    )
    assert MARKED not in found["retention"].figure.to_json()
    assert found["ratios"].sentence.startswith("There is no second arm")


def test_the_funnel_and_the_waiting_are_read_out():
    waits = (LatencyPercentiles("oak", 30, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0)),)
    counts = SimpleNamespace(funnel=lambda: Funnel(10, 8, 5, 4, 6), latencies=lambda: waits)
    roster = SimpleNamespace(colours=COLOURS)
    site = SimpleNamespace(store=SimpleNamespace(usage=counts), roster=roster)
    found = usage.funnel(site)
    assert found.sentence == (
        "Of 10 battles of 6 visitors 80% were answered by both sides, 50% were voted on, "
        "and 40% count."
    )
    assert list(found.figure.data[0].x) == [10, 8, 5, 4]
    sentence = usage.waiting(site).sentence
    assert "within 0.10 s" in sentence and "oak, begin within 0.20 s" in sentence
    counts.funnel = lambda: Funnel(10, 8, 5, 4, 4)
    with pytest.raises(TooEarly, match="fewer than 5 visitors"):
        usage.funnel(site)


def test_what_cannot_be_shown_yet_is_one_list_by_its_reasons(store):
    insights, reasons = page(store), None
    for section in insights.sections:
        shown = asyncio.run(insights.show(section, reasons))
        whole, said, picture, _, limits, reasons, rest = shown
        if not section.slug.startswith("law"):  # of which one ships for every roster
            assert not (whole.visible or picture.visible or limits) and (
                "Too early" in said or "Not measured" in said
            )
    assert (
        ENGLISH("page.reading") not in rest
        and rest.count("Too early: a curve needs five visitors") == 1
    )
    listed = "<li><b>Who comes back</b>: the share that returns"
    assert rest.count("<li><b>") == 17 and listed in rest
    assert list(reasons) == [section.slug for section in insights.sections]


def test_a_database_that_cannot_be_read_is_said_and_no_more(store):
    insights = page(store)
    store.close()
    unread = f"<p>{ENGLISH('insights.unread')}</p>"
    assert asyncio.run(insights.heading()) == unread
    *_, rest = asyncio.run(insights.show(insights.sections[0], None))
    assert rest.startswith(f"<h2>Still to come</h2>{unread}<ul><li><b>Who comes back</b>")
