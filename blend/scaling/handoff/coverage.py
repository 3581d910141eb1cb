"""Do the hand-off matrix's intervals hold? Losses are made with known costs, and these looked for.

python -m blend handoff-study [--runs 1000] makes that many data sets and prints how often the 95 %
intervals hold the cost of a pair, the mean, both effects and the rest, and how often those of a
judge hold what it prefers; then it makes as many with members that are equal, and prints how often
nothing is found.
"""

import argparse
import json
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from blend.command_line import SEED, at_least, finish
from blend.evaluation.resample import Estimate
from blend.judging import Answer, Verdicts
from blend.scaling.handoff.drift import additive_model, handoff_report
from blend.scaling.handoff.judging import ReplyPair
from blend.scaling.handoff.preferences import preferences

NAMES = ("drift of a pair", "mean", "earlier", "later", "rest")
JUDGED = ("judge, a pair", "judge, all pairs")
EQUAL = ("mean", "no pair found", "no effect found", "judge finds no pair")
"""What is looked at where hand-offs cost nothing."""


@dataclass(frozen=True, slots=True)
class SyntheticHandoffs:
    """Losses of members after one another. cost (M + 1, M): bits per byte of a hand-off from a
    member (the last row: from people) to a member, on average over conversations.

    spread: of how hard conversations and replies are, and of what a hand-off costs in them.
    own: of what the words that were written change in one reply's loss, as its share.
    """

    cost: np.ndarray
    spread: float = 0.4
    own: float = 0.06
    conversations: int = 40
    replies: int = 3

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """nats (M + 1, S, M), bytes (S,) and conversations (S,) as `handoff_report` takes them."""
        writers, members = self.cost.shape
        clusters = np.repeat(np.arange(self.conversations), self.replies)
        size = np.maximum(1, rng.lognormal(4, 0.5, len(clusters)).round())

        def factors(*shape: int) -> np.ndarray:
            """(…, S, …) with a mean of one, long-tailed; half of the variance a conversation's."""
            rows, columns = shape
            each = rng.normal(size=(rows, len(clusters), columns))
            shared = rng.normal(size=(rows, self.conversations, columns))[:, clusters]
            return np.exp(self.spread * (each + shared) / np.sqrt(2) - self.spread**2 / 2)

        skill = rng.uniform(0.9, 1.4, members)
        luck = 1 + self.own * rng.normal(size=(writers, len(clusters), members))
        loss = skill * factors(1, 1) * luck
        loss += self.cost[:, None] * factors(writers, members)
        return loss * size[:, None] * np.log(2), size, clusters


@dataclass(frozen=True, slots=True)
class SyntheticJudge:
    """A judge of hand-offs. own (P,): the chance that it prefers the reply after own replies, of
    each pair of members; torn: that the order decides. alike: how far what it says of the pairs of
    one conversation hangs together, as the correlation of normal variables."""

    own: np.ndarray
    torn: float = 0.4
    alike: float = 0.3
    conversations: int = 40

    @property
    def truth(self) -> np.ndarray:
        """(P,) how often each reply after own replies is preferred, torn counted half."""
        return self.own + self.torn / 2

    def draw(self, rng: np.random.Generator) -> tuple[list[ReplyPair], list[Verdicts]]:
        """Pairs of replies and what it says of them."""
        shape = self.conversations, len(self.own)
        shared, single = rng.normal(size=(shape[0], 1)), rng.normal(size=shape)
        chance = ndtr(np.sqrt(self.alike) * shared + np.sqrt(1 - self.alike) * single)
        answers = np.where(chance < self.own, 0, np.where(chance < self.own + self.torn, 1, 2))
        pairs = [ReplyPair(f"m{n}", "m", c, "a", "b") for c, n in np.ndindex(*shape)]
        return pairs, [ANSWERS[each] for each in answers.ravel()]


FIRST, SECOND = Answer("first"), Answer("second")
ANSWERS = (Verdicts(FIRST, SECOND), Verdicts(FIRST, FIRST), Verdicts(SECOND, FIRST))
"""The left one, whichever is first; the first one; the right one."""


