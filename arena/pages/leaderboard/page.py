"""The leaderboard page: a sentence that reads the numbers, one table, and pictures to be opened."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import gradio as gr

from arena.pages.composer import QUIET, cancel_on
from arena.pages.language import texts_of
from arena.pages.leaderboard.choices import Choices
from arena.pages.leaderboard.events import Filled, LeaderboardEvents
from arena.pages.leaderboard.layout import FOLDS, SWITCHES, BoardLayout, frame
from arena.pages.shell import Shell
from arena.pages.votes.goal import place_goal
from arena.site.site import Site

KEEP_ADDRESS = "(address) => keepAddress(address)"
UNFOLD = "() => unfoldSwitches()"
OPEN_GROUPS = "() => openGroups()"


class BoardListeners:
    """The listeners as Gradio calls them: components' values come in, what they show goes out."""

    def __init__(self, events: LeaderboardEvents, layout: BoardLayout):
        self.events = events
        self._places = layout.places

    async def first(self, request: gr.Request):
        """What the address asks for."""
        choices = Choices.of_address(request.query_params)
        filled = await self.events.show(choices, [], texts_of(request))
        return self._placed(filled, [*SWITCHES.values()])

    async def chosen(self, request: gr.Request, *values: object):
        """What the switches say."""
        choices, opened = _read(values)
        return self._placed(await self.events.show(choices, opened, texts_of(request)), values)

    async def simulated(self, request: gr.Request, *values: object):
        """What the switches say, of simulated votes: that switch is set, too."""
        choices, opened = _read(("simulated", *values))
        return self._placed(await self.events.show(choices, opened, texts_of(request)), ())

    async def renew(self, request: gr.Request, *values: object):
        """What the switches say, where that has changed since it was shown: the last value."""
        *switches, seen = values
        choices, opened = _read(switches)
        filled = await self.events.renew(choices, opened, seen, texts_of(request))
        return self._placed(filled, switches)

    def draw(self, name: str) -> Callable[..., Awaitable[object]]:
        """What makes the content of a fold that was opened."""

        async def draw(request: gr.Request, *values: object):
            choices = Choices.of_components(*values)
            drawn = await self.events.figure(name, choices, texts_of(request))
            return drawn.get(name, gr.skip())

        return draw

    def _placed(self, filled: Filled, switches: Sequence[object]):
        """The outputs. switches: what they said when this was asked for.

        One that says it already is not set: the visitor may have chosen anew since.
        """
        for name, before in zip(SWITCHES, switches, strict=False):
            if name in filled and filled[name]["value"] == before:
                del filled[name]["value"]
        return {self._places[name]: value for name, value in filled.items()} or gr.skip()


def _read(values: Sequence[object]) -> tuple[Choices, list[str]]:
    """The choices, which come first, and the names of the folds that are open."""
    chosen, folds = values[: -len(FOLDS)], values[-len(FOLDS) :]
    is_open = zip(FOLDS, folds, strict=True)
    return Choices.of_components(*chosen), [name for name, shown in is_open if shown]


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    place_goal(site, shell)
    layout, events = frame(), LeaderboardEvents(site)
    listeners, places = BoardListeners(events, layout), layout.places
    outputs, opened = [*places.values()], {name: gr.State(False) for name in FOLDS}
    chosen = [*layout.switches, places["groups"]]
    query = [*chosen, *opened.values()]
    first = shell.load(listeners.first, None, outputs, **QUIET)
    first.then(None, js=OPEN_GROUPS, **QUIET)
    # What shows a board of before: once the visitor chooses another one, it comes too late.
    earlier = [
        first,
        layout.clock.tick(listeners.renew, [*query, places["seen"]], outputs, **QUIET),
    ]
    for name, fold in layout.folds.items():
        # A flag of its own for each, set before it is drawn: two may be opened at once.
        unfolded = fold.expand(lambda: True, None, opened[name], queue=False, **QUIET)
        earlier.append(unfolded.then(listeners.draw(name), chosen, places[name], **QUIET))
        fold.collapse(lambda: False, None, opened[name], queue=False, **QUIET)
    layout.unfold.click(None, js=UNFOLD, **QUIET)
    slow = QUIET | {"show_progress": "minimal"}
    switched = partial(gr.on, [switch.input for switch in layout.switches])
    for trigger in (switched, layout.offer.click):
        cancel_on(trigger, earlier)
    for changed in (
        # Of several quick choices the last one is shown.
        switched(listeners.chosen, query, outputs, trigger_mode="always_last", **slow),
        layout.offer.click(listeners.simulated, query[1:], outputs, **slow),
    ):
        changed.then(None, places["address"], None, js=KEEP_ADDRESS, **slow)
