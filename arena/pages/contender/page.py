"""The page of one contender, by ?name=…: what it is, and all that the votes say of it."""

import asyncio
import logging
from functools import partial

import gradio as gr

from arena.models import StoreError
from arena.pages.composer import QUIET
from arena.pages.contender.text import contender_page, unknown_page
from arena.pages.language import label, texts_of
from arena.pages.leaderboard.text import headline
from arena.pages.shell import Shell
from arena.ranking.board.leaderboard import Leaderboard, LeaderboardQuery
from arena.ranking.board.record import ContenderRecord, contender_record
from arena.site.site import Site
from arena.texts import Texts

log = logging.getLogger(__name__)


class ContenderPage:
    """The page's listener over one site."""

    def __init__(self, site: Site):
        self.site = site

    async def show(self, name: str, source: str, texts: Texts) -> str:
        """What an address asks for, as HTML; of this site's own votes, or of another source's."""
        try:
            board = await self._board(source)
            record = await self._record(board, name)
            if record is None:
                return unknown_page(name, board, self.site.roster, texts)
            samples = None
            if board.data.source == "own":
                samples = await asyncio.to_thread(self.site.sample_battles, record.profile.id)
        except StoreError as error:
            log.error("%s", error)
            return headline(texts("board.unread"))
        return contender_page(board, record, samples, self.site.roster, texts)

    async def _board(self, source: str) -> Leaderboard:
        """The board of a source, or where there is none such the one that one sees first."""
        boards, current = self.site.boards, self.site.contenders.ids
        query = LeaderboardQuery(source, by="turns")
        try:
            return await boards.board(query, current)
        except ValueError:
            return await boards.board(LeaderboardQuery(by="turns"), current)

    async def _record(self, board: Leaderboard, name: str) -> ContenderRecord | None:
        """Made once for each state of the votes."""
        if name not in {profile.name for profile in board.profiles}:
            return None  # anybody can ask for any name: none of them is kept
        make = partial(contender_record, name=name)
        return await self.site.boards.derive(board, ("record", name), make)


def build(site: Site, shell: Shell) -> None:
    """The page's content and listener."""
    page = ContenderPage(site)
    place = gr.HTML(label("board.reading"), elem_id="contender", padding=False)

    async def show(request: gr.Request) -> str:
        query = request.query_params
        return await page.show(query.get("name", ""), query.get("source", ""), texts_of(request))

    shown = shell.load(show, None, place, **QUIET)
    shown.then(None, None, None, js="() => nameWindow()", **QUIET)
