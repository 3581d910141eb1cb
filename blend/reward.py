"""The reward model: how good people would find a reply, learnt from their ratings of single turns.

`python -m blend reward` tunes the trained base (see train.py) into a one-number
`AutoModelForSequenceClassification` on the turn ratings of Topical-Chat. A causal model sees only
what came before, so one pass over a conversation judges all of its replies at once, each at its own
end token, exactly as when it is asked about that reply alone.

93 of 100 ratings are Good or Excellent. Two things answer that: the classes weigh the same in the
loss, however many of each there are; and some replies are swapped for one from elsewhere and count
as bad, because raters seldom met a reply that does not fit at all, while best-of-n does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from blend.command_line import finish
from blend.resample import Estimate, estimate, resampled
from blend.train import PAD, ROOT, Machine, TrainError, _optimizers, conversations, render

GOOD = frozenset(("Good", "Excellent"))
UNRATED = -1.0


@dataclass(frozen=True, slots=True)
class Course:
    """All that decides the reward model's weights, apart from the data and the base."""

    seed: int = 8
    rounds: int = 1
    lr: float = 1e-3
    batch: int = 6
    # The most tokens of a conversation that one pass reads.
    row: int = 768
    # Share of the replies that are swapped for one from elsewhere, and count as bad.
    swapped: float = 0.15


@dataclass(frozen=True, slots=True)
class Rated:
    """A conversation: its texts and, for each, 1 for Good or better, 0 for less, -1 unrated."""

    turns: tuple[str, ...]
    labels: tuple[float, ...]


def rated(row: dict[str, Any]) -> Rated:
    """A row of a dialogue file as a rated conversation."""
    turns = row["turns"]
    ratings = (turn.get("rating") for turn in turns)
    labels = (float(rating in GOOD) if rating else UNRATED for rating in ratings)
    return Rated(tuple(turn["text"] for turn in turns), tuple(labels))


def rows(
    talks: Sequence[Rated], tokenizer: Any, rng: random.Random, course: Course
) -> Iterator[tuple[list[int], list[int], list[float]]]:
    """Every conversation twice, each speaker once the assistant.

    Yields token ids, the places of the judged replies' end tokens, and their labels.
    """
    encode = tokenizer.backend_tokenizer.encode_batch
    coded = [[e.ids for e in encode([*talk.turns])] for talk in talks]
    order = [(n, first) for n in range(len(talks)) for first in (0, 1)]
    rng.shuffle(order)
    for n, first in order:
        turns, labels = coded[n][first:], [*talks[n].labels[first:]]
        for place in range(1, len(turns), 2):
            if rng.random() < course.swapped:
                turns[place] = rng.choice(rng.choice(coded))
                labels[place] = 0.0
        ids, _ = render(turns)
        places = ends(turns)
        judged = [p for p in range(1, len(turns), 2) if labels[p] >= 0 and places[p] < course.row]
        if judged:
            yield ids[: course.row], [places[p] for p in judged], [labels[p] for p in judged]


def ends(turns: Sequence[Sequence[int]]) -> list[int]:
    """Where each turn's end token stands in what `render` makes of them."""
    found, at = [], 0
    for turn in turns:
        at += len(turn) + 2
        found.append(at)
    return found


