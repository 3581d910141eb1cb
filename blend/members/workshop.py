"""What runs in a worker's process: one model, its service, and the pipe to the member."""

import gc
import pickle
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from blend.members import MemberError, Sampling, SamplingError, weights
from blend.members.mail import Step
from blend.members.service import Service, batching, refuse_unless_paged

LOOK = 0.5
"""Seconds between two looks at whether the service is well, where nobody asks for anything."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker loads. memory: gigabytes for the cache. how: see `weights.load`."""

    name: str
    source: str
    sampling: Sampling
    memory: float | None = None
    how: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the member must know of the model that it does not hold; see `weights.Loaded`.

    tokenizer: pickled, which spares the member's process to read it anew, and to import torch for
    that; None where it is one that cannot be.
    """

    ends: frozenset[int]
    digest: str
    device: str
    window: int
    vocabulary: int
    tokenizer: bytes | None


def work(pipe: Connection, job: Job) -> None:
    """Load, tell the facts or the error, serve; ends when the other side of the pipe is gone.

    A terminal's Ctrl-C and a host's SIGTERM reach every process of a group: replies under way are
    for the member to end, so both are left to it.
    """
    gc.freeze()  # a collection that looked at what is shared would copy all of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell = _Teller(pipe)
    try:
        facts, service = _start(job, tell)
    except (MemberError, SamplingError) as error:  # raised anew in the member's process
        return tell(error)
    except Exception as error:  # it may hold what no pipe can carry
        return tell(MemberError(job.name, f"its engine does not start: {error}"))
    tell(facts)
    with suppress(EOFError, OSError):  # the member is gone, or was killed
        _serve(pipe, service, tell)
    service.stop()


class _Teller:
    """Sends from several threads; nothing when nobody is there any more."""

    def __init__(self, pipe: Connection):
        self._pipe = pipe
        self._lock = threading.Lock()

    def __call__(self, what: object) -> None:
        with self._lock, suppress(OSError):  # the loop that reads ends by itself
            self._pipe.send(what)


def _start(job: Job, tell: _Teller) -> tuple[Facts, Service]:
    loaded = weights.load(job.name, job.source, job.sampling, **job.how)
    refuse_unless_paged(job.name, loaded.model)
    window = loaded.template.window
    vocabulary = loaded.model.get_output_embeddings().weight.shape[0]
    tokenizer = _pickled(loaded.template.tokenizer)
    facts = Facts(loaded.ends, loaded.digest, loaded.device, window, vocabulary, tokenizer)
    settings = batching(job.name, loaded.model, window, job.memory)
    return facts, Service(loaded.model, settings, tell)


def _pickled(tokenizer: object) -> bytes | None:
    try:
        return pickle.dumps(tokenizer)
    except (TypeError, AttributeError, pickle.PicklingError):
        return None


def _serve(pipe: Connection, service: Service, tell: _Teller) -> None:
    """Do what is asked until the pipe closes, or tell why nothing more will be done."""
    while True:
        if pipe.poll(LOOK):
            match pipe.recv():
                case ("ask", request, *rest):
                    service.hear(request)
                    if not service.ask(request, *rest):
                        tell([(request, Step((), over=True, error="its engine takes no requests"))])
                case ("forget", request, over):
                    service.forget(request, over)
                case _:
                    return
        if reason := service.ailing():
            tell(reason)
            return
