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
from arena.tabs.frame import ALL, OUTPUTS, SOURCES, frame

log = logging.getLogger(__name__)

BEAT = 3.0
"""Seconds between two looks for new votes, while the tab is open."""

UNREAD = "The board cannot be read just now. No vote is lost: try again in a moment."


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

    async def show(
        self, source: str | None, by: str | None, part: str | None, style: bool | None
    ) -> tuple:
        """The tab's outputs for what the visitor chose."""
        asked = Asked(source or "", by or "", "" if part == ALL else part or "", bool(style))
        try:
            shown = await self.board(asked)
        except StoreError as error:
            log.error("%s", error)
            return sheet.headline(UNREAD), *(gr.skip(),) * (len(OUTPUTS) - 1)
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
            # Callers send what they like, whatever the signature says.
            asked = Asked(*(str(text or "") for text in (source, by, part)), bool(style))
            shown = await self.site.boards.board(asked, self.site.current)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except StoreError as error:
            log.error("%s", error)
            raise gr.Error(UNREAD, print_exception=False) from None
        return board.rows(shown)


def view(shown: Board, now: float) -> tuple:
    """What is quickly made: sentence, whose votes, counts, choices, and what there is to see."""
    given, asked = shown.given, shown.asked
    parts = [ALL, *shown.standing.parts]
    sources = [(SOURCES[s], s) for s in SAID if s in {*given.sources, given.source, "own"}]
    return (
        sheet.headline(shown.sentence),
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
    leaderboard, made = Leaderboard(site), frame()
    source, part = made.places["source"], made.places["part"]
    asked, outputs = made.asked, made.outputs
    quiet = {"api_visibility": "private", "show_progress": "minimal"}
    again = [tab.select, made.refresh.click, part.input, made.style.input]
    gr.on(again, leaderboard.show, asked, outputs, **quiet)
    anew = [source, made.by, made.style]
    gr.on([made.by.input, source.input], leaderboard.whole, anew, outputs, **quiet)
    made_up = [gr.State("simulated"), made.by, made.style]
    made.offer.click(leaderboard.whole, made_up, outputs, **quiet)
    beat = gr.Timer(BEAT, active=False)
    seen = [*asked, made.places["seen"]]
    beat.tick(leaderboard.renew, seen, outputs, **quiet | {"show_progress": "hidden"})
    _only_while_open(tab, beat)
    gr.api(leaderboard.leaderboard, api_name="leaderboard")


def _only_while_open(tab: gr.Tab, beat: gr.Timer) -> None:
    """Look for new votes only while somebody looks at them."""

    def chosen(event: gr.SelectData) -> gr.Timer:
        return gr.Timer(active=event.value == tab.label)

    tab.parent.select(chosen, None, beat, queue=False, api_visibility="private")
