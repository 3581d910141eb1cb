"""A member's llama.cpp asked directly: what asking it through this project is compared with."""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from blend.bench.measures import Rate, rate
from blend.bench.workload import Workload
from blend.command_line import CommandError
from blend.conversation import Conversation
from blend.members.served.llama_client import sampling_settings
from blend.members.served.llama_cpp import LlamaCpp

PREPARED = 200
"""Prompts that are ready before the clock starts; what more is needed is made on the way."""


class DirectLlama:
    """As little as a program can do that shows replies while they are written.

    The same process of llama.cpp, the same kind of prompts, the same sampling. Token ids are made
    beforehand; `POST /completion` with `stream` goes over a bare socket of asyncio, and the tokens
    of what comes are counted and thrown away: no text, no limits of time, no choice of a slot.
    """

    def __init__(self, member: LlamaCpp):
        self.of = member.name
        self.name = f"{member.name}, llama.cpp directly"
        self._member = member

    async def rate(self, workload: Workload, size: int, reply: int, seconds: float) -> Rate:
        """Tokens a second of `size` conversations. Raises CommandError."""
        ready = [self._prompt(workload, reply) for _ in range(PREPARED)]
        usual = sampling_settings(self._member.sampling, self._member.template.window)
        usual |= {"stream": True, "ignore_eos": True}

        async def ask(length: int) -> AsyncIterator[tuple[str, int]]:
            count, ids = 0, ready.pop() if ready else self._prompt(workload, reply)
            async for event in self.events(usual | {"prompt": ids, "n_predict": length}):
                count += len(event["tokens"])
                yield self.of, count

        return await rate(ask, size, reply, seconds)

    def _prompt(self, workload: Workload, reply: int) -> list[int]:
        asked = Conversation().ask(workload.question())
        return [*self._member.template.prompt(asked.messages(), reply).ids]

    async def events(self, request: dict[str, object]) -> AsyncIterator[dict[str, object]]:
        """The events of a completion. Raises CommandError."""
        body, process = json.dumps(request).encode(), self._member.process
        at = urlsplit(process.url)
        head = (
            f"POST /completion HTTP/1.1\r\nHost: {at.netloc}\r\nConnection: close\r\n"
            f"Authorization: Bearer {process.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        try:
            writer.write(head.encode() + body)
            status = await reader.readline()
            if b" 200 " not in status:
                raise CommandError(f"{self.name}: {status.decode().strip()}")
            async for line in reader:  # an event is a line of its own between those of HTTP
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])
                    if "error" in event:
                        raise CommandError(f"{self.name}: {event['error']}")
                    yield event
        finally:
            writer.close()
