"""The members of a roster, loaded for a command: a progress bar, one error, nothing left open."""

import asyncio
from collections.abc import Sequence
from contextlib import closing

from blend.members import Member
from blend.roster import contender
from blend.roster.roster import MemberSpec


def load(specs: Sequence[MemberSpec]) -> dict[str, Member]:
    """The members by name. Blocks; Ctrl-C or a member that fails closes those that were loaded.

    The progress bar is for a terminal; a pipe gets none. Raises MemberError and SamplingError.
    """
    from tqdm import tqdm

    members: dict[str, Member] = {}
    bar = tqdm(total=len(specs), desc="loading models", leave=False, disable=None)
    try:
        with bar, closing(contender.load_all(specs)) as coming:
            for spec, member in coming:
                members[spec.name] = member
                bar.set_postfix_str(spec.name, refresh=False)
                bar.update()
    except BaseException:
        close(members)
        raise
    return members


def close(members: dict[str, Member]) -> None:
    """Stop them all, at once: each may take seconds. Not to be called from a running event loop."""

    async def stop() -> None:
        await asyncio.gather(*(member.aclose() for member in members.values()))

    asyncio.run(stop())
