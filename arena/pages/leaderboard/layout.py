"""The leaderboard's components, empty, in the order in which they stand."""

from dataclasses import dataclass

import gradio as gr

from arena.pages.leaderboard import text
from arena.pages.templates import prose, sentence

ALL = "All votes"

DIMENSIONS = {
    "number of turns": "turns",
    "language": "language",
    "length of the first message": "length",
    "month": "month",
}
SOURCES = {"own": "This site's votes", "imported": "Imported votes", "simulated": "Simulated votes"}
PICTURES = {
    "slices": "In slices of the votes",
    "heat": "Who beats whom",
    "line": "Rating over time",
}


@dataclass(frozen=True, slots=True)
class BoardLayout:
    """What is filled, by its name; and what the visitor chooses and clicks."""

    places: dict[str, gr.components.Component | gr.Column]
    by: gr.Dropdown
    style: gr.Checkbox
    refresh: gr.Button
    offer: gr.Button


def frame() -> BoardLayout:
    """The components, made where this is called."""
    place = {"sentence": gr.HTML(elem_id="board-sentence", padding=False)}
    place["banner"] = gr.HTML(visible=False)
    with gr.Row():
        place["counted"] = gr.Markdown(elem_id="board-counted")
        refresh = gr.Button("Refresh", size="sm", scale=0, min_width=110, elem_id="board-refresh")
    # All choices there can be, here and below: a server that was started anew knows of no others,
    # and would refuse what an open page still shows.
    sources = [(label, source) for source, label in SOURCES.items()]
    place["source"] = gr.Radio(sources, label="Whose votes", visible=False, elem_id="board-source")
    with gr.Column(visible=False) as place["empty"]:
        gr.Markdown(sentence("board.offer"))
        offer = gr.Button("Show a simulated board", elem_id="board-offer")
    with gr.Column(visible=False) as place["full"]:
        with gr.Row():
            by = gr.Dropdown([*DIMENSIONS.items()], value="turns", label="Slices by")
            place["part"] = gr.Dropdown(
                [ALL], value=ALL, label="Show", elem_id="board-part", allow_custom_value=True
            )
        style = gr.Checkbox(
            label="At equal style (length and markdown)", elem_id="board-style", container=False
        )
        gr.Markdown("### Rating with 95 % interval")
        place["forest"] = gr.Plot(label="Rating with 95 % interval", show_label=False)
        place["notes"] = gr.HTML(elem_id="board-notes", padding=False)
        gr.Markdown("### Table")
        place["table"] = gr.Dataframe(
            headers=list(text.COLUMNS),
            datatype=list(text.COLUMNS.values()),
            interactive=False,
            wrap=True,
            show_label=False,
            label="Leaderboard",
            column_widths=text.WIDTHS,
            elem_id="board-table",
        )
        place["links"] = gr.HTML(elem_id="board-links")
        gr.Markdown("### How firm this is")
        place["firm"] = gr.HTML(elem_id="board-firm", padding=False)
        for name, title in PICTURES.items():
            gr.Markdown(f"### {title}\n{sentence(f'board.{name}')}")
            place[name] = gr.Plot(label=title, show_label=False)
        gr.Markdown("### Who they are, and how often they were drawn")
        place["who"] = gr.HTML(elem_id="board-who")
        gr.Markdown(prose("ratings.md"))
    place["seen"] = gr.State(None)
    return BoardLayout(place, by, style, refresh, offer)
