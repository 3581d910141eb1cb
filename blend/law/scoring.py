"""A roster's members, one after another, each loaded for this alone, and their losses of replies.

What was reckoned is on disk every few seconds: a run that was stopped goes on where it was.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from blend import losses
from blend.law import ledger
from blend.law.ledger import Ledger, Who
from blend.law.replies import LawError, Talk
from blend.members import weights
from blend.roster import MemberSpec
from blend.spec import LOADED

if TYPE_CHECKING:
    from blend.members.weights import Loaded

KEPT_EVERY = 10.0
"""Seconds between two savings."""
AT_ONCE = 64
"""Conversations whose passes are sorted by length together."""

REMOTE = (
    "{} is remote: servers tell no log-probabilities of words that they did not write themselves. "
    "Give it `path` or an id on the Hub and an engine of this machine, or leave it out with --only"
)
SCRIPTED = "{} is scripted: what it says has no probability. Leave it out with --only"


def refuse(specs: Sequence[MemberSpec]) -> None:
    """Raise LawError, before anything is loaded, for members that cannot be measured."""
    for spec in specs:
        if reason := {"remote": REMOTE, "scripted": SCRIPTED}.get(spec.engine):
            raise LawError(reason.format(spec.name))


def measured(specs: Sequence[MemberSpec], talks: Sequence[Talk], path: Path) -> Ledger:
    """The losses of all replies under all members, kept in the file `path`, which may have some.

    Raises LawError, MemberError and SamplingError.
    """
    from tqdm import tqdm

    refuse(specs)
    empty = ledger.blank(talks)
    kept = _kept(path, empty)
    total = len(empty.place) * len(specs)
    with tqdm(total=total, desc="scoring", unit=" replies", disable=None) as bar:
        for spec in specs:
            bar.set_postfix_str(spec.name, refresh=False)
            loaded = load(spec)
            who = told(spec, loaded)
            nats = _before(kept, who)
            bar.update(int((~np.isnan(nats)).sum()))
            for done in _filling(loaded, spec.sampling.max_tokens, talks, nats):
                bar.update(done)
                if done == 0:
                    ledger.save(kept := ledger.written(kept, who, nats), path)
    return _asked(kept, specs)


def load(spec: MemberSpec) -> "Loaded":
    """The model of a member, for this process alone; nothing else is answered with it."""
    taken = LOADED.keys() - {"memory"}
    how = {key: value for key, value in spec.options.items() if key in taken}
    source = spec.path or spec.model
    return weights.load(spec.name, source, spec.sampling, revision=spec.revision or None, **how)


def told(spec: MemberSpec, loaded: "Loaded") -> Who:
    """What the law needs to know of a member."""
    model = loaded.model
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    tables = {id(end.weight): end.weight for end in ends if end is not None}
    digest = f"{loaded.digest[:16]}-{loaded.template.window}-{spec.sampling.max_tokens}"
    return Who(
        spec.name,
        spec.family or model.config.model_type,
        sum(weight.numel() for weight in model.parameters()),
        sum(table.numel() for table in tables.values()),
        digest,
    )


def _kept(path: Path, empty: Ledger) -> Ledger:
    """What the file has of these very replies; nothing where there is no file yet."""
    if not path.is_file():
        return empty
    kept = ledger.load(path)
    if kept.keys != empty.keys:
        raise LawError(f"{path} holds losses of other replies: give another --out, or remove it")
    return kept


def _before(kept: Ledger, who: Who) -> np.ndarray:
    for known, nats in zip(kept.members, kept.nats.T, strict=True):
        if known.digest == who.digest and known.name == who.name:
            return nats.copy()
    return np.full(len(kept.place), np.nan)


def _filling(
    loaded: "Loaded", max_tokens: int, talks: Sequence[Talk], nats: np.ndarray
) -> Iterator[int]:
    """Fills in what is missing; yields how many are new, and 0 where it is time to save."""
    firsts = np.cumsum([0, *(len(talk.replies) for talk in talks)])
    missing = [
        n for n, first in enumerate(firsts[:-1]) if np.isnan(nats[first : firsts[n + 1]]).any()
    ]
    saved = time.monotonic()
    for start in range(0, len(missing), AT_ONCE):
        numbers = missing[start : start + AT_ONCE]
        asked = [(talks[n].messages, talks[n].replies) for n in numbers]
        for (number, place), loss in losses.score(loaded, asked, max_tokens):
            at = firsts[numbers[number]] + asked[number][1].index(place)
            if np.isnan(nats[at]):
                yield 1
            nats[at] = loss.nats
            if time.monotonic() - saved > KEPT_EVERY:
                yield 0
                saved = time.monotonic()
    yield 0


def _asked(kept: Ledger, specs: Sequence[MemberSpec]) -> Ledger:
    """Only these members, in the order of the roster; how many replies are too long is said."""
    found = kept.of([spec.name for spec in specs])
    for who, count in zip(found.members, np.isinf(found.nats).sum(axis=0), strict=True):
        if count:
            print(f"{who.name}: {count} replies do not fit its window", file=sys.stderr)
    return found
