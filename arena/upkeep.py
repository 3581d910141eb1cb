"""What a running site does once a day: texts that have been kept long enough are dropped."""

import logging
import math

from arena.erasure import DAY
from arena.records import StoreError
from arena.store import Store

log = logging.getLogger(__name__)


class Upkeep:
    """Looks when it is told the time. days: for how many texts are kept; 0 for ever."""

    def __init__(self, store: Store, days: int):
        self._store = store
        self._days = days
        self._next = -math.inf

    def tick(self, now: float) -> None:
        """Do what is due. now: seconds since 1970. A fault of the database is told in the log, and
        tried again the next day."""
        if not self._days or now < self._next:
            return
        self._next = now + DAY
        try:
            dropped = self._store.erasure.expire_texts(now, self._days)
        except StoreError as error:
            log.error("texts older than %d days could not be dropped: %s", self._days, error)
        else:
            if dropped:
                log.info("%d texts older than %d days were dropped", dropped, self._days)
