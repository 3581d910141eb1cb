"""The leaderboard's components, empty, in the order in which they stand."""

from dataclasses import dataclass

import gradio as gr

from arena.pages.language import label
from arena.pages.leaderboard.choices import ALL, USUAL
from arena.ranking.format import SOURCE_LABELS
from arena.ranking.slices import BY

FIGURES = ("heat", "line", "slices")
"""The pictures, by the names of their texts."""

FOLDS = (*FIGURES, "sensitivity")
"""All that is made only where it is opened: the pictures, and what the board depends on."""

SWITCHES = {"source": None, "by": USUAL, "part": ALL, "style": False}
"""What the visitor chooses, in the order of Choices, and what it says before anything is shown."""

LOOK_AGAIN = """
const look = () => { if (document.visibilityState === "visible") trigger("tick"); };
setInterval(look, 3000);
document.addEventListener("visibilitychange", look);
"""
"""Looks for new votes are for who can see them: every three seconds, and at the return to the page.
gr.Timer ticks in a window that is hidden, too."""


@dataclass(frozen=True, slots=True)
class BoardLayout:
    """What is filled, by its name; and what the visitor clicks.

    folds: what opens a picture, or what the board depends on, by its name. clock: ticks while
    somebody can see the page.
    """

    places: dict[str, gr.components.Component | gr.Column | gr.Accordion]
    folds: dict[str, gr.Accordion]
    unfold: gr.Button
    offer: gr.Button
    clock: gr.HTML

    @property
    def switches(self) -> list[gr.components.Component]:
        """What the visitor chooses, in the order of Choices."""
        return [self.places[name] for name in SWITCHES]


def frame() -> BoardLayout:
    """The components, made where this is called."""
    place = {"sentence": gr.HTML(label("board.reading"), elem_id="board-sentence", padding=False)}
    place["banner"] = gr.HTML(visible=False, elem_id="board-banner", padding=False)
    unfold = gr.Button(label("board.choose"), visible=False, size="sm", elem_id="board-unfold")
    place["unfold"] = unfold
    place |= _switches()
    with gr.Column(visible=False, elem_id="board-empty") as place["empty"]:
        place["fill"] = gr.HTML(padding=False)
        offer = gr.Button(
            label("board.offer_button"), size="md", scale=0, min_width=220, elem_id="board-offer"
        )
    with gr.Column(visible=False, elem_id="board-full") as place["full"]:
        place["table"] = gr.HTML(elem_id="board-table", padding=False)
        place["below"] = gr.HTML(elem_id="board-below", padding=False)
        folds = {}
        for name in FOLDS:
            title = label(f"board.{name}_title")
            with gr.Accordion(title, open=False, elem_id=f"board-{name}") as fold:
                gr.Markdown(label(f"board.{name}"))
                picture = name in FIGURES
                place[name] = (
                    gr.Plot(label=title, show_label=False) if picture else gr.HTML(padding=False)
                )
            folds[name] = place[f"fold-{name}"] = fold
        with gr.Accordion(label("board.method"), open=False, elem_id="board-method"):
            place["method"] = gr.Markdown()
    # What the page has seen comes from the page, at the same moment as what its switches say.
    place |= {"seen": gr.Textbox(visible=False), "groups": gr.State(None)}
    place["address"] = gr.Textbox(visible=False)
    clock = gr.HTML(elem_id="board-clock", js_on_load=LOOK_AGAIN)
    return BoardLayout(place, folds, unfold, offer, clock)


def _switches() -> dict[str, gr.components.Component]:
    # They sleep until the first board is shown: before, the page does not know what they are of.
    # All choices there can be: a server that was started anew knows of no others, and would refuse
    # what an open page still shows.
    sources = [(label(f"board.source_{source}"), source) for source in SOURCE_LABELS]
    dimensions = [(label(f"board.by_{by}"), by) for by in BY]
    with gr.Row(elem_id="board-switches"):
        return {
            "source": gr.Dropdown(
                sources,
                value=SWITCHES["source"],
                label=label("board.source"),
                visible=False,
                min_width=150,
                elem_id="board-source",
            ),
            "by": gr.Dropdown(
                dimensions,
                value=SWITCHES["by"],
                label=label("board.by"),
                interactive=False,
                min_width=150,
                elem_id="board-by",
            ),
            "part": gr.Dropdown(
                [(label("board.all"), ALL)],
                value=SWITCHES["part"],
                label=label("board.part"),
                interactive=False,
                allow_custom_value=True,
                min_width=150,
                elem_id="board-part",
            ),
            "style": gr.Checkbox(
                value=SWITCHES["style"],
                label=label("board.style"),
                interactive=False,
                container=False,
                min_width=150,
                elem_id="board-style",
            ),
        }
