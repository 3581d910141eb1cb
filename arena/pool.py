"""The turns that were drawn among the same members, whichever policy drew: what a fit stands on."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tqdm import tqdm

from arena.command import CommandError
from arena.log import Log
from arena.outcome import REWARDS
from blend.logged import Logged
from blend.policy import usual_floor
from blend.policyfile import identities


@dataclass(frozen=True, slots=True)
class Pool:
    """Contenders that are blends of the same members under any policy.

    contenders: their ids. names: theirs, on the board. members: name → identity, in the order of
    the newest. turns: finished ones; `told` of them were kept with their text.
    """

    contenders: tuple[str, ...]
    names: tuple[str, ...]
    members: Mapping[str, str]
    turns: int
    told: int

    @property
    def title(self) -> str:
        """The names, for a reader."""
        return ", ".join(dict.fromkeys(self.names))

    def rows(self, log: Log, reward: str, now: float | None = None) -> Iterator[Logged]:
        """The turns whose reward is known, with a progress bar."""
        now = time.time() if now is None else now
        with tqdm(total=self.turns, desc="reading", unit=" turns", leave=False) as bar:
            for row in log.logged(self.contenders, reward, now):
                bar.update()
                yield row


def pool(log: Log, blend: str | None = None) -> Pool:
    """The pool with the most turns, or the one with the most of the blend of that name.

    Raises CommandError where nothing was drawn among several, or not by that blend.
    """
    found: dict[tuple, list] = {}
    for contender, turns, told in log.drawn():
        same = identities(contender.config["members"])
        found.setdefault(tuple(sorted(same.items())), []).append((contender, same, turns, told))
    pools = [
        Pool(
            contenders=tuple(contender.id for contender, *_ in each),
            names=tuple(contender.name for contender, *_ in each),
            members=each[0][1],
            turns=sum(turns for *_, turns, _ in each),
            told=sum(told for *_, told in each),
        )
        for each in found.values()
    ]
    if not pools:
        raise CommandError(
            f"{log.path} has no turn that was drawn among several members: chat with a blend first"
        )
    fitting = [each for each in pools if blend is None or blend in each.names]
    if not fitting:
        known = ", ".join(dict.fromkeys(name for each in pools for name in each.names))
        raise CommandError(f"{log.path} has no turns of a blend {blend!r}: it has {known}")
    return max(fitting, key=lambda each: each.turns)


def floor(asked: float | None, of: Pool) -> float:
    """The floor that was asked for, or the usual one. Raises CommandError for what is none."""
    if asked is None:
        return usual_floor(len(of.members))
    if not 0 <= asked <= 1 / len(of.members):
        raise CommandError(f"--epsilon must lie between 0 and 1/{len(of.members)}, not {asked:g}")
    return asked


def need_texts(log: Log, of: Pool) -> None:
    """Raise CommandError where nothing that was said was kept."""
    if not of.told:
        raise CommandError(
            f"{log.path} keeps no texts (texts = false in its roster), and a policy that reads the "
            "history cannot be fitted without: keep them, or judge policies that read nothing "
            "with python -m arena value"
        )


def need_reward(turns: int, log: Log, of: Pool, reward: str) -> None:
    """Raise CommandError where no turn tells the reward."""
    if not turns:
        raise CommandError(
            f"none of the {of.turns:,} turns of {of.title} in {log.path} tells the reward "
            f"{reward!r} ({REWARDS[reward]}): choose another with --reward"
        )
