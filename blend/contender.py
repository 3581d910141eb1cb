"""A contender: what a roster's words become, a blend that answers, and the id of what it is."""

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import asdict

from blend.engine import Blend
from blend.members import Member
from blend.members.scripted import Scripted
from blend.policy import POLICIES
from blend.roster import ENGINES, BlendSpec, MemberSpec, Roster


def load(spec: MemberSpec, threads: int | None = None) -> Member:
    """The member itself, ready to answer. Blocks: seconds to minutes. Raises MemberError."""
    if spec.engine == "scripted":
        return Scripted(spec.name, sampling=spec.sampling, **spec.options)
    options = {"threads": threads, **spec.options}
    source, revision = spec.path or spec.model, spec.revision or None
    engine = ENGINES[spec.engine]
    return engine.load(spec.name, source, spec.sampling, revision=revision, **options)


def assemble(spec: BlendSpec, members: Mapping[str, Member], **options: object) -> Blend:
    """The blend of a roster over members that are loaded."""
    rng = random.Random(spec.seed) if spec.seed is not None else random.Random()
    drawn_from = [members[name] for name in spec.members]
    return Blend(spec.name, drawn_from, POLICIES[spec.policy](), rng, **options)


def config(spec: BlendSpec, roster: Roster, digests: Mapping[str, str]) -> dict[str, object]:
    """What changes a contender's replies, and nothing else: no paths, devices, memory or time-outs.

    digests: the members' weights (and templates), by name.
    """
    by_name = {member.name: member for member in roster.members}
    members = [
        {"name": n, "weights": digests[n], "sampling": asdict(by_name[n].sampling)}
        for n in spec.members
    ]
    return {"name": spec.name, "policy": spec.policy, "members": members}


def contender_id(config: Mapping[str, object]) -> str:
    """A hash of `config`: the same for the same replies, so no board splits when a host moves."""
    canonical = json.dumps(config, sort_keys=True).encode()
    return f"c-{hashlib.sha256(canonical).hexdigest()[:16]}"


def digest(spec: MemberSpec, member: Member) -> str:
    """What a member's replies come from: the hash of its weights, or of its script."""
    if spec.engine != "scripted":
        return member.digest
    return hashlib.sha256(json.dumps(spec.options, sort_keys=True).encode()).hexdigest()
