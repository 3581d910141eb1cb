"""The collaboration law: losses by parameters, what two models gain, where Blended lies.

The figures show a report of `python -m blend law`: the one that the roster names as `law`, or one
that comes with the project. Nothing is measured while the page is shown.
"""

from pathlib import Path

from arena.pages.insights import scaling_figures
from arena.pages.insights.section import SectionContent, SectionTable, TooEarly
from arena.site.site import Site
from blend.scaling import markdown, verdicts
from blend.scaling.dialogues import LawError
from blend.scaling.report import ScalingReport, load

SHIPPED = Path(__file__).parents[3] / "assets" / "law"
STUDY = "ladder"  # the report on models trained for this, whose sizes tell a law


class ScalingSections:
    """The three answers over one site."""

    def __init__(self, site: Site):
        self.site = site

    def frontier(self) -> SectionContent:
        """The best pools by their parameters, with the fits."""
        report = self._report(STUDY)
        sentences = f"{_of(report)} {verdicts.floors(report)} {verdicts.steepness(report)}"
        table = SectionTable(markdown.FIT_COLUMNS, markdown.fit_rows(report))
        return SectionContent(sentences, scaling_figures.frontier(report), table)

    def pairs(self) -> SectionContent:
        """The gain of every pair over its better member."""
        report = self._report(STUDY)
        table = SectionTable(markdown.PAIR_COLUMNS, markdown.pair_rows(report))
        sentences = f"{_of(report)} {verdicts.diversity(report)}"
        return SectionContent(sentences, scaling_figures.pairs(report), table)

    def between(self) -> SectionContent:
        """Oracle, Blended, mean and best: of this roster, where its report is there."""
        report = self._report(self.site.roster.path.stem)
        sentences = f"{_of(report)} {verdicts.blended(report)}"
        return SectionContent(sentences, scaling_figures.between(report))

    def _report(self, name: str) -> ScalingReport:
        """The host's report, or the shipped one of that name. Raises TooEarly."""
        own = self.site.roster.law
        try:
            return load((own or SHIPPED / name) / "report.json")
        except LawError as error:
            raise TooEarly("unread_report" if own else "unmeasured", error=error) from None


def _of(report: ScalingReport) -> str:
    models = f"{report.title}: {len(report.members)} models"
    return f"{models} on {report.replies:,} replies of {report.conversations:,} conversations."
