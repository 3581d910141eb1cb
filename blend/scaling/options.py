"""What the commands that measure a roster's members on dialogues have in common: options, ends."""

import argparse
from collections.abc import Callable
from pathlib import Path

from blend.command_line import finish
from blend.members import MemberError, SamplingError
from blend.roster import RosterError
from blend.scaling.dialogues import LawError


def measurement_parser(command: str, about: str) -> argparse.ArgumentParser:
    """A parser with the options that they all take. The folder of results is called as it is."""
    parser = argparse.ArgumentParser(prog=f"python -m blend {command}", description=about)
    add = parser.add_argument
    add("--roster", default="embedded", help="a shipped roster's name or a .toml")
    add("--data", type=Path, nargs="+", default=[], help="dialogues, .jsonl or .jsonl.gz")
    add("--out", type=Path, default=Path(command), help="folder of what is kept and the report")
    add("--only", nargs="+", metavar="MEMBER", help="these members alone")
    add("--split", help="only conversations with this `split`")
    add("--most", type=int, help="the first so many conversations of each file")
    add("--title", help="of the report; the roster's own where none is given")
    add("--seed", type=int, default=0, help="of all that is drawn")
    return parser


def run_measurement(
    command: str, work: Callable[[argparse.Namespace], None], args: argparse.Namespace
) -> int:
    """Do the work: 0, or 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    errors = (LawError, RosterError, MemberError, SamplingError)
    stopped = f"the same command goes on with what is in {args.out}"
    return finish(f"blend {command}", lambda: work(args), errors, stopped)
