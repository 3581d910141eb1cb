"""A stand-in for `spaces.GPU`: each call runs in a new fork, and what crosses must be plain.

What would break on ZeroGPU breaks here: an object of a class of ours in what is given or yielded,
a thread that is started in the fork, a cache that is expected to be there the next time.
"""

import io
import multiprocessing
import pickle
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any


class Plain(pickle.Unpickler):
    """Texts, numbers, lists, tuples and dicts; whatever needs an import is refused."""

    def find_class(self, module: str, name: str) -> Any:
        raise TypeError(f"{module}.{name} crosses the border of the process")


def carried(value: Any) -> Any:
    """The value as it comes out on the other side."""
    return Plain(io.BytesIO(pickle.dumps(value))).load()


class Fork:
    """Called as spaces.GPU is: Fork()(duration=…)(function). refuses: what it raises instead.

    calls: what each was given; seconds: what each asked for; alive: forks that still run.
    """

    def __init__(self, refuses: Exception | None = None):
        self.refuses = refuses
        self.calls: list[tuple] = []
        self.seconds: list[int] = []
        self.alive = 0

    def __call__(self, duration: Callable[..., int]) -> Callable[[Callable], Callable]:
        def decorate(task: Callable[..., Iterator]) -> Callable[..., Iterator]:
            def call(*args: Any) -> Iterator:
                self.calls.append(args)
                self.seconds.append(duration(*args))
                if self.refuses is not None:
                    raise self.refuses
                yield from self._forked(task, carried(args))

            return call

        return decorate

    def _forked(self, task: Callable[..., Iterator], args: tuple) -> Iterator:
        fork = multiprocessing.get_context("fork")
        mine, theirs = fork.Pipe()
        process = fork.Process(target=_work, args=(mine, theirs, task, args), daemon=True)
        with warnings.catch_warnings():
            # Python 3.12 warns of forks beside threads; on ZeroGPU that is how it is.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        self.alive += 1
        theirs.close()
        try:
            while (said := Plain(io.BytesIO(mine.recv_bytes())).load())[0] != "end":
                if said[0] == "failed":
                    raise RuntimeError(said[1])
                yield said[1]
                mine.send_bytes(b"on")
        finally:
            mine.close()
            process.join(30)
            assert not process.is_alive()
            self.alive -= 1


def _work(theirs, pipe, task: Callable[..., Iterator], args: tuple) -> None:
    theirs.close()  # else nobody would be seen to leave
    before = threading.active_count()
    steps = task(*args)
    try:
        for step in steps:
            pipe.send_bytes(pickle.dumps(("step", step)))
            pipe.recv_bytes()  # raises EOFError where nobody reads on
        assert threading.active_count() == before, "a thread was started in the fork"
        pipe.send_bytes(pickle.dumps(("end", None)))
    except EOFError:
        steps.close()
    except BaseException:
        pipe.send_bytes(pickle.dumps(("failed", traceback.format_exc())))
