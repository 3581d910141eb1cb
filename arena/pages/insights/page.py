"""The insights page: sections, each a sentence, a picture and what the picture does not show."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial

import gradio as gr

from arena.db.repositories.visits import DAY
from arena.experiment.format import heading
from arena.models import StoreError
from arena.pages import markup
from arena.pages.insights import usage
from arena.pages.insights.ablation import AblationSections
from arena.pages.insights.experiment import ExperimentSections
from arena.pages.insights.handoff import HandoffSections
from arena.pages.insights.policies import PolicySection
from arena.pages.insights.reply_diversity import ReplyDiversity
from arena.pages.insights.scaling import ScalingSections
from arena.pages.insights.section import Section, SectionContent
from arena.pages.language import label, texts_of
from arena.pages.shell import Shell
from arena.pages.templates import html_table, render
from arena.site.policy_report import RECENT
from arena.site.site import Site
from arena.texts import Texts

log = logging.getLogger(__name__)

Reasons = Mapping[str, str]
"""By section, why it has nothing to show yet; empty where it shows something."""


class InsightsPage:
    """The page's listener over one site."""

    def __init__(self, site: Site):
        self.experiment = ExperimentSections(site)
        ablation = AblationSections(site)
        law, handoff = ScalingSections(site), HandoffSections(site)
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
            "handoff": handoff.matrix,
            "handoff-effects": handoff.effects,
            "handoff-judge": handoff.judged,
        }
        values = {"recent": RECENT}
        self.sections = [Section(slug, answer, values) for slug, answer in answers.items()]

    async def heading(self, request: gr.Request | None = None) -> str:
        """Which experiment is shown, whose visitors, until when, as HTML."""
        texts = texts_of(request)

        def read() -> str:
            return heading(self.experiment.reading(), texts, lambda day: texts.date(day * DAY))

        return markup.paragraphs(await self._read(read, texts))

    async def show(
        self, section: Section, reasons: Reasons | None, request: gr.Request | None = None
    ) -> list:
        """The section's components as of now: itself, sentence, figure, table, what it does not
        show; then the reasons of all sections so far, and the list of those that show nothing."""
        texts = texts_of(request)
        content = await self._read(partial(section.content, texts), texts)
        content = SectionContent(content) if isinstance(content, str) else content
        reasons = (reasons or {}) | {section.slug: content.sentence if content.empty else ""}
        table, title = content.table, section.title(texts)
        html = html_table(title, table.heads, table.rows, texts) if table else ""
        if content.figure is not None:
            content.figure.update_layout(separators=texts("numbers.separators"))
        return [
            gr.Column(visible=not content.empty),
            markup.paragraphs(content.sentence),
            gr.Plot(content.figure, visible=content.figure is not None),
            gr.HTML(html, visible=table is not None),
            section.limits(texts) if content.figure is not None else "",
            reasons,
            self._still_to_come(reasons, texts),
        ]

    async def _read(self, ask: Callable[[], object], texts: Texts) -> object:
        """What `ask` returns, from a thread; where the database cannot be read, a sentence."""
        try:
            return await asyncio.to_thread(ask)
        except StoreError as error:
            log.error("%s", error)
            return texts("insights.unread")

    def _still_to_come(self, reasons: Reasons, texts: Texts) -> str:
        """What there is nothing to show of yet, by the reason why, as HTML."""
        waiting: dict[str, list[tuple[str, str]]] = {}
        for section in self.sections:
            if why := reasons.get(section.slug):
                missing = (section.title(texts), section.shows(texts))
                waiting.setdefault(" ".join(why.split()).removeprefix("- "), []).append(missing)
        reading = texts("page.reading") if len(reasons) < len(self.sections) else ""
        return render("still_to_come.html", texts, waiting=waiting, reading=reading)


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners.

    Each section is an event of its own, after the one before: what comes first is shown first, and
    no thread waits for another.
    """
    insights = InsightsPage(site)
    with gr.Column(elem_classes="reading"):
        with gr.Row():
            about = gr.HTML(elem_id="insights-about", padding=False)
            refresh = gr.Button(label("insights.refresh"), size="sm", scale=0, min_width=110)
        places = [_place(section) for section in insights.sections]
        rest = gr.HTML(
            label("page.reading"),
            elem_id="insights-later",
            elem_classes="insight",
            padding=False,
        )
    # One at a time, for all visitors: who comes meanwhile is shown what was made for the first.
    quiet = {
        "api_visibility": "private",
        "show_progress": "minimal",
        "concurrency_id": "insights",
        "concurrency_limit": 1,
    }
    event = gr.on([shell.load, refresh.click], insights.heading, None, about, **quiet)
    reasons = gr.State(None)
    for section, place in zip(insights.sections, places, strict=True):
        outputs = [*place, reasons, rest]
        event = event.then(_shown(insights, section), reasons, outputs, **quiet)


def _shown(insights: InsightsPage, section: Section) -> Callable:
    """The listener of a section; not a partial of one, to which Gradio gives no request."""

    async def show(reasons: Reasons | None, request: gr.Request) -> list:
        return await insights.show(section, reasons, request)

    return show


def _place(section: Section) -> list:
    with gr.Column(visible=False) as whole:
        title = label(f"insights.{section.slug}.title")
        gr.Markdown(f"## {title}", elem_classes="insight")
        return [
            whole,
            gr.HTML(elem_id=f"insight-{section.slug}", padding=False),
            gr.Plot(label=title, show_label=False, visible=False),
            gr.HTML(visible=False, padding=False),
            gr.Markdown(elem_classes="limits"),
        ]
