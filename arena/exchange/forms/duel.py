"""Battles of `python -m blend duel`: models played them, and each judge's verdict is a vote."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from arena.exchange.forms.form import FormRow, NoVote, VoteForm, Votes
from arena.models import Contender, MachineVerdict, Side
from blend.judging.agreement import choice
from blend.judging.verdicts import Answer, Preference, Verdicts

UNREADABLE = "unreadable"
"""Why a verdict does not count of which an answer cannot be read."""

ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class JudgedFacts:
    """What a row tells that no file of people's votes does."""

    contenders: Mapping[Side, Contender]
    verdict: MachineVerdict


def _survey(rows: Iterable[FormRow]) -> Votes:
    """The votes of rows of which later ones may be of a judge that has changed: only its last
    version has votes."""
    last = {}
    for row in rows:
        if isinstance(row, Mapping) and isinstance(verdicts := row.get("verdicts"), Mapping):
            last |= {str(name): _digest(each) for name, each in verdicts.items()}

    def votes(row: FormRow) -> Iterator[FormRow]:
        found = [*_votes(row)]
        standing = [v for v in found if last[v["visitor"]] == v["judged"].verdict.digest]
        yield from standing
        if len(standing) < len(found):
            raise NoVote("its judge has changed since: only what it says now is its vote")

    return votes


def _digest(verdict: object) -> object:
    """What identifies the judge, its prompt included."""
    return verdict.get("judge") if isinstance(verdict, Mapping) else None


def _votes(row: FormRow) -> Iterator[FormRow]:
    """One for each judge."""
    try:
        played, opener = _id(row["id"]), str(row["opener"])
        contenders = {side: _contender(row[side]) for side in get_args(Side)}
        talks = {
            f"conversation_{n}": _messages(row, side)
            for n, side in zip("ab", contenders, strict=True)
        }
        verdicts = {
            str(name): (_text(_digest(each)), _verdicts(each))
            for name, each in row["verdicts"].items()
        }
    except (LookupError, TypeError, AttributeError):
        raise ValueError("it is no whole battle of blend duel: play it again") from None
    about = hashlib.sha256(opener.encode()).hexdigest()[:24]
    for name, (digest, verdict) in verdicts.items():
        answers = verdict.left_first.preferred, verdict.left_second.preferred
        chosen = choice(verdict.outcome)
        yield {
            **talks,
            "battle": f"{played} {name}",
            "left": contenders["left"].name,
            "right": contenders["right"].name,
            "winner": chosen or "tie",
            "visitor": name,
            "time": row.get("created"),
            "counted": chosen is not None,
            "reason": "" if chosen else UNREADABLE,
            "judged": JudgedFacts(
                contenders, MachineVerdict(played, name, digest, about, *answers)
            ),
        }


def _id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise TypeError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _contender(value: Mapping) -> Contender:
    if not isinstance(value["config"], Mapping) or not isinstance(value["name"], str):
        raise TypeError
    return Contender(_id(value["id"]), value["name"], value["config"])


def _messages(row: Mapping, side: Side) -> list[Mapping]:
    """The side's conversation as a list of messages."""
    messages = [{"role": "system", "content": row["system"]}] if row.get("system") else []
    for turn in row[f"{side}_turns"]:
        messages.append({"role": "user", "content": turn["prompt"]})
        messages.append({"role": "assistant", "content": turn["reply"]})
    return messages


def _verdicts(value: Mapping) -> Verdicts:
    answers = [value[order]["preferred"] for order in ("left_first", "left_second")]
    if any(answer not in get_args(Preference) for answer in answers):
        raise TypeError
    return Verdicts(*map(Answer, answers))


DUEL = VoteForm(
    "blend duel's battles",
    frozenset({"id", "opener", "left", "right", "left_turns", "right_turns", "verdicts"}),
    _votes,
    survey=_survey,
)
