"""A contender: what a roster's words become, a blend that answers, and the id of what it is."""

import asyncio
import hashlib
import json
import random
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from blend.engine import Blend
from blend.gpu_memory import HERE, shares
from blend.learned import Learned
from blend.members import Member, MemberError, SamplingError
from blend.members.best_of import BestOf
from blend.members.judge import Judge, Reward
from blend.members.memory import Share
from blend.members.scripted import Scripted
from blend.members.twin import Twin
from blend.policy import Policy
from blend.policyfile import PolicyError, identities
from blend.roster import ENGINES, BlendSpec, MemberSpec, Roster, RosterError
from blend.selection import make, told

TELLING = ("quantise", "variables", "thinking")
"""The options that change a member's replies and are in no digest."""


def load(
    spec: MemberSpec,
    threads: int | None = None,
    memory: float | Share | None = None,
    judges: Mapping[Reward, Judge] | None = None,
) -> Member:
    """The member itself, ready to answer. Blocks: seconds to minutes. Raises MemberError.

    threads, memory: where the roster says nothing; see `load_all`, which knows its neighbours.
    judges: those that are loaded already.
    """
    judge = spec.best_of and (judges or _judges([spec]))[spec.best_of.reward]
    try:
        member = _load(spec, threads, memory)
    except SamplingError as error:  # known only now, as a window that its max_tokens do not fit
        raise MemberError(spec.name, str(error)) from error
    return BestOf(member, judge, spec.best_of.n, digest(spec, member)) if judge else member


def _judges(specs: Sequence[MemberSpec]) -> dict[Reward, Judge]:
    """The reward models that they name, each loaded once. Raises MemberError."""
    wanted = {spec.best_of.reward: spec.name for spec in specs if spec.best_of}
    return {reward: Judge.load(name, reward) for reward, name in wanted.items()}


def _load(spec: MemberSpec, threads: int | None, memory: float | Share | None) -> Member:
    if spec.engine == "scripted":
        return Scripted(spec.name, sampling=spec.sampling, **spec.options)
    # What its neighbours leave, and what the roster says.
    here = {"threads": threads, "memory": memory} if spec.engine in HERE else {}
    if isinstance(memory, Share):
        here = {"share": memory}
    options = {"revision": spec.revision or None} | here | dict(spec.options)
    engine = ENGINES[spec.engine]
    return engine.load(spec.name, spec.path or spec.model, spec.sampling, **options)


def load_all(specs: Sequence[MemberSpec]) -> Generator[tuple[MemberSpec, Member], None, None]:
    """The members, each as soon as it is ready. Raises MemberError.

    On a CPU several members are fastest with one thread each; on a GPU they share what their
    weights leave, by `gpu_memory.shares`. GGUF files that are here are read side by side; what is
    fetched, and servers of other kinds, one after another. Close what is returned if you leave it.
    """
    threads = 1 if len(specs) > 1 else None
    judges = _judges(specs)  # first: the members share what these leave of a GPU
    memory = shares(specs)
    how = {s.name: (_beside(s, specs), threads, memory.get(s.name), judges) for s in specs}
    begun = {s.name: _begun(*how[s.name]) for s in specs if s.engine == "llama_cpp" and s.path}
    try:
        for spec in specs:
            waited = begun.get(spec.name)
            member = waited.result() if waited else load(*how[spec.name])
            begun.pop(spec.name, None)  # not before: a Ctrl-C comes while it is waited for
            yield spec, member
    finally:
        for left in begun.values():
            left.add_done_callback(_close)


def _begun(spec: MemberSpec, *how: Any) -> "Future[Member]":
    """The member that a thread loads from now on. It keeps no program from ending."""
    coming: Future[Member] = Future()

    def work() -> None:
        try:
            coming.set_result(load(spec, *how))
        except Exception as error:  # for whoever waits for the member
            coming.set_exception(error)

    threading.Thread(target=work, name=f"{spec.name}-load", daemon=True).start()
    return coming


def _close(unwanted: "Future[Member]") -> None:
    with suppress(RuntimeError):  # the program has ended, and what it started ends with it
        if not unwanted.exception():
            asyncio.run(unwanted.result().aclose())


def _beside(spec: MemberSpec, specs: Sequence[MemberSpec]) -> MemberSpec:
    """The member; with how many processes of llama.cpp it shares the machine, if it is one."""
    processes = sum(one.engine == "llama_cpp" for one in specs)
    options = {"processes": processes} | dict(spec.options)
    return replace(spec, options=options) if spec.engine == "llama_cpp" else spec


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
    if spec.copies:
        drawn_from = [Twin(members[m], n + 1) for n, m in enumerate(spec.writers.values())]
    else:
        drawn_from = [members[name] for name in spec.members]
    policy = _policy(spec, config)
    return Blend(spec.name, drawn_from, policy, rng, **options)


def _policy(spec: BlendSpec, config: Mapping[str, object] | None) -> Policy:
    try:
        policy = make(spec.policy, spec.options, list(spec.writers))
    except PolicyError as error:
        raise RosterError(f"blend {spec.name!r}: {error}") from None
    if isinstance(policy, Learned) and config is not None:
        for changed in policy.strangers(identities(config["members"])):
            raise RosterError(
                f"blend {spec.name!r}: {spec.options['policy_file']} was fitted for another "
                f"{changed!r} than this one (its weights or its sampling changed): fit it again on "
                "turns of this one, or take the one of then"
            )
    return policy


def config(spec: BlendSpec, roster: Roster, digests: Mapping[str, str]) -> dict[str, object]:
    """What changes a contender's replies, and nothing else: no paths, devices, memory or time-outs.

    digests: the members' weights (and templates), by name.
    """
    by_name = {member.name: member for member in roster.members}
    members = []
    for number, (name, member) in enumerate(spec.writers.items(), start=1):
        options = by_name[member].options
        described = {
            "name": name,
            "weights": digests[member],
            "sampling": asdict(by_name[member].sampling),
        } | {key: options[key] for key in TELLING if key in options}
        members.append(described | ({"copy": number, "of": member} if spec.copies else {}))
    policy = told(spec.policy, spec.options)
    return {"name": spec.name, "policy": policy, "members": members}


def contender_id(config: Mapping[str, object]) -> str:
    """A hash of `config`: the same for the same replies, so no board splits when a host moves."""
    canonical = json.dumps(config, sort_keys=True).encode()
    return f"c-{hashlib.sha256(canonical).hexdigest()[:16]}"


def digest(spec: MemberSpec, member: Member) -> str:
    """What a member's replies come from: the hash of its weights, or of its script."""
    if not isinstance(member, Scripted):
        return member.digest
    return hashlib.sha256(json.dumps(spec.options, sort_keys=True).encode()).hexdigest()
