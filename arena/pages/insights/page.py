"""The insights page: sections, each a sentence, a picture and what the picture does not show."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

import gradio as gr

from arena.experiment.format import heading
from arena.models import StoreError
from arena.pages import markup
from arena.pages.insights import usage
from arena.pages.insights.ablation import AblationSections
from arena.pages.insights.experiment import ExperimentSections
from arena.pages.insights.policies import PolicySection
from arena.pages.insights.reply_diversity import ReplyDiversity
from arena.pages.insights.scaling import ScalingSections
from arena.pages.insights.section import Section, SectionContent, sections
from arena.pages.shell import Shell
from arena.pages.templates import html_table, render, sentence
from arena.site.policy_report import RECENT
from arena.site.site import Site
from blend.scaling import verdicts

log = logging.getLogger(__name__)

Reasons = Mapping[str, str]
"""By section, why it has nothing to show yet; empty where it shows something."""


class InsightsPage:
    """The page's listener over one site."""

    def __init__(self, site: Site):
        self.experiment = ExperimentSections(site)
        ablation, law = AblationSections(site), ScalingSections(site)
        answers = {
            "retention": self.experiment.retention,
            "engagement": self.experiment.engagement,
            "ratios": self.experiment.ratios,
            "looks": self.experiment.looks,
            "sooner": self.experiment.early_signs,
            "size": ablation.size,
            "members": ablation.members,
            "best": ablation.best,
            "alike": ablation.alike,
            "replies": ReplyDiversity(site).differences,
            "funnel": partial(usage.funnel, site),
            "waiting": partial(usage.waiting, site),
            "policies": PolicySection(site).gains,
            "law": law.frontier,
            "law-pairs": law.pairs,
            "law-blended": law.between,
        }
        self.sections = sections(answers, recent=f"{RECENT:,}", **verdicts.LIMITS)

    async def heading(self) -> str:
        """Which experiment is shown, whose visitors, until when, as HTML."""
        return markup.prose(await self._read(lambda: heading(self.experiment.reading())))

    async def show(self, section: Section, reasons: Reasons | None) -> list:
        """The section's components as of now: itself, sentence, figure, table, what it does not
        show; then the reasons of all sections so far, and the list of those that show nothing."""
        content = await self._read(section.content)
        content = SectionContent(content) if isinstance(content, str) else content
        reasons = (reasons or {}) | {section.slug: content.sentence if content.empty else ""}
        table = content.table
        html = html_table(section.title, table.heads, table.rows) if table else ""
        return [
            gr.Column(visible=not content.empty),
            markup.prose(content.sentence),
            gr.Plot(content.figure, visible=content.figure is not None),
            gr.HTML(html, visible=table is not None),
            section.limits if content.figure is not None else "",
            reasons,
            self._still_to_come(reasons),
        ]

    async def _read(self, ask: Callable[[], object]) -> object:
        """What `ask` returns, from a thread; where the database cannot be read, a sentence."""
        try:
            return await asyncio.to_thread(ask)
        except StoreError as error:
            log.error("%s", error)
            return sentence("insights.unread")

    def _still_to_come(self, reasons: Reasons) -> str:
        """What there is nothing to show of yet, by the reason why, as HTML."""
        waiting: dict[str, list[Section]] = {}
        for section in self.sections:
            if why := reasons.get(section.slug):
                waiting.setdefault(" ".join(why.split()).removeprefix("- "), []).append(section)
        reading = sentence("insights.reading") if len(reasons) < len(self.sections) else ""
        return render("still_to_come.html", waiting=waiting, reading=reading)


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners.

    Each section is an event of its own, after the one before: what comes first is shown first, and
    no thread waits for another.
    """
    insights = InsightsPage(site)
    with gr.Row():
        about = gr.HTML(elem_id="insights-about", padding=False)
        refresh = gr.Button("Refresh", size="sm", scale=0, min_width=110)
    # One at a time, for all visitors: who comes meanwhile is shown what was made for the first.
    quiet = {
        "api_visibility": "private",
        "show_progress": "minimal",
        "concurrency_id": "insights",
        "concurrency_limit": 1,
    }
    event = gr.on([shell.load, refresh.click], insights.heading, None, about, **quiet)
    reasons = gr.State(None)
    places = [_place(section) for section in insights.sections]
    rest = gr.HTML(
        sentence("insights.reading"),
        elem_id="insights-later",
        elem_classes="insight",
        padding=False,
    )
    for section, place in zip(insights.sections, places, strict=True):
        outputs = [*place, reasons, rest]
        event = event.then(partial(insights.show, section), reasons, outputs, **quiet)


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
