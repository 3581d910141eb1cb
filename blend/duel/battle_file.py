"""What was played and judged, a line a battle: battles.jsonl, written as each one ends."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from blend.conversation import Conversation, Draw, Sentence, Turn, Usage
from blend.duel.battle import DuelContender, ScheduledBattle, Sides
from blend.judging.verdicts import VERDICTS_ROW, Verdicts
from blend.scaling.handoff.kept_lines import read_lines


@dataclass(frozen=True, slots=True)
class KeptVerdicts:
    """What a judge said; judge: the digest by which it is known."""

    verdicts: Verdicts
    judge: str


@dataclass(frozen=True, slots=True)
class KeptBattle:
    """A battle of the file: names of the contenders, when it was played (seconds since 1970), what
    was said, and what judges say of it."""

    left: str
    right: str
    created: float
    sides: Sides
    verdicts: Mapping[str, KeptVerdicts]

    @property
    def opener(self) -> str:
        """The message that both sides begin with."""
        return self.sides[0].turns[0].prompt


def read_battles(path: Path) -> dict[str, KeptBattle]:
    """The battles by id, each with the verdicts of all its lines; see `read_lines`.

    A later line of the same battle has what other judges said of it.
    """
    kept: dict[str, KeptBattle] = {}
    for id, battle in read_lines(path, "battle of blend duel", _kept):
        before = kept[id].verdicts if id in kept else {}
        kept[id] = replace(battle, verdicts={**before, **battle.verdicts})
    return kept


def add_battle(path: Path, battle: ScheduledBattle, kept: KeptBattle, visitor: str | None) -> None:
    """Append a line with what was played and judged. visitor: the member's name."""
    left, right = kept.sides
    row = {
        "id": battle.id,
        "created": kept.created,
        "opener": battle.opening.messages[0],
        "visitor": visitor,
        "system": battle.opening.system,
        "left": _contender_row(battle.left),
        "right": _contender_row(battle.right),
        "left_turns": [_turn_row(turn) for turn in left.turns],
        "right_turns": [_turn_row(turn) for turn in right.turns],
        "verdicts": {
            name: {
                "outcome": each.verdicts.outcome,
                "judge": each.judge,
                **asdict(each.verdicts),
            }
            for name, each in kept.verdicts.items()
        },
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _contender_row(contender: DuelContender) -> dict[str, object]:
    return {"id": contender.id, "name": contender.name, "config": contender.config}


def _turn_row(turn: Turn) -> dict[str, object]:
    draw, usage = turn.draw, turn.usage
    drawn = {"member": None, "chance": None, "chances": None}
    if draw is not None:
        drawn = {"member": draw.member, "chance": draw.chance, "chances": dict(draw.chances)}
    return {
        "prompt": turn.prompt,
        "reply": turn.reply,
        **drawn,
        **({"sentences": [s.row() for s in turn.sentences]} if turn.sentences else {}),
        "panel": turn.selection and asdict(turn.selection),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cut_turns": usage.cut_turns,
        "finish": usage.finish,
        "seconds": turn.seconds,
    }


def _kept(row: Mapping) -> tuple[str, KeptBattle]:
    """A line's battle with its id. Raises what a row of another kind raises."""
    verdicts = {
        name: KeptVerdicts(VERDICTS_ROW.validate_python(of), of["judge"])
        for name, of in row["verdicts"].items()
    }
    left, right = (
        Conversation(system=row["system"], turns=tuple(map(_turn, row[f"{side}_turns"])))
        for side in ("left", "right")
    )
    names = row["left"]["name"], row["right"]["name"]
    return str(row["id"]), KeptBattle(*names, float(row["created"]), (left, right), verdicts)


def _turn(row: Mapping) -> Turn:
    drawn = row["member"], row["chance"], row["chances"]
    draw = None if row["member"] is None else Draw(*drawn)
    usage = Usage(
        row["prompt_tokens"], 0, row["completion_tokens"], row["cut_turns"], row["finish"]
    )
    sentences = tuple(map(Sentence.of_row, row.get("sentences", ())))
    more = {"seconds": row["seconds"], "usage": usage, "sentences": sentences}
    return Turn(row["prompt"], row["reply"], draw, True, **more)
