"""The page's sections on hand-offs: a report as it is measured, in the language of the page."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from arena.pages.insights.handoff import HandoffSections
from arena.pages.insights.section import TooEarly
from arena.texts import LANGUAGES, Texts
from blend.scaling.handoff.coverage import ANSWERS, SyntheticHandoffs
from blend.scaling.handoff.drift import handoff_report
from blend.scaling.handoff.judging import ReplyPair
from blend.scaling.handoff.preferences import preferences
from blend.scaling.handoff.verdicts import judged as judged_words
from blend.scaling.measurement import to_json

NAMES = ["oak", "<b>", "ash"]
COST = np.array([[0, 0.3, 0.3], [0.1, 0, 0.1], [0.1, 0.1, 0], [-0.2, -0.2, -0.2]])


PAIRS = [(a, b) for a in NAMES for b in NAMES if a != b]


def sections(folder, conversations=40, judged=True):
    made = SyntheticHandoffs(COST, spread=0.1, own=0.01, conversations=conversations)
    report = handoff_report("Trees", NAMES, *made.draw(np.random.default_rng(5)))
    if judged:  # who always prefers oak's own replies, and else takes the first
        rows = [(*pair, n) for pair in PAIRS for n in range(conversations)]
        verdicts = [ANSWERS[0 if later == "oak" else 1] for _, later, _ in rows]
        pairs = [ReplyPair(*row, "x", "y") for row in rows]
        found = preferences("elm", pairs, verdicts, range(conversations))
        report = replace(report, preferences=found)
    (folder / "report.json").write_text(to_json(report))
    roster = SimpleNamespace(handoff=folder, colours={"oak": "#009e73"})
    return HandoffSections(SimpleNamespace(roster=roster))


def test_the_matrix_has_its_figures_in_its_cells_and_in_a_table(tmp_path):
    shown = sections(tmp_path).matrix()
    assert shown.sentence.startswith("Trees: 3 models on 120 replies of 40 conversations. A hand-")
    assert "It costs most where" in shown.sentence and "follows oak" in shown.sentence
    (cells,) = shown.figure.data
    assert cells.z[0][0] == 0 and cells.text[0][0] == "own" and cells.z[0][1] > 250
    assert cells.text[0][1].startswith("<b>+") and cells.text[3][0].startswith("<b>-")
    assert (cells.x[1], cells.y[3]) == ("&lt;b&gt;", "after people")
    earlier, own, costs, _ = shown.table.rows[0]
    assert (earlier, own, costs[:4], costs[-2:]) == ("oak", "own", "+0.2", " *")
    assert shown.table.heads == ["Earlier replies by", *(f"{name} goes on" for name in NAMES)]


def test_whose_doing_it_is_stands_in_two_panels(tmp_path):
    shown = sections(tmp_path).effects()
    assert shown.sentence.startswith("It is hardest to go on after replies of oak, +0.1")
    assert "After people's own replies, members lose less" in shown.sentence
    drawn = [(trace.y[0], trace.marker.color) for trace in shown.figure.data]
    assert drawn[0] == ("oak", "#009e73") and [name for name, _ in drawn].count("oak") == 2
    assert [row[0] for row in shown.table.rows] == [*NAMES, "people"]
    assert shown.table.rows[0][1].endswith(" *") and shown.table.rows[3][2] == ""


def test_what_a_judge_prefers_stands_in_a_matrix_of_its_own(tmp_path):
    shown = sections(tmp_path).judged()
    assert shown.sentence.startswith("The order decided most verdicts of elm as the judge, so")
    assert "leans to the first shown by +0.67" in shown.sentence
    (cells,) = shown.figure.data
    assert list(cells.text[1]) == ["<b>100%</b>", "own", "50%"] and cells.z[1][0] == 0.5
    assert shown.table.rows[1][1:] == ["100% (91% to 100%) *", "own", "50% (35% to 65%)"]
    with pytest.raises(TooEarly, match="No judge was asked"):
        sections(tmp_path, judged=False).judged()


def test_a_judge_whom_the_order_seldom_sways_says_it_by_itself():
    rows = [(*pair, n) for pair in PAIRS for n in range(40)]
    verdicts = [ANSWERS[row[2] % 4 == 0] for row in rows]
    found = preferences("elm", [ReplyPair(*row, "x", "y") for row in rows], verdicts, range(40))
    assert "by this judge a hand-off makes replies worse. Of 6 pairs" in judged_words(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_the_language_of_the_page(tmp_path, language):
    texts = Texts(language)
    page = sections(tmp_path, conversations=9)
    shown, whose, judged = page.matrix(texts), page.effects(texts), page.judged(texts)
    assert texts("handoff.notes.few", conversations="9") in shown.sentence
    assert texts("handoff.people") == shown.table.rows[3][0] == whose.table.rows[3][0]
    assert shown.figure.data[0].text[1][1] == texts("handoff.own")
    for sentence in (shown.sentence, judged.sentence):
        assert ("hand-off" in sentence or "judge" in sentence) == (language == "en")


def test_what_was_not_measured_names_the_command():
    roster = SimpleNamespace(handoff=None, path=SimpleNamespace(stem="scripted"))
    page = HandoffSections(SimpleNamespace(roster=roster))
    with pytest.raises(TooEarly, match=r"python -m blend handoff .* handoff = "):
        page.matrix()
