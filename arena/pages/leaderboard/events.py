"""What the leaderboard shows of a board, by the names of its places."""

import asyncio
import logging
import time
from contextlib import suppress
from itertools import count
from weakref import WeakKeyDictionary

import gradio as gr

from arena.models import StoreError
from arena.pages.leaderboard import figures
from arena.pages.leaderboard import text as sheet
from arena.pages.leaderboard.choices import ALL, Choices, address, slice_label
from arena.pages.leaderboard.layout import FOLDS
from arena.pages.leaderboard.sensitivity import dependence
from arena.pages.leaderboard.table import board_table
from arena.pages.templates import prose, render
from arena.ranking.board.leaderboard import (
    Leaderboard,
    LeaderboardQuery,
    board_sensitivity,
    leaderboard_rows,
)
from arena.ranking.format import SOURCE_LABELS
from arena.site.site import Site
from arena.texts import ENGLISH, Texts

log = logging.getLogger(__name__)

Filled = dict[str, object]
"""What is shown, by the names of the layout's places; others stay as they are."""


class LeaderboardEvents:
    """The page's listeners over one site."""

    def __init__(self, site: Site):
        self.site = site
        self._drawn: WeakKeyDictionary[Leaderboard, Filled] = WeakKeyDictionary()
        self._numbers = count()

    async def show(self, choices: Choices, opened: list[str], texts: Texts) -> Filled:
        """What the visitor chose; where that is not there, what is nearest to it.

        opened: the names of the folds that are open.
        """
        try:
            board, is_other = await self._board(choices)
        except StoreError as error:
            log.error("%s", error)
            return {"sentence": sheet.headline(texts("board.unread"))}
        shown = quick_parts(board, time.time(), texts) | {"seen": self._number(board)}
        if is_other:
            notice = sheet.notice(texts("board.not_there"))
            shown["banner"] = gr.HTML(notice + sheet.banner(board, texts), visible=True)
        if board.empty:
            return shown
        shown["table"] = await self._made(board, "table", texts)
        for name in {*opened} & openable(board):
            shown[name] = await self._made(board, name, texts)
        return shown

    async def renew(self, choices: Choices, opened: list[str], seen: str, texts: Texts) -> Filled:
        """The same, but nothing where nothing has changed since it was shown, or nothing was."""
        if not seen:
            return {}
        with suppress(StoreError):  # which is said below
            board, _ = await self._board(choices)
            if self._number(board) == seen:
                return {}
        return await self.show(choices, opened, texts)

    async def figure(self, name: str, choices: Choices, texts: Texts) -> Filled:
        """A picture, or what the board depends on, now that it is opened."""
        try:
            board, _ = await self._board(choices)
        except StoreError as error:
            log.error("%s", error)
            return {}
        return {name: await self._made(board, name, texts)} if name in openable(board) else {}

    async def leaderboard(
        self, by: str = "", part: str = "", style: bool = False, source: str = ""
    ) -> list[dict]:
        """The leaderboard: for each contender, best first, its rank range, rating with 95 %
        interval, number of battles, win, tie and both-bad rates, how often it was drawn, whether it
        is preliminary or retired, and what visitors gave as reasons for their votes on it.

        Args:
            by: rows of slices of the votes instead: turns, language, length, month or category
                (categories overlap).
            part: of one of these slices only, by its name, as "2 or 3 turns".
            style: ratings at equal length and markdown.
            source: whose votes: own, imported, judged (by machines) or simulated; by default this
                site's own.
        """
        try:
            # Callers send what they like, whatever the signature says.
            query = LeaderboardQuery(*(str(text or "") for text in (source, by, part)), bool(style))
            board = await self.site.boards.board(query, self.site.contenders.ids)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except StoreError as error:
            log.error("%s", error)
            raise gr.Error(ENGLISH("board.unread"), print_exception=False) from None
        return leaderboard_rows(board)

    async def _board(self, choices: Choices) -> tuple[Leaderboard, bool]:
        """The board of these choices, and whether it is another one for want of votes."""
        for choice in choices.fallbacks():
            try:
                board = await self.site.boards.board(choice.query, self.site.contenders.ids)
            except ValueError:
                continue
            return board, choice is not choices
        raise AssertionError("the board of all votes is always there")

    async def _made(self, board: Leaderboard, name: str, texts: Texts) -> object:
        """What takes a moment, and is kept with the board: the table, or what was opened."""
        kept = self._drawn.setdefault(board, {})
        key = f"{name} {texts.language}"
        if key not in kept and name == "sensitivity":
            found = await self.site.boards.derive(board, name, board_sensitivity)
            kept[key] = dependence(board, found, texts)
        elif key not in kept:
            kept[key] = await asyncio.to_thread(self._make, board, name, texts)
        return kept[key]

    def _make(self, board: Leaderboard, name: str, texts: Texts) -> object:
        roster = self.site.roster
        if name == "table":
            return board_table(board, roster.colours, roster.focus, texts)
        return figures.DRAW[name](board, figures.contender_colours(board, roster.colours), texts)

    def _number(self, board: Leaderboard) -> str:
        """Another one for each board."""
        kept = self._drawn.setdefault(board, {})
        if "seen" not in kept:
            kept["seen"] = str(next(self._numbers))
        return kept["seen"]


def openable(board: Leaderboard) -> set[str]:
    """The names of the folds that have something to show."""
    compared = board.standing.ratings.counts.compared.any()
    return figures.drawable(board) | ({"sensitivity"} if compared else set())


def quick_parts(board: Leaderboard, now: float, texts: Texts) -> Filled:
    """What is quickly made: sentence, whose votes, counts, choices, and what there is to see."""
    votes, query = board.data, board.query
    part = slice_label(query.part, query.by, texts) if query.part else ""
    parts = [(slice_label(each, query.by, texts), each) for each in board.standing.parts]
    sources = [s for s in SOURCE_LABELS if s in {*votes.sources, votes.source, "own"}]
    there = openable(board)
    return {
        "sentence": sheet.headline(board.sentence(texts, part)),
        "banner": gr.HTML(sheet.banner(board, texts), visible=votes.source != "own"),
        "source": gr.update(
            choices=[(texts(f"board.source_{each}"), each) for each in sources],
            value=votes.source,
            visible=len(sources) > 1,
        ),
        "unfold": gr.update(visible=board.counted > 0),
        "by": gr.update(value=query.by, visible=board.counted > 0, interactive=True),
        "part": gr.update(
            choices=[(texts("board.all"), ALL), *parts],
            value=query.part or ALL,
            interactive=len(parts) > 1 or bool(query.part),
            visible=board.counted > 0,
        ),
        "style": gr.update(value=query.style, visible=board.counted > 0, interactive=True),
        "empty": gr.Column(visible=board.empty and not board.counted),
        "full": gr.Column(visible=not board.empty),
        "fill": render("empty_board.html", texts),
        "below": sheet.below(board, now, texts),
        "method": prose("ratings.md", texts),
        "address": address(board),
        "groups": Choices(votes.source, query.by).groups,
        **{f"fold-{name}": gr.Accordion(visible=name in there) for name in FOLDS},
    }
