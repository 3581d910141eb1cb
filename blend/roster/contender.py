"""A contender: what a roster's words become, a blend that answers, and the id of what it is."""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import asdict

from blend.engine import Blend
from blend.judging.question import WORDS
from blend.members import Member
from blend.members.copies import MemberCopy
from blend.members.scripted import Scripted
from blend.panel import Panel
from blend.policies.learned import Learned
from blend.policies.policy_file import PolicyError, member_identities
from blend.policies.registry import make_policy, policy_identity
from blend.roster.fields import RosterError
from blend.roster.roster import Roster
from blend.roster.specs import BlendSpec, MemberSpec

IDENTITY_OPTIONS = ("quantise", "variables", "thinking")
"""The options that change a member's replies and are in no digest."""


def assemble(
    spec: BlendSpec,
    members: Mapping[str, Member],
    config: Mapping[str, object] | None = None,
    **options: object,
) -> Blend:
    """The blend of a roster over members that are loaded.

    config: what it is (see below), where a fitted policy is to be held to it. Raises RosterError
    where that was fitted for other members.
    """
    rng = random.Random(spec.seed) if spec.seed is not None else random.Random()
    drawn_from = [members[name] for name in spec.drawn_members.values()]
    if spec.judge:
        judge, write = members[spec.judge], spec.options["write"]
        return Panel(spec.name, drawn_from, judge, write, rng, **options)
    if spec.copies:
        drawn_from = [MemberCopy(member, n) for n, member in enumerate(drawn_from, start=1)]
    try:
        policy = make_policy(spec.policy, spec.options, list(spec.drawn_members))
    except PolicyError as error:
        raise RosterError(f"blend {spec.name!r}: {error}") from None
    if isinstance(policy, Learned) and config is not None:
        for changed in policy.changed_members(member_identities(config["members"])):
            raise RosterError(
                f"blend {spec.name!r}: {spec.options['policy_file']} was fitted for another "
                f"{changed!r} than this one (its weights or its sampling changed): fit it again on "
                "turns of this one, or take the one of then"
            )
    return Blend(spec.name, drawn_from, policy, rng, **options)


def config(spec: BlendSpec, roster: Roster, digests: Mapping[str, str]) -> dict[str, object]:
    """What changes a contender's replies, and nothing else: no paths, devices, memory or time-outs.

    digests: the members' weights (and templates), by name.
    """
    by_name = {member.name: member for member in roster.members}
    members = []
    for number, (name, member) in enumerate(spec.drawn_members.items(), start=1):
        described = {"name": name, **identity(by_name[member], digests)}
        members.append(described | ({"copy": number, "of": member} if spec.copies else {}))
    policy = policy_identity(spec.policy, spec.options)
    whole: dict[str, object] = {"name": spec.name, "policy": policy, "members": members}
    if spec.judge:
        words = hashlib.sha256("\n".join(WORDS).encode()).hexdigest()[:16]
        judge = {"name": spec.judge, **identity(by_name[spec.judge], digests), "asked": words}
        whole["judge"] = judge
    return whole


def identity(member: MemberSpec, digests: Mapping[str, str]) -> dict[str, object]:
    """What a member's replies come from: its weights, its sampling, what else changes them."""
    said = {key: member.options[key] for key in IDENTITY_OPTIONS if key in member.options}
    return {"weights": digests[member.name], "sampling": asdict(member.sampling), **said}


def identity_hash(member: MemberSpec, weights: str) -> str:
    """Of what a member's replies come from, its weights having that digest."""
    described = identity(member, {member.name: weights})
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def contender_id(config: Mapping[str, object]) -> str:
    """A hash of `config`: the same for the same replies, so no board splits when a host moves."""
    canonical = json.dumps(config, sort_keys=True).encode()
    return f"c-{hashlib.sha256(canonical).hexdigest()[:16]}"


def digest(spec: MemberSpec, member: Member) -> str:
    """What a member's replies come from: the hash of its weights, or of its script."""
    if not isinstance(member, Scripted):
        return member.digest
    return hashlib.sha256(json.dumps(spec.options, sort_keys=True).encode()).hexdigest()
