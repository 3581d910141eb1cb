"""The collaboration law's sections: losses by parameters, what two gain, where Blended lies.

They read a report of `python -m blend law`: the one that the roster names as `law`, or those that
come with the project. Nothing is measured while the page is shown.
"""

from functools import partial
from pathlib import Path

from arena.site import Site
from arena.tabs.insight import oracle
from arena.tabs.insight.section import Section, Shown, Table
from blend.law import sheet, words
from blend.law.replies import LawError
from blend.law.report import Report, load

SHIPPED = Path(__file__).parents[3] / "assets" / "law"
STUDY = "ladder"
"""The report on models trained for this, whose sizes tell a law."""


def sections(site: Site) -> list[Section]:
    """The three sections over one site."""
    told = (
        (
            "law",
            "The collaboration law",
            "losses by parameters, of models and of pools",
            "frontier",
            law,
        ),
        (
            "law-pairs",
            "What two models gain",
            "the gain of two over the better one",
            "pairs",
            pairs,
        ),
        (
            "law-blended",
            "How far Blended is from its oracle",
            "what always drawing the best member would bring",
            "between",
            between,
        ),
    )
    return [
        Section(slug, title, shows, words.LIMITS[limits], partial(show, site))
        for slug, title, shows, limits, show in told
    ]


def law(site: Site) -> Shown:
    """The best pools by their parameters, with the fits."""
    found = _report(site, STUDY)
    if isinstance(found, Shown):
        return found
    said = f"{_of(found)} {words.floors(found)} {words.steepness(found)}"
    return Shown(said, oracle.frontier(found), Table(sheet.LAWS, sheet.laws(found)))


def pairs(site: Site) -> Shown:
    """The gain of every pair over its better member."""
    found = _report(site, STUDY)
    if isinstance(found, Shown):
        return found
    rows = Table(sheet.PAIRS, sheet.kinds(found))
    return Shown(f"{_of(found)} {words.diversity(found)}", oracle.pairs(found), rows)


def between(site: Site) -> Shown:
    """Oracle, Blended, mean and best: of this roster, where its report is there."""
    found = _report(site, site.roster.path.stem)
    if isinstance(found, Shown):
        return found
    return Shown(f"{_of(found)} {words.blended(found)}", oracle.between(found))


def _report(site: Site, name: str) -> Report | Shown:
    """The host's report, or the shipped one of that name; a sentence where neither can be read."""
    folder = site.roster.law or SHIPPED / name
    try:
        return load(folder / "report.json")
    except LawError as error:
        if site.roster.law:
            return Shown(f"The report that the roster names cannot be read: {error}")
        return Shown(
            "Not measured for this roster: python -m blend law --roster … --data … does it, and "
            'the roster takes its folder as law = "…".'
        )


def _of(found: Report) -> str:
    models = f"{found.title}: {len(found.members)} models"
    return f"{models} on {found.replies:,} replies of {found.conversations:,} conversations."
