"""What other ways of drawing the members would have earned, judged from the log."""

import threading
import time

import plotly.graph_objects as go

from arena.appraisal import FEWEST, RECENT, Appraisal, appraise
from arena.notes import listed
from arena.site import Site
from arena.tabs.insight import canvas
from arena.tabs.insight.section import Section, Shown, Table
from arena.verdict import signed
from blend.cohort import SMALLEST

FRESH = 60.0
"""Seconds for which an appraisal serves, where the log grows all the time."""

TITLES = {
    "thumb": "A thumb up",
    "answered": "Answered within 180 s",
    "went_on": "Answered at all",
    "won": "The battle won",
}
NOTHING = "Too early: no turn was drawn among several members yet."
EARLY = f"Too early: fewer than {SMALLEST} visitors have talked with this blend."
SHORT = f"Too early: no reward is told by {FEWEST} turns yet, some of them good and some not."
LIMITS = (
    "What this does not show: where conversations would go under another policy; each turn is "
    "judged as it came. Of the newest "
    f"{RECENT:,} conversations only; python -m arena value takes them all. A policy that counts "
    "these very turns (thompson), or was fitted on them (learned), praises itself a little."
)


class Policies:
    """The section over one site; reckoned once for each state of the log, at most once a minute."""

    def __init__(self, site: Site):
        self.site = site
        self._lock = threading.Lock()
        self._found: tuple[object, float, Appraisal | None] | None = None

    def sections(self) -> list[Section]:
        title = "What other draws would have earned"
        shows = "rewards of other ways of drawing a member, beside uniform draws"
        return [Section("policies", title, shows, LIMITS, self.show)]

    def appraisal(self) -> Appraisal | None:
        """As of now, or a minute ago. Blocks."""
        with self._lock:
            state = self.site.store.log_version()
            old = self._found
            if old is None or (old[0] != state and time.monotonic() - old[1] > FRESH):
                found = appraise(self.site.store, self.site.roster.blends, time.time())
                self._found = state, time.monotonic(), found
            return self._found[2]

    def show(self) -> Shown:
        """Each policy's lead over uniform draws, by what is counted as a reward."""
        found = self.appraisal()
        if found is None:
            return Shown(NOTHING)
        if found.visitors < SMALLEST:
            return Shown(EARLY)
        if not found.gains:
            return Shown(SHORT)
        return Shown(sentence(found), canvas.marked(figure(found), found.simulated), table(found))


def sentence(found: Appraisal) -> str:
    """Who would surely have earned more, or less, than uniform draws; and warnings."""
    sure = []
    for reward, gains in found.gains.items():
        for name, gain in gains.items():
            if gain.low > 0 or gain.high < 0:
                more = "more" if gain.low > 0 else "less"
                sure.append(f"{name} surely {more} of “{TITLES[reward].lower()}”")
    said = f"On {found.title}'s turns, of {found.visitors:,} visitors, "
    said += f"{listed(sure)} than uniform draws" if sure else "no policy is told from uniform draws"
    warnings = dict.fromkeys(
        f"{name}: {warning}"
        for values in found.values.values()
        for name, value in values.items()
        for warning in value.warnings
    )
    return " ".join([f"{said}.", *list(warnings)[:2]])


def table(found: Appraisal) -> Table:
    """Every number with its interval."""
    rows = []
    for reward, values in found.values.items():
        for name, value in values.items():
            gain = found.gains[reward].get(name)
            lead = signed(gain.value, gain.low, gain.high) if gain else "—"
            dr = value.dr
            mean = f"{dr.value:.3f} [{dr.low:.3f}, {dr.high:.3f}]" if dr else "—"
            rows.append((TITLES[reward], name, mean, lead, round(value.effective)))
    return Table(("Reward", "Policy", "Mean of a turn", "Above uniform", "Effective turns"), rows)


def figure(found: Appraisal) -> go.Figure:
    """A panel a reward, a row a policy: how far above uniform draws."""
    titles = [f"{TITLES[reward]}: above uniform draws, a turn" for reward in found.gains]
    many = max(len(gains) for gains in found.gains.values())
    drawn = canvas.rows(titles, 60 + len(titles) * (90 + 34 * many), shared=False)
    for panel, gains in enumerate(found.gains.values(), start=1):
        canvas.whisk(drawn, list(gains.items()), {}, row=panel, col=1)
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    return drawn.update_layout(showlegend=False)
