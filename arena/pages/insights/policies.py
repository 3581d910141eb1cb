"""What other ways of drawing the members would have earned, judged from the log."""

import time

import plotly.graph_objects as go

from arena.experiment.cohort import MIN_VISITORS
from arena.pages import figures
from arena.pages.insights.section import SectionContent, SectionTable, StateCache, TooEarly
from arena.site.policy_report import MIN_TURNS, PolicyReport, report_policies
from arena.site.site import Site
from arena.texts import ENGLISH, Texts
from blend.evaluation.off_policy import doubts
from blend.evaluation.resample import Estimate

FRESH = 60.0  # seconds for which an appraisal serves, where the log grows all the time


class PolicySection:
    """The section over one site; computed once for each state of the log, at most once a minute."""

    def __init__(self, site: Site):
        store, blends = site.store, site.roster.blends
        self.appraisal = StateCache(
            store.turn_log.version, lambda _: report_policies(store, blends, time.time()), FRESH
        )

    def gains(self, texts: Texts = ENGLISH) -> SectionContent:
        """Each policy's lead over uniform draws, by what is counted as a reward."""
        report = self.appraisal()
        if report is None:
            raise TooEarly("draws")
        if report.visitors < MIN_VISITORS:
            raise TooEarly("talked", few=MIN_VISITORS)
        if not report.gains:
            raise TooEarly("reward", few=MIN_TURNS)
        mark = texts("insights.simulated")
        plot = figures.mark_simulated(figure(report, texts), report.simulated, mark)
        return SectionContent(sentence(report, texts), plot, table(report, texts))


def sentence(report: PolicyReport, texts: Texts) -> str:
    """Who would surely have earned more, or less, than uniform draws; and warnings."""
    sure = [
        texts(
            f"insights.policies.{'more' if gain.side() == 'above' else 'less'}",
            name=name,
            reward=texts(f"insights.policies.{reward}"),
        )
        for reward, gains in report.gains.items()
        for name, gain in gains.items()
        if gain.side()
    ]
    of = {"title": report.title, "n": report.visitors}
    if sure:
        summary = texts("insights.policies.sure", sure=texts.listed(sure), **of)
    else:
        summary = texts("insights.policies.unsure", **of)
    warnings = dict.fromkeys(
        f"{name}: {texts(f'insights.policies.warning.{doubt}', **of)}"
        for values in report.values.values()
        for name, each in values.items()
        for doubt, of in doubts(each.effective, each.turns, each.conversations, each.beyond)
    )
    return " ".join([summary, *list(warnings)[:2]])


def table(report: PolicyReport, texts: Texts) -> SectionTable:
    """Every number with its interval."""
    rows = [
        (
            texts(f"insights.policies.{reward}"),
            name,
            _interval(value.dr, "insights.policies.mean", texts),
            _interval(report.gains[reward].get(name), "insights.policies.gain", texts),
            round(value.effective),
        )
        for reward, values in report.values.items()
        for name, value in values.items()
    ]
    heads = ("reward", "policy", "mean", "gain", "effective")
    return SectionTable([texts(f"insights.policies.head_{head}") for head in heads], rows)


def _interval(of: Estimate | None, name: str, texts: Texts) -> str:
    return texts(name, value=of.value, low=of.low, high=of.high) if of else "—"


def figure(report: PolicyReport, texts: Texts) -> go.Figure:
    """A panel a reward, a row a policy: how far above uniform draws."""
    rewards = [texts(f"insights.policies.{reward}") for reward in report.gains]
    titles = [texts("insights.policies.panel", reward=reward) for reward in rewards]
    most = max(len(gains) for gains in report.gains.values())
    plot = figures.new_figure(60 + len(titles) * (90 + 34 * most), titles, shared=False)
    for panel, gains in enumerate(report.gains.values(), start=1):
        figures.add_intervals(plot, list(gains.items()), {}, texts, row=panel, col=1)
    return plot
