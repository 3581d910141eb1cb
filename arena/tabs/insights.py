"""The insights tab: sections, each a sentence, a picture and what the picture does not show."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import gradio as gr

from arena.site import Site
from arena.store import StoreError
from arena.tabs import markup
from arena.tabs.facts import facts
from arena.tabs.insight import law, usage
from arena.tabs.insight.ablation import Ablation
from arena.tabs.insight.experiment import Experiment
from arena.tabs.insight.policies import Policies
from arena.tabs.insight.replies import Replies
from arena.tabs.insight.section import Section, Shown

log = logging.getLogger(__name__)

Told = Mapping[str, str]
"""By section, why it has nothing to show yet; empty where it shows something."""

READING = "Being read…"
UNREAD = "This cannot be read just now. Nothing is lost: try again in a moment."


class Insights:
    """The tab's listener over one site."""

    def __init__(self, site: Site):
        self.experiment = Experiment(site)
        # A new section is added here, from a file of its own.
        self.sections: list[Section] = [
            *self.experiment.sections(),
            *Ablation(site).sections(),
            *Replies(site).sections(),
            *usage.sections(site),
            *Policies(site).sections(),
            *law.sections(site),
        ]

    async def heading(self) -> str:
        """Which experiment is shown, whose visitors, until when, as HTML."""
        return markup.prose(await self._read(self.experiment.heading))

    async def show(self, section: Section, told: Told | None) -> list:
        """The section's components as of now; what all sections say so far; and those as a list
        that have nothing to show."""
        shown = await self._read(section.show)
        shown = Shown(shown) if isinstance(shown, str) else shown
        told = {**(told or {}), section.slug: "" if shown.full else shown.sentence}
        return [*outputs(shown, section), told, later(self.sections, told)]

    async def _read(self, ask):
        """What `ask` says, from a thread; where the database cannot be read, a sentence."""
        try:
            return await asyncio.to_thread(ask)
        except StoreError as error:
            log.error("%s", error)
            return UNREAD


def outputs(shown: Shown, section: Section) -> list:
    """A section's components as of now: itself, sentence, picture, table, what it does not show."""
    table = gr.HTML(visible=False)
    if shown.table is not None:
        table = gr.HTML(facts(section.title, shown.table.heads, shown.table.rows), visible=True)
    return [
        gr.Column(visible=shown.full),
        markup.prose(shown.sentence),
        gr.Plot(shown.figure, visible=shown.figure is not None),
        table,
        section.limits if shown.figure is not None else "",
    ]


def later(sections: Sequence[Section], told: Told) -> str:
    """What there is nothing to show of yet, by the reason why, as HTML."""
    waiting: dict[str, list[Section]] = {}
    for section in sections:
        if why := told.get(section.slug):
            waiting.setdefault(" ".join(why.split()).removeprefix("- "), []).append(section)
    lists = [
        f"<p>{markup.typed(why)}</p><ul>"
        + "".join(f"<li><b>{each.title}</b>: {each.shows}</li>" for each in group)
        + "</ul>"
        for why, group in waiting.items()
    ]
    title = ["<h2>Still to come</h2>"] if lists else []
    reading = [f"<p>{READING}</p>"] if len(told) < len(sections) else []
    return "".join([*title, *lists, *reading])


def build(site: Site, tab: gr.Tab) -> None:
    """The tab's content and listeners; called inside `tab`, loads whenever that is selected.

    Each section is an event of its own, after the one before: what comes first is shown first, and
    no thread waits for another.
    """
    insights = Insights(site)
    with gr.Row():
        heading = gr.HTML(elem_id="insights-about", padding=False)
        refresh = gr.Button("Refresh", size="sm", scale=0, min_width=110)
    # One at a time, for all visitors: who comes meanwhile is shown what was reckoned for the first.
    quiet = {
        "api_visibility": "private",
        "show_progress": "minimal",
        "concurrency_id": "insights",
        "concurrency_limit": 1,
    }
    event = gr.on([tab.select, refresh.click], insights.heading, None, heading, **quiet)
    told = gr.State(None)
    places = [_place(section) for section in insights.sections]
    rest = gr.HTML(READING, elem_id="insights-later", elem_classes="insight", padding=False)
    for section, place in zip(insights.sections, places, strict=True):
        outputs = [*place, told, rest]
        event = event.then(_showing(insights, section), told, outputs, **quiet)


def _showing(insights: Insights, section: Section):
    async def show(told: Told | None) -> list:
        return await insights.show(section, told)

    return show


def _place(section: Section) -> list:
    with gr.Column(visible=False) as whole:
        gr.Markdown(f"## {section.title}", elem_classes="insight")
        return [
            whole,
            gr.HTML(elem_id=f"insight-{section.slug}", padding=False),
            gr.Plot(label=section.title, show_label=False, visible=False),
            gr.HTML(visible=False, padding=False),
            gr.Markdown(elem_classes="limits"),
        ]
