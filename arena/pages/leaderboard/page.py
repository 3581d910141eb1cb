"""The leaderboard page: a sentence that reads the numbers, then intervals, table and pictures."""

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
from arena.pages.shell import Shell
from arena.pages.templates import sentence
from arena.pages.votes.goal import place_goal
from arena.ranking.board.leaderboard import Leaderboard, LeaderboardQuery, leaderboard_rows
from arena.ranking.format import SOURCE_LABELS
from arena.site.site import Site

log = logging.getLogger(__name__)

REFRESH = 3.0  # seconds between two looks for new votes, while the page is open


class LeaderboardEvents:
    """The page's listeners over one site; what they show is told by the names of frame's places."""

    def __init__(self, site: Site):
        self.site = site
        self._drawn: WeakKeyDictionary[Leaderboard, dict[str, object]] = WeakKeyDictionary()
        self._numbers = count()

    async def show(
        self, source: str | None, by: str | None, part: str | None, style: bool | None
    ) -> dict[str, object]:
        """What the visitor chose; where a slice that was chosen is no more, that of all votes."""
        query = LeaderboardQuery(
            source or "", by or "", "" if part == ALL else part or "", bool(style)
        )
        boards, current = self.site.boards, self.site.contenders.ids
        try:
            try:
                board = await boards.board(query, current)
            except ValueError:
                board = await boards.board(replace(query, part=""), current)
        except StoreError as error:
            log.error("%s", error)
            return {"sentence": sheet.headline(sentence("board.unread"))}
        if board not in self._drawn:
            layout = await asyncio.to_thread(slow_parts, board, self.site.roster.colours)
            self._drawn[board] = layout | {"seen": next(self._numbers)}
        return quick_parts(board, time.time()) | self._drawn[board]

    async def whole(self, source: str | None, by: str, style: bool) -> dict[str, object]:
        """The same of all votes: where what slices are by was changed, or whose votes."""
        return await self.show(source, by, ALL, style)

    async def renew(
        self, source: str | None, by: str, part: str, style: bool, number: int
    ) -> dict[str, object]:
        """The same, but nothing where nothing has changed since it was shown."""
        board = await self.show(source, by, part, style)
        return {} if board.get("seen") == number else board

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
            query = LeaderboardQuery(*(str(text or "") for text in (source, by, part)), bool(style))
            board = await self.site.boards.board(query, self.site.contenders.ids)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except StoreError as error:
            log.error("%s", error)
            raise gr.Error(sentence("board.unread"), print_exception=False) from None
        return leaderboard_rows(board)


def quick_parts(board: Leaderboard, now: float) -> dict[str, object]:
    """What is quickly made: sentence, whose votes, counts, choices, and what there is to see."""
    votes, query = board.data, board.query
    parts = [ALL, *board.standing.parts]
    sources = [(SOURCES[s], s) for s in SOURCE_LABELS if s in {*votes.sources, votes.source, "own"}]
    return {
        "sentence": sheet.headline(board.sentence),
        "banner": gr.HTML(sheet.banner(board), visible=votes.source != "own"),
        "counted": sheet.totals(board, now),
        "source": gr.Radio(sources, value=votes.source, visible=len(sources) > 1),
        "part": gr.Dropdown(parts, value=query.part or ALL, interactive=len(parts) > 2),
        "empty": gr.Column(visible=board.empty and not board.counted),
        "full": gr.Column(visible=not board.empty),
    }


def slow_parts(board: Leaderboard, own: dict[str, str]) -> dict[str, object]:
    """What takes a moment, and is kept with the board: figures, table, profiles, downloads."""
    if board.empty:
        return {}
    colours = figures.contender_colours(board, own)
    return {
        "forest": figures.forest(board, colours),
        "notes": sheet.notes(board),
        "table": sheet.table(board.standing.ratings),
        "links": sheet.links(board),
        "firm": sheet.firmness(board),
        "slices": figures.slices(board, colours),
        "heat": figures.win_rates(board),
        "line": figures.over_time(board, colours),
        "who": sheet.contenders(board.profiles, own, board.data.source == "own"),
    }


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    place_goal(site, shell)
    leaderboard, layout = LeaderboardEvents(site), frame()
    places = layout.places
    source, part, outputs = places["source"], places["part"], [*places.values()]
    query = [source, layout.by, part, layout.style]
    anew = [source, layout.by, layout.style]

    def in_places(listen):
        """The listener, whose names become the components in their places."""

        async def show(*chosen):
            board = await listen(*chosen)
            return {places[name]: value for name, value in board.items()} or gr.skip()

        return show

    quiet = {"api_visibility": "private", "show_progress": "minimal"}
    again = [shell.load, layout.refresh.click, part.input, layout.style.input]
    gr.on(again, in_places(leaderboard.show), query, outputs, **quiet)
    whole = in_places(leaderboard.whole)
    gr.on([layout.by.input, source.input], whole, anew, outputs, **quiet)
    made_up = [gr.State("simulated"), layout.by, layout.style]
    layout.offer.click(whole, made_up, outputs, **quiet)
    timer = gr.Timer(REFRESH)
    quiet["show_progress"] = "hidden"
    timer.tick(in_places(leaderboard.renew), [*query, places["seen"]], outputs, **quiet)
