"""What the commands of both packages share: help, numbers, UTF-8, an end without a traceback."""

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


class CommandError(ValueError):
    """A command that cannot be done as it was asked; one line that names the thing and the mend."""


MOST = 10**9
"""Of a number that has no other limit: what is larger is a slip, and fits no array."""


def at_least(
    least: float, most: float = MOST, kind: type[int] | type[float] = int, why: str = ""
) -> Callable[[str], float]:
    """The `type` of an option that takes a number of that kind, from `least` to `most`.

    why: what is said beside the least, in a clause. What it returns raises ArgumentTypeError, with
    which argparse names the option and exits with 2; also for nan and inf.
    """

    def number(text: str) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            what = "whole number" if kind is int else "number"
            reason = f"must be a {what} of at least {least:,}, not {text!r}"
            raise argparse.ArgumentTypeError(reason) from None
        if value > most:
            raise argparse.ArgumentTypeError(f"must be at most {most:,}, not {text}")
        if not value >= least:  # so that nan is refused, too
            reason = f"must be at least {least:,}, not {text}"
            raise argparse.ArgumentTypeError(f"{reason}: {why}" if why else reason)
        return value

    return number


SEED = at_least(0, 2**63 - 1)
"""The `type` of an option that takes a seed."""

THREADS = at_least(1, 1024)
"""The `type` of an option that takes a number of threads; OpenMP ends the program for too many."""


def use_utf8() -> None:
    """Write UTF-8 whatever the machine's own encoding is, and a ? for what cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def run(package: str, about: str, commands: Mapping[str, str], argv: Sequence[str]) -> int:
    """Run one of a package's commands; 0 for --help, 2 for a command that is not there.

    about: a sentence for the help. commands: each one's module, which has a `main(argv) -> int`;
    only the one that is asked for loads. Where the reader of a pipe has left, the end is that of a
    program which SIGPIPE has stopped.
    """
    use_utf8()
    name, *rest = argv or ("",)
    try:
        try:
            if name in ("-h", "--help"):
                print(_help(package, about, commands))
                return 0
            if name in commands:
                return import_module(commands[name]).main(rest)
            print(_help(package, about, commands).split("\n")[0], file=sys.stderr)
            return 2
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # What is still in the buffer would be a second error at the end of the program.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + getattr(signal, "SIGPIPE", 13)


def finish(
    name: str,
    work: Callable[[], int | None],
    errors: tuple[type[Exception], ...] = (),
    stopped: str = "nothing was kept",
) -> int:
    """Do the work of a command: what it returns, else 0; 2 where it cannot be done, 130 for Ctrl-C.

    errors: beside OSError, MemoryError and CommandError, those whose text is for the caller.
    stopped: what is said after "stopped: ".
    """
    try:
        return work() or 0
    except KeyboardInterrupt:
        print(f"{name}: stopped: {stopped}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `run` sees to it
        raise
    except MemoryError as error:
        print(f"{name}: not enough memory: {error}".removesuffix(": "), file=sys.stderr)
        return 2
    except (OSError, CommandError, *errors) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2


def _help(package: str, about: str, commands: Mapping[str, str]) -> str:
    usage = f"usage: python -m {package} {'|'.join(commands)} [options]"
    more = f"python -m {package} COMMAND --help says what a command does and takes."
    return f"{usage}\n\n{about}\n{more}"
