"""A running site: its roster and store, the contenders that are up, how far loading has come."""

import asyncio
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, aclosing, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client.core import Metric

from arena import zerogpu
from arena.assignment import Assignment, assigned
from arena.boards import Boards
from arena.deferred import DeferredWrites
from arena.fetching import Fetching
from arena.gate import Full, Gate
from arena.guard import Guard
from arena.host_key import HostKey
from arena.matchmaker import Matchmaker
from arena.metrics import HIDDEN, Metrics, gauge
from arena.origin import Seal
from arena.pairing import Pairing
from arena.recent import Recent
from arena.recording import finish_turn, start_turn
from arena.records import StoreError
from arena.store import Store
from arena.trial import ExperimentRecord
from blend import contender
from blend.conversation import Conversation, Turn, new_id
from blend.engine import Blend, check_length
from blend.members import Member
from blend.roster import MemberSpec, Roster
from blend.thompson import Thompson

if TYPE_CHECKING:
    from arena.hub import Hub

log = logging.getLogger(__name__)

FRESH = 60.0
"""Seconds after which a policy that learns from votes and thumbs is given the new counts."""

COUNTED = 2.0
"""Seconds for which counts of battles and votes serve."""

STORED = 5.0
"""Seconds for which it is known whether something can be stored: it costs a wait for the disk."""

BREATH = 0.003
"""Seconds between two pieces of a reply on the wire, for each reply that is being written."""


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


