"""A report as a file of JSON, five digits of each number, which is read again as what it was."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from blend.scaling.dialogues import LawError

Report = TypeVar("Report")


def to_json(report: object) -> str:
    """A frozen value as JSON."""
    exact = json.dumps(asdict(report))
    rounded = json.loads(exact, parse_float=lambda digits: float(f"{float(digits):.5g}"))
    return json.dumps(rounded, indent=1) + "\n"


def load(path: Path, kind: type[Report], command: str) -> Report:
    """What `to_json` wrote of a value of that kind. command: of `python -m blend`, which writes it.

    Raises LawError where there is none.
    """
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise LawError(f"no report {path}: python -m blend {command} --out writes one") from None
    except OSError as error:
        raise LawError(f"{path} cannot be read: {error}") from None
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise LawError(f"{path} is no report of python -m blend {command}: {why}") from None
