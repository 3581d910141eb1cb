"""A chat completion as a stream of events."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from arena.answer import LOST, Answer, event, refusal, thoughts
from arena.choices import Choices
from arena.completion import Asked
from arena.gate import Full
from arena.site import Site
from blend.conversation import Turn


class Stream(StreamingResponse):
    """Events as they come; whoever leaves ends the replies, also before the first event.

    newest: the turns that have come. turns: those that will.
    """

    def __init__(
        self,
        site: Site,
        wanted: Asked,
        choices: Choices,
        newest: dict[int, Turn],
        turns: AsyncGenerator[tuple[int, Turn], None],
    ):
        self._site, self._wanted, self._choices, self._newest = site, wanted, choices, newest
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        super().__init__(self._events(turns), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._choices.aclose()

    async def _events(
        self, turns: AsyncGenerator[tuple[int, Turn], None]
    ) -> AsyncGenerator[bytes, None]:
        wanted, answer = self._wanted, Answer(self._wanted.model)
        said, sent, thought = [0] * wanted.n, [float("-inf")] * wanted.n, set[int]()
        for index in range(wanted.n):
            yield event(answer.piece(index, "", first=True))
        try:
            async with aclosing(self._all(turns)) as growing:
                async for index, turn in growing:
                    # A draw may fail while it is thought about: then the thoughts are another's.
                    if index not in thought and (turn.said or turn.finished) and thoughts(turn):
                        yield event(answer.thought(index, turn))
                        thought.add(index)
                    due = time.monotonic() >= sent[index] + self._site.breath
                    if len(turn.reply) > said[index] and (due or turn.finished or turn.error):
                        yield event(answer.piece(index, turn.reply[said[index] :]))
                        said[index], sent[index] = len(turn.reply), time.monotonic()
                    if turn.error:
                        kind = "invalid_request_error" if turn.refused else "server_error"
                        yield event(refusal(turn.error if turn.refused else LOST, kind))
                        return
                    if turn.finished:
                        yield event(answer.last(index, turn))
        except Full as error:
            yield event(refusal(str(error), "server_error"))
            return
        if wanted.usage:
            yield event(answer.counts([self._newest[index] for index in range(wanted.n)]))
        yield event("[DONE]")

    async def _all(
        self, turns: AsyncGenerator[tuple[int, Turn], None]
    ) -> AsyncGenerator[tuple[int, Turn], None]:
        """What has come, and then what comes."""
        async with aclosing(turns):
            for item in list(self._newest.items()):
                yield item
            async for index, turn in turns:
                self._newest[index] = turn
                yield index, turn
