"""The losses of all replies under a roster's members, one member loaded after another.

Losses are on disk every few seconds: a run that was stopped goes on where it was.
"""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from blend.command_line import CommandError
from blend.members.local import weights
from blend.roster import MemberSpec
from blend.roster.specs import LOADED
from blend.scaling import loss_table, losses
from blend.scaling.dialogues import Dialogue
from blend.scaling.loss_table import LossTable, MemberInfo

if TYPE_CHECKING:
    from blend.members.local.weights import LoadedModel

KEPT_EVERY = 10.0
"""Seconds between two savings."""
AT_ONCE = 64
"""Conversations whose passes are sorted by length together."""

REASONS = {
    "remote": "{} is remote: servers tell no log-probabilities of words that they did not write "
    "themselves. Give it `path` or an id on the Hub and an engine of this machine, or leave it out "
    "with --only",
    "scripted": "{} is scripted: what it says has no probability. Leave it out with --only",
}
"""Why members of an engine cannot be measured."""


def choose(members: Sequence[MemberSpec], only: Sequence[str] | None) -> list[MemberSpec]:
    """The members to score: those named, or all.

    Raises CommandError, before anything is loaded, for one that is not there or cannot be measured.
    """
    known = [spec.name for spec in members]
    if missing := set(only or ()) - set(known):
        raise CommandError(
            f"no member {missing.pop()!r} in the roster: known are {', '.join(known)}"
        )
    specs = [spec for spec in members if not only or spec.name in only]
    for spec in specs:
        if reason := REASONS.get(spec.engine):
            others = ", ".join(s.name for s in members if s.engine not in REASONS) or "none"
            raise CommandError(f"{reason.format(spec.name)} (here can be measured: {others})")
    return specs


def score_members(
    specs: Sequence[MemberSpec], dialogues: Sequence[Dialogue], path: Path, dtype: str | None = None
) -> LossTable:
    """The losses of all replies under all members, kept in the file `path`, which may have some.

    dtype: to compute in, where it is not what the roster says. Raises CommandError, MemberError and
    SamplingError.
    """
    from tqdm import tqdm

    table = _kept(path, loss_table.empty_table(dialogues))
    keys = ((n, place) for n, dialogue in enumerate(dialogues) for place in dialogue.replies)
    rows = {key: row for row, key in enumerate(keys)}
    with tqdm(total=len(rows) * len(specs), desc="scoring", unit=" replies", disable=None) as bar:
        for spec in specs:
            bar.set_postfix_str(spec.name, refresh=False)
            loaded, saved = load(spec, dtype), time.monotonic()
            member = describe(spec, loaded)
            nats = table.losses(member)
            bar.update(int((~np.isnan(nats)).sum()))
            for row, loss in _missing(loaded, spec.sampling.max_tokens, dialogues, rows, nats):
                bar.update(int(np.isnan(nats[row])))
                nats[row] = loss
                if time.monotonic() - saved > KEPT_EVERY:
                    loss_table.save(table.with_member(member, nats), path)
                    saved = time.monotonic()
            table = table.with_member(member, nats)
            loss_table.save(table, path)
    return _report_long(table.of([spec.name for spec in specs]))


def load(spec: MemberSpec, dtype: str | None = None) -> "LoadedModel":
    """The model of a member, for this process alone; nothing else is answered with it."""
    options = {k: v for k, v in spec.options.items() if k in LOADED and k != "memory"}
    if dtype:
        options["dtype"] = dtype
    source, revision = spec.path or spec.model, spec.revision or None
    return weights.load(spec.name, source, spec.sampling, revision=revision, **options)


def describe(spec: MemberSpec, loaded: "LoadedModel") -> MemberInfo:
    """What the law needs to know of a member."""
    model = loaded.model
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    tables = {id(end.weight): end.weight for end in ends if end is not None}
    digest = f"{loaded.digest[:16]}-{loaded.template.window}-{spec.sampling.max_tokens}"
    if (dtype := str(model.dtype).removeprefix("torch.")) != "float32":
        digest += f"-{dtype}"
    return MemberInfo(
        spec.name,
        spec.family or model.config.model_type,
        sum(weight.numel() for weight in model.parameters()),
        sum(table.numel() for table in tables.values()),
        digest,
    )


def _kept(path: Path, empty: LossTable) -> LossTable:
    """What the file has of these very replies; nothing where there is no file yet."""
    if not path.is_file():
        return empty
    kept = loss_table.load(path)
    if not kept.frame.index.equals(empty.frame.index):
        raise CommandError(
            f"{path} holds losses of other replies: give another --out, or remove it"
        )
    return kept


def _missing(
    loaded: "LoadedModel",
    max_tokens: int,
    dialogues: Sequence[Dialogue],
    rows: Mapping[tuple[int, int], int],
    nats: np.ndarray,
) -> Iterator[tuple[int, float]]:
    """Row and loss of every reply in the dialogues of which `nats` lacks one."""
    missing = sorted({number for (number, _), row in rows.items() if np.isnan(nats[row])})
    for start in range(0, len(missing), AT_ONCE):
        numbers = missing[start : start + AT_ONCE]
        batch = [(dialogues[n].messages, dialogues[n].replies) for n in numbers]
        for (n, place), loss in losses.score(loaded, batch, max_tokens):
            yield rows[numbers[n], place], loss


def _report_long(table: LossTable) -> LossTable:
    """Say how many replies are too long for a member."""
    for name, count in np.isinf(table.frame).sum().items():
        if count:
            print(f"{name}: {count} replies do not fit its window", file=sys.stderr)
    return table
