"""How a battle begins: the first message of its visitor, and the further ones that are known."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from blend.command_line import CommandError
from blend.message import MessageError, clean_message
from blend.roster.fields import read_lines
from blend.scaling.dialogues import read


@dataclass(frozen=True, slots=True)
class Opening:
    """messages: the visitor's, the first of which opens; there may be no others. system: what the
    contenders are told before."""

    messages: tuple[str, ...]
    system: str = ""


def from_texts(texts: Sequence[str], where: str) -> list[Opening]:
    """One for each first message; equal ones once. Raises CommandError that says which is bad."""
    openings = []
    for number, text in enumerate(texts, start=1):
        try:
            openings.append(Opening((clean_message(text),)))
        except MessageError as error:
            raise CommandError(f"{where}: opener {number}: {error}") from None
    return list(dict.fromkeys(openings))


def from_file(path: Path) -> list[Opening]:
    """First messages: texts one a line, a .toml of lists, or JSON Lines, each line a text or an
    object with a `prompt`. Raises CommandError, RosterError and OSError."""
    lines = {n: line for n, line in enumerate(read_lines(path), start=1) if line.strip()}
    if path.suffix in (".jsonl", ".ndjson"):
        lines = {n: _prompt(line, f"{path}: line {n}") for n, line in lines.items()}
    if not lines:
        raise CommandError(f"{path} has no opener: write first messages into it, one a line")
    return from_texts([*lines.values()], str(path))


def _prompt(line: str, where: str) -> str:
    try:
        value = json.loads(line)
        text = value["prompt"] if isinstance(value, dict) else value
    except (ValueError, KeyError, RecursionError):
        text = None
    if not isinstance(text, str):
        raise CommandError(f'{where} is no opener: write {{"prompt": "…"}}, or a text in quotes')
    return text


def from_dialogues(
    paths: Sequence[Path], turns: int, split: str | None, most: int | None
) -> list[Opening]:
    """The people's messages of dialogues, up to `turns` of each. Raises CommandError, OSError."""
    openings = []
    for dialogue in read(paths, split, most):
        texts = [message.text for message in dialogue.messages if message.role == "user"]
        system = "\n".join(m.text for m in dialogue.messages if m.role == "system")
        try:
            cleaned = tuple(clean_message(text) for text in texts[:turns])
        except MessageError as error:
            raise CommandError(f"{dialogue.source}, conversation {dialogue.id}: {error}") from None
        openings.append(Opening(cleaned, system))
    return list(dict.fromkeys(openings))
