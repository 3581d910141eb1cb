"""The leaderboard tab: a sentence that reads the numbers, then intervals, table and pictures."""

import asyncio
import logging
import time
from dataclasses import replace
from itertools import count
from weakref import WeakKeyDictionary

import gradio as gr

from arena.models import StoreError
from arena.pages.leaderboard import figures
from arena.pages.leaderboard import text as sheet
from arena.pages.leaderboard.layout import ALL, SOURCES, frame
from arena.pages.templates import sentence
from arena.ranking import leaderboard as board
from arena.ranking.format import SAID
from arena.ranking.leaderboard import Asked, Board
from arena.site.site import Site

log = logging.getLogger(__name__)

BEAT = 3.0  # seconds between two looks for new votes, while the tab is open


class LeaderboardEvents:
    """The tab's listeners over one site; what they show is told by the names of frame's places."""

    def __init__(self, site: Site):
        self.site = site
        self._drawn: WeakKeyDictionary[Board, dict[str, object]] = WeakKeyDictionary()
        self._numbers = count()

    async def show(
        self, source: str | None, by: str | None, part: str | None, style: bool | None
    ) -> dict[str, object]:
        """What the visitor chose; where a slice that was chosen is no more, that of all votes."""
        asked = Asked(source or "", by or "", "" if part == ALL else part or "", bool(style))
        boards, current = self.site.boards, self.site.contenders.ids
        try:
            try:
                shown = await boards.board(asked, current)
            except ValueError:
                shown = await boards.board(replace(asked, part=""), current)
        except StoreError as error:
            log.error("%s", error)
            return {"sentence": sheet.headline(sentence("board.unread"))}
        if shown not in self._drawn:
            made = await asyncio.to_thread(drawn, shown, self.site.roster.colours)
            self._drawn[shown] = made | {"seen": next(self._numbers)}
        return view(shown, time.time()) | self._drawn[shown]

    async def whole(self, source: str | None, by: str, style: bool) -> dict[str, object]:
        """The same of all votes: where what slices are by was changed, or whose votes."""
        return await self.show(source, by, ALL, style)

    async def renew(
        self, source: str | None, by: str, part: str, style: bool, seen: int
    ) -> dict[str, object]:
        """The same, but nothing where nothing has changed since it was shown."""
        shown = await self.show(source, by, part, style)
        return {} if shown.get("seen") == seen else shown

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
            shown = await self.site.boards.board(asked, self.site.contenders.ids)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except StoreError as error:
            log.error("%s", error)
            raise gr.Error(sentence("board.unread"), print_exception=False) from None
        return board.rows(shown)


def view(shown: Board, now: float) -> dict[str, object]:
    """What is quickly made: sentence, whose votes, counts, choices, and what there is to see."""
    given, asked = shown.given, shown.asked
    parts = [ALL, *shown.standing.parts]
    sources = [(SOURCES[s], s) for s in SAID if s in {*given.sources, given.source, "own"}]
    return {
        "sentence": sheet.headline(shown.sentence),
        "banner": gr.HTML(sheet.banner(shown), visible=given.source != "own"),
        "counted": sheet.totals(shown, now),
        "source": gr.Radio(sources, value=given.source, visible=len(sources) > 1),
        "part": gr.Dropdown(parts, value=asked.part or ALL, interactive=len(parts) > 2),
        "empty": gr.Column(visible=shown.empty and not shown.counted),
        "full": gr.Column(visible=not shown.empty),
    }


def drawn(shown: Board, own: dict[str, str]) -> dict[str, object]:
    """What takes a moment, and is kept with the board: figures, table, profiles, downloads."""
    if shown.empty:
        return {}
    colours = figures.coloured(shown, own)
    return {
        "forest": figures.forest(shown, colours),
        "notes": sheet.notes(shown),
        "table": sheet.table(shown.standing.ratings),
        "links": sheet.links(shown),
        "firm": sheet.firmness(shown),
        "slices": figures.slices(shown, colours),
        "heat": figures.win_rates(shown),
        "line": figures.over_time(shown, colours),
        "who": sheet.contenders(shown.profiles, own, shown.given.source == "own"),
    }


def build(site: Site, tab: gr.Tab) -> None:
    """The tab's content and listeners; called inside `tab`, loads whenever that is selected."""
    leaderboard, made = LeaderboardEvents(site), frame()
    places = made.places
    source, part, outputs = places["source"], places["part"], [*places.values()]
    asked = [source, made.by, part, made.style]
    anew = [source, made.by, made.style]

    def placed(listen):
        """The listener, whose names become the components in their places."""

        async def show(*chosen):
            shown = await listen(*chosen)
            return {places[name]: value for name, value in shown.items()} or gr.skip()

        return show

    quiet = {"api_visibility": "private", "show_progress": "minimal"}
    again = [tab.select, made.refresh.click, part.input, made.style.input]
    gr.on(again, placed(leaderboard.show), asked, outputs, **quiet)
    whole = placed(leaderboard.whole)
    gr.on([made.by.input, source.input], whole, anew, outputs, **quiet)
    made_up = [gr.State("simulated"), made.by, made.style]
    made.offer.click(whole, made_up, outputs, **quiet)
    beat = gr.Timer(BEAT, active=False)
    quiet["show_progress"] = "hidden"
    beat.tick(placed(leaderboard.renew), [*asked, places["seen"]], outputs, **quiet)
    _only_while_open(tab, beat)
    gr.api(leaderboard.leaderboard, api_name="leaderboard")


def _only_while_open(tab: gr.Tab, beat: gr.Timer) -> None:
    """Look for new votes only while somebody looks at them."""

    def chosen(event: gr.SelectData) -> gr.Timer:
        return gr.Timer(active=event.value == tab.label)

    tab.parent.select(chosen, None, beat, queue=False, api_visibility="private")
