"""The experiment's sections: retention, engagement, their ratios, daily looks, sooner proxies."""

import math

import numpy as np
import plotly.graph_objects as go

from arena.db.repositories.visits import DAY
from arena.experiment import reading as trial
from arena.experiment.engagement import ArmReport, DailyCurve
from arena.experiment.format import arm_tests, deltas, percent, verdict
from arena.experiment.power_law import FEWEST_DAYS, FEWEST_VISITORS
from arena.experiment.reading import ExperimentReading
from arena.pages import figures
from arena.pages.insights import experiment_figures
from arena.pages.insights.section import SectionContent, SectionTable, StateCache, TooEarly
from arena.site.site import Site
from arena.texts import ENGLISH, Texts

EFFECT = math.log(1.1)
"""The difference for which the page says how many visitors are still needed: 10 %."""

WEEK = 7  # the day after joining that the sentences are about, once it is known


class ExperimentSections:
    """The experiment of a site as its page shows it; computed once for each state of the visits."""

    def __init__(self, site: Site):
        self.site = site
        self.reading = StateCache(self._state, lambda state: self._read(state[0]))

    def _read(self, name: str | None) -> ExperimentReading:
        """Read the experiment of that name, or the newest, or all visitors, from the database."""
        store = self.site.store
        record = trial.choose_experiment(store.experiments.all(), name)
        kept = None if record is trial.EVERYBODY else record.name
        data = store.experiments.exposure_data(kept)
        return trial.read_experiment(record, data, int(store.database.clock() // DAY))

    def _state(self) -> tuple[object, ...]:
        """What a reading depends on. First comes the name of the roster's experiment; None where
        the newest in the database, or all visitors, are read."""
        store, planned = self.site.store, self.site.roster.experiment
        names = [each.name for each in store.experiments.all()]
        name = planned.name if planned and planned.name in names else None
        return name, *names, store.experiments.version(), int(store.database.clock() // DAY)

    def retention(self, texts: Texts = ENGLISH) -> SectionContent:
        """R(k) of every arm."""
        return self._by_day("retention", 100, "%", texts)

    def engagement(self, texts: Texts = ENGLISH) -> SectionContent:
        """E(k) of every arm."""
        return self._by_day("engagement", 1 / 60, "min", texts)

    def _by_day(self, what: str, scale: float, unit: str, texts: Texts) -> SectionContent:
        """what: the field of an arm's report, and of its texts."""
        reading = self.reading()
        arms = with_later_days({arm.name: getattr(arm, what) for arm in reading.report.arms})
        if not arms:
            raise TooEarly("curve")
        day = common_day(arms)
        values = []
        for name, curve in arms.items():
            value, low, high = (float(scale * x[day]) for x in (curve.value, curve.low, curve.high))
            of = {"value": value, "low": low, "high": high, "name": name}
            values.append(texts(f"insights.{what}.arm", **of))
        sentence = texts(f"insights.{what}.sentence", day=day, values=texts.listed(values))
        figure = experiment_figures.by_day(arms, self._colours(reading), unit, texts)
        return SectionContent(sentence, self._marked(figure, texts))

    def _compared(self) -> tuple[ExperimentReading, tuple[ArmReport, ...]]:
        """The reading, and the arms beside its control. Raises TooEarly where there is none."""
        reading = self.reading()
        if not reading.report.arms[1:]:
            raise TooEarly("one_arm" if reading.report.arms else "curve")
        return reading, reading.report.arms[1:]

    def ratios(self, texts: Texts = ENGLISH) -> SectionContent:
        """Both ratios with their lines, and the table of the four deltas."""
        reading, others = self._compared()
        fitted = [arm for arm in others if arm.retention_fit or arm.engagement_fit]
        if not fitted:
            raise TooEarly("line", days=FEWEST_DAYS, few=FEWEST_VISITORS)
        control = reading.report.control
        figure = experiment_figures.ratios(fitted, control, self._colours(reading), texts)
        starts = " ".join(_start(arm, control, texts) for arm in fitted)
        heads = [texts(f"insights.ratios.{head}") for head in ("arm", "Δζ", "Δβ", "Δα", "Δγ")]
        table = SectionTable(heads, deltas(others, texts))
        return SectionContent(starts, self._marked(figure, texts), table)

    def looks(self, texts: Texts = ENGLISH) -> SectionContent:
        """The test that may be looked at every day."""
        reading, others = self._compared()
        sentences = "\n".join(
            texts(
                "insights.looks.item",
                name=arm.name,
                what=texts(f"experiment.{what}"),
                verdict=verdict(watch, EFFECT, texts, lambda day: texts.date(day * DAY)),
            )
            for arm in others
            for what, watch in arm_tests(arm).items()
        )
        if not any(watch.latest for arm in others for watch in arm_tests(arm).values()):
            return SectionContent(sentences)
        figure = experiment_figures.looks(others, self._colours(reading), texts)
        return SectionContent(sentences, self._marked(figure, texts))

    def early_signs(self, texts: Texts = ENGLISH) -> SectionContent:
        """Conversation length, prompt answers, retries, thumbs."""
        reading = self.reading()
        arms = [arm for arm in reading.report.arms if arm.proxies]
        if not arms:
            raise TooEarly("curve")
        shares = [
            texts("insights.sooner.arm", share=proxy, name=arm.name)
            for arm in arms
            for proxy in arm.proxies
            if proxy.name.startswith("answered")
        ]
        sentence = texts("insights.sooner.sentence", shares=texts.listed(shares)) if shares else ""
        figure = experiment_figures.early_signs(arms, self._colours(reading), texts)
        return SectionContent(sentence, self._marked(figure, texts))

    def _colours(self, reading: ExperimentReading) -> dict[str, str]:
        names = [arm.name for arm in reading.report.arms]
        return figures.colours(names, self.site.roster.colours)

    def _marked(self, figure: go.Figure, texts: Texts) -> go.Figure:
        simulated = self.reading().simulated
        return figures.mark_simulated(figure, simulated, texts("insights.simulated"))


def with_later_days(arms: dict[str, DailyCurve]) -> dict[str, DailyCurve]:
    """The curves that have a day to show after the first."""
    return {name: curve for name, curve in arms.items() if (~np.isnan(curve.value[1:])).any()}


def common_day(arms: dict[str, DailyCurve]) -> int:
    """The day that a sentence can be about: WEEK, or the last one before that all curves know."""
    shared = np.all([~np.isnan(curve.value) for curve in arms.values()], axis=0)
    days = np.flatnonzero(shared)
    return int(days[days <= WEEK].max())


def _start(arm: ArmReport, control: str, texts: Texts) -> str:
    """Where an arm's lines start, in words."""
    lines = {"retention": arm.retention_fit, "engagement": arm.engagement_fit}
    starts = [
        texts(f"insights.ratios.{what}_at", change=percent(line.start, texts))
        for what, line in lines.items()
        if line
    ]
    said = {"name": arm.name, "starts": texts.listed(starts), "control": control}
    return texts("insights.ratios.starts", **said)
