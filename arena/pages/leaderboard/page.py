"""The leaderboard page: a sentence that reads the numbers, one table, and pictures to be opened."""

from collections.abc import Awaitable, Callable

import gradio as gr

from arena.pages.language import texts_of
from arena.pages.leaderboard.choices import ALL, Choices
from arena.pages.leaderboard.events import Filled, LeaderboardEvents
from arena.pages.leaderboard.layout import BoardLayout, frame
from arena.pages.shell import Shell
from arena.pages.votes.goal import place_goal
from arena.site.site import Site

KEEP_ADDRESS = "(address) => keepAddress(address)"
UNFOLD = "() => unfoldSwitches()"


class BoardListeners:
    """The listeners as Gradio calls them: what components hold comes in, what they show goes out.

    opened: the names of the pictures that are open.
    """

    def __init__(self, events: LeaderboardEvents, layout: BoardLayout):
        self.events = events
        self._places = layout.places

    async def first(self, request: gr.Request):
        """What the address asks for."""
        choices = Choices.of_address(request.query_params)
        return self._placed(await self.events.show(choices, [], texts_of(request)))

    async def chosen(
        self, source: str, by: str, part: str, style: bool, opened: list, request: gr.Request
    ):
        """What the switches say."""
        choices = Choices.of_components(source, by, part, style)
        return self._placed(await self.events.show(choices, opened, texts_of(request)))

    async def whole(self, source: str, by: str, style: bool, opened: list, request: gr.Request):
        """The same of all votes: where their groups or their source were changed."""
        return await self.chosen(source, by, ALL, style, opened, request)

    async def renew(
        self,
        source: str,
        by: str,
        part: str,
        style: bool,
        opened: list,
        seen: int | None,
        request: gr.Request,
    ):
        """What the switches say, where that has changed since it was shown."""
        choices = Choices.of_components(source, by, part, style)
        return self._placed(await self.events.renew(choices, opened, seen, texts_of(request)))

    def unfold(self, name: str) -> Callable[..., Awaitable[tuple]]:
        """What draws a picture when it is opened, and for every new board from then on."""

        async def draw(
            source: str, by: str, part: str, style: bool, opened: list, request: gr.Request
        ):
            choices = Choices.of_components(source, by, part, style)
            drawn = await self.events.figure(name, choices, texts_of(request))
            return drawn.get(name, gr.skip()), [*{*opened, name}]

        return draw

    def fold(self, name: str) -> Callable[[list], list]:
        """What is done when a picture is closed."""
        return lambda opened: [each for each in opened if each != name]

    def _placed(self, filled: Filled):
        return {self._places[name]: value for name, value in filled.items()} or gr.skip()


def build(site: Site, shell: Shell) -> None:
    """The page's content and listeners."""
    place_goal(site, shell)
    layout, events = frame(), LeaderboardEvents(site)
    listeners, places = BoardListeners(events, layout), layout.places
    outputs, opened = [*places.values()], gr.State([])
    source, by, part, style = layout.switches
    query, anew = [source, by, part, style, opened], [source, by, style, opened]
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    shell.load(listeners.first, None, outputs, **quiet)
    layout.clock.tick(listeners.renew, [*query, places["seen"]], outputs, **quiet)
    for name, fold in layout.folds.items():
        fold.expand(listeners.unfold(name), query, [places[name], opened], **quiet)
        fold.collapse(listeners.fold(name), opened, opened, **quiet)
    layout.unfold.click(None, js=UNFOLD, **quiet)
    quiet["show_progress"] = "minimal"
    made_up = [gr.State("simulated"), by, style, opened]
    for changed in (
        gr.on([part.input, style.input], listeners.chosen, query, outputs, **quiet),
        gr.on([by.input, source.input], listeners.whole, anew, outputs, **quiet),
        layout.offer.click(listeners.whole, made_up, outputs, **quiet),
    ):
        changed.then(None, places["address"], None, js=KEEP_ADDRESS, **quiet)