def judge_holds(judge: SyntheticJudge, rng: np.random.Generator) -> tuple[list[float], bool]:
    """Which share of each of JUDGED's intervals holds the truth, and whether any pair was found."""
    pairs, verdicts = judge.draw(rng)
    found = preferences("judge", pairs, verdicts, range(judge.conversations))
    shares = [
        _share([pair.own for pair in found.pairs], judge.truth),
        _share([found.own], np.atleast_1d(judge.truth.mean())),
    ]
    return shares, any(pair.found for pair in found.pairs)


def make_costs(members: int, rng: np.random.Generator) -> np.ndarray:
    """(M + 1, M) costs of hand-offs; none from a member to itself."""
    parts = rng.normal(0, 0.04, (members + 1, 1)), rng.normal(0, 0.04, members)
    cost = 0.05 + sum(parts) + rng.normal(0, 0.02, (members + 1, members))
    cost[np.arange(members), np.arange(members)] = 0
    return cost


def intervals_hold(cost: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, bool, bool]:
    """Which share of each of NAMES' intervals holds the truth in one data set, whether any pair
    was found, and whether any effect was."""
    writers, members = cost.shape
    names = [f"m{n}" for n in range(members)]
    report = handoff_report("synthetic", names, *SyntheticHandoffs(cost).draw(rng))
    pairs = np.array([(a, b) for a in range(writers) for b in range(members) if a != b])
    truth, model = cost[*pairs.T], additive_model(pairs, members)
    cells = [cell for cell in report.cells if cell.drift]
    looked_at = (
        ([cell.drift for cell in cells], truth),
        ([report.mean], model.mean @ truth),
        ([each.effect for each in report.earlier], model.earlier @ truth),
        ([each.effect for each in report.later], model.later @ truth),
        ([cell.rest for cell in cells], model.rest @ truth),
    )
    shares = [_share(intervals, truths) for intervals, truths in looked_at]
    any_effect = any(each.found for each in (*report.earlier, *report.later))
    return np.array(shares), any(cell.found for cell in cells), any_effect


def _share(intervals: list[Estimate], truths: np.ndarray) -> float:
    pairs = zip(intervals, truths, strict=True)
    return float(np.mean([each.low <= truth <= each.high for each, truth in pairs]))


def coverage(runs: int, members: int, rng: np.random.Generator) -> dict[str, float]:
    """How often the intervals of `runs` data sets, each with costs of its own, hold the truth; and
    of as many with equal members, what EQUAL says."""
    from tqdm import tqdm

    costly, judged, equal, pairs = [], [], [], members * (members - 1)
    for _ in tqdm(range(runs), desc="data sets", leave=False, disable=None):
        costly.append(intervals_hold(make_costs(members, rng), rng)[0])
        judged.append(judge_holds(SyntheticJudge(rng.uniform(0.1, 0.5, pairs)), rng)[0])
        shares, any_pair, any_effect = intervals_hold(np.zeros((members + 1, members)), rng)
        _, any_judged = judge_holds(SyntheticJudge(np.full(pairs, 0.3)), rng)
        nothing = not any_pair, not any_effect, not any_judged
        equal.append((shares[NAMES.index("mean")], *nothing))
    names = (*NAMES, *JUDGED, *(f"equal members: {name}" for name in EQUAL))
    means = (np.mean(each, axis=0) for each in (costly, judged, equal))
    return dict(zip(names, np.concatenate([*means]).tolist(), strict=True))


def main(argv: list[str]) -> int:
    """The command; 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend handoff-study", description=__doc__)
    add = parser.add_argument
    add("--runs", type=at_least(1), default=1000)
    add("--members", type=at_least(3), default=4, help="of each data set; 3 at least")
    add("--seed", type=SEED, default=1)
    add("--json", action="store_true", help="for programs")
    args = parser.parse_args(argv)
    return finish("blend handoff-study", lambda: study(args))


def study(args: argparse.Namespace) -> None:
    """Make, look, print."""
    runs, members = args.runs, args.members
    shares = coverage(runs, members, np.random.default_rng(args.seed))
    if args.json:
        print(json.dumps({"runs": runs, "members": members, "coverage": shares}, indent=1))
        return
    print(f"the 95 % interval holds the truth, of {runs:,} data sets with {members} members:")
    print("\n".join(f"  {name:34} {share:6.1%}" for name, share in shares.items()))
