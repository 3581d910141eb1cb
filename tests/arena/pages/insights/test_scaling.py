"""The page's sections on the law: the shipped reports, or the host's."""

from types import SimpleNamespace

import pytest
from app_process import ROOT

from arena.pages.insights.scaling import ScalingSections
from arena.pages.insights.section import TooEarly


def sections(name, folder=None):
    roster = SimpleNamespace(law=folder, path=ROOT / f"{name}.toml")
    return ScalingSections(SimpleNamespace(roster=roster))


def test_they_read_the_reports_that_ship():
    page = sections("embedded")
    fits, pairs, between = page.frontier(), page.pairs(), page.between()
    assert "Of the fitted floors" in fits.sentence and len(fits.table.rows) == 3
    assert "diversity helps" in pairs.sentence and pairs.figure.data[0].z.shape == (24, 24)
    assert "Blended needs" in between.sentence and between.figure is not None


def test_a_report_that_is_not_there_is_said():
    with pytest.raises(TooEarly) as unmeasured:
        sections("scripted").between()
    with pytest.raises(TooEarly) as unread:
        sections("embedded", ROOT / "nowhere").frontier()
    assert "Not measured for this roster" in str(unmeasured.value)
    assert "cannot be read" in str(unread.value)
