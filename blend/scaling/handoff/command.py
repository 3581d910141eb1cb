"""The hand-off matrix: how well each member goes on after replies that another one wrote.

python -m blend handoff --roster R --data F.jsonl [F ...] [--out DIR] lets every member write the
assistant's replies of the dialogues anew, all but the last, with the visitor's messages kept
(DIR/contexts.jsonl). Then every member scores people's next reply after the replies of each member,
and after people's own (DIR/losses.parquet). Both files are resumable. It reports how much is lost
where another one wrote, and how much of that is the earlier one's doing and the later one's.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from blend.roster import read as read_roster
from blend.scaling import scoring
from blend.scaling.dialogues import Dialogue, LawError, read
from blend.scaling.handoff import contexts
from blend.scaling.handoff.contexts import Replies
from blend.scaling.handoff.drift import handoff_report
from blend.scaling.handoff.heat_map import draw
from blend.scaling.handoff.markdown import markdown
from blend.scaling.handoff.report import PEOPLE
from blend.scaling.measurement import measurement_parser, run_measurement, to_json
from blend.scaling.plots import drawable


def handoff(args: argparse.Namespace) -> None:
    """Write, score, report. Raises LawError and what loading raises."""
    if not args.data:
        raise LawError("nothing to measure: give --data with dialogues")
    roster = read_roster(args.roster)
    specs = scoring.choose(roster.members, args.only)
    names = [spec.name for spec in specs]
    if len(specs) < 2:
        raise LawError("a hand-off needs two members: add one, or name two with --only")
    if PEOPLE in names:
        raise LawError(f"a member is called {PEOPLE!r}, as whoever wrote the data: rename it")
    if args.turns < 2:
        raise LawError("--turns must be at least 2: before the first reply nobody has written any")
    dialogues = [_cut(d, args.turns) for d in read(args.data, args.split, args.most, replies=2)]
    written = contexts.write(specs, dialogues, args.out / "contexts.jsonl", args.seed)
    fits = [n for n in range(len(dialogues)) if all(written[name][n] is not None for name in names)]
    if not fits:
        raise LawError("no conversation fits every member's window: take shorter ones, or --turns")
    if short := len(dialogues) - len(fits):
        print(f"{short} conversations do not fit a member's window", file=sys.stderr)
    dialogues = [dialogues[n] for n in fits]
    written = {name: [written[name][n] for n in fits] for name in names}
    rows = list(_rows(dialogues, written))
    table = scoring.score_members(specs, rows, args.out / "losses.parquet", args.dtype)
    scored = [len(dialogue.replies) - 1 for dialogue in dialogues]
    nats = table.nats.reshape(len(names) + 1, sum(scored), len(names))
    ids = list(dict.fromkeys((d.source, d.id) for d in dialogues))
    clusters = np.repeat([ids.index((d.source, d.id)) for d in dialogues], scored)
    title = args.title or roster.title
    report = handoff_report(title, names, nats, table.bytes[: sum(scored)], clusters)
    (args.out / "report.json").write_text(to_json(report), encoding="utf-8")
    if pictures := drawable():
        draw(report, args.out / "matrix.png")
    (args.out / "README.md").write_text(markdown(report, pictures), encoding="utf-8")
    print(to_json(report) if args.json else markdown(report, False), end="")


def _cut(dialogue: Dialogue, turns: int) -> Dialogue:
    """The same up to its reply number `turns`."""
    last = dialogue.replies[:turns][-1]
    return replace(dialogue, messages=dialogue.messages[: last + 1])


def _rows(
    dialogues: Sequence[Dialogue], written: Mapping[str, Sequence[Replies]]
) -> Iterator[Dialogue]:
    """What is to be scored: people's second reply and all later ones, after the earlier replies of
    each member, then after people's own.

    What was written is in its id, so that losses after other words are never taken for these.
    """
    for name, every in written.items():
        for dialogue, replies in zip(dialogues, every, strict=True):
            digest = hashlib.sha256("\n\0".join(replies).encode()).hexdigest()[:12]
            for turn, place in enumerate(dialogue.replies[1:], start=1):
                before = contexts.history(dialogue, replies, turn)
                own = (*before, dialogue.messages[place])
                source, number = f"{name}/{dialogue.source}", f"{dialogue.id} {turn} {digest}"
                yield Dialogue(source, number, own, (len(before),))
    for dialogue in dialogues:
        source = f"{PEOPLE}/{dialogue.source}"
        yield replace(dialogue, source=source, scored=dialogue.replies[1:])


def main(argv: list[str]) -> int:
    """The command; 2 for what the caller can mend, 130 when stopped by Ctrl-C."""
    parser = measurement_parser("handoff", __doc__)
    parser.set_defaults(most=50)
    add = parser.add_argument
    add("--turns", type=int, default=4, help="replies of a conversation, the first so many")
    add("--json", action="store_true", help="for programs")
    return run_measurement("handoff", handoff, parser.parse_args(argv))
