"""Keeps a service running: one that died is started anew after a rest, longer with every death."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from blend.members import MemberDown

log = logging.getLogger(__name__)

LONGEST_REST = 60.0
"""Seconds of rest at most; the first rest is one second, and each is double the last."""
LOOK_EVERY = 1.0
"""Seconds after which a death is noticed that no request has met."""


class Backend(Protocol):
    """What runs for a member: an engine, or a server."""

    def ailing(self) -> str | None:
        """Why it answers nothing any more, or None. Does not block."""

    def stop(self) -> None:
        """End it; harmless where it has ended. May block for seconds."""


S = TypeVar("S", bound=Backend)


class Keeper(Generic[S]):
    """One member's service. Nobody has to ask for the restart: a thread looks after it.

    name: of the member, for its errors. start: makes a running service, unless the event is set
    before it runs: then nobody wants it any more. required: whether the first start must succeed.
    """

    def __init__(self, name: str, start: Callable[[threading.Event], S], required: bool = True):
        """Blocks for the first start. Raises what that raises, where it is required."""
        self._name = name
        self._closed = threading.Event()
        self._start: Callable[[threading.Event], S] | None = start
        self._service: S | None = None
        self._dead: S | None = None
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._deaths = 0
        self._until = 0.0
        self._reason = ""
        if required:
            self._service = start(self._closed)
        else:
            self._revive()
        threading.Thread(target=self._watch, name=f"{name}-keeper", daemon=True).start()

    @property
    def down(self) -> str | None:
        """Why there is no service just now, or None; notices a death that no request has met."""
        if self._closed.is_set():
            return "it was closed"
        service = self._service
        if service is not None and (reason := service.ailing()):
            self.fallen(service, reason)
        return self._reason if self._service is None else None

    def service(self) -> S:
        """The one that runs. Raises MemberDown."""
        service, reason = self._service, self.down
        if service is None or reason:
            raise MemberDown(self._name, reason or self._reason)
        return service

    def fallen(self, service: S, reason: str, rest: float | None = None) -> MemberDown:
        """The error for a request whose service died; many may tell of the same death.

        rest: the seconds for which the service itself asks to be left alone.
        """
        with self._lock:
            longer = rest is not None and time.monotonic() + rest > self._until
            if self._closed.is_set():
                reason = "it was closed"
            elif service is self._service or (self._service is None and longer):
                self._dead = self._service or self._dead
                self._rest(reason, rest)
        return MemberDown(self._name, reason)

    def well(self, service: S | None = None) -> None:
        """A reply came to its end: the next death is the first one again.

        service: what gave it, where that is not over for good once it failed.
        """
        with self._lock:
            self._deaths = 0
            if service is not None and self._service is None and not self._closed.is_set():
                self._service, self._dead = service, None

    def close(self) -> None:
        """Stop the service; it is not started again. Blocks for seconds at most."""
        with self._lock:
            self._closed.set()
            left = [one for one in (self._service, self._dead) if one is not None]
            self._service = self._dead = self._start = None  # lets go of what they need
        self._news.set()
        for service in left:
            service.stop()

    def _rest(self, reason: str, rest: float | None = None) -> None:
        """Under the lock: no service from now on, and a new one after a while."""
        log.log(logging.INFO if self._deaths else logging.WARNING, "%s: %s", self._name, reason)
        self._service, self._reason = None, reason
        if rest is None:
            rest = min(LONGEST_REST, 2.0**self._deaths)
            self._deaths += 1
        self._until = time.monotonic() + rest
        self._news.set()

    def _watch(self) -> None:
        """A thread: notice a death, clear away what died, and start another in its time."""
        while not self._closed.is_set():
            if self._service is not None:
                self._news.wait(LOOK_EVERY)
                self._news.clear()
                _ = self.down
                continue
            if (dead := self._dead) is not None:
                dead.stop()  # one that hangs still holds what the next one needs
                self._dead = None
            self._news.wait(max(0.0, self._until - time.monotonic()))
            self._news.clear()
            if time.monotonic() >= self._until:
                self._revive()

    def _revive(self) -> None:
        start = self._start
        if start is None:
            return
        try:
            service = start(self._closed)
        except Exception as error:  # there is nobody to hand it to, and it is tried again
            with self._lock:
                if not self._closed.is_set():
                    own = isinstance(error, MemberDown)
                    self._rest(error.reason if own else f"its engine does not start: {error}")
            return
        with self._lock:
            kept = not self._closed.is_set()
            if kept:
                self._service = service
                if self._reason:
                    log.warning("%s: it was started anew, or is there again", self._name)
        if not kept:
            service.stop()
