"""The page's sections on the law: the shipped reports, or the host's."""

import json
from types import SimpleNamespace

import pytest
from app_process import ROOT

from arena.pages.insights.scaling import ScalingSections, verdict_texts
from arena.pages.insights.section import TooEarly
from arena.texts import LANGUAGES, Texts
from blend.scaling import verdicts
from blend.scaling.power_law import REASONS


def sections(name, folder=None):
    roster = SimpleNamespace(law=folder, path=ROOT / f"{name}.toml")
    return ScalingSections(SimpleNamespace(roster=roster))


def test_they_read_the_reports_that_ship():
    page = sections("embedded")
    fits, pairs, between = page.frontier(), page.pairs(), page.between()
    assert "Of the fitted floors" in fits.sentence and len(fits.table.rows) == 3
    assert "diversity helps" in pairs.sentence and pairs.figure.data[0].z.shape == (24, 24)
    assert "Blended needs" in between.sentence and between.figure is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_there_is_no_law_is_in_the_language_of_the_page(language, tmp_path):
    texts = Texts(language)
    few = texts("law.reasons.few_sizes", n="3", few="4")
    found = json.loads((ROOT / "assets" / "law" / "embedded" / "report.json").read_text("utf-8"))
    ladder = json.loads((ROOT / "assets" / "law" / "ladder" / "report.json").read_text("utf-8"))
    fits = [*found["fits"], ladder["fits"][0]]
    fits[-1]["law"]["notes"] = [REASONS["no_floor"], REASONS["no_exponent"].format(share="12%")]
    report = found | {"fits": fits, "differences": []}
    (tmp_path / "report.json").write_text(json.dumps(report), "utf-8")

    shown = sections("embedded", tmp_path).frontier(texts)

    assert few in shown.sentence and few in shown.table.rows[2][-1]
    notes = texts("law.reasons.no_floor"), texts("law.reasons.no_exponent", share="12%")
    assert shown.table.rows[-1][-1] == "; ".join(notes)


def test_a_name_is_no_kind_of_pools():
    pool = SimpleNamespace(name="salt and pepper", blended=2, oracle=1, mean=3, best=1.5, gap=0)
    report = SimpleNamespace(between=[SimpleNamespace(members=2, **vars(pool))])
    german = verdicts.blended(report, verdict_texts(Texts("de")))
    assert "salt and pepper" in german and "Orakel" in german


def test_a_report_that_is_not_there_is_said():
    with pytest.raises(TooEarly) as unmeasured:
        sections("scripted").between()
    with pytest.raises(TooEarly) as unread:
        sections("embedded", ROOT / "nowhere").frontier()
    assert "Not measured for this roster" in str(unmeasured.value)
    assert "cannot be read" in str(unread.value)