class Site:
    """What the tabs and routes are given: everything that runs, and nothing of Gradio."""

    def __init__(
        self,
        roster: Roster,
        store: Store,
        rng: random.Random | None = None,
        lent: zerogpu.Lent | None = None,
    ):
        """lent: the GPU of a Space on ZeroGPU, where this is one."""
        self.roster = roster
        self.store = store
        self.settings = roster.settings
        self.rng = rng or random.Random()
        self.seal = Seal.of_environment()
        self.guard = Guard(self.settings, self.seal)
        self.host_key = HostKey.of_environment()
        self.started = time.time()
        self.hub: Hub | None = None
        self.device = ""
        self.lent = lent
        self.gate = Gate(self.settings.limit)
        self.metrics = Metrics()
        self.metrics.reads(self._gauges)
        self._counts = Recent(
            lambda: (store.battles.count_by_status(), store.votes.count_by_validity()), COUNTED
        )
        self._storage = Recent(self._unstored, STORED)
        self._members: dict[str, Member] = {}
        self._blends: dict[str, Blend] = {}
        self._ids: dict[str, str] = {}
        self._matchmaker = Matchmaker(roster, store)
        self.boards = Boards(roster, store)
        self._fetching = Fetching(roster.members)
        self._failure = ""
        self._ready = threading.Event()
        self._fed = float("-inf")
        self._written: Counter[str] = Counter()
        self._writing = threading.Lock()
        self.deferred = DeferredWrites()

    def load(
        self,
        report: Callable[[str], None] = lambda name: None,
        tell: Callable[[str], None] = lambda said: None,
    ) -> None:
        """Fetch what is not here, load every member, then open the contenders. Blocks.

        report: told who is up. tell: told how much is fetched, before it is. Raises MemberError,
        which /healthz then tells as well.
        """
        try:
            self._fetching.run(tell)
            digests = {}
            with closing(self._loaded()) as coming:
                for spec, member in coming:
                    self._members[spec.name] = member
                    digests[spec.name] = contender.digest(spec, member)
                    report(spec.name)
            for spec in self.roster.contenders:
                config = contender.config(spec, self.roster, digests)
                id = contender.contender_id(config)
                self.store.contenders.save(id, spec.name, config)
                self._ids[spec.name] = id
                self._blends[spec.name] = contender.assemble(spec, self._members, config)
            self.feed()
        except Exception as failure:
            self._failure = str(failure)
            raise
        if trial := self.roster.experiment:
            self.store.experiments.save(
                ExperimentRecord(trial.name, trial.control, dict(trial.arms))
            )
        self.device = " · ".join(
            dict.fromkeys(getattr(m, "device", "scripted") for m in self._members.values())
        )
        self._ready.set()

    def _loaded(self) -> Generator[tuple[MemberSpec, Member], None, None]:
        if self.lent is not None:
            return zerogpu.load_all(self.roster.members, self.lent)
        return contender.load_all(self.roster.members)

    def feed(self, now: float | None = None) -> None:
        """Give policies that learn from votes and thumbs the counts as of now; one a minute.

        now: seconds of the monotonic clock. Blocks for as long as counting takes.
        """
        now = time.monotonic() if now is None else now
        learning = [b for b in self._blends.values() if isinstance(b.policy, Thompson)]
        if not learning or now - self._fed < FRESH:
            return
        self._fed = now
        merits = self.store.turn_log.preference_counts(self._ids.values())
        for blend in learning:
            blend.policy = blend.policy.fed(merits)

    @property
    def ready(self) -> bool:
        """Whether every contender can be asked."""
        return self._ready.is_set()

    @property
    def notice(self) -> str:
        """A sentence for the page while it is not ready; empty when it is."""
        if self._failure:
            return f"The models could not be loaded. {self._failure}"
        if self.ready:
            return ""
        if self._fetching.notice:
            return self._fetching.notice
        done, of = len(self._members), len(self.roster.members)
        return f"The models are loading: {done} of {of} are here. You can look around meanwhile."

    @property
    def keeping(self) -> str:
        """Where votes are kept, in a sentence or two, for the host and for the About page."""
        return self.hub.status if self.hub else "Votes are stored on this machine's disk only."

    def health(self) -> Health:
        """The state of the whole, as of now. Blocks, where the database does."""
        storage = self._storage()
        down = {n: m.down for n, m in dict(self._members).items() if m.down is not None}
        status = "failed" if self._failure else "ready" if self.ready else "loading"
        if self._failure:
            down["site"] = self._failure
        elif self.ready and len(down) == len(self._members):
            status = "down"
        elif self.ready and storage:
            status = "unstored"
        return Health(status, len(self._members), len(self.roster.members), down, storage)

    def _unstored(self) -> str:
        """Why nothing can be stored, without the file's place; empty where it can."""
        try:
            self.store.database.check_writable()
        except StoreError as error:
            log.error("nothing can be stored: %s", error)
            return f"The database {str(error).removeprefix(self.store.database.path).strip()}."
        return ""

    def contender_id(self, name: str) -> str:
        """The id under which a contender's battles are counted. Raises KeyError before loading."""
        return self._ids[name]

    @property
    def current(self) -> dict[str, str]:
        """The ids of the contenders that are up, by name; none while they load."""
        return dict(self._ids) if self.ready else {}

    def name(self, contender_id: str) -> str:
        """The name of a contender that is up, by its id. Raises KeyError where it is not."""
        for name, id in self._ids.items():
            if id == contender_id:
                return name
        raise KeyError(contender_id)

    def draw(self) -> Pairing:
        """Two contenders for a new battle, by name. Blocks; see `arena.matchmaker`."""
        return self._matchmaker.draw(self._ids, self.rng)

    @property
    def breath(self) -> float:
        """Seconds that must lie between two pieces of one reply as they are sent.

        More where many replies are being written: sending must not take the processor from them.
        """
        return BREATH * self.gate.inside

    def assigned(self, visitor: str, preview: str = "") -> Assignment:
        """Which contender writes the visitor's chats, see arena.assignment."""
        return assigned(self.roster.focus, self.roster.experiment, visitor, preview)

    def ahead(self, name: str, conversation: Conversation) -> Conversation:
        """The conversation with its next draw made; see Blend.ahead."""
        return self._blends[name].ahead(conversation)

    def check_length(
        self, conversation: Conversation, name: str | None = None, max_tokens: int | None = None
    ) -> None:
        """Raise MessageTooLong for a last message that a member of the contender could not read.

        name: None where the visitor must not learn from a limit who writes: then it is the least of
        any member. max_tokens: of the reply. Blocks for as long as tokenizers take.
        """
        blends = self._blends.values() if name is None else [self._blends[name]]
        members = {m.name: m for blend in blends for m in blend.members.values()}
        check_length(members.values(), conversation, max_tokens)

    def blend(self, name: str) -> Blend:
        """The contender of that name. Raises KeyError where there is none, or not yet."""
        return self._blends[name]

    async def answer(
        self,
        name: str,
        conversation: Conversation,
        caller: str | None = None,
        address: str | None = None,
        may_be_empty: bool = False,
        **sampling: object,
    ) -> AsyncGenerator[Turn, None]:
        """Blend.reply for a program: under the same limit as the page, counted, never stored.

        caller: who asks. What members have read for the page, or for other callers, makes no reply
        come sooner: that would tell who writes a battle. address: whose share of the places counts;
        None for who is known to the host. Raises Full before the first turn.
        """
        scope = f"program {caller or new_id()}"
        async with self.gate.place(address=self.guard.counted(address), program=True):
            turns = self._blends[name].reply(conversation, scope, may_be_empty, **sampling)
            watched = self.metrics.watch(name, "api", turns)
            async with aclosing(self.guard.moderation.replies(watched)) as growing:
                async for turn in growing:
                    yield turn

    async def reply(
        self,
        name: str,
        conversation: Conversation,
        replaces: str | None = None,
        exposure: tuple[str, str] | None = None,
        seat: zerogpu.Seat | None = None,
        hidden: bool = False,
        place: AbstractAsyncContextManager | None = None,
        address: str | None = None,
        **sampling: object,
    ) -> AsyncGenerator[Turn, None]:
        """Blend.reply, recorded: the row is open before the first token and always completed.

        replaces: the id of the turn that a regenerated reply stands for from now on. exposure: the
        experiment and its arm that the visitor meets by this reply. seat: see `party`; a reply with
        one is to be read in a task of its own. hidden: it is one side of a battle: nobody must
        learn who writes, not from the metrics either, and not which side was done first; so no
        metric counts it but that of battles by state. While an experiment runs, of other replies
        only how they ended is counted. place: where the caller has taken one already. address: the
        visitor's, sealed; it has a share of the places. Raises Refused where the conversation went
        on in another window. Where the row cannot be completed at the end it is completed later;
        until then the conversation is `written`.
        """
        if seat is not None:
            zerogpu.SEAT.set(seat)
        await asyncio.to_thread(self.feed)
        position = len(conversation.turns) - 1
        turn = conversation.turns[-1]
        await asyncio.to_thread(
            start_turn, self.store, conversation.id, position, turn, replaces, exposure
        )
        with self.writing(conversation.id):
            try:
                async with place or self.gate.place(address=self.guard.counted(address)):
                    turns = self._blends[name].reply(conversation, **sampling)
                    counted = HIDDEN if self.roster.experiment else name
                    watched = turns if hidden else self.metrics.watch(counted, "page", turns)
                    async with aclosing(self.guard.moderation.replies(watched)) as growing:
                        async for turn in growing:
                            yield turn
            except Full as full:
                turn = replace(turn, error=str(full))
                yield turn
            finally:
                # A closed tab cancels this generator: what was said must be kept all the same.
                closing = partial(finish_turn, self.store, turn)
                await asyncio.shield(asyncio.to_thread(self.stored, conversation.id, closing))
                if seat is not None:
                    seat[0].leave()

    @contextmanager
    def writing(self, id: str) -> Iterator[None]:
        """Note that this battle or conversation is being written, see `written`."""
        with self._writing:  # a second window that is refused must not end what the first does
            self._written[id] += 1
        try:
            yield
        finally:
            with self._writing:
                self._written -= Counter((id,))

    def written(self, id: str) -> bool:
        """Whether replies of this battle or conversation are being written just now."""
        return id in self._written

    def stored(self, id: str, write: Callable[[], object]) -> bool:
        """Write what came of this battle or conversation, or have it written as soon as it can be.

        Whether it is stored now; until it is, the id counts as being written. Blocks. Raises
        StoreError where too much waits already.
        """
        try:
            write()
        except StoreError:
            mark = ExitStack()
            mark.enter_context(self.writing(id))
            try:
                self.deferred.add(write, mark.close)
            except StoreError:
                mark.close()
                raise
            return False
        return True

    @property
    def longest_reply(self) -> int:
        """Tokens that a reply of a battle may have: one limit for all, the least of any member."""
        return min(member.sampling.max_tokens for member in self.roster.members)

    def party(self, sides: Sequence[str]) -> dict[str, zerogpu.Seat | None]:
        """A seat for each side of a turn, where all of them are to be written in one GPU call."""
        if self.lent is None:
            return dict.fromkeys(sides)
        party = zerogpu.Party(self.lent, len(sides))
        return {side: (party, side) for side in sides}

    def _gauges(self) -> Iterator[Metric]:
        """What is looked up when Prometheus asks."""
        places = {"inside": self.gate.inside, "waiting": self.gate.waiting}
        yield gauge("blended_places", "Replies being written, and waiting", places, "state")
        up = {name: float(m.down is None) for name, m in dict(self._members).items()}
        yield gauge("blended_member_up", "Whether a member takes requests", up, "member")
        yield gauge("blended_ready", "Whether all contenders can be asked", {"": float(self.ready)})
        yield gauge(
            "blended_storing", "Whether votes can be stored", {"": float(not self._storage())}
        )
        try:
            battles, votes = self._counts()
        except StoreError:
            return
        yield gauge("blended_battles", "Battles by state", battles, "status")
        yield gauge("blended_votes", "Votes by whether they count", votes, "counted")

    async def aclose(self) -> None:
        """Stop every member and what still writes; the store is closed by who opened it."""
        await asyncio.gather(*(member.aclose() for member in self._members.values()))
        await asyncio.to_thread(self.deferred.close)
