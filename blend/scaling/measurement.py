"""What the commands that measure members on dialogues share: options, ends, the report's file."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from blend.command_line import SEED, CommandError, at_least, finish
from blend.members import MemberError, SamplingError
from blend.roster import RosterError

Report = TypeVar("Report")


def measurement_parser(command: str, about: str) -> argparse.ArgumentParser:
    """A parser with the options that they all take. The folder of results is called as it is."""
    parser = argparse.ArgumentParser(prog=f"python -m blend {command}", description=about)
    add = parser.add_argument
    add("--roster", default="embedded", help="a shipped roster's name or a .toml")
    add("--data", type=Path, nargs="+", default=[], help="dialogues, .jsonl or .jsonl.gz")
    add("--out", type=Path, default=Path(command), help="folder of what is kept and the report")
    add("--only", nargs="+", metavar="MEMBER", help="these members alone")
    add("--split", help="only conversations with this `split`")
    add("--most", type=at_least(1), help="the first so many conversations of each file")
    add("--dtype", choices=("bfloat16", "float16", "float32"), help="to compute losses in")
    add("--title", help="of the report; the roster's own where none is given")
    add("--seed", type=SEED, default=0, help="of all that is drawn")
    return parser


def run_measurement(
    command: str, work: Callable[[argparse.Namespace], None], args: argparse.Namespace
) -> int:
    """Do the work: 0, or 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    errors = (RosterError, MemberError, SamplingError)
    stopped = f"the same command goes on with what is in {args.out}"
    return finish(f"blend {command}", lambda: work(args), errors, stopped)


def to_json(report: object) -> str:
    """A frozen value as JSON."""
    exact = json.dumps(asdict(report))
    rounded = json.loads(exact, parse_float=lambda digits: float(f"{float(digits):.5g}"))
    return json.dumps(rounded, indent=1) + "\n"


def load(path: Path, kind: type[Report], command: str) -> Report:
    """What `to_json` wrote of a value of that kind. command: of `python -m blend`, which writes it.

    Raises CommandError where there is none.
    """
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except FileNotFoundError:
        raise CommandError(
            f"no report {path}: python -m blend {command} --out writes one"
        ) from None
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error}") from None
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise CommandError(f"{path} is no report of python -m blend {command}: {why}") from None
