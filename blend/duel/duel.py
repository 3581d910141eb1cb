"""A duel as it runs: battles are played and judged, several at once, and kept as each one ends."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from blend.duel.battle import ScheduledBattle, judge, play
from blend.duel.battle_file import KeptBattle, KeptVerdicts, add_battle
from blend.judging import Judge
from blend.members import Member, MemberError


@dataclass(slots=True)
class Duel:
    """Plays and judges what its file lacks. failures: of battles that did not come to their end,
    the reasons."""

    file: Path
    kept: dict[str, KeptBattle]
    judges: Mapping[str, Judge]
    visitor: Member | None
    failures: list[str] = field(default_factory=list)

    async def run(self, scheduled: Sequence[ScheduledBattle], at_once: int) -> None:
        """Every battle, `at_once` at a time; each is in the file as soon as it ends."""
        from tqdm import tqdm

        gate = asyncio.Semaphore(at_once)
        with tqdm(total=len(scheduled), desc="playing", unit=" battles", disable=None) as bar:

            async def one(battle: ScheduledBattle) -> None:
                async with gate:
                    await self._finish(battle)
                bar.update()

            await asyncio.gather(*map(one, scheduled))

    async def _finish(self, battle: ScheduledBattle) -> None:
        kept = self.kept.get(battle.id)
        known = kept.verdicts if kept else {}
        missing = {
            name: by
            for name, by in self.judges.items()
            if name not in known or known[name].judge != by.digest
        }
        sides = kept.sides if kept else None
        verdicts: dict[str, KeptVerdicts] = {}
        try:
            sides = sides or await play(battle, self.visitor)
            for name, by in missing.items():
                verdicts[name] = KeptVerdicts(await judge(sides, by), by.digest)
        except MemberError as failure:
            self.failures.append(str(failure))
        if verdicts or (sides and not kept):  # what was played stays where its judge fails
            created = kept.created if kept else time.time()
            new = KeptBattle(battle.left.name, battle.right.name, created, sides, verdicts)
            add_battle(self.file, battle, new, self.visitor and self.visitor.name)
            self.kept[battle.id] = replace(new, verdicts={**known, **verdicts})
