"""The experiment's sections: retention, engagement, their ratios, daily looks, sooner proxies."""

import math
import threading

import numpy as np

from arena import trial
from arena.engagement_text import deltas, heading, looks, percent, verdict
from arena.notes import listed
from arena.site import Site
from arena.tabs.insight import canvas, curves
from arena.tabs.insight.section import Section, Shown, Table
from arena.trial import Reading
from arena.visits import DAY
from blend.engagement import ArmReport, Curve
from blend.powerlaw import FEWEST_DAYS, FEWEST_VISITORS

EFFECT = math.log(1.1)
"""The difference for which the page says how many visitors are still needed: 10 %."""

WEEK = 7
"""The day after joining that the sentences are about, once it is known."""

EARLY = (
    "Too early: a curve needs five visitors for whom a day is over since the day they came first. "
    "Talk in the Chat tab, and look again tomorrow."
)
ALONE = (
    "There is no second arm to compare with. An [experiment] table in the roster gives each "
    "visitor an arm: the README tells how."
)
SHORT = (
    f"Too early for a line: it needs {FEWEST_DAYS} days after joining on which "
    f"{FEWEST_VISITORS} visitors of each arm are expected."
)

HEADS = (
    "Arm",
    "Δζ: retention, day 1",
    "Δβ: its slope",
    "Δα: engagement, day 1",
    "Δγ: its slope",
)

LIMITS = {
    "retention": "What this does not show: why. A visitor is a browser, so who comes with another "
    "one, or clears it, is a new visitor who never comes back. Days are calendar days in UTC, and "
    "only days that are over for a visitor count.",
    "engagement": "What this does not show: whether the replies were good. Time is the sum of the "
    "gaps between messages and replies, long gaps cut, and it is the mean over those who came: who "
    "stays away is in the picture above, not in this one.",
    "ratios": "What this does not show: that the ratios are power laws; the line assumes so, as "
    "the paper does, and the points let you judge. Single days scatter; what one arm gains may be "
    "novelty.",
    "looks": "What this does not show: anything after the first week, or differences that cancel "
    "out. The bands hold at all looks together: of twenty experiments without a difference, at "
    "most one raises an alarm, however often one looks.",
    "sooner": "What this does not show: retention. These move early, and need not move the same "
    "way. Thumbs come from the few who give them.",
}


