"""A chat completion as a stream of events."""

import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from arena.api.completion_request import CompletionRequest
from arena.api.completion_response import CompletionResponse, event, thoughts
from arena.api.errors import ANSWERED, api_error, failure_of
from arena.site.replies import ReplyWriter
from blend.conversation import Turn

Turns = Mapping[int, Turn]
"""The newest turn of each choice, by its number."""


class CompletionStream(StreamingResponse):
    """Events as they come; when the client leaves the replies end, also before the first event.

    newest: what has come already. coming: what comes from now on.
    """

    def __init__(
        self,
        replies: ReplyWriter,
        request: CompletionRequest,
        newest: Turns,
        coming: AsyncGenerator[Turns, None],
    ):
        self._replies = replies
        self._request = request
        self._coming = coming
        self._completion = CompletionResponse(request.model)
        self._length = dict.fromkeys(range(request.n), 0)
        self._sent_at = dict.fromkeys(range(request.n), float("-inf"))
        self._thought, self._ended = set[int](), set[int]()
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        super().__init__(self._events(newest), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._coming.aclose()

    async def _events(self, newest: Turns) -> AsyncGenerator[bytes, None]:
        for index in range(self._request.n):
            first = {"role": "assistant", "content": ""}
            yield event(self._completion.chunk(index, first))
        try:
            for piece in self._pieces(newest):
                yield event(piece)
            async with aclosing(self._coming):
                async for newest in self._coming:
                    for piece in self._pieces(newest):
                        yield event(piece)
        except ANSWERED as error:
            yield event(api_error(error).body)
            return
        if self._request.usage:
            turns = [newest[index] for index in range(self._request.n)]
            yield event(self._completion.counts(turns))
        yield event("[DONE]")

    def _pieces(self, newest: Turns) -> Iterator[dict[str, object]]:
        """What is new of each choice."""
        for index, turn in newest.items():
            if index not in self._ended:
                yield from self._pieces_of(index, turn)

    def _pieces_of(self, index: int, turn: Turn) -> Iterator[dict[str, object]]:
        """Raises ApiError, after the last words, where the reply failed."""
        chunk = self._completion.chunk
        # A draw may fail while it is thought about: then the thoughts are another's.
        if index not in self._thought and (turn.has_reply or turn.finished) and thoughts(turn):
            yield chunk(index, thoughts(turn))
            self._thought.add(index)
        over = turn.finished or turn.error is not None
        due = time.monotonic() >= self._sent_at[index] + self._replies.send_interval
        if (text := turn.reply[self._length[index] :]) and (due or over):
            yield chunk(index, {"content": text})
            self._length[index], self._sent_at[index] = len(turn.reply), time.monotonic()
        if turn.error:
            raise failure_of(turn)
        if turn.finished:
            self._ended.add(index)
            yield chunk(index, {}, turn)
