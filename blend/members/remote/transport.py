"""The HTTP client under openai's: it follows no redirect, and reads no answer that has no end."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai import DefaultAsyncHttpxClient

MOST_BYTES = 64 * 2**20
"""Bytes of one answer: twice what the longest reply needs that comes in single characters."""
HEADERS = {"Accept-Encoding": "identity"}
"""What each request says: of compressed bytes a few may become gigabytes."""


def http_client() -> "DefaultAsyncHttpxClient":
    """For one `AsyncOpenAI`, which closes it. A redirect is an error: followed, it would carry
    what was said, and perhaps the key, to another host."""
    import openai

    try:
        import httpx2 as httpx  # what openai stands on from its version 3 on
    except ImportError:
        import httpx

    class Body(httpx.AsyncByteStream):
        """The body of an answer; it fails after MOST_BYTES. No generator: one that is left in the
        middle would be closed beside those around it."""

        def __init__(self, body: Any):
            self._body, self._parts, self._count = body, aiter(body), 0

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self

        async def __anext__(self) -> bytes:
            part = await anext(self._parts)
            self._count += len(part)
            if self._count > MOST_BYTES:
                raise ValueError(f"an answer of more than {MOST_BYTES // 2**20} MB")
            return part

        async def aclose(self) -> None:
            await self._body.aclose()

    async def bound(response: Any) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ValueError("a compressed answer, which was not asked for")
        response.stream = Body(response.stream)

    return openai.DefaultAsyncHttpxClient(follow_redirects=False, event_hooks={"response": [bound]})
