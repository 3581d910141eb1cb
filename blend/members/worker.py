"""A service in a process of its own: members on one processor that do not wait for one another.

About five milliseconds of every step are Python, which runs in one thread at a time: three members
in one process take turns, however many cores there are. Processes are forked from one that has
imported torch, so that they share its memory.
"""

import asyncio
import atexit
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from types import ModuleType

from blend.members import MemberError
from blend.members.mail import Mail, Step
from blend.members.workshop import Facts, Job, work

IMPORTED = (
    "blend.members.workshop",
    "torch",
    "transformers.generation.continuous_batching",
    "transformers.models.auto.modeling_auto",
    "transformers.models.auto.tokenization_auto",
    "transformers.models.llama.modeling_llama",
    "transformers.models.qwen3.modeling_qwen3",
)
"""What the process that is forked has imported; a model of another kind imports its own."""
PATIENCE = 5.0
"""Seconds in which a worker must end by itself."""


def possible() -> bool:
    """Whether this process can fork from a server: not on Windows, nor as somebody's daemon."""
    there = "forkserver" in multiprocessing.get_all_start_methods()
    return there and not multiprocessing.current_process().daemon


def cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def prepare() -> None:
    """Have what the workers share imported beside what the caller does meanwhile.

    A Ctrl-C is for the program to heed: until it has imported everything, the new process would die
    of one with a traceback.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(list(IMPORTED))
    held = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))  # inherited for good
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


@contextmanager
def _without_main() -> Iterator[None]:
    """Start a process that does not import the program's main module, which it has no use for.

    Left to itself multiprocessing runs that file once more in every process it starts, and fails
    where there is none: a notebook, a program read from a pipe.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class Worker:
    """Does for a member what `Service` does, from afar, once it is open.

    Its process reads the model from the first; `open` waits for that. Every worker that dies is
    started anew by the member's Keeper, so one that eats too much memory, or is killed, costs the
    replies under way and no more.
    """

    def __init__(self, job: Job):
        prepare()
        self._name = job.name
        self._threads: list[threading.Thread] = []
        context = multiprocessing.get_context("forkserver")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(theirs, job), name=f"member {job.name}", daemon=True
        )
        with _without_main():
            self._process.start()
        # Before multiprocessing's own farewell, which waits for a process that heeds no signal.
        atexit.register(self._dismiss)
        theirs.close()
        self._mail = Mail()
        self._out: queue.SimpleQueue[tuple[object, ...]] = queue.SimpleQueue()
        self._reason: str | None = None
        self._stopped = False

    def open(self) -> Facts:
        """Wait until it is ready, and what it then tells of its model. Raises MemberError."""
        try:
            told = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(PATIENCE)
            code = self._process.exitcode
            told = MemberError(self._name, f"its process ended while it was loading (code {code})")
        except BaseException:  # Ctrl-C
            self.stop()
            raise
        if isinstance(told, Exception):
            self.stop()
            raise told
        self._threads = [
            threading.Thread(target=way, name=f"{way.__name__} {self._name}", daemon=True)
            for way in (self._read, self._write)
        ]
        for thread in self._threads:
            thread.start()
        return told

    def listen(self, request: str) -> "asyncio.Queue[Step]":
        """See Service."""
        return self._mail.open(request)

    def ask(
        self,
        request: str,
        ids: Sequence[int],
        max_tokens: int,
        ends: frozenset[int],
        settings: dict[str, float | int],
    ) -> bool:
        """See Service."""
        return self._tell("ask", request, list(ids), max_tokens, ends, settings)

    def forget(self, request: str, over: bool) -> None:
        """See Service."""
        self._mail.close(request)
        self._tell("forget", request, over)

    def ailing(self) -> str | None:
        """See Service."""
        return self._reason or ("it was stopped" if self._stopped else None)

    def stop(self) -> None:
        """End the process; what still runs fails."""
        self._stopped = True
        self._dismiss()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(PATIENCE)
        for thread in self._threads:  # what they wait for has ended with it
            thread.join(PATIENCE)
        if not self._threads:
            self._close()

    def _dismiss(self) -> None:
        """Have it end; one that still reads its model hears nothing, and has nothing to lose."""
        if self._threads:
            self._tell("stop")
        else:
            self._process.kill()

    def _tell(self, *what: object) -> bool:
        """Have it sent; false where nobody is there to read it. Never waits: a loop may call it."""
        self._out.put(what)
        return self._reason is None

    def _write(self) -> None:
        """A thread: send what is asked, in its order, until nobody can read it."""
        with suppress(OSError):
            while self._reason is None:
                self._pipe.send(self._out.get())

    def _read(self) -> None:
        """A thread: hand on what comes until nothing can."""
        reason = ""
        with suppress(EOFError, OSError):
            while not reason:
                told = self._pipe.recv()
                if isinstance(told, str):
                    reason = told
                else:
                    self._mail.deliver(told)
        self._reason = reason or "its process ended"
        self._mail.fail(self._reason)
        self._dismiss()  # wakes the thread that writes
        self._close()

    def _close(self) -> None:
        atexit.unregister(self._dismiss)
        self._pipe.close()
