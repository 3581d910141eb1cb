"""Retention: once a day, texts that were kept long enough are dropped."""

import logging
import math

from arena.db.repositories.erasure import DAY, Erasure
from arena.models import StoreError

log = logging.getLogger(__name__)


class TextRetention:
    """Drops old texts once a day. days: how long they are kept; 0 for ever."""

    def __init__(self, erasure: Erasure, days: int):
        self._erasure = erasure
        self._days = days
        self._next = -math.inf

    def tick(self, now: float) -> None:
        """Do what is due. now: seconds since 1970. A fault of the database goes to the log, and the
        next try is a day later."""
        if not self._days or now < self._next:
            return
        self._next = now + DAY
        try:
            if dropped := self._erasure.expire_texts(now, self._days):
                log.info("%d texts older than %d days were dropped", dropped, self._days)
        except StoreError as error:
            log.error("texts older than %d days could not be dropped: %s", self._days, error)
