"""The page of a visitor's own votes: how many, their own ranking, what the last ones changed."""

import asyncio
import json
import logging
from collections.abc import Collection, Mapping

import gradio as gr

from arena.battle.vote_records import vote_records
from arena.db.repositories.votes.visitor_votes import VisitorVote
from arena.models import StoreError
from arena.pages.composer import QUIET
from arena.pages.language import label, texts_of
from arena.pages.messages import show_error
from arena.pages.shell import Shell
from arena.pages.templates import render
from arena.pages.visitor import visitor_id
from arena.pages.votes import text
from arena.pages.votes.goal import place_goal
from arena.pages.votes.history import SHOWN, past_vote
from arena.pages.votes.standing import OwnVotes, own_votes, standing
from arena.pages.votes.table import own_table
from arena.ranking.board.leaderboard import LeaderboardQuery
from arena.ranking.board.profiles import display_names
from arena.site.identity import ACCOUNT
from arena.site.site import Site

log = logging.getLogger(__name__)


NONE = gr.update(visible=False)


class VotesEvents:
    """The page's listeners over one site. Each shows the votes of who asks, and nobody else's: by
    their login, or by the id that their browser keeps. Only battles that have their vote are told.
    """

    def __init__(self, site: Site):
        self.site = site

    async def show(self, visitor: str | None, request: gr.Request) -> tuple:
        """How many votes there are, the last ones, who may see them, and whether there is a file to
        save."""
        who, texts = visitor_id(self.site, visitor, request), texts_of(request)
        try:
            own, latest, names = await asyncio.to_thread(self._read, who)
        except StoreError as error:
            log.error("%s", error)
            return f'<p class="status" role="status">{texts("votes.unread")}</p>', "", "", NONE
        head = render(
            "own_votes.html",
            texts,
            head=text.headline(own, texts),
            counted=text.counted_line(own, texts),
            reasons=text.reasons(own, texts),
            uncounted=own.votes - own.counted,
        )
        past = [past_vote(vote, names, texts) for vote in latest]
        private = "votes.private_account" if who.startswith(ACCOUNT) else "votes.private"
        listed = render("past_votes.html", texts, votes=past) if past else ""
        return head, listed, texts(private), gr.update(visible=bool(past))

    async def save(self, visitor: str | None, request: gr.Request) -> tuple[str, str]:
        """All votes as a file: its name, and what is in it."""
        who = visitor_id(self.site, visitor, request)
        try:
            votes = await asyncio.to_thread(vote_records, self.site.store, who)
        except StoreError as error:
            show_error(error, texts_of(request), "votes.unread")
            return "", ""
        return "votes.json", json.dumps(votes, ensure_ascii=False, indent=2) + "\n"

    async def compare(self, visitor: str | None, request: gr.Request) -> str:
        """The visitor's own ranking beside everybody's, once there are votes enough for it."""
        who, texts = visitor_id(self.site, visitor, request), texts_of(request)
        try:
            own = await asyncio.to_thread(self._own, who)
            if own.missing:
                return ""
            board = await self.site.boards.board(LeaderboardQuery(), self.site.contenders.ids)
        except StoreError as error:
            log.error("%s", error)
            return ""
        key = "standing", who, own.votes, own.counted
        place = await self.site.boards.derive(board, key, lambda board: standing(own, board, who))
        return render(
            "own_taste.html",
            texts,
            table=own_table(place, self.site.roster.colours, texts),
            lines=text.agreement_lines(place, texts),
            others=place.others,
        )

    def _read(self, who: str) -> tuple[OwnVotes, list[VisitorVote], Mapping[str, str]]:
        latest = self.site.store.visitor_votes.latest(who, SHOWN)
        met = {id for vote in latest for id in (vote.left, vote.right)}
        return self._own(who), latest, self._names(met) if met else {}

    def _own(self, who: str) -> OwnVotes:
        return own_votes(self.site.store.visitor_votes.outcomes(who))

    def _names(self, ids: Collection[str]) -> Mapping[str, str]:
        """What the board calls them."""
        site = self.site
        return display_names(site.store.contenders.all(), {*ids}, {*site.contenders.ids.values()})


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    events = VotesEvents(site)
    with gr.Column(elem_id="votes", elem_classes="reading"):
        head = gr.HTML(f"<p>{label('votes.reading')}</p>", elem_id="votes-head", padding=False)
        place_goal(site, shell)
        taste = gr.HTML(elem_id="votes-taste", padding=False)
        past = gr.HTML(elem_id="votes-past", padding=False)
        save = gr.Button(label("votes.save"), visible=False, size="sm", elem_id="votes-save")
        private = gr.Markdown(elem_id="votes-private")
        file = gr.Textbox(visible=False), gr.Textbox(visible=False)
    save.click(events.save, shell.visitor, file, **QUIET).then(
        None, file, None, js="(name, text) => chats.save(name, text)", **QUIET
    )
    shown = shell.greeted.then(events.show, shell.visitor, [head, past, private, save], **QUIET)
    shown.then(events.compare, shell.visitor, taste, **QUIET)
