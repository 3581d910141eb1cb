"""The hand-off matrix: how well each member goes on after replies that another one wrote.

python -m blend handoff --roster R --data F.jsonl [F ...] [--out DIR] lets every member write the
assistant's replies of the dialogues anew, all but the last, with the visitor's messages kept
(DIR/contexts.jsonl). Then every member scores people's next reply after the replies of each member,
and after people's own (DIR/losses.parquet). It reports how much is lost where another one wrote,
and how much of that is the earlier one's doing and the later one's. With --judge every member also
writes the last reply after those of each member (DIR/next_replies.jsonl), and the judge says, in
both orders, whether it prefers the one after the member's own (DIR/verdicts.jsonl). The same
command goes on where it was stopped.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from blend.command_line import CommandError, at_least
from blend.roster import MemberSpec, Roster, loading
from blend.roster import read as read_roster
from blend.scaling import scoring
from blend.scaling.dialogues import Dialogue, read
from blend.scaling.handoff import contexts, judging
from blend.scaling.handoff.contexts import Continuation, Replies
from blend.scaling.handoff.drift import handoff_report
from blend.scaling.handoff.heat_map import draw
from blend.scaling.handoff.markdown import markdown
from blend.scaling.handoff.preferences import preferences
from blend.scaling.handoff.report import PEOPLE, HandoffPreferences, HandoffReport
from blend.scaling.measurement import measurement_parser, run_measurement, to_json
from blend.scaling.plots import drawable


def handoff(args: argparse.Namespace) -> None:
    """Write, score, judge, report. Raises CommandError and what loading raises."""
    if not args.data:
        raise CommandError("nothing to measure: give --data with dialogues")
    roster = read_roster(args.roster)
    specs = _members(roster, args.only)
    loading.check_judges([args.judge] if args.judge else [], roster)
    dialogues, written = _write(specs, args)
    report = _measure(args.title or roster.title, specs, dialogues, written, args)
    if args.judge:
        found = _preferences(roster, specs, dialogues, written, args)
        report = replace(report, preferences=found)
    (args.out / "report.json").write_text(to_json(report), encoding="utf-8")
    if pictures := drawable():
        draw(report, args.out / "matrix.png")
    (args.out / "README.md").write_text(markdown(report, pictures), encoding="utf-8")
    print(to_json(report) if args.json else markdown(report, False), end="")


def _members(roster: Roster, only: Sequence[str] | None) -> list[MemberSpec]:
    """The members whose hand-offs are measured. Raises CommandError."""
    specs = scoring.choose(roster.members, only)
    if len(specs) < 2:
        raise CommandError("a hand-off needs two members: add one, or name two with --only")
    if PEOPLE in [spec.name for spec in specs]:
        raise CommandError(f"a member is called {PEOPLE!r}, as whoever wrote the data: rename it")
    return specs


def _write(
    specs: Sequence[MemberSpec], args: argparse.Namespace
) -> tuple[list[Dialogue], dict[str, list[Replies]]]:
    """The dialogues that fit all members, and what each member writes in them, by its name."""
    dialogues = [_cut(d, args.turns) for d in read(args.data, args.split, args.most, replies=2)]
    wanted = [Continuation(d, (), len(d.replies) - 1) for d in dialogues]
    written = contexts.write(specs, wanted, args.out / "contexts.jsonl", args.seed)
    fits = [n for n, each in enumerate(zip(*written.values(), strict=True)) if None not in each]
    if not fits:
        raise CommandError(
            "no conversation fits every member's window: take shorter ones, or --turns"
        )
    if short := len(dialogues) - len(fits):
        print(f"{short} conversations do not fit a member's window", file=sys.stderr)
    fitting = {name: [every[n] for n in fits] for name, every in written.items()}
    return [dialogues[n] for n in fits], fitting


def _preferences(
    roster: Roster,
    specs: Sequence[MemberSpec],
    dialogues: Sequence[Dialogue],
    written: Mapping[str, Sequence[Replies]],
    args: argparse.Namespace,
) -> HandoffPreferences:
    """What the judge says of what members say next."""
    replies = args.out / "next_replies.jsonl"
    pairs = judging.write_next(specs, dialogues, written, replies, args.seed)
    with loading.loaded_judges([args.judge], roster) as (judges, _):
        judge = judges[args.judge]
        verdicts = judging.ask(judge, pairs, dialogues, args.out / "verdicts.jsonl")
    return preferences(judge.name, pairs, verdicts, _conversations(dialogues))


def _measure(
    title: str,
    specs: Sequence[MemberSpec],
    dialogues: Sequence[Dialogue],
    written: Mapping[str, Sequence[Replies]],
    args: argparse.Namespace,
) -> HandoffReport:
    """The losses of people's next replies after what each member wrote, and after their own."""
    names, rows = [spec.name for spec in specs], list(_rows(dialogues, written))
    table = scoring.score_members(specs, rows, args.out / "losses.parquet", args.dtype)
    scored = [len(dialogue.replies) - 1 for dialogue in dialogues]
    nats = table.nats.reshape(len(names) + 1, sum(scored), len(names))
    clusters = np.repeat(_conversations(dialogues), scored)
    return handoff_report(title, names, nats, table.bytes[: sum(scored)], clusters)


def _conversations(dialogues: Sequence[Dialogue]) -> list[int]:
    """The number of each dialogue's conversation: equal ones hang together."""
    ids = list(dict.fromkeys((d.source, d.id) for d in dialogues))
    return [ids.index((d.source, d.id)) for d in dialogues]


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
    about = "a member of the roster that judges next replies, or reward:FOLDER, a reward model"
    add("--judge", metavar="MEMBER", help=about)
    turns = at_least(2, why="before the first reply nobody has written any")
    add("--turns", type=turns, default=4, help="replies of a conversation, the first so many")
    add("--json", action="store_true", help="for programs")
    return run_measurement("handoff", handoff, parser.parse_args(argv))
