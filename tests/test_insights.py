"""The insights page's values: every section on a real database, empty, simulated, or small."""

import asyncio
import json
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from arena.attendance import Trial
from arena.boards import Boards
from arena.crowd import arms
from arena.simulate_visits import write
from arena.store import Store
from arena.tabs.insight import canvas, usage
from arena.tabs.insights import READING, UNREAD, Insights
from arena.usage import Funnel, Waiting
from tests.test_visits import BLEND, DAY, NOON, Chatter, Clock

COLOURS = {"Blended": "#0072b2", "oak": "#d55e00"}


@pytest.fixture
def store(tmp_path):
    store = Store.open(tmp_path / "arena.db")
    store.clock = Clock(NOON)
    store.contender(BLEND.id, BLEND.name, {})
    yield store
    store.close()


def page(store, experiment=None) -> Insights:
    roster = SimpleNamespace(
        colours=COLOURS,
        experiment=experiment,
        focus="Blended",
        blends=(),
        law=None,
        path=Path("scripted.toml"),
    )
    boards = Boards(roster, store)
    return Insights(SimpleNamespace(store=store, roster=roster, boards=boards, current={}))


def shown(insights) -> dict:
    """What is told of this site's visitors; the law is of models."""
    told = [section for section in insights.sections if not section.slug.startswith("law")]
    return {section.slug: section.show() for section in told}


def simulate(store, visitors=700, days=25, count=3, name="sim"):
    write(store, arms(count), visitors, days, name, np.random.default_rng(3))


def test_an_empty_database_says_how_each_section_begins(store):
    for said in shown(page(store)).values():
        assert said.sentence.startswith("Too early") and said.figure is None and said.table is None


def test_a_simulated_experiment_fills_every_section_of_it(store):
    simulate(store)
    insights = page(store)
    found = shown(insights)

    assert insights.experiment.heading().startswith("Experiment 'sim': 2,100 simulated visitors")
    assert " % (" in found["retention"].sentence and "of control" in found["retention"].sentence
    assert found["engagement"].sentence.startswith("Who came on day 7 after joining stayed")
    assert [row[0] for row in found["ratios"].table.rows] == ["arm-2", "arm-3"]
    assert found["looks"].sentence.count("\n- ") == 3
    assert "within three minutes were answered" in found["sooner"].sentence
    for slug in ("retention", "engagement", "ratios", "looks", "sooner"):
        text = found[slug].figure.to_json()
        assert json.loads(text) and canvas.MARKED in text and "arm-2" in text


def test_the_pictures_show_what_the_report_says(store):
    simulate(store)
    insights = page(store)
    report = insights.experiment.reading().report
    control = report.arms[0]
    found = shown(insights)

    line = next(t for t in found["retention"].figure.data if t.name == "control")
    known = ~np.isnan(control.retention.value)
    known[0] = False
    assert line.y == pytest.approx(100 * control.retention.value[known])
    fitted = next(t for t in found["ratios"].figure.data if t.name == "arm-2")
    assert fitted.y == pytest.approx(np.exp(report.arms[1].retention_line.fitted))


def test_it_is_reckoned_once_for_each_state_of_the_visits(store):
    simulate(store, visitors=60, days=10)
    experiment = page(store).experiment
    first = experiment.reading()
    assert experiment.reading() is first
    Chatter(store, store.clock).say(NOON)
    assert experiment.reading() is not first
    second = experiment.reading()
    store.clock.now = NOON + DAY
    assert experiment.reading() is not second


def test_the_rosters_experiment_goes_before_a_newer_one(store):
    store.note_trial(Trial("mine", "oak", {"oak": 1.0, "Blended": 1.0}))
    store.clock.now += 60
    simulate(store, visitors=60, days=10)
    assert page(store).experiment.reading().trial.name == "sim"
    mine = page(store, SimpleNamespace(name="mine")).experiment
    assert mine.reading().trial.name == "mine"
    assert page(store, SimpleNamespace(name="not yet")).experiment.reading().trial.name == "sim"


