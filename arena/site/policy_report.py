"""What other policies would have earned on a site's newest logged turns, for its page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.db.repositories.turn_log import Pool
from arena.db.store import Store
from arena.experiment.cohort import MIN_VISITORS
from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.off_policy import PolicyValue, evaluate_policies
from blend.evaluation.resample import Estimate
from blend.evaluation.rewards import REWARDS
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.policy import Policy, default_floor
from blend.policies.policy_file import PolicyError, hash_buckets
from blend.policies.registry import make_policy
from blend.policies.thompson import Thompson
from blend.roster.specs import BlendSpec

RECENT = 1_000
"""Conversations that are looked at, the newest ones: the page must not wait for a million turns;
python -m arena value takes them all."""

MIN_TURNS = 200
"""Turns that tell a reward, below which nothing is said of it."""

PLAIN = ("no-repeat", "round-robin", "thompson")
"""Judged without being told more. Not "per_sentence": of a reply by one member nothing tells it."""


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """Policies judged on the turns of `title`, of so many visitors.

    logged: by reward, its mean as it came. values: by reward and policy. gains: likewise, how much
    more than uniform draws it would have earned a turn. simulated: whether the turns are made up.
    """

    title: str
    visitors: int
    simulated: bool
    logged: Mapping[str, float]
    values: Mapping[str, Mapping[str, PolicyValue]]
    gains: Mapping[str, Mapping[str, Estimate]]


def report_policies(log: Store, blends: Iterable[BlendSpec], now: float) -> PolicyReport | None:
    """The policies that need no more than their name, and those of a roster's blends of the same
    members. None where nothing was drawn among several members.

    now: seconds since 1970. Blocks, for seconds.
    """
    of = next(iter(log.turn_log.pools()), None)
    if of is None:
        return None
    after, visitors = log.turn_log.newest(of.contenders, RECENT)
    simulated = any(
        each.config.get("simulated")
        for each, *_ in log.turn_log.drawn_contenders()
        if each.id in of.contenders
    )
    values: dict[str, dict[str, PolicyValue]] = {}
    gains: dict[str, dict[str, Estimate]] = {}
    policies = _policies(log, of, blends) if visitors >= MIN_VISITORS else {}
    for reward in REWARDS if policies else ():
        table = _table(log, of, reward, policies, now, after)
        if len(table) >= MIN_TURNS and 0 < table.rewards.mean() < 1:
            values[reward], gains[reward] = evaluate_policies(table)
            del gains[reward]["uniform"]
    logged = {reward: each["uniform"].logged for reward, each in values.items()}
    return PolicyReport(of.title, visitors, simulated, logged, values, gains)


def _policies(log: Store, of: Pool, blends: Iterable[BlendSpec]) -> dict[str, Policy]:
    members = tuple(of.members)
    epsilon = default_floor(len(members))
    policies = {"uniform": make_policy("uniform", {}, members)}
    policies |= {name: make_policy(name, {"epsilon": epsilon}, members) for name in PLAIN}
    for spec in blends:
        if spec.policy not in ("uniform", "per_sentence", *PLAIN) and {*spec.members} == {*members}:
            try:
                policy = make_policy(spec.policy, spec.options, spec.members)
            except PolicyError:  # the file went since the page began; its blend goes on without it
                continue
            if not isinstance(policy, Learned) or (
                of.with_text and not policy.changed_members(of.members)
            ):
                policies[f"{policy.name} ({spec.name})"] = policy
    merits = log.turn_log.preference_counts(of.contenders)
    return {n: p.with_counts(merits) if isinstance(p, Thompson) else p for n, p in policies.items()}


def _table(
    log: Store, of: Pool, reward: str, policies: Mapping[str, Policy], now: float, after: str
) -> TurnTable:
    traits = HistoryFeatures(HashedNgrams(hash_buckets(len(of.members))), tuple(of.members))
    return TurnTable.of(
        log.turn_log.logged_turns(of.contenders, reward, now, after), traits, policies
    )
