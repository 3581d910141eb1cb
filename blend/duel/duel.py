"""A duel as it runs: battles are played and judged, several at once, and kept as each one ends."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from blend.duel.battle import PlayedBattle, ScheduledBattle, judge, play
from blend.duel.battle_file import BattleFile, KeptBattle, KeptVerdicts
from blend.duel.visitor import MemberVisitor
from blend.judging import Judge
from blend.members import MemberError


@dataclass(slots=True)
class Duel:
    """Plays and judges what its file lacks. failures: of battles that did not come to their end,
    the reasons."""

    file: BattleFile
    kept: dict[str, KeptBattle]
    judges: Mapping[str, Judge]
    visitor: MemberVisitor | None
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
        played = PlayedBattle(battle, *kept.sides) if kept else None
        verdicts: dict[str, KeptVerdicts] = {}
        try:
            played = played or await play(battle, self.visitor)
            for name, by in missing.items():
                verdicts[name] = KeptVerdicts(await judge(played, by), by.digest)
        except MemberError as failure:
            self.failures.append(str(failure))
        if verdicts or (played and not kept):  # what was played stays where its judge fails
            created = kept.created if kept else time.time()
            self.file.add(played, verdicts, self.visitor and self.visitor.name, created)
            facts = battle.left.name, battle.right.name, created, played.sides
            self.kept[battle.id] = KeptBattle(*facts, {**known, **verdicts})
