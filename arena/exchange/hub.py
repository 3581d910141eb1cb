"""Votes that outlive this machine's disk: snapshots of the database go to a dataset repository on
the Hub, and are merged into the database at the next start.

The database is the truth of a replica. Every few minutes, and at the end, one thread syncs: it
merges what other replicas pushed and, if anything was written here since, pushes a snapshot, a file
of this replica alone. A commit names the commit before it, so it removes no file that was not
merged. A replica's first snapshot, and each one after a deletion, replaces all files; running
replicas push theirs again.
"""

import logging
import tempfile
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from huggingface_hub import HfApi, constants, get_token

from arena.db.database import Database
from arena.db.event_files import read_events
from arena.db.replica import Replica
from arena.db.store import Store
from arena.exchange.hub_repository import (
    EVENTS,
    SNAPSHOTS,
    ConflictError,
    HubListing,
    HubRepository,
    first_line,
)
from arena.models import DamagedError
from arena.texts import ENGLISH, Texts
from blend.conversation import new_id

log = logging.getLogger(__name__)

EVERY = 5.0  # minutes between pushes, the client's own default
PATIENCE = 30.0  # seconds that a start waits for what is on the Hub
LAST = 10.0  # seconds that a stop waits for the last push: whoever stops a program kills it soon
PAUSES = (0.1, 0.5, 1.0, 2.0, 4.0)  # seconds before each new try, while other replicas commit
PUSHES = 20  # after so many the repository's history goes: it holds a whole file for each