def scores(model: Any, batch: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Any:
    """The reward at every judged place of every row, one after another: (judged,) logits."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    # Padded on the right: what comes after is unseen.
    read = pad_sequence([torch.tensor(ids) for ids, _ in batch], True, padding_value=PAD)
    hidden = model.base_model(input_ids=read).last_hidden_state
    where = [(row, end) for row, (_, ends) in enumerate(batch) for end in ends]
    row, end = (torch.tensor(axis) for axis in zip(*where, strict=True))
    return model.score(hidden[row, end])[:, 0].float()


def tune(
    model: Any, tokenizer: Any, talks: Sequence[Rated], course: Course, machine: Machine
) -> list[float]:
    """Train in place with the classes weighing the same; the loss of every step."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
    from tqdm import tqdm

    rng, losses = random.Random(course.seed), []
    data = [row for _ in range(course.rounds) for row in rows(talks, tokenizer, rng, course)]
    steps = len(data) // course.batch
    good = sum(sum(labels) for _, _, labels in data) / sum(len(row[1]) for row in data)
    if not 0 < good < 1:
        raise TrainError("the ratings are all good or all bad: there is nothing to learn from")
    optimizers = _optimizers(model.train())
    quiet = 0.5 if sys.stderr.isatty() else 20
    for step in tqdm(range(steps), desc="reward", unit="step", mininterval=quiet):
        for group in (group for o in optimizers for group in o.param_groups):
            group["lr"] = course.lr * min(1.0, (step + 1) / 30) * (1 - step / steps)
        batch = data[step * course.batch : (step + 1) * course.batch]
        labels = torch.tensor([label for row in batch for label in row[2]])
        weights = torch.where(labels > 0, 0.5 / good, 0.5 / (1 - good))
        with torch.autocast("cpu", torch.bfloat16, enabled=machine.bfloat16):
            found = scores(model, [row[:2] for row in batch])
        loss = cross_entropy(found, labels, weight=weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def judged(
    model: Any, tokenizer: Any, talks: Sequence[Rated], course: Course
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rewards, labels and the conversation of every rated turn, in one round without swaps."""
    import torch

    found: tuple[list, list, list] = ([], [], [])
    honest = replace(course, swapped=0.0)
    for place, talk in enumerate(talks):
        for ids, ends, labels in rows([talk], tokenizer, random.Random(place), honest):
            with torch.inference_mode():
                found[0].extend(scores(model.eval(), [(ids, ends)]).tolist())
            found[1].extend(labels)
            found[2].extend([place] * len(labels))
    return tuple(np.array(column) for column in found)


def auc(
    rewards: np.ndarray, labels: np.ndarray, talks: np.ndarray, rounds: int = 500, seed: int = 0
) -> Estimate:
    """The chance that a good reply is given the higher reward than a bad one; ties count half.

    The interval resamples whole conversations.
    """
    clusters, good = np.unique(talks, return_inverse=True)[1], labels > 0
    over = resampled(clusters, np.ones(len(talks)), np.random.default_rng(seed), rounds)
    one, other = rewards[good][:, None], rewards[~good]
    better = (one > other) + 0.5 * (one == other)
    of_good, of_bad = over.weights[:, clusters[good]], over.weights[:, clusters[~good]]
    wins, pairs = (
        ((of_good @ better) * of_bad).sum(axis=1),
        of_good.sum(axis=1) * of_bad.sum(axis=1),
    )
    found = wins[pairs > 0] / pairs[pairs > 0]
    return estimate(found[0], found[1:])


def main(argv: list[str]) -> int:
    """Tune and export the reward model, print its AUC; 2 when it cannot be, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend reward", description=__doc__)
    base = ROOT / ".train" / "base-llama" / "model"
    parser.add_argument("--base", type=Path, default=base, help="the model it starts from")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "assets" / "models" / "reward")
    parser.add_argument("--swapped", type=float, default=Course().swapped)
    parser.add_argument("--rounds", type=int, default=Course().rounds)
    parser.add_argument("--split", default="valid", help="what the AUC is measured on")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args(argv)
    course = Course(swapped=args.swapped, rounds=args.rounds)
    return finish(
        "blend reward",
        lambda: print(json.dumps(make(args.base, args.data, args.out, course, args), indent=2)),
        (TrainError,),
        "nothing was written",
    )


def make(base: Path, data: Path, out: Path, course: Course, args: Any) -> dict[str, Any]:
    """The whole way from the base to the exported model; what was measured, also in OUT."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    if not (base / "config.json").is_file():
        raise TrainError(f"no model in {base}: train it with --only base-llama, or name another")
    torch.set_num_threads(args.threads)
    torch.manual_seed(course.seed)
    train, held = (conversations(data, "topical", split, rated) for split in ("train", args.split))
    tokenizer = AutoTokenizer.from_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=1, dtype="float32", pad_token_id=PAD
    )
    losses = tune(model, tokenizer, train, course, Machine.found("auto", False))
    model.to(torch.bfloat16).save_pretrained(out, max_shard_size="8MB")
    tokenizer.save_pretrained(out)
    found = judged(model.float(), tokenizer, held, course)
    measured = auc(*found)
    tenths = np.array_split(losses, min(10, len(losses))) if losses else ()
    report = {
        "split": args.split,
        "auc": round(measured.value, 4),
        "interval": [round(measured.low, 4), round(measured.high, 4)],
        "rated": len(found[1]),
        "good": round(float(found[1].mean()), 4),
        "loss": [round(float(part.mean()), 4) for part in tenths],
    }
    return report
