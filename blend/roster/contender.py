"""A contender: what a roster's words become, a blend that answers, and the id of what it is."""

import asyncio
import hashlib
import json
import random
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict

from blend.engine import Blend
from blend.members import Member, MemberError, SamplingError
from blend.members.best_of import BestOf
from blend.members.copies import Twin
from blend.members.local.memory import Share
from blend.members.reward_model import Judge, Reward
from blend.members.scripted import Scripted
from blend.policies.learned import Learned
from blend.policies.policy_file import PolicyError, identities
from blend.policies.registry import make, told
from blend.roster.gpu_memory import HERE, shares
from blend.roster.roster import ENGINES, BlendSpec, MemberSpec, Roster, RosterError

TELLING = ("quantise", "variables", "thinking")
"""The options that change a member's replies and are in no digest."""


def load(
    spec: MemberSpec,
    threads: int | None = None,
    memory: float | Share | None = None,
    judges: Mapping[Reward, Judge] | None = None,
    processes: int = 1,
) -> Member:
    """The member itself, ready to answer. Blocks: seconds to minutes. Raises MemberError.

    threads, memory: where the roster says nothing. judges: those that are loaded already.
    processes: of llama.cpp that share the machine. `load_all` knows them all.
    """
    judge = spec.best_of and (judges or _judges([spec]))[spec.best_of.reward]
    if spec.engine == "scripted":
        member: Member = Scripted(spec.name, sampling=spec.sampling, **spec.options)
    else:
        options: dict[str, object] = {"revision": spec.revision or None}
        if spec.engine in HERE:
            options |= {"threads": threads, "memory": memory}
        elif spec.engine == "llama_cpp":
            options["processes"] = processes
        elif isinstance(memory, Share):
            options["share"] = memory
        engine, source = ENGINES[spec.engine], spec.path or spec.model
        try:
            member = engine.load(spec.name, source, spec.sampling, **(options | spec.options))
        except SamplingError as error:  # known only now, as a window too small for its max_tokens
            raise MemberError(spec.name, str(error)) from error
    return BestOf(member, judge, spec.best_of.n, digest(spec, member)) if judge else member


def _judges(specs: Sequence[MemberSpec]) -> dict[Reward, Judge]:
    """The reward models that they name, each loaded once. Raises MemberError."""
    wanted = {spec.best_of.reward: spec.name for spec in specs if spec.best_of}
    return {reward: Judge.load(name, reward) for reward, name in wanted.items()}


def load_all(specs: Sequence[MemberSpec]) -> Generator[tuple[MemberSpec, Member], None, None]:
    """The members, each as soon as it is ready. Raises MemberError.

    On a CPU several members are fastest with one thread each; on a GPU they share what their
    weights leave, by `gpu_memory.shares`. GGUF files that are here are read side by side; what is
    fetched, and servers of other kinds, one after another. Close what is returned if you leave it.
    """
    threads = 1 if len(specs) > 1 else None
    judges = _judges(specs)  # first: the members share what these leave of a GPU
    memory = shares(specs)
    processes = sum(spec.engine == "llama_cpp" for spec in specs)

    def loaded(spec: MemberSpec) -> Member:
        return load(spec, threads, memory.get(spec.name), judges, processes)

    begun = {s.name: _begun(loaded, s) for s in specs if s.engine == "llama_cpp" and s.path}
    try:
        for spec in specs:
            member = begun[spec.name].result() if spec.name in begun else loaded(spec)
            begun.pop(spec.name, None)  # not before: a Ctrl-C comes while it is waited for
            yield spec, member
    finally:
        for left in begun.values():
            left.add_done_callback(_close)


def _begun(loaded: Callable[[MemberSpec], Member], spec: MemberSpec) -> "Future[Member]":
    """The member that a thread loads from now on. It keeps no program from ending."""
    coming: Future[Member] = Future()

    def work() -> None:
        try:
            coming.set_result(loaded(spec))
        except Exception as error:  # for whoever waits for the member
            coming.set_exception(error)

    threading.Thread(target=work, name=f"{spec.name}-load", daemon=True).start()
    return coming


def _close(unwanted: "Future[Member]") -> None:
    with suppress(RuntimeError):  # the program has ended, and what it started ends with it
        if not unwanted.exception():
            asyncio.run(unwanted.result().aclose())


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
    drawn_from = [members[name] for name in spec.writers.values()]
    if spec.copies:
        drawn_from = [Twin(member, n) for n, member in enumerate(drawn_from, start=1)]
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
    return Blend(spec.name, drawn_from, policy, rng, **options)


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
