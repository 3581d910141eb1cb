"""The leaderboard tab: a sentence that reads the numbers, then intervals, table and pictures."""

import asyncio
import logging
import time
from dataclasses import replace
from itertools import count
from weakref import WeakKeyDictionary

import gradio as gr

from arena import board
from arena.board import Asked, Board
from arena.listing import SAID
from arena.records import StoreError
from arena.site import Site
from arena.tabs import figures, sheet

log = logging.getLogger(__name__)

BEAT = 3.0
"""Seconds between two looks for new votes, while the tab is open."""

ALL = "All votes"

DIMENSIONS = {
    "number of turns": "turns",
    "language": "language",
    "length of the first message": "length",
    "month": "month",
}
SOURCES = {"own": "This site's votes", "imported": "Imported votes", "simulated": "Simulated votes"}
UNREAD = "The board cannot be read just now. No vote is lost: try again in a moment."

OFFER = (
    "Or look at what it will show: with 2,000 votes between the same contenders that a program "
    "makes up. They are marked as simulated, mix with no others, and are not stored."
)

PICTURES = (
    ("slices", "In slices of the votes", "Ratings of all votes, by what “Slices by” says."),
    (
        "heat",
        "Who beats whom",
        "How often the row beat the column, and in how many battles: the twelve best, at most.",
    ),
    ("line", "Rating over time", "Elo, vote by vote (times in UTC): the eight best, at most."),
)


class Leaderboard:
    """The tab's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site
        self._drawn: WeakKeyDictionary[Board, tuple] = WeakKeyDictionary()
        self._numbers = count()

    async def board(self, asked: Asked) -> Board:
        """The board as of now; where a slice that was chosen is no more, that of all votes."""
        try:
            return await self.site.boards.board(asked, self.site.current)
        except ValueError:
            whole = replace(asked, part="")
            return await self.site.boards.board(whole, self.site.current)

    async def show(self, source: str | None, by: str, part: str, style: bool) -> tuple:
        """The tab's outputs for what the visitor chose."""
        asked = Asked(source or "", by, "" if part == ALL else part or "", style)
        try:
            shown = await self.board(asked)
        except StoreError as error:
            log.error("%s", error)
            return f"## {UNREAD}", *(gr.skip(),) * (len(OUTPUTS) - 1)
        if shown not in self._drawn:
            colours = self.site.roster.colours
            made = await asyncio.to_thread(drawn, shown, colours)
            self._drawn[shown] = (*made, next(self._numbers))
        return (*view(shown, time.time()), *self._drawn[shown])

    async def whole(self, source: str | None, by: str, style: bool) -> tuple:
        """The same of all votes: where what slices are by was changed, or whose votes."""
        return await self.show(source, by, ALL, style)

    async def renew(self, source: str | None, by: str, part: str, style: bool, seen: int):
        """The same, but nothing where nothing has changed since it was shown."""
        shown = await self.show(source, by, part, style)
        return (gr.skip(),) * len(OUTPUTS) if shown[-1] == seen else shown

    async def leaderboard(
        self, by: str = "", part: str = "", style: bool = False, source: str = ""
    ) -> list[dict]:
        """The leaderboard: for each contender, best first, its rank range, rating with 95 %
        interval, number of battles, win, tie and both-bad rates, how often it was drawn, and
        whether it is preliminary.

        Args:
            by: rows of slices of the votes instead: turns, language, length or month.
            part: of one of these slices only, by its name, as "2 or 3 turns".
            style: ratings at equal length and markdown.
            source: whose votes: own, imported or simulated; by default this site's own.
        """
        try:
            shown = await self.site.boards.board(Asked(source, by, part, style), self.site.current)
        except (ValueError, StoreError) as error:
            log.error("%s", error)
            said = UNREAD if isinstance(error, StoreError) else str(error)
            raise gr.Error(said, print_exception=False) from None
        return board.rows(shown)


OUTPUTS = (
    *("sentence", "banner", "counted", "source", "part", "empty", "full"),
    *("forest", "notes", "table", "firm", "slices", "heat", "line", "who", "links", "seen"),
)


def view(shown: Board, now: float) -> tuple:
    """What is quickly made: sentence, whose votes, counts, choices, and what there is to see."""
    given, asked = shown.given, shown.asked
    parts = [ALL, *shown.standing.parts]
    sources = [(SOURCES[s], s) for s in SAID if s in {*given.sources, given.source, "own"}]
    return (
        f"## {shown.sentence}",
        gr.HTML(sheet.banner(shown), visible=given.source != "own"),
        sheet.totals(shown, now),
        gr.Radio(sources, value=given.source, visible=len(sources) > 1),
        gr.Dropdown(parts, value=asked.part or ALL, interactive=len(parts) > 2),
        gr.Column(visible=shown.empty and not shown.counted),
        gr.Column(visible=not shown.empty),
    )


