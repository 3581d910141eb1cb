"""What was played and judged, a line a battle: battles.jsonl, written as each one ends."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from blend.conversation import Conversation, Draw, Sentence, Turn, Usage
from blend.duel.battle import PlayedBattle
from blend.judging import Verdicts
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
    sides: tuple[Conversation, Conversation]
    verdicts: Mapping[str, KeptVerdicts]


@dataclass(frozen=True, slots=True)
class BattleFile:
    """A later line of the same battle has what other judges said of it."""

    path: Path

    def read(self) -> dict[str, KeptBattle]:
        """The battles by id, each with the verdicts of all its lines; see `read_lines`."""
        kept: dict[str, KeptBattle] = {}
        for id, battle in read_lines(self.path, "battle of blend duel", _kept):
            before = kept[id].verdicts if id in kept else {}
            kept[id] = replace(battle, verdicts={**before, **battle.verdicts})
        return kept

    def add(
        self,
        played: PlayedBattle,
        verdicts: Mapping[str, KeptVerdicts],
        visitor: str | None,
        created: float,
    ) -> None:
        """Append a battle that was played then, with the verdicts of judges, by name."""
        battle = played.battle
        row = {
            "id": battle.id,
            "created": created,
            "opener": battle.opening.messages[0],
            "visitor": visitor,
            "system": battle.opening.system,
            **{
                name: {"id": each.id, "name": each.name, "config": each.config}
                for name, each in (("left", battle.left), ("right", battle.right))
            },
            **{
                f"{name}_turns": [_turn_row(turn) for turn in side.turns]
                for name, side in (("left", played.left), ("right", played.right))
            },
            "verdicts": {
                name: {
                    "outcome": each.verdicts.outcome,
                    "judge": each.judge,
                    **asdict(each.verdicts),
                }
                for name, each in verdicts.items()
            },
        }
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


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
        name: KeptVerdicts(Verdicts.of_row(of), of["judge"]) for name, of in row["verdicts"].items()
    }
    names = row["left"]["name"], row["right"]["name"]
    return str(row["id"]), KeptBattle(*names, float(row["created"]), _sides(row), verdicts)


def _sides(row: Mapping) -> tuple[Conversation, Conversation]:
    left, right = (
        Conversation(
            system=row["system"],
            turns=tuple(_turn(each) for each in row[f"{side}_turns"]),
        )
        for side in ("left", "right")
    )
    return left, right


def _turn(row: Mapping) -> Turn:
    drawn = row["member"], row["chance"], row["chances"]
    draw = None if row["member"] is None else Draw(*drawn)
    usage = Usage(
        row["prompt_tokens"], 0, row["completion_tokens"], row["cut_turns"], row["finish"]
    )
    sentences = tuple(map(Sentence.of_row, row.get("sentences", ())))
    more = {"seconds": row["seconds"], "usage": usage, "sentences": sentences}
    return Turn(row["prompt"], row["reply"], draw, True, **more)
