"""A vote of another arena, as its file has it, made a finished battle of this one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from reprlib import repr as brief

from arena.db.import_rows import FinishedBattle, imported_id
from arena.db.rows import STYLE
from arena.exchange.forms.duel import JudgedFacts
from arena.exchange.forms.form import NoVote
from arena.exchange.forms.winner_words import WinnerWords
from arena.exchange.language import language_code
from arena.exchange.transcript import Transcript, read_transcript
from arena.exchange.vote_notes import vote_notes
from arena.exchange.vote_row import VoteRow
from arena.models import JUDGED, NAMED, Choice, Contender, Source

FLAGS: Mapping[str, Choice] = {
    **{"left_won": "left", "right_won": "right", "tied": "tie", "both_bad": "both_bad"}
}
"""Where no column has the outcome as a word, each of several says yes or no to one."""

NOT_BLIND = "not blind"  # why a vote does not count that was cast by somebody who knew the names
SOURCE = "imported"  # what such battles, their contenders and their visitors are marked with

MOST_TURNS, MOST_CHARACTERS = 10_000, 10**9
"""Numbers above these are no counts of messages, or of what stands in them."""

NO_PEOPLE: Mapping[Source, str] = {
    JUDGED: "a model judged it: import battles.jsonl of blend duel instead",
    "simulated": "a program made it up",
}
"""Why votes of these sources, as an export of this project names them, are no other arena's."""

CONVERSATIONS = ("left_conversation", "right_conversation")

SOURCES = {
    "visitor": ("visitor",),
    "time": ("time",),
    "turns": ("turns", *CONVERSATIONS),
    "language": ("language",),
    "style": (STYLE[0], *CONVERSATIONS),
    "texts": CONVERSATIONS,
}
"""The facts that a vote may have, and what tells each."""


class ForeignVotes:
    """Rows of one file into battles. The same file gives the same ids whenever it is read.

    now: the time of a vote that has none, in seconds since 1970. named: columns that somebody said
    to be for something. words: how winners are read. texts: whether what was said comes along.
    """

    def __init__(
        self,
        now: float,
        named: Mapping[str, str] | None = None,
        words: WinnerWords | None = None,
        texts: bool = True,
    ):
        self.columns: Counter[tuple[str, str]] = Counter()
        """How many votes so far had each fact of SOURCES from which column."""
        self._now, self._named, self._texts = now, named, texts
        self._words = words or WinnerWords()
        self._seen: Counter[str] = Counter()
        self._contenders: dict[str, Contender] = {}

    def battle(self, values: object) -> FinishedBattle:
        """The battle of a row. Raises ValueError that says what the row lacks."""
        if not isinstance(values, Mapping):
            raise ValueError("it is not a row with named columns")
        row = VoteRow(values, self._named)
        source = row.get("source")
        if isinstance(source, str) and source in NO_PEOPLE:
            raise NoVote(NO_PEOPLE[source])
        left, right = row.name("left"), row.name("right")
        if left == right:
            raise ValueError(f"{brief(left)} cannot meet itself")
        choice = _choice(row, left, right, self._words)
        visitor, when = row.text("visitor"), row.time()
        transcripts = [read_transcript(row.get(side), row.get("prompt")) for side in CONVERSATIONS]
        turns = row.count("turns", 1, MOST_TURNS) or transcripts[0].turns
        language, style = _language(row), _style(row, transcripts)
        id = self._id(row, left, right, choice, visitor, when)
        # A duel that is played again has the same battles, at another time.
        id = _sorted(None if values.get("judged") else when, id)
        sides = None
        if self._texts and all(side.exchanges for side in transcripts):
            sides = tuple(side.conversation(f"{id}-{n}") for n, side in enumerate(transcripts))
        battle = FinishedBattle(
            id=id,
            visitor=_hashed_visitor(visitor or id),
            left=self._contender(left),
            right=self._contender(right),
            choice=choice,
            created=self._now if when is None else when,
            source=SOURCE,
            policy=SOURCE,
            rules=SOURCE,
            turns=turns or 0,
            language=language,
            pair_chance=_chance(row.get("pair_chance")),
            reason=_reason(row),
            prompt_characters=row.count("prompt_characters", 0, MOST_CHARACTERS)
            or transcripts[0].first_length,
            style=style,
            sides=sides,
            first=transcripts[0].exchanges[0][0] if transcripts[0].exchanges else None,
            **vote_notes(row, self._texts),
        )
        known = {"visitor": visitor, "time": when, "turns": turns, "language": language}
        self._note(row, **known, style=style, texts=sides)
        return _as_judged(battle, values.get("judged"))

    def _note(self, row: VoteRow, **known: object) -> None:
        for fact, value in known.items():
            if value is not None:
                column = next(row.columns[each] for each in SOURCES[fact] if each in row.columns)
                self.columns[fact, column] += 1

    def _id(self, row: VoteRow, *parts: object) -> str:
        """By the battle's own id, if this project exported it; else by all that the row tells.

        Equal rows are numbered: two votes that look the same are two votes.
        """
        if battle := row.text("battle"):
            return imported_id("battle", battle)
        same = imported_id("row", *parts, row.text("id"))
        self._seen[same] += 1
        return same if self._seen[same] == 1 else imported_id("again", same, self._seen[same])

    def _contender(self, name: str) -> Contender:
        if name not in self._contenders:
            config = {"name": name, "source": SOURCE}
            self._contenders[name] = Contender(imported_id("contender", name), name, config)
        return self._contenders[name]


