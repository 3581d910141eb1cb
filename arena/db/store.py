"""The arena's memory: one database, and a repository for each kind of thing in it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Self

from arena.db.database import Database
from arena.db.repositories.ballots import BallotReader
from arena.db.repositories.battles import Battles
from arena.db.repositories.categories import Categories
from arena.db.repositories.contenders import Contenders
from arena.db.repositories.conversations import Conversations
from arena.db.repositories.drafts import Drafts
from arena.db.repositories.erasure import Erasure
from arena.db.repositories.experiments import Experiments
from arena.db.repositories.history import ChatHistory
from arena.db.repositories.imports import Imports
from arena.db.repositories.samples import SampleBattles
from arena.db.repositories.turn_log import TurnLog
from arena.db.repositories.usage import UsageFigures
from arena.db.repositories.visits import Visits
from arena.db.repositories.votes.feedback import ContenderFeedback
from arena.db.repositories.votes.judgements import Judgements
from arena.db.repositories.votes.ledger import VoteLedger
from arena.db.repositories.votes.machine_verdicts import MachineVerdicts
from arena.db.repositories.votes.publication import Publication
from arena.db.repositories.votes.reasons import VoteReasons
from arena.db.repositories.votes.visitor_votes import VisitorVotes
from arena.db.repositories.votes.vote_audit import VoteAudit
from arena.db.repositories.votes.votes import Votes
from arena.db.rows import Rows
from arena.db.sqlite_errors import check_there
from arena.votes.rules import DEFAULT_LIMITS, Limits


class Store:
    """A list of repositories. Every method of theirs may be called from any thread; async code uses
    a thread.

    Each raises StoreError where the file cannot be read or written, and then nothing was stored.
    limits: what the rules compare a vote with.
    """

    def __init__(self, database: Database, limits: Limits = DEFAULT_LIMITS):
        self.database = database
        self.limits = limits
        self.contenders = Contenders(database)
        self.conversations = Conversations(database)
        self.drafts = Drafts(database)
        self.history = ChatHistory(database)
        self.battles = Battles(database)
        self.categories = Categories(database)
        self.votes = Votes(database)
        self.vote_reasons = VoteReasons(database)
        self.visitor_votes = VisitorVotes(database)
        self.ledger = VoteLedger(database)
        self.feedback = ContenderFeedback(database)
        self.visits = Visits(database)
        self.experiments = Experiments(database)
        self.turn_log = TurnLog(database)
        self.usage = UsageFigures(database)
        self.erasure = Erasure(database)
        self.ballots = BallotReader(database)
        self.vote_audit = VoteAudit(database)
        self.rows = Rows(database)
        self.judgements = Judgements(database)
        self.machine_verdicts = MachineVerdicts(database)
        self.publication = Publication(database)
        self.samples = SampleBattles(database)
        self.imports = Imports(database)

    @classmethod
    def open(cls, path: str | Path, limits: Limits = DEFAULT_LIMITS, **settings: Any) -> Self:
        """See `Database.open`; settings: as of Database."""
        return cls(Database.open(path, **settings), limits)

    @classmethod
    def open_readonly(cls, path: str | Path) -> Self:
        """See `Database.open_readonly`."""
        return cls(Database.open_readonly(path))

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        self.database.close()


@contextmanager
def open_for_command(
    path: Path, lock: Callable[[Path], AbstractContextManager[None]] | None
) -> Iterator[Store]:
    """A file that is there, open while a command works on it.

    lock: of `arena.db.file_lock`, for a command that writes; None for one that only reads. Raises
    StoreError.
    """
    if lock is None:
        with closing(Store.open_readonly(path)) as store:
            yield store
    else:
        check_there(path)
        with lock(path), closing(Store.open(path)) as store:
            yield store
