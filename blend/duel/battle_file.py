"""What was played and judged, a line a battle: battles.jsonl, written as each one ends."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from blend.command_line import CommandError
from blend.conversation import Conversation, Draw, Sentence, Turn, Usage
from blend.duel.battle import PlayedBattle
from blend.judging import Answer, Verdicts
from blend.judging.verdicts import Preference

ORDERS = ("left_first", "left_second")


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
        """The battles by id, each with the verdicts of all its lines. A last line that was not
        written to its end is cut off. Raises CommandError for a file of another kind."""
        if not self.path.is_file():
            return {}
        whole, _, rest = self.path.read_bytes().rpartition(b"\n")
        kept: dict[str, KeptBattle] = {}
        for number, line in enumerate(whole.split(b"\n") if whole else [], start=1):
            try:
                row = json.loads(line)
                verdicts = {name: _verdicts(each) for name, each in row["verdicts"].items()}
                before = kept[row["id"]].verdicts if row["id"] in kept else {}
                names = row["left"]["name"], row["right"]["name"]
                facts = float(row["created"]), _sides(row), {**before, **verdicts}
                kept[row["id"]] = KeptBattle(*names, *facts)
            except (ValueError, LookupError, TypeError, AttributeError):
                reason = "is no battle of blend duel: give another --out, or remove the file"
                raise CommandError(f"{self.path}: line {number} {reason}") from None
        if rest:
            self.path.write_bytes(whole + b"\n" if whole else b"")
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
                name: {"outcome": each.verdicts.outcome, "judge": each.judge}
                | {order: _answer_row(getattr(each.verdicts, order)) for order in ORDERS}
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


def _answer_row(answer: Answer) -> dict[str, object]:
    return {"preferred": answer.preferred, "text": answer.text, "tokens": list(answer.tokens)}


def _verdicts(row: Mapping) -> KeptVerdicts:
    """Raises what a row of another kind raises."""
    answers = [row[order] for order in ORDERS]
    if any(answer["preferred"] not in get_args(Preference) for answer in answers):
        raise ValueError("an answer that is none")
    read = (Answer(a["preferred"], a["text"], tuple(a["tokens"])) for a in answers)
    return KeptVerdicts(Verdicts(*read), row["judge"])


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
