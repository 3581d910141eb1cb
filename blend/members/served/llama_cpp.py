"""A GGUF file, served by llama.cpp in a process of its own: on any CPU, or on a GPU."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from blend.conversation import Usage
from blend.members import (
    MemberDown,
    MemberError,
    MemberTimeout,
    Piece,
    Sampling,
    SamplingError,
    hub_files,
)
from blend.members.served.llama_client import sampling_settings, update_usage
from blend.members.served.llama_process import LlamaProcess, read_template
from blend.members.served.threads import decode_threads, prompt_threads
from blend.members.supervisor import Supervisor
from blend.message import Message
from blend.prompt.detokenizer import StreamDetokenizer
from blend.prompt.length import Length
from blend.prompt.template import Template

T = TypeVar("T")
SLOTS, WINDOW = 4, 4096
"""Conversations that are answered, and remembered, at once, and the tokens of each at most. Memory
for all is taken at the start: 12 to 40 kB a token for models of 0.3 to 0.5 billion parameters."""
MEND = "remove it"


class LlamaCpp:
    """One model that answers as many conversations at once as it has slots; the others wait.

    digest identifies what its replies come from: the file and the chat template. device is a word
    for the page, and parameters the number of its weights. ignore_eos: write on after the end, for
    a benchmark.
    """

    honours = frozenset({"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "seed"})

    def __init__(
        self,
        name: str,
        template: Template,
        sampling: Sampling,
        supervisor: Supervisor,
        digest: str,
        preserved: Sequence[str] = (),
    ):
        """Use `load`. preserved: the special tokens that are text all the same in a reply."""
        properties = supervisor.service().client.properties()
        self.device = properties["model_alias"]
        self.parameters: int | None = properties.get("n_params")
        self.name = name
        self.sampling = sampling
        self.template = template
        self.digest = digest
        self.ignore_eos = False
        self._supervisor: Supervisor[LlamaProcess] = supervisor
        self._preserved = list(preserved)
        self._tokenizing = ThreadPoolExecutor(4, thread_name_prefix=f"{name}-tokenizer")

    @classmethod
    def load(
        cls,
        name: str,
        source: str,
        sampling: Sampling,
        *,
        file: str = "",
        revision: str | None = None,
        slots: int = SLOTS,
        window: int | None = None,
        threads: int | None = None,
        processes: int = 1,
        gpu_layers: int = -1,
        template: str | None = None,
        variables: Mapping[str, object] | None = None,
        own_system: bool = False,
        thinking: bool | None = None,
    ) -> "LlamaCpp":
        """The member, ready to answer. Blocks until its file is there and was read.

        source: a GGUF file, or what has `file` on the Hub. threads: of its process; see threads.py.
        processes: of llama.cpp on this machine, itself among them. gpu_layers: all where it is
        negative. thinking: see `ChatTemplate`. Raises SamplingError and MemberError.
        """
        sampling.refuse_unless(cls.honours, "llama_cpp", MEND)
        path = hub_files.fetch_gguf(name, source, file, revision)
        shared = prompt_threads(path.stat().st_size, processes)
        settings = {"path": str(path), "window": window or WINDOW, "gpu_layers": gpu_layers}
        settings |= {"threads": threads or shared, "writing": threads or decode_threads(shared)}
        supervisor = Supervisor(name, lambda closed: LlamaProcess(name, slots, settings))
        try:
            how = (template, variables, own_system, thinking)
            prompts, preserved = read_template(name, path, supervisor, *how)
            _check_window(name, window, prompts.window, sampling.max_tokens)
            identity = f"{prompts.identity}{hub_files.digest(path)}".encode()
            digest = hashlib.sha256(identity).hexdigest()
            return cls(name, prompts, sampling, supervisor, digest, preserved)
        except BaseException:
            supervisor.close()
            raise

    @property
    def down(self) -> str | None:
        return self._supervisor.down

    @property
    def process(self) -> LlamaProcess:
        """What answers just now, for whoever asks it directly. Raises MemberDown."""
        return self._supervisor.service()

    async def stream(
        self, messages: Sequence[Message], sampling: Sampling, scope: str = ""
    ) -> AsyncIterator[str]:
        sampling.refuse_unless(self.honours, "llama_cpp", MEND)
        limits = (sampling.max_tokens, self.sampling.max_tokens)
        prompt, most = await self._apart(self.template.bounded, messages, *limits)
        settings = sampling_settings(sampling, self.template.window) | {"n_predict": most}
        settings |= {"ignore_eos": self.ignore_eos, "preserved_tokens": self._preserved}
        # Stop strings are cut here alone: white space that opens a reply does not end it.
        stop = (*sampling.stop, *self.template.stop)
        beginning = [messages[-1].text] if prompt.beginning else []
        text = StreamDetokenizer("".join, stop, beginning, self.template.opening)
        usage = Usage(len(prompt.ids), 0, 0, prompt.cut_turns)
        async with aclosing(self._events(prompt.ids, settings, scope)) as coming:
            async for events in coming:
                usage = update_usage(usage, events)
                piece = text.add([event["content"] for event in events if event["content"]])
                if text.stopped:
                    usage = replace(usage, finish="stop")
                yield Piece(piece + (text.end() if usage.finish else ""), usage)
                if text.stopped:
                    break
        self._supervisor.report_success()

    def measure(self, messages: Sequence[Message], max_tokens: int) -> Length | None:
        try:
            return self.template.measure(messages, max_tokens, self.sampling.max_tokens)
        except (MemberDown, MemberTimeout):  # only its server can tell
            return None

    async def warm(self, messages: Sequence[Message]) -> None:
        usual = self.sampling.max_tokens
        reserve = self.template.reserve(usual, usual)
        ids = (await self._apart(self.template.prefix, messages, reserve)).ids
        if ids and not self._supervisor.service().slots.has_prefix(ids):
            async for _ in self._events(ids, {"n_predict": 0}, reading=True):
                pass

    async def aclose(self) -> None:
        await asyncio.to_thread(self._supervisor.close)
        self._tokenizing.shutdown(wait=False)

    async def _apart(self, write: Callable[..., T], *arguments: object) -> T:
        """What a template writes; its tokenizer may hang, but in no thread that others need."""
        self._supervisor.service()
        return await asyncio.get_running_loop().run_in_executor(self._tokenizing, write, *arguments)

    async def _events(
        self, ids: tuple[int, ...], settings: dict[str, Any], scope: str = "", reading: bool = False
    ) -> AsyncGenerator[list[dict], None]:
        """The events of a completion, once a slot is free for it."""
        service = self._supervisor.service()
        async with service.slots.acquire(ids, scope, reading) as (slot, cached):
            where = {"prompt": ids, "id_slot": slot, "cache_prompt": cached}
            body = settings | where | {"stream": True, "return_progress": True}
            try:
                async with aclosing(service.client.completion(body)) as coming:
                    async for events in coming:
                        yield events
            except MemberError:
                if reason := service.failure():
                    raise self._supervisor.report_failure(service, reason) from None
                raise


def _check_window(name: str, window: int | None, actual: int, max_tokens: int) -> None:
    """Raise MemberError or SamplingError where the roster's window, or a reply, is longer than the
    window that the server actually has."""
    if window and window > actual:
        raise MemberError(name, f"window {window:,} is more than the {actual:,} it was made for")
    if max_tokens >= actual:
        room = f"a window of {actual:,} tokens"
        raise SamplingError(f"max_tokens {max_tokens:,} does not fit {room}")
