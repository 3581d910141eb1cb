"""The members of a roster, loaded for a command: a progress bar, one error, nothing left open."""

import asyncio
from collections.abc import Sequence

from blend import contender
from blend.members import Member
from blend.roster import MemberSpec


def load(specs: Sequence[MemberSpec], quiet: bool = False) -> dict[str, Member]:
    """The members by name. Blocks; Ctrl-C or a member that fails closes those that were loaded.

    quiet: without the progress bar on stderr. Raises MemberError and SamplingError.
    """
    from tqdm import tqdm

    members: dict[str, Member] = {}
    # Each member has its own pool of threads in torch: several pools of two fight over the cores.
    threads = 1 if len(specs) > 1 else None
    try:
        with tqdm(specs, desc="loading models", leave=False, disable=quiet or None) as bar:
            for spec in bar:
                bar.set_postfix_str(spec.name)
                members[spec.name] = contender.load(spec, threads)
    except BaseException:
        close(members)
        raise
    return members


def close(members: dict[str, Member]) -> None:
    """Stop them all, at once: each may take seconds. Not to be called from a running event loop."""

    async def stop() -> None:
        await asyncio.gather(*(member.aclose() for member in members.values()))

    asyncio.run(stop())
