"""The members of a roster, loaded: for the site or a command, to answer or to judge."""

import asyncio
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress

from blend.judging import Judge, MemberJudge, RewardJudge
from blend.judging.judge import REWARD, reward_folder
from blend.members import Member, MemberError, SamplingError
from blend.members.best_of import BestOf
from blend.members.local.memory import DeviceShare
from blend.members.reward_model import RewardModel, RewardModelSpec
from blend.members.scripted import Scripted
from blend.roster.contender import digest, identity_hash
from blend.roster.fields import RosterError, did_you_mean
from blend.roster.gpu_memory import LOCAL_ENGINES, share_gpus
from blend.roster.roster import Roster
from blend.roster.specs import ENGINES, MemberSpec


def load_member(
    spec: MemberSpec,
    threads: int | None = None,
    memory: float | DeviceShare | None = None,
    judges: Mapping[RewardModelSpec, RewardModel] | None = None,
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
        if spec.engine in LOCAL_ENGINES:
            options |= {"threads": threads, "memory": memory}
        elif spec.engine == "llama_cpp":
            options["processes"] = processes
        elif isinstance(memory, DeviceShare):
            options["share"] = memory
        engine, source = ENGINES[spec.engine], spec.path or spec.model
        try:
            member = engine.load(spec.name, source, spec.sampling, **(options | spec.options))
        except SamplingError as error:  # known only now, as a window too small for its max_tokens
            raise MemberError(spec.name, str(error)) from error
    return BestOf(member, judge, spec.best_of.n, digest(spec, member)) if judge else member


def _judges(specs: Sequence[MemberSpec]) -> dict[RewardModelSpec, RewardModel]:
    """The reward models that they name, each loaded once. Raises MemberError."""
    wanted = {spec.best_of.reward: spec.name for spec in specs if spec.best_of}
    return {reward: RewardModel.load(name, reward) for reward, name in wanted.items()}


def load_all(specs: Sequence[MemberSpec]) -> Generator[tuple[MemberSpec, Member], None, None]:
    """The members, each as soon as it is ready. Raises MemberError.

    On a CPU several members are fastest with one thread each; on a GPU they share what their
    weights leave, by `gpu_memory.share_gpus`. GGUF files that are here are read side by side; what
    is fetched, and servers of other kinds, one after another. Close the generator if you leave it.
    """
    threads = 1 if len(specs) > 1 else None
    judges = _judges(specs)  # first: the members share what these leave of a GPU
    memory = share_gpus(specs)
    processes = sum(spec.engine == "llama_cpp" for spec in specs)

    def loaded(spec: MemberSpec) -> Member:
        return load_member(spec, threads, memory.get(spec.name), judges, processes)

    begun = {s.name: _start(loaded, s) for s in specs if s.engine == "llama_cpp" and s.path}
    try:
        for spec in specs:
            member = begun[spec.name].result() if spec.name in begun else loaded(spec)
            begun.pop(spec.name, None)  # not before: a Ctrl-C comes while it is waited for
            yield spec, member
    finally:
        for left in begun.values():
            left.add_done_callback(_close)


def _start(loaded: Callable[[MemberSpec], Member], spec: MemberSpec) -> "Future[Member]":
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


def load_members(specs: Sequence[MemberSpec]) -> dict[str, Member]:
    """The members by name. Blocks; Ctrl-C or a member that fails closes those that were loaded.

    The progress bar is for a terminal; a pipe gets none. Raises MemberError and SamplingError.
    """
    from tqdm import tqdm

    members: dict[str, Member] = {}
    bar = tqdm(total=len(specs), desc="loading models", leave=False, disable=None)
    try:
        with bar, closing(load_all(specs)) as coming:
            for spec, member in coming:
                members[spec.name] = member
                bar.set_postfix_str(spec.name, refresh=False)
                bar.update()
    except BaseException:
        close_members(members)
        raise
    return members


def close_members(members: dict[str, Member]) -> None:
    """Stop them all, at once: each may take seconds. Not to be called from a running event loop."""

    async def stop() -> None:
        await asyncio.gather(*(member.aclose() for member in members.values()))

    asyncio.run(stop())


@contextmanager
def loaded_judges(
    names: Collection[str], roster: Roster, others: Collection[str] = ()
) -> Iterator[tuple[dict[str, Judge], dict[str, Member]]]:
    """The judges by name, and every member that is loaded: those that judge, and `others`.

    A judge is a member of the roster, or `reward:FOLDER`, a reward model. Raises RosterError where
    the roster lacks a member, MemberError and SamplingError.
    """
    specs = check_judges(names, roster, others)
    # first, as in `load_all`
    rewards = {name: RewardJudge.load(name) for name in names if name.startswith(REWARD)}
    members = load_members(list(specs.values()))
    try:
        yield {n: rewards.get(n) or _member_judge(specs[n], members[n]) for n in names}, members
    finally:
        close_members(members)


def check_judges(
    names: Collection[str], roster: Roster, others: Collection[str] = ()
) -> dict[str, MemberSpec]:
    """What `loaded_judges` loads, by name, in the roster's order. Raises the same, as far as it
    can be told before anything is loaded."""
    rewards = {name for name in names if name.startswith(REWARD)}
    for name in sorted(rewards):
        reward_folder(name)
    wanted = {*others, *(set(names) - rewards)}
    specs = {spec.name: spec for spec in roster.members if spec.name in wanted}
    for name in sorted(wanted - {*specs}):
        near = did_you_mean(name, [spec.name for spec in roster.members])
        raise RosterError(f"{roster.path} has no member {name!r}{near}")
    return specs


def _member_judge(spec: MemberSpec, member: Member) -> MemberJudge:
    return MemberJudge(member, identity_hash(spec, digest(spec, member)))
