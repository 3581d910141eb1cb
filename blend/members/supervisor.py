"""Keeps a backend running: one that fails is started again, after a pause that doubles."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from blend.members import MemberDown

log = logging.getLogger(__name__)

MAX_BACKOFF = 60.0
"""Seconds of the longest pause; the first is one second, each is double the last."""
CHECK_INTERVAL = 1.0
"""Seconds after which a failure is noticed that no request has met."""


class Backend(Protocol):
    """What runs for a member: an engine, or a server."""

    def failure(self) -> str | None:
        """Why it answers nothing any more, or None. Does not block."""

    def stop(self) -> None:
        """End it; harmless where it has ended. May block for seconds."""


S = TypeVar("S", bound=Backend)


class Supervisor(Generic[S]):
    """Supervises the backend of one member, in a thread of its own.

    name: of the member, for its errors. start: makes a running backend; it gives up when the event
    is set. required: whether the first start must succeed.
    """

    def __init__(self, name: str, start: Callable[[threading.Event], S], required: bool = True):
        """Blocks for the first start. Raises what that raises, if it is required."""
        self._name = name
        self._closed = threading.Event()
        self._start: Callable[[threading.Event], S] | None = start
        self._service: S | None = None
        self._failed: S | None = None
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._failures = 0
        self._until = 0.0
        self._reason = ""
        if required:
            self._service = start(self._closed)
        else:
            self._restart()
        threading.Thread(target=self._watch, name=f"{name}-supervisor", daemon=True).start()

    @property
    def down(self) -> str | None:
        """Why there is no service now, or None; notices a failure that no request has met."""
        if self._closed.is_set():
            return "it was closed"
        service = self._service
        if service is not None and (reason := service.failure()):
            self.report_failure(service, reason)
        return self._reason if self._service is None else None

    def service(self) -> S:
        """The one that runs. Raises MemberDown."""
        service, reason = self._service, self.down
        if service is None or reason:
            raise MemberDown(self._name, reason or self._reason)
        return service

    def report_failure(self, service: S, reason: str, rest: float | None = None) -> MemberDown:
        """The error for a request whose service failed; many may report the same failure.

        rest: seconds for which the service itself asks to be left alone.
        """
        with self._lock:
            longer = rest is not None and time.monotonic() + rest > self._until
            if self._closed.is_set():
                reason = "it was closed"
            elif service is self._service or (self._service is None and longer):
                self._failed = self._service or self._failed
                self._back_off(reason, rest)
        return MemberDown(self._name, reason)

    def report_success(self, service: S | None = None) -> None:
        """A reply is complete: the pauses begin with one second again.

        service: what gave the reply, if it is usable at once although it had failed.
        """
        with self._lock:
            self._failures = 0
            if service is not None and self._service is None and not self._closed.is_set():
                self._service, self._failed = service, None

    def close(self) -> None:
        """Stop the service; it is not started again. Blocks for seconds at most."""
        with self._lock:
            self._closed.set()
            left = [one for one in (self._service, self._failed) if one is not None]
            self._service = self._failed = self._start = None  # lets go of what they need
        self._wake.set()
        for service in left:
            service.stop()

    def _back_off(self, reason: str, rest: float | None = None) -> None:
        """Under the lock: no service now, a new one after a pause."""
        log.log(logging.INFO if self._failures else logging.WARNING, "%s: %s", self._name, reason)
        self._service, self._reason = None, reason
        if rest is None:
            rest = min(MAX_BACKOFF, 2.0**self._failures)
            self._failures += 1
        self._until = time.monotonic() + rest
        self._wake.set()

    def _watch(self) -> None:
        """A thread: notice a failure, stop what failed, and start another in time."""
        while not self._closed.is_set():
            if self._service is not None:
                self._wake.wait(CHECK_INTERVAL)
                self._wake.clear()
                _ = self.down
                continue
            if (failed := self._failed) is not None:
                failed.stop()  # one that hangs still holds what the next one needs
                self._failed = None
            self._wake.wait(max(0.0, self._until - time.monotonic()))
            self._wake.clear()
            if time.monotonic() >= self._until:
                self._restart()

    def _restart(self) -> None:
        start = self._start
        if start is None:
            return
        try:
            service = start(self._closed)
        except Exception as error:  # there is nobody to hand it to, and it is tried again
            with self._lock:
                if not self._closed.is_set():
                    own = isinstance(error, MemberDown)
                    self._back_off(error.reason if own else f"its engine does not start: {error}")
            return
        with self._lock:
            kept = not self._closed.is_set()
            if kept:
                self._service = service
                if self._reason:
                    log.warning("%s: it is running again", self._name)
        if not kept:
            service.stop()
