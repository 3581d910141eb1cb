"""The leaderboard tab: a sentence that reads the numbers, then intervals, table and pictures."""

import asyncio
import threading
import time
from datetime import UTC, datetime

import gradio as gr

from arena import board
from arena.board import Board
from arena.site import Site
from arena.tabs import figures

COLUMNS = {
    "Rank": "str",
    "Contender": "str",
    "Rating": "number",
    "95 % interval": "str",
    "Battles": "number",
    "Win %": "number",
    "Tie %": "number",
    "Both bad %": "number",
    "Note": "str",
}

WIDTHS = ["90px", "200px", "95px", "165px", "105px", "95px", "95px", "130px", "140px"]

METHOD = (
    "Ratings are Bradley-Terry strengths from all counted votes, on the chess scale: 400 points "
    "are odds of ten to one, and the mean, weighted by battles, is 1000. A tie counts half to "
    "each; “both bad” is shown, but ranks nobody. Bars are 95 % intervals that take the votes of "
    "one visitor as one opinion; the rank is the range that they allow. The sentence on top "
    "compares pair by pair, which can tell two apart whose bars overlap."
)


class Leaderboard:
    """The tab's listeners over one site; a board is computed once for each state of the votes."""

    def __init__(self, site: Site):
        self.site = site
        self._lock = threading.Lock()
        self._board: tuple[object, Board] | None = None

    def board(self) -> Board:
        """The board as of now. Blocks; whoever comes while it is computed waits for the same."""
        names = self.site.roster.colours if self.site.ready else ()
        current = {name: self.site.contender_id(name) for name in names}
        with self._lock:
            # Read before the votes: one that lands meanwhile makes the next look a new one.
            state = (self.site.store.version(), tuple(current.items()))
            if self._board is None or self._board[0] != state:
                focus = self.site.roster.focus
                self._board = state, board.read(self.site.store, focus, current, time.time())
            return self._board[1]

    async def load(self) -> tuple:
        """The tab's outputs."""
        return view(await asyncio.to_thread(self.board), self.site.roster.colours)

    async def rows(self) -> list[dict]:
        """The leaderboard: for each contender, best first, its rank range, rating with 95 %
        interval, number of battles, win, tie and both-bad rates, and whether it is preliminary."""
        return board.records(await asyncio.to_thread(self.board))


def build(site: Site, tab: gr.Tab) -> None:
    """The tab's content and listeners; called inside `tab`, loads whenever that is selected."""
    leaderboard = Leaderboard(site)
    sentence = gr.Markdown(elem_id="board-sentence")
    with gr.Row():
        counted = gr.Markdown(elem_id="board-counted")
        refresh = gr.Button("Refresh", size="sm", scale=0, min_width=110, elem_id="board-refresh")
    with gr.Column(visible=False) as full:
        gr.Markdown("### Rating with 95 % interval")
        forest = gr.Plot(label="Rating with 95 % interval", show_label=False)
        notes = gr.Markdown(elem_id="board-notes")
        gr.Markdown("### Table")
        table = gr.Dataframe(
            headers=list(COLUMNS),
            datatype=list(COLUMNS.values()),
            interactive=False,
            wrap=True,
            show_label=False,
            label="Leaderboard",
            column_widths=WIDTHS,
            elem_id="board-table",
        )
        gr.Markdown(
            "### Who beats whom\nHow often the row beat the column, and in how many battles."
        )
        heat = gr.Plot(label="Who beats whom", show_label=False)
        gr.Markdown("### Rating over time\nElo, vote by vote (times in UTC).")
        line = gr.Plot(label="Rating over time", show_label=False)
        gr.Markdown(METHOD)
    outputs = [sentence, counted, full, forest, notes, table, heat, line]
    for event in (tab.select, refresh.click):
        event(leaderboard.load, None, outputs, api_visibility="private", show_progress="minimal")
    gr.api(leaderboard.rows, api_name="leaderboard")


def view(shown: Board, colours: dict[str, str]) -> tuple:
    """The tab's outputs for a board: sentence, counts, whether there is more, and all of that."""
    if shown.empty:
        hidden = (gr.skip(),) * 5
        return f"## {shown.sentence}", totals(shown), gr.Column(visible=False), *hidden
    return (
        f"## {shown.sentence}",
        totals(shown),
        gr.Column(visible=True),
        figures.forest(shown, colours),
        notes(shown),
        table(shown),
        figures.win_rates(shown),
        figures.over_time(shown, colours),
    )


def totals(shown: Board) -> str:
    """How much the board rests on, and as of when."""
    when = datetime.fromtimestamp(shown.as_of, UTC).strftime("%d %B %Y, %H:%M:%S UTC")
    people = f"{shown.visitors:,} visitor{'' if shown.visitors == 1 else 's'}"
    battles = f"{shown.void:,} battle{'' if shown.void == 1 else 's'}"
    return (
        f"{shown.counted:,} of {shown.votes:,} votes counted, from {people} · "
        f"{battles} skipped or void · as of {when}"
    )


def notes(shown: Board) -> str:
    """What limits the numbers, if anything."""
    said = list(shown.ratings.notes)
    if any(row.preliminary for row in shown.ratings.rows):
        said.append(f"Open circles are preliminary: under {shown.ratings.minimum} battles.")
    return " ".join(said)


def table(shown: Board) -> list[list[object]]:
    """The rows under COLUMNS."""
    return [
        [
            f"{row.rank}" if row.rank == row.worst else f"{row.rank} to {row.worst}",
            row.name,
            round(row.rating),
            f"{row.low:.0f} to {row.high:.0f}",
            row.battles,
            *(round(100 * n / max(row.battles, 1)) for n in (row.wins, row.ties, row.both_bad)),
            "preliminary" if row.preliminary else "",
        ]
        for row in shown.ratings.rows
    ]
