"""What other ways of drawing the members would have earned, judged from the log."""

import time

import plotly.graph_objects as go

from arena.experiment.cohort import MIN_VISITORS
from arena.pages import figures
from arena.pages.insights.section import SectionContent, SectionTable, StateCache, TooEarly
from arena.ranking.caveats import join_names
from arena.site.policy_report import MIN_TURNS, PolicyReport, report_policies
from arena.site.site import Site
from blend.evaluation.resample import Estimate

FRESH = 60.0  # seconds for which an appraisal serves, where the log grows all the time

TITLES = {
    "thumb": "A thumb up",
    "answered": "Answered within 180 s",
    "went_on": "Answered at all",
    "won": "The battle won",
}


class PolicySection:
    """The section over one site; computed once for each state of the log, at most once a minute."""

    def __init__(self, site: Site):
        store, blends = site.store, site.roster.blends
        self.appraisal = StateCache(
            store.turn_log.version, lambda _: report_policies(store, blends, time.time()), FRESH
        )

    def gains(self) -> SectionContent:
        """Each policy's lead over uniform draws, by what is counted as a reward."""
        report = self.appraisal()
        if report is None:
            raise TooEarly("draws")
        if report.visitors < MIN_VISITORS:
            raise TooEarly("talked", few=MIN_VISITORS)
        if not report.gains:
            raise TooEarly("reward", few=MIN_TURNS)
        plot = figures.mark_simulated(figure(report), report.simulated)
        return SectionContent(sentence(report), plot, table(report))


def sentence(report: PolicyReport) -> str:
    """Who would surely have earned more, or less, than uniform draws; and warnings."""
    sure = [
        f"{name} surely {'more' if gain.low > 0 else 'less'} of “{TITLES[reward].lower()}”"
        for reward, gains in report.gains.items()
        for name, gain in gains.items()
        if gain.low > 0 or gain.high < 0
    ]
    what = (
        f"{join_names(sure)} than uniform draws"
        if sure
        else "no policy can be told from uniform draws"
    )
    warnings = dict.fromkeys(
        f"{name}: {warning}"
        for values in report.values.values()
        for name, value in values.items()
        for warning in value.warnings
    )
    summary = f"On {report.title}'s turns, of {report.visitors:,} visitors, {what}."
    return " ".join([summary, *list(warnings)[:2]])


def table(report: PolicyReport) -> SectionTable:
    """Every number with its interval."""
    rows = [
        (
            TITLES[reward],
            name,
            _interval(value.dr, ".3f"),
            _interval(report.gains[reward].get(name), "+.3f"),
            round(value.effective),
        )
        for reward, values in report.values.items()
        for name, value in values.items()
    ]
    return SectionTable(
        ("Reward", "Policy", "Mean of a turn", "Above uniform", "Effective turns"), rows
    )


def _interval(of: Estimate | None, form: str) -> str:
    return f"{of.value:{form}} [{of.low:{form}}, {of.high:{form}}]" if of else "—"


def figure(report: PolicyReport) -> go.Figure:
    """A panel a reward, a row a policy: how far above uniform draws."""
    titles = [f"{TITLES[reward]}: above uniform draws, a turn" for reward in report.gains]
    most = max(len(gains) for gains in report.gains.values())
    plot = figures.new_figure(60 + len(titles) * (90 + 34 * most), titles, shared=False)
    for panel, gains in enumerate(report.gains.values(), start=1):
        figures.add_intervals(plot, list(gains.items()), {}, row=panel, col=1)
    return plot