def _as_judged(battle: FinishedBattle, facts: object) -> FinishedBattle:
    """The same, judged by a model where such facts are there: no file can hold them itself."""
    if not isinstance(facts, JudgedFacts):
        return battle
    marks = {"source": JUDGED, "policy": JUDGED, "rules": JUDGED, "verdict": facts.verdict}
    return battle._replace(**facts.contenders, **marks)


def _choice(row: VoteRow, left: str, right: str, words: WinnerWords) -> Choice:
    value = row.get("winner")
    if isinstance(value, ValueError):
        raise value
    if value is not None:
        word = str(value) if isinstance(value, bool) else row.text("winner")
        return words.choice(word, left, right)
    flags = {} if "winner" in row.named else FLAGS
    winners = [choice for flag, choice in flags.items() if row.flag(flag)]
    if len(winners) != 1:
        raise ValueError("it has no winner" if not winners else f"its winners are {winners}")
    return winners[0]


def _language(row: VoteRow) -> str | None:
    several = row.get("language")
    text = (several or [None])[0] if isinstance(several, list) else row.text("language")
    return language_code(text[:100]) if isinstance(text, str) else None


def _style(row: VoteRow, transcripts: Sequence[Transcript]) -> tuple[int, ...] | None:
    """What `arena.ranking.style` compares, first of the left side; from an export of ours, or
    counted."""
    if row.get(STYLE[0]) is not None:
        counts = [row.count(name, 0, MOST_CHARACTERS) for name in STYLE]
        return None if None in counts else tuple(counts)
    left, right = (side.style for side in transcripts)
    return left and right and left + right


def _chance(value: object) -> float | None:
    """The pair's probability; what cannot be one is not known."""
    try:
        chance = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return chance if 0 < chance <= 1 else None


def _reason(row: VoteRow) -> str:
    """Why the vote does not count: what its arena says, or that it was not blind."""
    reasons = []
    if row.flag("counted") is False:
        reasons.append(row.text("reason") or "not counted where it comes from")
    if row.flag("blind") is False and was_blind(", ".join(reasons)):
        reasons.append(NOT_BLIND)
    return ", ".join(reasons)


def was_blind(reason: str) -> bool:
    """Whether a vote with this reason not to count was cast without knowing the names."""
    return not {NOT_BLIND, "identity_shown", NAMED} & set(reason.split(", "))


def _sorted(when: float | None, id: str) -> str:
    """The id with its time in front: ids that come in order are stored ten times as fast."""
    return f"i-{max(0, round((when or 0) * 1000)):012x}-{id.removeprefix('i-')}"


@lru_cache(maxsize=100_000)
def _hashed_visitor(text: str) -> str:
    """As a hash: it may be a name or an address, and nobody here has to know that."""
    return imported_id("visitor", text)