class Hub:
    """Keeps one store's rows in a repository. Where it cannot, it says why and costs nothing."""

    def __init__(self, store: Store, name: str, every: float = EVERY, endpoint: str | None = None):
        """name: the dataset repository, `owner/name`; empty for none. every: minutes. endpoint: the
        Hub's address, where it is another than HF_ENDPOINT or the usual one."""
        self._replica = Replica(store.database)
        self._name = name
        self._every = every
        self._endpoint = endpoint
        self._token = get_token() if name else None
        self._repository: HubRepository | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._next: Future[bool] | None = None
        self._lock = threading.Lock()
        self._stopped, self._tried = threading.Event(), threading.Event()
        self._reached: float | None = None
        self._failure = ""
        self._own_prefix = f"{SNAPSHOTS}{new_id()}-"
        self._pushes = 0
        self._pushed: tuple[int, int] | None = None
        self._seen: dict[str, str] = {}
        self._damaged: set[str] = set()

    @property
    def off(self) -> str:
        """The name of the text on why nothing is kept on the Hub; empty where it is."""
        if not self._name:
            return "storage.no_name"
        if constants.HF_HUB_OFFLINE:
            return "storage.offline"
        return "" if self._token else "storage.no_token"

    def status(self, texts: Texts = ENGLISH) -> str:
        """Where votes are kept and how that goes, in a sentence or two."""
        if self.off:
            return texts("storage.only_here", why=texts(self.off, name=self._name))
        of = {"name": self._name}
        if self._reached is not None:
            of["since"] = texts.moment(self._reached)
        if self._failure:
            name = "storage.not_yet" if self._reached is None else "storage.not_since"
            return texts(name, why=self._failure, **of)
        if self._reached is None:
            return texts("storage.being_read", **of)
        damaged = (texts("storage.damaged", path=path) for path in sorted(self._damaged))
        return " ".join([texts("storage.kept", **of), *damaged])

    def start(self, patience: float = PATIENCE) -> None:
        """Begin; what the repository has is here when this returns, or after `patience` seconds it
        comes later. Raises StoreError."""
        if self.off:
            return
        if self._replica.is_empty():
            # There is nothing here that another place should have.
            self._pushed = self._replica.change_mark()
        self._worker = ThreadPoolExecutor(1, "hub")
        threading.Thread(target=self._repeat, daemon=True).start()
        self._tried.wait(patience)

    def flush(self, patience: float = PATIENCE) -> bool:
        """Push now; whether the repository has everything up to now."""
        try:
            with self._lock:
                if self._worker is None:
                    return False
                # One that has not begun will push all that there is now: another would only wait
                # behind it, and where pushing takes long ever more would.
                if self._next is None or self._next.running() or self._next.done():
                    self._next = self._worker.submit(self._sync)
                following = self._next
            return following.result(patience)
        except (TimeoutError, CancelledError, RuntimeError):  # too late, or stopped meanwhile
            return False

    def close(self, patience: float = LAST) -> None:
        """The last push, then no more. What could not be pushed is in the database still."""
        self._stopped.set()
        self.flush(patience)
        self.stop()

    def stop(self) -> None:
        """No more pushes."""
        self._stopped.set()
        with self._lock:
            if self._worker is not None:
                self._worker.shutdown(wait=False, cancel_futures=True)
                self._worker = None

    def _repeat(self) -> None:
        """Push every few minutes; until the Hub has answered once, sooner and then ever later."""
        pause = 2.0
        while True:
            self.flush(60 * self._every)
            if self._stopped.wait(60 * self._every if self._reached else pause):
                return
            pause = min(2 * pause, 60 * self._every)

    def _sync(self) -> bool:
        """Merge what others pushed, and push what changed; whether that went well."""
        for pause in (*PAUSES, None):
            try:
                self._merge_and_push()
                break
            except Exception as error:  # `status` reports it
                if pause is None or not isinstance(error, ConflictError):
                    self._failure = first_line(error)
                    log.warning("%s: not pushed: %s", self._name, self._failure)
                    self._tried.set()
                    return False
            time.sleep(pause)
        self._failure, self._reached = "", time.time()
        self._tried.set()
        return True

    def _merge_and_push(self) -> None:
        if self._repository is None:
            api = HfApi(self._endpoint, token=self._token)
            self._repository = HubRepository.create(self._name, api)
        listing = self._repository.listing()
        lost = not self._own(listing) if self._pushes else self._seen and not listing.files
        self._fetch(listing)
        # Both read before the snapshot: what comes in between is in it, and is looked at again.
        mark, (deleted, known) = self._replica.change_mark(), self._replica.deletions()
        if mark == self._pushed and deleted == known and not lost:
            return
        all_files = deleted > known or not self._pushes
        replaced = self._seen.keys() - self._damaged if all_files else self._own(listing)
        path = f"{self._own_prefix}{new_id()}.db"
        with tempfile.TemporaryDirectory(prefix="arena-hub-") as place:
            file = Path(place, "snapshot.db")
            self._replica.write_snapshot(file)
            self._repository.push(listing, replaced, path, file)
        self._pushed = mark
        self._pushes += 1
        if deleted > known or self._pushes % PUSHES == 1:
            self._repository.purge_history()
            self._replica.note_deletions_pushed(deleted)

    def _own(self, listing: HubListing) -> list[str]:
        return [path for path in listing.files if path.startswith(self._own_prefix)]

    def _fetch(self, listing: HubListing) -> None:
        """Merge the files that are new since the last time, or were changed."""
        own, seen = self._own(listing), self._seen
        new = [p for p, blob in listing.files.items() if seen.get(p) != blob and p not in own]
        with tempfile.TemporaryDirectory(prefix="arena-hub-") as place:
            files = self._repository.download(new, listing.sha, Path(place))
            events = []
            for path, file in zip(new, files, strict=True):
                if path.startswith(EVENTS):
                    events.append(file)
                else:
                    self._merge(path, file)
            if events:
                self._merge_events(events, Path(place, "events.db"))
        self._seen = dict(listing.files)
        self._damaged &= self._seen.keys()

    def _merge(self, path: str, file: Path) -> None:
        try:
            self._replica.merge_snapshot(file)
        except DamagedError as error:
            self._damaged.add(path)
            log.warning("%s: %s is left out: delete it there (%s)", self._name, path, error)

    def _merge_events(self, files: list[Path], place: Path) -> None:
        """Merge what an older version pushed: its rows refer to rows of snapshots, and of here."""
        self._replica.write_snapshot(place)
        with closing(Database.open(place)) as events:
            if left_out := read_events(events, files):
                log.warning("%s: %d lines of event files are left out", self._name, left_out)
        self._replica.merge_snapshot(place)
