"""Votes that outlive this machine's disk: changed rows are told to a dataset repository on the Hub,
and told back at the next start.

The database is the truth of a replica; what the repository lacks is known there (`arena.journal`).
Every few minutes, and at the end, the scheduler's one thread does what `Hub.beat` says: it takes in
what other replicas told, appends what changed here to this process's event file, and pushes that.
Now and then, and whenever something was deleted, one snapshot takes the place of all files.
"""

import logging
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi, constants, get_token

from arena import events
from arena.journal import Event
from arena.records import DamagedError
from arena.repository import (
    EVENTS,
    KIND,
    SNAPSHOTS,
    Listing,
    MovedError,
    Repository,
    Scheduler,
)
from arena.store import Store
from blend.conversation import new_id

log = logging.getLogger(__name__)

EVERY = 5.0
"""Minutes between pushes, the client's own default."""

MOST = 5_000
"""Event lines in the repository beyond which a snapshot takes their place."""

PATIENCE = 30.0
"""Seconds that a start waits for what is on the Hub."""

LAST = 10.0
"""Seconds that a stop waits for the last push: whoever stops a program kills it soon."""

RETRIES = 5

NAMED = 5
"""Lines or rows of one file that are named in the log; of more only the number is told."""


class Hub:
    """Keeps one store's rows in a repository. Where it cannot, it says why and costs nothing."""

    def __init__(self, store: Store, name: str, every: float = EVERY, endpoint: str | None = None):
        """name: the dataset repository, `owner/name`; empty for none. every: minutes. endpoint: the
        Hub's address, where it is another than HF_ENDPOINT or the usual one."""
        self._store = store
        self._name = name
        self._every = every
        self._endpoint = endpoint
        self._token = get_token() if name else None
        self._scheduler: Scheduler | None = None
        self._place: tempfile.TemporaryDirectory | None = None
        self._stopped, self._tried = threading.Event(), threading.Event()
        self._reached: float | None = None
        self._failure = ""
        self._seen: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._waiting: tuple[Event, ...] = ()
        self._damaged: set[str] = set()

    @property
    def off(self) -> str:
        """Why nothing is kept on the Hub; empty where it is."""
        if not self._name:
            return "no dataset repository is named (hub)"
        if constants.HF_HUB_OFFLINE:
            return "HF_HUB_OFFLINE is set"
        if not self._token:
            return f"there is no token that may write to {self._name} (HF_TOKEN)"
        return ""

    @property
    def status(self) -> str:
        """Where votes are kept and how that goes, in a sentence or two."""
        if self.off:
            return f"Votes are stored on this machine's disk only: {self.off}."
        where = f"the private dataset {self._name} on the Hub"
        since = "yet" if self._reached is None else f"since {_clock(self._reached)}"
        if self._failure:
            return (
                f"Votes are stored on this machine's disk; {where} has taken nothing {since}"
                f" ({self._failure}). It is tried again every few minutes; nothing is left out."
            )
        if self._reached is None:
            return f"Votes are stored on this machine's disk; {where} is being read."
        damaged = "".join(
            f" Its {path} is damaged and was left out: delete it there."
            for path in sorted(self._damaged)
        )
        return f"Votes are kept in {where}, as of {_clock(self._reached)}.{damaged}"

    def start(self, patience: float = PATIENCE) -> None:
        """Begin; what the repository has is here when this returns, or after `patience` seconds it
        comes later. Raises StoreError."""
        if self.off:
            return
        self._place = tempfile.TemporaryDirectory(prefix="arena-hub-")
        self._renamed()
        self._store.watch(self._name)
        threading.Thread(target=self._connect, daemon=True).start()
        self._tried.wait(patience)

    def flush(self, patience: float = PATIENCE) -> bool:
        """Push now; whether the repository has everything up to now."""
        if self._scheduler is None:
            return False
        try:
            self._scheduler.trigger().result(patience)
        except Exception as error:  # whatever it was, beat has noted it
            log.warning("%s: not pushed: %s", self._name, _line(error))
            return False
        return True

    def close(self, patience: float = LAST) -> None:
        """The last push, then no more. What could not be pushed is in the database still."""
        self._stopped.set()
        if self._scheduler is not None:
            self.flush(patience)
            self._scheduler.stop()
        if self._place is not None:
            self._place.cleanup()

    def _connect(self) -> None:
        """Make the scheduler, which asks the Hub, as soon as that answers."""
        pause = 2.0
        while not self._stopped.is_set():
            try:
                api = HfApi(self._endpoint, token=self._token)
                self._repository = Repository(self._name, api)
                self._scheduler = Scheduler(
                    self.beat,
                    repo_id=self._name,
                    repo_type=KIND,
                    private=True,
                    folder_path=self._place.name,
                    every=self._every,
                    hf_api=api,
                )
                return
            except Exception as error:  # this thread has nobody else to tell
                self._fail(error)
            self._stopped.wait(pause)
            pause = min(2 * pause, 60 * self._every)

    def beat(self, scheduler: Scheduler) -> object:
        """Take in what others told; tell what changed. Called by the scheduler's thread only."""
        try:
            self._fetch()
            result = self._renew() if self._due() else self._tell(scheduler)
        except Exception as error:
            self._fail(error)
            raise
        self._failure, self._reached = "", time.time()
        self._tried.set()
        return result

    def _fail(self, error: Exception) -> None:
        self._failure = _line(error)
        self._tried.set()

    def _fetch(self) -> Listing:
        """Take in the files that are new since the last time, or were changed."""
        listing, reach = self._repository.listing(), self._store.reach()
        if reach.kept and not listing.files:
            self._store.untold()
        new = [
            path
            for path, blob in listing.files.items()
            if self._seen.get(path) != blob and path not in (self._own, reach.snapshot)
        ]
        with tempfile.TemporaryDirectory(prefix="arena-hub-") as place:
            files = self._repository.download(new, listing.sha, Path(place))
            self._take(dict(zip(new, files, strict=True)))
        self._seen = dict(listing.files)
        self._damaged &= self._seen.keys()
        self._lines = {path: n for path, n in self._lines.items() if path in self._seen}
        return listing

    def _take(self, files: dict[str, Path]) -> None:
        """Snapshots first: what events refer to may be in them. Then all events at once."""
        for path, file in files.items():
            if path.startswith(SNAPSHOTS):
                try:
                    taken = self._store.take_snapshot(file)
                except DamagedError:
                    self._damaged.add(path)
                    log.warning("%s: %s is damaged and left out: delete it there", self._name, path)
                    continue
                self._waiting += taken.waiting
                self._name_refused(taken.refused)
                self._store.holds(path)
        told: list[Event] = []
        for path, file in files.items():
            if path.startswith(EVENTS):
                found, bad = events.read(file)
                self._name_refused(bad, f"{path}: ")
                self._lines[path] = len(found)
                told += found
        if told:
            taken = self._store.take([*self._waiting, *told])
            self._waiting = taken.waiting
            self._name_refused(taken.refused)

    def _name_refused(self, reasons: Sequence[str], where: str = "") -> None:
        """Tell the host's log what is left out: a line or a row must not keep back all others."""
        for reason in reasons[:NAMED]:
            log.warning("%s: left out: %s%s", self._name, where, reason)
        if len(reasons) > NAMED:
            log.warning("%s: left out: %s%d more", self._name, where, len(reasons) - NAMED)

    def _due(self) -> bool:
        """Whether a snapshot has to take the place of all files, and none is there that could not
        be read: what it has may be nowhere else."""
        if self._damaged:
            return False
        reach = self._store.reach()
        untold = reach.last - max(reach.kept, self._written)
        return reach.purge > reach.covered or sum(self._lines.values()) + untold > MOST

    def _tell(self, scheduler: Scheduler) -> object:
        changed, last = self._store.changed(max(self._store.reach().kept, self._written))
        if changed:
            with scheduler.lock:
                events.write(self._file, changed)
            self._lines[self._own] = self._lines.get(self._own, 0) + len(changed)
        self._written = last
        result = scheduler.push()
        self._store.told(last)
        return result

    def _renew(self) -> None:
        """A snapshot in the place of all files; where something was deleted, history goes too."""
        for _ in range(RETRIES):
            listing = self._fetch()
            path = f"{SNAPSHOTS}{new_id()}.db"
            with tempfile.TemporaryDirectory(prefix="arena-hub-") as place:
                file = Path(place, "snapshot.db")
                number = self._store.snapshot(file)
                try:
                    self._repository.replace(listing, path, file)
                except MovedError as moved:
                    failure = moved
                    continue
            # Read after the snapshot: what was deleted just before it is not in it either.
            reach = self._store.reach()
            if reach.purge > reach.covered:
                self._repository.cleanse()
            self._store.covered(number, path)
            self._file.unlink(missing_ok=True)
            self._renamed()
            return
        raise failure

    def _renamed(self) -> None:
        """Begin a new event file: a snapshot has all that was told before."""
        self._own = f"{EVENTS}{new_id()}.jsonl"
        self._file = Path(self._place.name, self._own)
        self._file.parent.mkdir(exist_ok=True)
        self._written = 0


def _clock(when: float) -> str:
    return time.strftime("%d %B, %H:%M UTC", time.gmtime(when))


def _line(error: BaseException) -> str:
    """The first line of what an error says, without its end."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".: ")