def drawn(shown: Board, colours: dict[str, str]) -> tuple:
    """What takes a moment, and is kept with the board: pictures, table, profiles, downloads."""
    if shown.empty:
        return (gr.skip(),) * 9
    own = colours
    colours = figures.coloured(shown, own)
    return (
        figures.forest(shown, colours),
        sheet.notes(shown),
        sheet.table(shown.standing.ratings),
        sheet.firmness(shown),
        figures.slices(shown, colours),
        figures.win_rates(shown),
        figures.over_time(shown, colours),
        sheet.contenders(shown.profiles, own, shown.given.source == "own"),
        sheet.links(shown),
    )


def build(site: Site, tab: gr.Tab) -> None:
    """The tab's content and listeners; called inside `tab`, loads whenever that is selected."""
    leaderboard = Leaderboard(site)
    place, by, style, refresh, offer = _place()
    outputs = [place[name] for name in OUTPUTS]
    source, part = place["source"], place["part"]
    asked = [source, by, part, style]
    quiet = {"api_visibility": "private", "show_progress": "minimal"}
    again = [tab.select, refresh.click, part.input, style.input]
    gr.on(again, leaderboard.show, asked, outputs, **quiet)
    gr.on([by.input, source.input], leaderboard.whole, [source, by, style], outputs, **quiet)
    made_up = gr.State("simulated")
    offer.click(leaderboard.whole, [made_up, by, style], outputs, **quiet)
    beat = gr.Timer(BEAT, active=False)
    seen = [*asked, place["seen"]]
    beat.tick(leaderboard.renew, seen, outputs, **quiet | {"show_progress": "hidden"})
    _only_while_open(tab, beat)
    gr.api(leaderboard.leaderboard, api_name="leaderboard")


def _place() -> tuple[dict, gr.Dropdown, gr.Checkbox, gr.Button, gr.Button]:
    """The components of OUTPUTS by name; and what slices are by, style, refresh, the offer."""
    place = {"sentence": gr.Markdown(elem_id="board-sentence"), "banner": gr.HTML(visible=False)}
    with gr.Row():
        place["counted"] = gr.Markdown(elem_id="board-counted")
        refresh = gr.Button("Refresh", size="sm", scale=0, min_width=110, elem_id="board-refresh")
    place["source"] = gr.Radio([], label="Whose votes", visible=False, elem_id="board-source")
    with gr.Column(visible=False) as place["empty"]:
        gr.Markdown(OFFER)
        offer = gr.Button("Show a simulated board", elem_id="board-offer")
    with gr.Column(visible=False) as place["full"]:
        with gr.Row(elem_classes="choices"):
            by = gr.Dropdown([*DIMENSIONS.items()], value="turns", label="Slices by")
            place["part"] = gr.Dropdown([ALL], value=ALL, label="Show", elem_id="board-part")
            style = gr.Checkbox(
                label="At equal style (length and markdown)", elem_id="board-style", min_width=280
            )
        gr.Markdown("### Rating with 95 % interval")
        place["forest"] = gr.Plot(label="Rating with 95 % interval", show_label=False)
        place["notes"] = gr.Markdown(elem_id="board-notes")
        gr.Markdown("### Table")
        place["table"] = gr.Dataframe(
            headers=list(sheet.COLUMNS),
            datatype=list(sheet.COLUMNS.values()),
            interactive=False,
            wrap=True,
            show_label=False,
            label="Leaderboard",
            column_widths=sheet.WIDTHS,
            elem_id="board-table",
        )
        place["links"] = gr.HTML(elem_id="board-links")
        gr.Markdown("### How firm this is")
        place["firm"] = gr.Markdown(elem_id="board-firm")
        for name, title, told in PICTURES:
            gr.Markdown(f"### {title}\n{told}")
            place[name] = gr.Plot(label=title, show_label=False)
        gr.Markdown("### Who they are, and how often they were drawn")
        place["who"] = gr.HTML(elem_id="board-who")
        gr.Markdown(sheet.METHOD)
    place["seen"] = gr.State(None)
    return place, by, style, refresh, offer


def _only_while_open(tab: gr.Tab, beat: gr.Timer) -> None:
    """Look for new votes only while somebody looks at them."""

    def chosen(event: gr.SelectData) -> gr.Timer:
        return gr.Timer(active=event.value == tab.label)

    tab.parent.select(chosen, None, beat, queue=False, api_visibility="private")
