"""The members and contenders of a running site: how far loading has come, who is up, their ids."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from arena.db.repositories.experiments import ExperimentRecord
from arena.db.store import Store
from arena.models import Contender, StoreError
from arena.ranking.context.draws import writers
from arena.site.cached_value import CachedValue
from arena.texts import ENGLISH, Texts
from blend.conversation import Conversation
from blend.engine import Blend, check_length
from blend.members import Member, gpu_call
from blend.policies.thompson import Thompson
from blend.roster import Roster, contender, loading
from blend.roster.fetching import Fetching
from blend.roster.zerogpu import check_blends, load_for_zerogpu

log = logging.getLogger(__name__)

POLICY_SECONDS = 60.0
"""Seconds after which a policy that learns from votes and thumbs gets the new counts."""

STORAGE_SECONDS = 5.0
"""How long it is known whether something can be stored: to find out costs a wait for the disk."""


@dataclass(frozen=True, slots=True)
class Health:
    """What /healthz answers: loading, ready, failed, down where no member is up, or unstored where
    the database takes nothing; who is down, and why nothing can be stored."""

    status: str
    loaded: int
    members: int
    down: dict[str, str]
    storage: str = ""

    @property
    def ok(self) -> bool:
        return self.status == "ready"


class LoadedContenders:
    """The roster's members, loaded once, and the blends that fight.

    lent: the GPU of a Space on ZeroGPU, where this is one. device: what the members run on.
    """

    def __init__(self, roster: Roster, store: Store, lent: gpu_call.GpuLease | None = None):
        self.roster = roster
        self.device = ""
        self.loaded: dict[str, Member] = {}
        self._store = store
        self._lent = lent
        self._blends: dict[str, Blend] = {}
        self._ids: dict[str, str] = {}
        self._storage = CachedValue(self._storage_problem, STORAGE_SECONDS)
        self._fetching = Fetching(roster.members)
        self._failure = ""
        self._ready = threading.Event()
        self._refreshed = float("-inf")

    def load(
        self,
        report: Callable[[str], None] = lambda name: None,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """Fetch what is not here, load every member, then open the contenders. Blocks.

        report: called with the name of each member that is up. tell: called with how much must be
        fetched, before it is. Raises MemberError, which /healthz then tells as well.
        """
        try:
            self._fetching.run(tell)
            digests = self._load_members(report)
            for spec in self.roster.contenders:
                config = contender.config(spec, self.roster, digests)
                id = contender.contender_id(config)
                self._store.contenders.save(id, spec.name, config)
                self._ids[spec.name] = id
                self._blends[spec.name] = contender.assemble(spec, self.loaded, config)
            self.refresh_policies()
        except Exception as failure:
            self._failure = str(failure)
            raise
        if trial := self.roster.experiment:
            self._store.experiments.save(
                ExperimentRecord(trial.name, trial.control, dict(trial.arms))
            )
        devices = [getattr(member, "device", "scripted") for member in self.loaded.values()]
        self.device = " · ".join(dict.fromkeys(devices))
        self._ready.set()

    def _load_members(self, report: Callable[[str], None]) -> dict[str, str]:
        """Each member's digest, by name; the members are in `loaded`."""
        members, digests = self.roster.members, {}
        if self._lent is not None:
            check_blends(self.roster.blends, members)
        coming = (
            loading.load_all(members)
            if self._lent is None
            else load_for_zerogpu(members, self._lent)
        )
        with closing(coming):
            for spec, member in coming:
                self.loaded[spec.name] = member
                digests[spec.name] = contender.digest(spec, member)
                report(spec.name)
        return digests

    def refresh_policies(self, now: float | None = None) -> None:
        """Give policies that learn from votes and thumbs the counts as of now; once a minute.

        now: seconds of the monotonic clock. Blocks for as long as counting takes.
        """
        now = time.monotonic() if now is None else now
        learning = [b for b in self._blends.values() if isinstance(b.policy, Thompson)]
        if not learning or now - self._refreshed < POLICY_SECONDS:
            return
        self._refreshed = now
        merits = self._store.turn_log.preference_counts(self._ids.values())
        for blend in learning:
            blend.policy = blend.policy.with_counts(merits)

    @property
    def ready(self) -> bool:
        """Whether every contender can be asked."""
        return self._ready.is_set()

    def notice(self, texts: Texts = ENGLISH) -> str:
        """A sentence for the page while it is not ready; empty when it is."""
        if self._failure:
            return texts("page.not_loaded", error=self._failure)
        if self.ready:
            return ""
        if total := self._fetching.total:
            unit, size, digits = ("GB", 1e9, 1) if total >= 999_500_000 else ("MB", 1e6, 0)
            sizes = (min(self._fetching.here, total), total)
            here, all_of_it = (texts.number(each / size, digits) for each in sizes)
            return texts("page.fetching", here=here, total=f"{all_of_it} {unit}")
        return texts("page.loading", done=len(self.loaded), n=len(self.roster.members))

    def health(self) -> Health:
        """The state of the whole, as of now. Blocks, where the database does."""
        storage = self._storage()
        down = {n: m.down for n, m in dict(self.loaded).items() if m.down is not None}
        status = "failed" if self._failure else "ready" if self.ready else "loading"
        if self._failure:
            down["site"] = self._failure
        elif self.ready and len(down) == len(self.loaded):
            status = "down"
        elif self.ready and storage:
            status = "unstored"
        return Health(status, len(self.loaded), len(self.roster.members), down, storage)

    def _storage_problem(self) -> str:
        """Why nothing can be stored, without the file's place; empty where it can."""
        try:
            self._store.database.check_writable()
        except StoreError as error:
            log.error("nothing can be stored: %s", error)
            return f"The database {str(error).removeprefix(self._store.database.path).strip()}."
        return ""

    @property
    def ids(self) -> dict[str, str]:
        """The ids of the contenders that are up, by name; none while they load."""
        return dict(self._ids) if self.ready else {}

    def id_of(self, name: str) -> str:
        """The id under which a contender's battles are counted. Raises KeyError before loading."""
        return self._ids[name]

    def name_of(self, id: str) -> str:
        """The name of a contender that is up, by its id. Raises KeyError where it is not."""
        return {id: name for name, id in self._ids.items()}[id]

    def parameters(self, contender: Contender) -> dict[str, int | None]:
        """How many weights each of its members has, by name; None where nobody knows: a server
        tells no number, fixed lines have none, and an earlier contender's weights are gone."""
        up = contender.id in self._ids.values()
        return {
            name: getattr(self.loaded.get(member), "parameters", None) if up else None
            for name, member in writers(contender.config).items()
        }

    def blend(self, name: str) -> Blend:
        """The contender of that name. Raises KeyError where there is none, or not yet."""
        return self._blends[name]

    @property
    def max_reply_tokens(self) -> int:
        """Tokens that a reply of a battle may have: one limit for all, the least of any member."""
        return min(member.sampling.max_tokens for member in self.roster.members)

    def check_length(
        self, conversation: Conversation, name: str | None = None, max_tokens: int | None = None
    ) -> None:
        """Raise MessageTooLong for a last message that a member of the contender could not read.

        name: None where the visitor must not learn from a limit who writes: then it is the least of
        any member. max_tokens: of the reply. Blocks for as long as tokenizers take.
        """
        blends = self._blends.values() if name is None else [self._blends[name]]
        members = {m.name: m for blend in blends for m in blend.writers}
        check_length(members.values(), conversation, max_tokens)

    async def aclose(self) -> None:
        """Stop every member."""
        await asyncio.gather(*(member.aclose() for member in self.loaded.values()))
