"""Keeps a service running: one that died is started anew after a rest, longer with every death."""

import gc
import logging
import threading
from collections.abc import Callable

from blend.members import MemberDown
from blend.members.service import Service
from blend.members.worker import Worker

log = logging.getLogger(__name__)

LONGEST_REST = 60.0
"""Seconds of rest at most; the first rest is one second, and each is double the last."""


class Keeper:
    """One member's service. Nobody has to ask for the restart: a timer's thread does it.

    name: of the member, for its errors. start: makes a running service.
    """

    def __init__(self, name: str, start: Callable[[], Service | Worker]):
        self._name = name
        self._start = start
        self._service: Service | Worker | None = start()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._deaths = 0
        self._reason = ""
        self._closed = False

    @property
    def down(self) -> str | None:
        """Why there is no service just now, or None; notices a death that no request has met."""
        if self._closed:
            return "it was closed"
        service = self._service
        if service is not None and (reason := service.ailing()):
            self.fallen(service, reason)
        return self._reason if self._service is None else None

    def service(self) -> Service | Worker:
        """The one that runs. Raises MemberDown."""
        service, reason = self._service, self.down
        if service is None or reason:
            raise MemberDown(self._name, reason or self._reason)
        return service

    def fallen(self, service: Service | Worker, reason: str) -> MemberDown:
        """The error for a request whose service died; many may tell of the same death."""
        with self._lock:
            if self._closed:
                reason = "it was closed"
            elif service is self._service:
                log.warning("%s: %s", self._name, reason)
                self._rest(reason)
        return MemberDown(self._name, reason)

    def well(self) -> None:
        """A reply came to its end: the next death is the first one again."""
        self._deaths = 0

    def close(self) -> None:
        """Stop the service; it is not started again. Blocks for seconds at most."""
        with self._lock:
            self._closed = True
            service, self._service = self._service, None
            if self._timer is not None:
                self._timer.cancel()
        self._start = _refuse  # lets go of what it needs
        if service is not None:
            service.stop()

    def _rest(self, reason: str) -> None:
        """Under the lock: no service from now on, and a new one after a while."""
        self._service, self._reason = None, reason
        rest = min(LONGEST_REST, 2.0**self._deaths)
        self._deaths += 1
        self._timer = threading.Timer(rest, self._revive)
        self._timer.daemon = True
        self._timer.start()

    def _revive(self) -> None:
        gc.collect()  # the dead one's cache must be gone before there is room for another
        start = self._start
        try:
            service = start()
        except (RuntimeError, MemoryError, ValueError) as error:
            with self._lock:
                if not self._closed:
                    log.warning("%s: its engine does not start: %s", self._name, error)
                    self._rest(f"its engine does not start: {error}")
            return
        with self._lock:
            kept = not self._closed
            if kept:
                self._service = service
                log.warning("%s: its engine was started anew", self._name)
        if not kept:
            service.stop()


def _refuse() -> Service:
    raise RuntimeError("it was closed")
