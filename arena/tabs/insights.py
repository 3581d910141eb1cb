"""The insights tab: sections, each a sentence, a picture and what the picture does not show."""

import asyncio
import logging

import gradio as gr

from arena.site import Site
from arena.store import StoreError
from arena.tabs.insight import usage
from arena.tabs.insight.experiment import Experiment
from arena.tabs.insight.section import Section, Shown

log = logging.getLogger(__name__)

UNREAD = "This cannot be read just now. Nothing is lost: try again in a moment."


def sections(site: Site) -> tuple[Experiment, list[Section]]:
    """What the page shows, in order. A new section is added here, from a file of its own."""
    experiment = Experiment(site)
    return experiment, [*experiment.sections(), *usage.sections(site)]


def build(site: Site, tab: gr.Tab) -> None:
    """The tab's content and listeners; called inside `tab`, loads whenever that is selected.

    Each section comes when it is ready, and one that fails leaves the others alone.
    """
    experiment, shown = sections(site)
    with gr.Row():
        about = gr.Markdown(elem_id="insights-about")
        refresh = gr.Button("Refresh", size="sm", scale=0, min_width=110)
    _listen(tab, refresh, lambda: (experiment.heading(),), [about])
    for section in shown:
        outputs = _place(section)
        _listen(tab, refresh, _answer(section), outputs)


def _place(section: Section) -> list:
    """Where a section stands: its sentence, picture, table."""
    gr.Markdown(f"### {section.title}")
    sentence = gr.Markdown("Being read…", elem_id=f"insight-{section.slug}")
    picture = gr.Plot(label=section.title, show_label=False, visible=False)
    table = gr.Dataframe(
        interactive=False, wrap=True, show_label=False, label=section.title, visible=False
    )
    limits = gr.Markdown(elem_classes="limits")
    return [sentence, picture, table, limits]


def _answer(section: Section):
    def answer() -> tuple:
        return _outputs(section.show(), section.limits)

    return answer


def _outputs(shown: Shown, limits: str) -> tuple:
    table = shown.table
    return (
        shown.sentence,
        gr.Plot(shown.figure, visible=shown.figure is not None),
        gr.Dataframe(
            value={"headers": list(table.heads), "data": [list(row) for row in table.rows]},
            visible=True,
        )
        if table
        else gr.Dataframe(visible=False),
        limits if shown.figure else "",
    )


def _listen(tab: gr.Tab, refresh: gr.Button, answer, outputs: list) -> None:
    async def listen():
        try:
            found = await asyncio.to_thread(answer)
        except StoreError as error:
            log.error("%s", error)
            found = (UNREAD, *(gr.skip() for _ in outputs[1:]))
        return found if len(outputs) > 1 else found[0]

    for event in (tab.select, refresh.click):
        event(listen, None, outputs, api_visibility="private", show_progress="minimal")
