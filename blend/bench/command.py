"""Speed of a roster: python -m blend bench [--roster R | --config SHAPE ...] [--json F] ...

Measures each member and the blend: tokens a second of several conversations at once, and the wait
for a first token. In the same rounds the same models are asked directly: llama.cpp over HTTP, a
model of transformers by plain `generate`. Figures of one machine at one hour are only that; the
ratios are of things that ran side by side, and are what to compare.
"""

import argparse
import asyncio
import json
import random
import sys
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median

from blend.bench import machine
from blend.bench.baseline import GenerateBaseline
from blend.bench.random_models import SHAPES
from blend.bench.report import BenchReport
from blend.bench.schedule import QUICK, BenchSettings, Figure, measurements, run
from blend.bench.setup import BenchSetup, load
from blend.bench.workload import Workload
from blend.command_line import SEED, at_least, finish
from blend.members import MemberError, SamplingError
from blend.roster import BlendSpec, RosterError, contender, loading


async def _measure(
    setup: BenchSetup, settings: BenchSettings, seed: int, figures: list[Figure]
) -> None:
    """Every figure, into the list as it comes, so that Ctrl-C leaves those until then."""
    from tqdm import tqdm

    workload = Workload(random.Random(seed), setup.members.values())
    singles = [BlendSpec(name, (name,)) for name in setup.members]
    specs = [replace(spec, seed=seed) for spec in (*singles, setup.blend) if spec]
    blends = [contender.assemble(spec, setup.members) for spec in specs]
    groups = measurements(blends, setup.baselines, workload, settings)
    with tqdm(total=settings.rounds * sum(map(len, groups)), leave=False) as bar:
        async for what in run(groups, settings.rounds, figures):
            bar.set_postfix_str(what)
            bar.update()


def _report(setup: BenchSetup, settings: BenchSettings, figures: list[Figure]) -> dict[str, object]:
    """Print the table and the ratios; the same and more as it is written to JSON."""
    baselines = {one.of: one.name for one in setup.baselines}
    report = BenchReport(figures, [*setup.members], setup.blend and setup.blend.name, baselines)
    result = {
        "title": setup.title,
        "machine": machine.name(),
        "software": machine.software(),
        "settings": asdict(settings),
        "load_seconds": setup.seconds,
        "held_gb": machine.memory(),
        "copy_bytes_per_s": machine.bandwidth(),
        "ratios": [ratio.row() for ratio in report.ratios()],
        "figures": [figure.row() for figure in figures],
    }
    print(f"{setup.title} on {result['machine']}\n{settings}\n\n{report.table()}\n")
    print(*report.ratios(), sep="\n")
    held = ", ".join(f"{kind} {size:.2f} GB" for kind, size in result["held_gb"].items())
    print(f"\nloaded in {setup.seconds:.1f} s; held after the last round: {held}")
    if rate := result["copy_bytes_per_s"]:
        result["fraction_of_bandwidth"] = fractions = _fractions(setup, figures, rate)
        for name, fraction in fractions.items():
            print(f"{name}, 1: {fraction:.0%} of the bandwidth limit ({rate / 1e12:.2f} TB/s)")
    return result


def _fractions(setup: BenchSetup, figures: list[Figure], rate: float) -> dict[str, float]:
    """Of each member of transformers, tokens a second of one conversation, by what is possible.

    Every token of one conversation reads every weight once.
    """
    fractions = {}
    for one in setup.baselines:
        own = [f.sample for f in figures if (f.subject, f.measure) == (one.of, "tokens/s 1")]
        if own and isinstance(one, GenerateBaseline):
            fractions[one.of] = median(sample.value for sample in own) * one.bytes / rate
    return fractions


def bench(args: argparse.Namespace) -> int:
    """Load, measure, report; 130 where Ctrl-C ended it, after a report on what there was."""
    options = {k: getattr(args, k) for k in ("rounds", "seconds", "levels", "reply")}
    options = {key: value for key, value in options.items() if value is not None}
    settings = replace(QUICK if args.quick else BenchSettings(), **options)
    setup, figures, complete = load(args.roster, args.config), [], True
    try:
        try:
            asyncio.run(_measure(setup, settings, args.seed, figures))
        except KeyboardInterrupt:
            complete = False
        result = _report(setup, settings, figures) | {"complete": complete}
        if args.json:
            args.json.write_text(json.dumps(result, indent=1), encoding="utf-8")
    finally:
        loading.close_members(setup.members)
    if not complete:
        print("stopped: these are the figures until then", file=sys.stderr)
    return 0 if complete else 130


def _levels(text: str) -> tuple[int, ...]:
    return tuple(map(at_least(1), text.split(",")))


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    what, add = parser.add_mutually_exclusive_group(), parser.add_argument
    what.add_argument("--roster", default="embedded", help="a shipped roster's name or a .toml")
    shape = "random weights of that shape, no download; several make a blend: "
    what.add_argument(
        "--config",
        action="append",
        default=[],
        choices=SHAPES,
        metavar="SHAPE",
        help=shape + ", ".join(SHAPES),
    )
    add("--quick", action="store_true", help="fewer and shorter measures")
    add("--rounds", type=at_least(1), help="default 5")
    seconds = at_least(0.1, kind=float)
    add("--seconds", type=seconds, help="of each measure of tokens a second, default 3")
    add("--reply", type=at_least(1), help="tokens of a reply, default 64")
    add("--levels", type=_levels, metavar="N,N", help="conversations at once, default 1,4,16")
    add("--seed", type=SEED, default=0, help="of the texts and the draws")
    add("--json", type=Path, metavar="F", help="write every figure to this file")
    args = parser.parse_args(argv)
    errors = (RosterError, MemberError, SamplingError)
    return finish("blend bench", lambda: bench(args), errors, "nothing was measured yet")