def test_under_five_visitors_nothing_is_drawn(store):
    store.note_trial(Trial("mine", "oak", {"oak": 1.0, "Blended": 1.0}))
    for n in range(8):
        arm = "oak" if n < 4 else "Blended"
        Chatter(store, store.clock, visitor=f"v{n}").say(NOON, exposure=("mine", arm))
    store.clock.now = NOON + 3 * DAY
    insights = page(store)
    assert all(said.figure is None for said in shown(insights).values())
    assert "Not shown, under 5 visitors: oak, Blended" in insights.experiment.heading()


def test_a_legend_of_many_lines_stands_above_the_first_panels_title():
    for height in (300, 700):
        layout = canvas.rows(["Retention", "Engagement"], height).layout
        title = layout.annotations[0]
        assert (layout.legend.yanchor, title.yanchor, title.y) == ("bottom", "bottom", 1.0)
        assert (layout.legend.y - 1) * (height - 100) > canvas.TITLE
        assert layout.margin.t > canvas.TITLE  # where there is no legend


def test_real_visitors_without_an_experiment_are_one_curve(store):
    for n in range(6):
        Chatter(store, store.clock, visitor=f"v{n}").say(NOON)
        if n % 2:
            Chatter(store, store.clock, visitor=f"v{n}").say(NOON + DAY)
    store.clock.now = NOON + 2 * DAY
    found = shown(page(store))
    assert found["retention"].sentence == (
        "On day 1 after joining, 50 % (19 to 81) of everybody came back."
    )
    assert canvas.MARKED not in found["retention"].figure.to_json()
    assert found["ratios"].sentence.startswith("There is no second arm")


def test_the_funnel_and_the_waiting_are_read_out():
    found = usage.funnel(Funnel(10, 8, 5, 4, 6))
    assert found.sentence == (
        "Of 10 battles of 6 visitors 80% were answered by both sides, 50% were voted on, "
        "and 40% count."
    )
    assert list(found.figure.data[0].x) == [10, 8, 5, 4]
    assert usage.funnel(Funnel(10, 8, 5, 4, 4)).figure is None

    waits = usage.waiting((Waiting("oak", 30, (0.1, 0.2, 0.3), (1.0, 2.0, 3.0)),), COLOURS)
    assert "within 0.10 s" in waits.sentence and "oak's, begin within 0.20 s" in waits.sentence


def test_a_section_is_a_sentence_a_picture_a_table_and_limits(store):
    simulate(store)
    insights = page(store)
    _, sentence, picture, table, limits, told, rest = asyncio.run(
        insights.show(insights.sections[2], None)
    )

    assert unescape(asyncio.run(insights.heading())).startswith("<p>Experiment 'sim'")
    assert "compared with control" in sentence and limits.startswith("What this does not show")
    assert (
        picture.visible and table.visible and told == {"ratios": ""} and rest == f"<p>{READING}</p>"
    )


def test_what_cannot_be_shown_yet_is_one_list_by_its_reasons(store):
    insights, told = page(store), None
    for section in insights.sections:
        shown = asyncio.run(insights.show(section, told))
        whole, _, picture, _, limits, told, rest = shown
        assert section.slug.startswith("law") or not (whole.visible or picture.visible or limits)
    assert READING not in rest and rest.count("Too early: a curve needs five visitors") == 1
    said = "<li><b>Who comes back</b>: the share that returns"
    assert rest.count("<li><b>") == 14 and said in rest
    assert list(told) == [section.slug for section in insights.sections]


def test_a_database_that_cannot_be_read_is_said_and_no_more(store):
    insights = page(store)
    store.close()
    assert asyncio.run(insights.heading()) == f"<p>{UNREAD}</p>"
    *_, rest = asyncio.run(insights.show(insights.sections[0], None))
    assert rest.startswith(f"<h2>Still to come</h2><p>{UNREAD}</p><ul><li><b>Who comes back</b>")
