"""Contenders on a board: the name, what it is made of, and how often it was drawn.

A ranking can be tilted by who is drawn how often and by what is left out of it, so both are public
(The Leaderboard Illusion, arXiv 2504.20879).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from arena.models import Contender
from arena.ranking.ballots import PairCounts
from arena.texts import ENGLISH, Texts

UncountedBattles = Iterable[tuple[str, str, str, int]]
"""(left, right, why, count) of battles that are in no board, see `BallotReader.without_vote`."""

POLICIES = (
    *("uniform", "weighted", "no-repeat", "round-robin"),
    *("sticky", "sequence", "thompson", "learned"),
)
"""What may draw the next reply's member; the texts have a phrase for each."""
BY_SENTENCE = "per_sentence"
"""The policy that draws the next sentence's member."""


@dataclass(frozen=True, slots=True)
class DrawCounts:
    """A contender's battles: with a vote that counts, with one that does not, and without one (a
    day or more ago; see `BallotReader.without_vote`)."""

    counted: int = 0
    dropped: int = 0
    void: int = 0

    @property
    def drawn(self) -> int:
        """All of them."""
        return self.counted + self.dropped + self.void


@dataclass(frozen=True, slots=True)
class Profile:
    """A contender on the board. up: whether it can be drawn now. config: all that changes its
    replies, as it was when it fought. retired: whether it was up once and is not meant to be."""

    id: str
    name: str
    up: bool
    exposure: DrawCounts
    config: Mapping[str, object]
    retired: bool = False

    @property
    def members(self) -> tuple[str, ...]:
        """Names of who writes for it; none where that is not known, as with imported votes."""
        return tuple(member["name"] for member in self.config.get("members", ()))

    @property
    def policy(self) -> str:
        """The name of what draws its members."""
        policy = self.config.get("policy", "uniform")
        return policy if isinstance(policy, str) else policy["name"]

    @property
    def judge(self) -> str:
        """Who has the last word of a panel; empty for a blend that draws."""
        return dict(self.config.get("judge", {})).get("name", "")

    def cost(self, texts: Texts) -> str:
        """A sentence on what a reply costs; empty where that goes without saying."""
        if self.judge:
            return texts("contender.cost_panel", judge=self.judge)
        if len(self.members) < 2:
            return ""
        by_sentence = self.policy == BY_SENTENCE
        return texts("contender.cost_by_sentence" if by_sentence else "contender.cost")

    def sentence(self, texts: Texts = ENGLISH) -> str:
        """What it is, in a sentence."""
        members = self.config.get("members", ())
        if self.config.get("source") == "imported":
            return texts("ranking.is_imported")
        if self.config.get("simulated") and not members:
            return texts("ranking.is_made_up")
        if not members:
            return texts("ranking.is_unknown")
        if "of" in members[0]:
            return texts("ranking.is_copies", n=len(members), member=members[0]["of"])
        if len(members) == 1:
            return texts("ranking.is_single")
        members = texts.listed(self.members)
        if self.judge:
            how = "writes" if self.config["policy"].get("write") else "picks"
            return texts(f"ranking.is_panel_{how}", members=members, judge=self.judge)
        if self.policy == BY_SENTENCE:
            return texts("ranking.is_by_sentence", members=members, policy=self.policy)
        return texts(
            "ranking.is_blend", members=members, drawn=self._drawn(texts), policy=self.policy
        )

    def _drawn(self, texts: Texts) -> str:
        """How the next reply's member is drawn, with what the roster says of it."""
        if self.policy not in POLICIES:
            return self.policy
        policy = self.config.get("policy", "uniform")
        options = {} if isinstance(policy, str) else policy
        name = "sticky-turns" if "turns" in options else self.policy
        values = {"stay": options.get("stay"), "n": options.get("turns")}
        values["pattern"] = " → ".join(options.get("sequence", ()))
        return texts(f"ranking.policies.{name}", **values)


def draw_counts(counts: PairCounts, unfought: UncountedBattles) -> Mapping[str, DrawCounts]:
    """By contender id, of the counted votes by id and the rest."""
    battles = zip(counts.names, counts.took_part().tolist(), strict=True)
    drawn = {name: Counter(counted=round(n)) for name, n in battles}
    for left, right, why, count in unfought:
        for name in (left, right):
            drawn.setdefault(name, Counter())[why] += count
    return {name: DrawCounts(**each) for name, each in drawn.items()}


def display_names(
    contenders: Sequence[Contender], fought: set[str], current: set[str]
) -> dict[str, str]:
    """Name on the board by id, of those that fought or are up.

    A contender whose weights or settings changed has a new id under its old name: the one that is
    up keeps the plain name, earlier ones carry the start of their id.
    """
    on_board = [c for c in contenders if c.id in fought | current]
    plain = {c.name: c.id for c in on_board}
    plain |= {c.name: c.id for c in on_board[::-1] if c.id in current}
    return {
        c.id: c.name
        if plain[c.name] == c.id
        else f"{c.name} (earlier, {c.id.removeprefix('c-')[:6]})"
        for c in on_board
    }
