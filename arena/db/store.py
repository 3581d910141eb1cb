"""The arena's memory: one database, and a repository for each kind of thing in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from arena.db.database import Database
from arena.db.repositories.ballots import BallotReader
from arena.db.repositories.battles import Battles
from arena.db.repositories.contenders import Contenders
from arena.db.repositories.conversations import Conversations
from arena.db.repositories.erasure import Erasure
from arena.db.repositories.experiments import Experiments
from arena.db.repositories.imports import Imports
from arena.db.repositories.rows import Rows
from arena.db.repositories.turn_log import TurnLog
from arena.db.repositories.usage import UsageFigures
from arena.db.repositories.visits import Visits
from arena.db.repositories.vote_audit import VoteAudit
from arena.db.repositories.votes import Votes
from arena.votes.rules import USUAL, Limits


@dataclass(frozen=True, slots=True)
class Store:
    """A list of repositories. Every method of theirs may be called from any thread; async code uses
    a thread.

    Each raises StoreError where the file cannot be read or written, and then nothing was stored.
    limits: what the rules compare a vote with.
    """

    database: Database
    limits: Limits
    contenders: Contenders
    conversations: Conversations
    battles: Battles
    votes: Votes
    visits: Visits
    experiments: Experiments
    turn_log: TurnLog
    usage: UsageFigures
    erasure: Erasure
    ballots: BallotReader
    vote_audit: VoteAudit
    rows: Rows
    imports: Imports

    @classmethod
    def open(cls, path: str | Path, limits: Limits = USUAL, **settings: Any) -> Self:
        """See `Database.open`; settings: as of Database."""
        return cls.of(Database.open(path, **settings), limits)

    @classmethod
    def open_readonly(cls, path: str | Path) -> Self:
        """See `Database.open_readonly`."""
        return cls.of(Database.open_readonly(path))

    @classmethod
    def of(cls, db: Database, limits: Limits = USUAL) -> Self:
        """The repositories over a database that is open."""
        return cls(
            database=db,
            limits=limits,
            contenders=Contenders(db),
            conversations=Conversations(db),
            battles=Battles(db),
            votes=Votes(db),
            visits=Visits(db),
            experiments=Experiments(db),
            turn_log=TurnLog(db),
            usage=UsageFigures(db),
            erasure=Erasure(db),
            ballots=BallotReader(db),
            vote_audit=VoteAudit(db),
            rows=Rows(db),
            imports=Imports(db),
        )

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        self.database.close()