class Experiment:
    """The experiment of a site as its page shows it; reckoned once for each state of the visits."""

    def __init__(self, site: Site):
        self.site = site
        self._lock = threading.Lock()
        self._read: tuple[object, Reading] | None = None

    def reading(self) -> Reading:
        """The roster's experiment, else the newest in the database, else all visitors. Blocks."""
        store, planned = self.site.store, self.site.roster.experiment
        with self._lock:
            names = [each.name for each in store.trials()]
            name = planned.name if planned and planned.name in names else None
            state = (store.attendance_version(), int(store.clock() // DAY), name, *names)
            if self._read is None or self._read[0] != state:
                self._read = state, trial.read(store, name)
            return self._read[1]

    def sections(self) -> list[Section]:
        """In the order in which the page shows them."""
        shows = {
            "retention": ("Who comes back", "the share that returns, by day", self.retention),
            "engagement": ("How long they stay", "minutes, by day", self.engagement),
            "ratios": ("Against the control", "both, as times the control's", self.ratios),
            "looks": (
                "Is there a difference at all?",
                "a test of that, which may be looked at every day",
                self.looks,
            ),
            "sooner": (
                "What speaks sooner",
                "length of conversations, messages answered, retries, thumbs",
                self.sooner,
            ),
        }
        return [
            Section(slug, title, what, LIMITS[slug], show)
            for slug, (title, what, show) in shows.items()
        ]

    def heading(self) -> str:
        """Which experiment this is, whose visitors, until when."""
        return heading(self.reading())

    def retention(self) -> Shown:
        """R(k) of every arm."""
        return self._by_day(
            *("retention", 100, "%", "{:.0f} % ({:.0f} to {:.0f}) of {}"),
            "On day {} after joining, {} came back.",
        )

    def engagement(self) -> Shown:
        """E(k) of every arm."""
        return self._by_day(
            *("engagement", 1 / 60, "min", "{:.1f} min ({:.1f} to {:.1f}) with {}"),
            "Who came on day {} after joining stayed {}.",
        )

    def _by_day(self, what: str, scale: float, unit: str, each: str, sentence: str) -> Shown:
        reading = self.reading()
        found = known({arm.name: getattr(arm, what) for arm in reading.report.arms})
        if not found:
            return Shown(EARLY)
        day = told(found)
        said = listed(
            each.format(*(scale * x[day] for x in (c.value, c.low, c.high)), name)
            for name, c in found.items()
        )
        figure = curves.by_day(found, self._colours(reading), unit)
        return Shown(sentence.format(day, said), self._marked(figure))

    def ratios(self) -> Shown:
        """Both ratios with their lines, and the table of the four deltas."""
        reading = self.reading()
        others = reading.report.arms[1:]
        if not others:
            return Shown(ALONE if reading.report.arms else EARLY)
        fitted = [arm for arm in others if arm.retention_line or arm.engagement_line]
        if not fitted:
            return Shown(SHORT)
        control = reading.report.control
        said = " ".join(filter(None, (_start(arm, control) for arm in fitted)))
        figure = curves.ratios(fitted, control, self._colours(reading))
        table = Table(HEADS, deltas(others))
        return Shown(said, self._marked(figure), table)

    def looks(self) -> Shown:
        """The test that may be looked at every day."""
        reading = self.reading()
        others = reading.report.arms[1:]
        if not others:
            return Shown(ALONE if reading.report.arms else EARLY)
        said = "\n".join(
            f"- {arm.name}, {what}: {verdict(watch, EFFECT)}."
            for arm in others
            for what, watch in looks(arm).items()
        )
        if not any(watch.latest for arm in others for watch in looks(arm).values()):
            return Shown(said)
        return Shown(said, self._marked(curves.looks(others, self._colours(reading))))

    def sooner(self) -> Shown:
        """Conversation length, prompt answers, retries, thumbs."""
        reading = self.reading()
        arms = [arm for arm in reading.report.arms if arm.proxies]
        if not arms:
            return Shown(EARLY)
        said = listed(
            f"{proxy.value:.0%} ({proxy.low:.0%} to {proxy.high:.0%}) with {arm.name}"
            for arm in arms
            for proxy in arm.proxies
            if proxy.name.startswith("answered")
        )
        sentence = f"Of the replies, within three minutes were answered {said}." if said else ""
        return Shown(sentence, self._marked(curves.sooner(arms, self._colours(reading))))

    def _colours(self, reading: Reading) -> dict[str, str]:
        names = [arm.name for arm in reading.report.arms]
        return canvas.colours(names, self.site.roster.colours)

    def _marked(self, figure):
        return canvas.marked(figure, self.reading().simulated)


def known(found: dict[str, Curve]) -> dict[str, Curve]:
    """The curves that have a day to show after the first."""
    return {name: curve for name, curve in found.items() if (~np.isnan(curve.value[1:])).any()}


def told(found: dict[str, Curve]) -> int:
    """The day that a sentence can be about: WEEK, or the last one before that all curves know."""
    shared = np.all([~np.isnan(curve.value) for curve in found.values()], axis=0)
    days = np.flatnonzero(shared)
    return int(days[days <= WEEK].max())


def _start(arm: ArmReport, control: str) -> str:
    """Where an arm's lines start, in words."""
    lines = {"retention": arm.retention_line, "engagement": arm.engagement_line}
    said = [f"{what} at {percent(line.start)}" for what, line in lines.items() if line]
    return f"{arm.name} starts with {' and '.join(said)}, compared with {control}."
