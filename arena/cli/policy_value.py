"""python -m arena value: what another policy would have earned on the turns that were logged."""

import argparse
import json
from contextlib import closing
from dataclasses import asdict, astuple, replace
from datetime import UTC, datetime
from pathlib import Path

from arena.cli.turn_pool import choose_pool, floor, logged_turns, need_reward
from arena.command import CommandError, finish
from arena.db.repositories.turn_log import Pool
from arena.db.store import Store
from blend.evaluation.format import signed_interval, value_table
from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.off_policy import evaluate_policies
from blend.evaluation.rewards import REWARDS, time_of_id
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.learned import Learned
from blend.policies.per_sentence import PerSentence
from blend.policies.policy import Policy
from blend.policies.policy_file import PolicyError, hash_buckets, load_policy
from blend.policies.registry import POLICIES, make_policy
from blend.policies.thompson import Thompson
from blend.roster import RosterError, read

BARE = ("uniform", "no-repeat", "round-robin", "thompson")
"""Policies that need no more than their name."""


def main(argv: list[str]) -> int:
    """The command; 2 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m arena value", description=__doc__)
    parser.add_argument("--db", default="arena.db", type=Path, help="the database; may be in use")
    parser.add_argument(
        "--policy",
        required=True,
        metavar="P",
        help=f"a file made by arena fit, a roster (.toml), or one of {', '.join(BARE)}",
    )
    values_by_policy = "; ".join(f"{name}: {what}" for name, what in REWARDS.items())
    parser.add_argument("--reward", required=True, choices=REWARDS, help=values_by_policy)
    parser.add_argument("--blend", help="whose turns; default: the blend with the most")
    parser.add_argument("--since", help="only conversations begun from then on (2030-01-31, UTC)")
    parser.add_argument("--epsilon", type=float, help="the floor of the policy")
    parser.add_argument("--json", action="store_true", help="for programs")
    args = parser.parse_args(argv)
    return finish("value", lambda: run(args))


def run(args: argparse.Namespace) -> None:
    """Read, judge, print. Raises CommandError, StoreError."""
    since = _moment(args.since) if args.since else 0.0
    with closing(Store.open_readonly(args.db)) as store:
        of = choose_pool(store, args.blend)
        policy = _policy(args.policy, of, floor(args.epsilon, of), args.blend)
        if isinstance(policy, Thompson):
            policy = policy.with_counts(store.turn_log.preference_counts(of.contenders))
        if isinstance(policy, Learned) and not of.with_text:
            raise CommandError(f"{args.db} keeps no texts, and this policy reads them")
        traits = HistoryFeatures(HashedNgrams(hash_buckets(len(of.members))), tuple(of.members))
        rows = (
            r for r in logged_turns(store, of, args.reward) if _begun(r.conversation.id) >= since
        )
        both = {"uniform": make_policy("uniform", {}, traits.members), policy.name: policy}
        table = TurnTable.of(rows, traits, both)
        need_reward(len(table), store, of, args.reward)
    worth, gains = evaluate_policies(table)
    more = gains[policy.name]
    warnings = [*worth[policy.name].warnings, *_praise(policy, since)]
    if args.json:
        values = {name: asdict(value) for name, value in worth.items()}
        found = {"values": values, "above_uniform": astuple(more), "warnings": warnings}
        print(json.dumps(found))
        return
    print(f"{of.title}: {len(table):,} turns; reward: {args.reward}, {REWARDS[args.reward]}\n")
    print(value_table(worth))
    print(f"\n{policy.name} above uniform: {signed_interval(more)}")
    print(*warnings, sep="\n", end="\n" if warnings else "")


def _policy(name: str, of: Pool, epsilon: float, blend: str | None) -> Policy:
    """The policy that was meant, for the members of the pool."""
    members = tuple(of.members)
    try:
        if name.endswith(".toml"):
            roster = read(name)
            specs = {spec.name: spec for spec in roster.blends}
            spec = specs.get(blend or roster.focus)
            if spec is None or set(spec.members) != set(members):
                raise CommandError(f"{name}: no blend {blend or roster.focus!r} of these members")
            return _once_a_reply(make_policy(spec.policy, spec.options, spec.members))
        if name in POLICIES and name not in (*BARE, PerSentence.name):
            raise CommandError(f"{name} needs to be told more: name a roster that has it")
        if name in POLICIES:
            options = {"epsilon": epsilon} if name in BARE and name != "uniform" else {}
            return _once_a_reply(make_policy(name, options, members))
        fitted = load_policy(name, members)
    except (PolicyError, RosterError) as error:
        raise CommandError(str(error)) from None
    for changed in fitted.changed_members(of.members):
        raise CommandError(f"{name} was fitted for another {changed!r} than drew these turns")
    return replace(fitted, epsilon=epsilon)


def _once_a_reply(policy: Policy) -> Policy:
    """The policy. Raises CommandError for one that draws for every sentence."""
    if isinstance(policy, PerSentence):
        raise CommandError(
            "what per_sentence would earn cannot be told from other turns: of its own it is their "
            "mean (name its blend with --blend), else let it fight"
        )
    return policy


def _praise(policy: Policy, since: float) -> list[str]:
    """A policy does well on the very turns it was fitted on: say so."""
    until = policy.provenance.get("until", "") if isinstance(policy, Learned) else ""
    if not until or _moment(until) <= since:
        return []
    return [
        f"The policy was fitted on {until}: on turns of before then it praises itself. Judge it by "
        f"later ones, --since {until}, or by what arena fit printed."
    ]


def _begun(conversation: str) -> float:
    """When it began; one whose id does not tell is of any time."""
    return time_of_id(conversation) or float("inf")


def _moment(text: str) -> float:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no date: write it like 2030-01-31") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
