"""Speed of a roster: python -m blend bench [--roster R | --config SHAPE ...] [--json F] ...

Measures each member alone and the blend, with plain `generate` and a process that holds one member
only beside them, and prints medians and ratios. Figures of one machine at one hour are only that;
the ratios are of things that ran side by side, and are what to compare.
"""

import argparse
import asyncio
import json
import random
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from blend import contender, crew
from blend.bench import machine, picture, shapes
from blend.bench.lone import Lone
from blend.bench.plain import Plain, has_weights
from blend.bench.plan import QUICK, Plan, Settings
from blend.bench.probe import BenchError
from blend.bench.report import Report
from blend.bench.script import script
from blend.bench.stage import Stage, load
from blend.members import MemberError, SamplingError
from blend.roster import BlendSpec, RosterError


def _measure(stage: Stage, settings: Settings, args: argparse.Namespace) -> tuple[Plan, bool]:
    """The plan with what was measured, and whether that was all of it (Ctrl-C ends it early)."""
    from tqdm import tqdm

    texts = script(stage.members, settings.reply, random.Random(args.seed))
    singles = [BlendSpec(name, (name,)) for name in stage.members]
    specs = [*singles, *filter(None, [stage.blend])]
    blends = [contender.assemble(replace(s, seed=args.seed), stage.members) for s in specs]
    local = [m for m in stage.members.values() if has_weights(m)]
    on_cpu = [s for s in stage.specs if getattr(stage.members[s.name], "device", "") == "CPU"]
    with ExitStack() as stack:
        # On a GPU a second process would hold the weights twice and wait for the same card.
        alone = [Lone(spec, stage.threads, settings.reply) for spec in on_cpu[:1] if stage.blend]
        lones = [stack.enter_context(lone) for lone in alone]
        plan = Plan(blends, texts, settings, [Plain(m) for m in local], lones)
        with tqdm(total=len(plan), desc="measuring", leave=False) as bar:

            def step(what: str) -> None:
                bar.set_postfix_str(what)
                bar.update()

            try:
                asyncio.run(plan.run(step))
            except KeyboardInterrupt:
                return plan, False
    return plan, True


def _tell(stage: Stage, plan: Plan, args: argparse.Namespace, whole: bool) -> None:
    """Print the table and the ratios; write the files that were asked for."""
    report = Report(plan.figures, [*stage.members], stage.blend.name if stage.blend else None)
    held, rate = machine.peak(), machine.bandwidth()
    what = f"{machine.name()}, torch threads a member: {stage.threads}"
    history = f"a long history has {plan.script.size:,} tokens"
    print(f"{stage.title} on {what}\n{plan.settings}; {history}\n\n{report.table()}\n")
    for ratio in report.ratios():
        print(ratio)
    print("\npeak memory: " + ", ".join(f"{kind} {size:.2f} GB" for kind, size in held.items()))
    limits = _limits(plan, rate) if rate else {}
    for name, fraction in limits.items():
        print(f"{name}: {fraction:.0%} of the bandwidth limit ({rate / 1e12:.2f} TB/s) at 1")
    if not rate:
        print("no GPU here: nothing was measured on one")
    if args.json:
        told = {
            "machine": what,
            "software": machine.software(),
            "title": stage.title,
            "settings": asdict(plan.settings),
            "complete": whole,
            "peak_gb": held,
            "copy_bytes_per_s": rate,
            "fraction_of_bandwidth": limits,
            "ratios": [ratio.row() for ratio in report.ratios()],
            "figures": [figure.row() for figure in plan.figures],
        }
        args.json.write_text(json.dumps(told, indent=1), encoding="utf-8")
    if args.picture:
        picture.draw(report, f"{stage.title} on {what}", args.picture)


def _limits(plan: Plan, rate: float) -> dict[str, float]:
    """Of each member, tokens a second of one conversation times the bytes of its weights, by rate.

    Every token of one conversation reads every weight once, so this is at most 1.
    """
    found = {}
    for plain in plan.plains:
        own = [f.value for f in plan.figures if (f.subject, f.measure) == (plain.of, "tokens/s 1")]
        if own:
            found[plain.of] = sorted(own)[len(own) // 2] * plain.bytes / rate
    return found


def bench(args: argparse.Namespace) -> int:
    """Load, measure, tell; 130 where Ctrl-C ended it, after telling what there was."""
    for config in args.config:
        shapes.check(config)
    if args.picture:
        picture.check(args.picture)
    told = {k: getattr(args, k) for k in ("rounds", "seconds", "levels", "reply")}
    told = {key: value for key, value in told.items() if value is not None}
    settings = replace(QUICK if args.quick else Settings(), **told)
    stage = load(args.roster, args.config)
    try:
        plan, whole = _measure(stage, settings, args)
        _tell(stage, plan, args, whole)
    finally:
        crew.close(stage.members)
    if not whole:
        print("stopped: these are the figures until then", file=sys.stderr)
    return 0 if whole else 130


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def _levels(text: str) -> tuple[int, ...]:
    return tuple(map(_whole, text.split(",")))


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--roster", default="embedded", help="a shipped roster's name or a .toml")
    what.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="SHAPE",
        help="random weights of that shape, no download; several make a blend: "
        + ", ".join(shapes.SHAPES),
    )
    parser.add_argument("--quick", action="store_true", help="a minute: fewer and shorter measures")
    usual = Settings()
    parser.add_argument("--rounds", type=_whole, help=f"default {usual.rounds}")
    parser.add_argument("--seconds", type=float, help="of each measure of tokens a second")
    parser.add_argument("--reply", type=_whole, help=f"tokens of a reply, default {usual.reply}")
    parser.add_argument(
        "--levels", type=_levels, metavar="N,N", help="conversations at once, default 1,4,16,64"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the texts and the draws")
    parser.add_argument("--json", type=Path, metavar="F", help="write every figure to this file")
    parser.add_argument("--picture", type=Path, metavar="F", help="draw them: .png, .svg or .pdf")
    args = parser.parse_args(argv)
    try:
        return bench(args)
    except BrokenPipeError:  # see blend.command_line
        raise
    except (RosterError, MemberError, SamplingError, BenchError, OSError) as error:
        print(f"blend bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped before anything was measured", file=sys.stderr)
        return 130
