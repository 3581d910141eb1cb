"""Work of many threads, done together: one of them leads and does what all have waiting.

A transaction costs a wait for the disk, and many can share one. Nobody need be started or stopped
for it: whoever comes first leads a round, and then hands over to whoever waits longest.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

LARGEST = 256
"""Pieces of work in a round at most, so that nobody else waits for long."""


class Task:
    """One piece of work, and what came of it once its round is over."""

    __slots__ = ("_woken", "done", "error", "leads", "result", "work")

    def __init__(self, work: Any):
        self.work = work
        self.done = False
        self.leads = False
        self.result: Any = None
        self.error: BaseException | None = None
        self._woken = threading.Lock()
        self._woken.acquire()

    def wait(self) -> None:
        """Until it is done, or is to lead the next round."""
        self._woken.acquire()

    def wake(self) -> None:
        self._woken.release()

    def outcome(self) -> Any:
        """The work's result; raises what it raised. To be asked for once."""
        error, self.error = self.error, None  # kept here, it would keep this frame, and this it
        if error is not None:
            try:
                if isinstance(error, Exception):
                    raise error
                raise RuntimeError("the round that this was part of was stopped") from error
            finally:
                del error
        return self.result


Take = Callable[[], Sequence[Task]]
"""Tells a round its tasks."""


class Group:
    """Rounds of work. `round` does a round's tasks and notes on each its result or its error.

    It is given a function that tells the tasks, to be called once: whoever comes until then, as
    while the round waits for its turn, is in this round. What `round` itself raises is every
    task's error: none of them was done. `sift` is shown the tasks beforehand: on which it notes an
    error, that one is over, and where none is left there is no round.
    """

    def __init__(
        self,
        round: Callable[[Take], None],
        sift: Callable[[Sequence[Task]], None] | None = None,
    ):
        self._round = round
        self._sift = sift
        self._mutex = threading.Lock()
        self._waiting: deque[Task] = deque()
        self._led = False

    def run(self, work: Any) -> Any:
        """The work's result, once the round that it was in is over. May be called by any thread.

        What work is, `round` knows.
        """
        task = Task(work)
        with self._mutex:
            self._waiting.append(task)
            lead, self._led = not self._led, True
        if not lead:
            self._wait(task)
        if not task.done:
            self._lead(task)
        return task.outcome()

    def _wait(self, task: Task) -> None:
        try:
            task.wait()
        except BaseException:  # Ctrl-C: the others must not wait for a leader that has left
            with self._mutex:
                if task in self._waiting:
                    self._waiting.remove(task)
                if task.leads:
                    self._hand_over()
            raise

    def _lead(self, own: Task) -> None:
        """One round; the leader's own task is the first one that it takes."""
        tasks: list[Task] = []
        try:
            if self._sift is None or self._sifted(tasks, own):
                self._round(lambda: self._take(tasks))
        except BaseException as error:
            for task in tasks or self._take(tasks):
                task.error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._end(tasks, own)
            with self._mutex:
                self._hand_over()

    def _sifted(self, tasks: list[Task], own: Task) -> bool:
        """Take those that wait, end what can be ended; whether any are left."""
        self._sift(self._take(tasks))
        self._end([task for task in tasks if task.error is not None], own)
        tasks[:] = [task for task in tasks if not task.done]
        return bool(tasks)

    def _take(self, tasks: list[Task]) -> Sequence[Task]:
        """The tasks of the round with those that wait now, who from now on do not any more."""
        with self._mutex:
            room = min(LARGEST - len(tasks), len(self._waiting))
            tasks += (self._waiting.popleft() for _ in range(room))
        return tasks

    def _end(self, tasks: Sequence[Task], own: Task) -> None:
        for task in tasks:
            task.done = True
            if task is not own:
                task.wake()

    def _hand_over(self) -> None:
        self._led = bool(self._waiting)
        if self._led:
            self._waiting[0].leads = True
            self._waiting[0].wake()
