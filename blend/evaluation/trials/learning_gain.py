"""What a policy that is fitted on a made-up log really gains, of what the best choice could."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from blend.evaluation.fit_policy import fit_policy
from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.policy import Policy, Uniform, default_floor

WORLDS: Mapping[str, SyntheticTopics] = {
    "three specialists": SyntheticTopics.specialists(3),
    "specialists, small differences": SyntheticTopics.specialists(3, 0.6, 0.5),
    "specialists, next to none": SyntheticTopics.specialists(3, 0.51, 0.49),
    "eight specialists": SyntheticTopics.specialists(8),
    "nothing to learn": SyntheticTopics(("a", "b", "c"), np.full((3, 3), 0.5)),
    "one member is useless": SyntheticTopics(
        ("a", "b", "useless"), np.array([[0.8, 0.35, 0.1], [0.35, 0.8, 0.1], [0.6, 0.6, 0.1]])
    ),
}


@dataclass(frozen=True, slots=True)
class LearningGain:
    """What a fitted policy really earns above uniform draws, and what the best choice would; and
    the half-width of the interval that the fit itself gives."""

    gain: float
    best: float
    half: float

    @property
    def harm(self) -> bool:
        """Whether it is worse than uniform by more than its interval."""
        return self.gain < -self.half - 1e-9


def learning_gain(world: SyntheticTopics, turns: int, rng: np.random.Generator) -> LearningGain:
    """A policy fitted on that many logged turns of uniform draws, tried on others."""
    traits = HistoryFeatures(HashedNgrams(2048), world.members)
    fitted = fit_policy(TurnTable.of(world.log(turns, Uniform(), rng), traits), traits)
    gain, best = true_gain(world, fitted.policy, min(turns, 5000), rng)
    return LearningGain(gain, best, (fitted.advantage.high - fitted.advantage.low) / 2)


def true_gain(
    world: SyntheticTopics, policy: Policy, turns: int, rng: np.random.Generator
) -> tuple[float, float]:
    """What the policy's chances and the best choice are truly worth above uniform ones, by the
    mean of the same turns of fresh conversations."""
    more, most = [], []
    while len(more) < turns:
        for logged, quality in world.conversation(Uniform(), rng):
            chances = policy.chances(world.members, logged.conversation)
            worth = sum(chances[m] * q for m, q in zip(chances, quality, strict=True))
            more.append(worth - quality.mean())
            most.append(quality.max() - quality.mean())
    return float(np.mean(more)), float(np.mean(most))


def gain_summary(world: SyntheticTopics, gains: Sequence[LearningGain]) -> str:
    """What several logs of one world came to."""
    gain, best, half = np.mean([astuple(each) for each in gains], axis=0)
    share = "nothing to gain"
    if best > 0:
        worst = min(each.gain / each.best for each in gains)
        members = len(world.members)
        left = 1 - members * default_floor(members)
        share = f"{gain / best:.0%} of the best ({worst:.0%} at worst; the floor leaves {left:.0%})"
    harm = sum(each.harm for each in gains)
    return f"{round(gain, 3) + 0.0:+.3f} ± {half:.3f}: {share}; harm: {harm} of {len(gains)}"
