"""The reward model: how good people would find a reply, learnt from their ratings of single turns.

`python -m blend reward` tunes the trained base (see train.py) into a one-number
`AutoModelForSequenceClassification` on the turn ratings of Topical-Chat. A causal model sees only
what came before, so one pass over a conversation rates all of its replies at once, each at its own
end token, exactly as when it is asked about that reply alone.

93 of 100 ratings are Good or Excellent. So the classes weigh the same in the loss; and some replies
are swapped for one from elsewhere and count as bad: raters seldom met a reply that does not fit at
all, while best-of-n does.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from blend.command_line import THREADS, CommandError, at_least, finish
from blend.evaluation.resample import Estimate, estimate, resample
from blend.training.corpora import PAD, encode, read_rows, render
from blend.training.recipes import DATA, MODELS, WORK
from blend.training.training_loop import Optimizer, TrainingDevice

GOOD = frozenset(("Good", "Excellent"))


@dataclass(frozen=True, slots=True)
class RewardRecipe:
    """All that decides the reward model's weights, apart from the data and the base.

    row: the most tokens of a conversation that one pass reads. swapped: share of swapped replies.
    """

    seed: int = 8
    rounds: int = 1
    lr: float = 1e-3
    batch: int = 6
    row: int = 768
    swapped: float = 0.15


RatedTurns = list[tuple[str, float | None]]
"""A conversation's texts, each with 1 for Good or better, 0 for less, None where it is unrated."""
RatedRow = tuple[list[int], list[int], list[float]]
"""Token ids of a conversation, the indices of its rated replies' end tokens, their labels."""


def rated(row: dict[str, Any]) -> RatedTurns:
    """A row of a dialogue file as a rated conversation."""
    rated = ((turn["text"], turn.get("rating")) for turn in row["turns"])
    return [(text, float(rating in GOOD) if rating else None) for text, rating in rated]


def rows(
    dialogues: Sequence[RatedTurns], tokenizer: Any, rng: random.Random, recipe: RewardRecipe
) -> Iterator[RatedRow]:
    """Every conversation twice, each speaker once the assistant, with its rated replies."""
    encoded = [encode(tokenizer, [text for text, _ in turns]) for turns in dialogues]
    order = [(n, first) for n in range(len(dialogues)) for first in (0, 1)]
    rng.shuffle(order)
    for n, first in order:
        turns, labels = encoded[n][first:], [label for _, label in dialogues[n][first:]]
        replies = range(1, len(turns), 2)
        for place in replies:
            if rng.random() < recipe.swapped:
                turns[place] = rng.choice(rng.choice(encoded))
                labels[place] = 0.0
        ids, _ = render(turns)
        ends = [*accumulate(len(turn) + 2 for turn in turns)]  # a role before a turn, an end after
        used = [p for p in replies if labels[p] is not None and ends[p] < recipe.row]
        if used:
            yield ids[: recipe.row], [ends[p] for p in used], [labels[p] for p in used]


def scores(model: Any, batch: Sequence[RatedRow]) -> Any:
    """The reward at every rated reply of every row, one after another: (replies,) logits."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    # Padded on the right: what comes after is unseen.
    ids = pad_sequence([torch.tensor(ids) for ids, *_ in batch], True, padding_value=PAD)
    hidden = model.base_model(input_ids=ids).last_hidden_state
    places = torch.tensor([(n, end) for n, (_, ends, *_) in enumerate(batch) for end in ends])
    return model.score(hidden[places[:, 0], places[:, 1]])[:, 0].float()


def tune(
    model: Any,
    tokenizer: Any,
    dialogues: Sequence[RatedTurns],
    recipe: RewardRecipe,
    machine: TrainingDevice,
) -> list[float]:
    """Train in place with the classes weighing the same; the loss of every step."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
    from tqdm import tqdm

    rng, losses = random.Random(recipe.seed), []
    rounds = (rows(dialogues, tokenizer, rng, recipe) for _ in range(recipe.rounds))
    data = [row for each in rounds for row in each]
    good = np.mean([label for *_, labels in data for label in labels])
    if not 0 < good < 1:
        raise CommandError("the ratings are all good or all bad: there is nothing to learn from")
    optimizer, steps = Optimizer(model.train()), len(data) // recipe.batch
    for step in tqdm(range(steps), desc="reward", unit="step", disable=None):
        batch = data[step * recipe.batch : (step + 1) * recipe.batch]
        labels = torch.tensor([label for *_, labels in batch for label in labels])
        weights = torch.where(labels > 0, 0.5 / good, 0.5 / (1 - good))
        with torch.autocast("cpu", torch.bfloat16, enabled=machine.bfloat16):
            logits = scores(model, batch)
        loss = cross_entropy(logits, labels, weight=weights)
        rate = min(1.0, (step + 1) / 30) * (1 - step / steps)
        losses.append(optimizer.step(loss, recipe.lr * rate))
    return losses


def rate(
    model: Any, tokenizer: Any, dialogues: Sequence[RatedTurns], recipe: RewardRecipe
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rewards, labels and the conversation of every rated turn, in one round without swaps."""
    import torch

    rated, honest, model = [], replace(recipe, swapped=0.0), model.eval()
    for place, dialogue in enumerate(dialogues):
        for row in rows([dialogue], tokenizer, random.Random(place), honest):
            with torch.inference_mode():
                rewards = scores(model, [row]).tolist()
            rated += [(reward, label, place) for reward, label in zip(rewards, row[2], strict=True)]
    return tuple(np.array(rated).T)


def auc(rewards: np.ndarray, labels: np.ndarray, conversations: np.ndarray) -> Estimate:
    """The chance that a good reply is given the higher reward than a bad one; ties count half.

    The interval resamples whole conversations.
    """
    clusters, good = np.unique(conversations, return_inverse=True)[1], labels > 0
    over = resample(clusters, np.ones(len(labels)), np.random.default_rng(0), 500)
    one, other = rewards[good][:, None], rewards[~good]
    better = (one > other) + 0.5 * (one == other)
    of_good, of_bad = over.weights[:, clusters[good]], over.weights[:, clusters[~good]]
    wins = ((of_good @ better) * of_bad).sum(axis=1)
    pairs = of_good.sum(axis=1) * of_bad.sum(axis=1)
    value, *draws = wins[pairs > 0] / pairs[pairs > 0]
    return estimate(value, np.array(draws))


def make(args: argparse.Namespace) -> None:
    """The whole way from the base to the exported model; prints what was measured."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    base, recipe = args.base, RewardRecipe(swapped=args.swapped, rounds=args.rounds)
    if not (base / "config.json").is_file():
        raise CommandError(f"no model in {base}: train it with --only base-llama, or name another")
    torch.set_num_threads(args.threads)
    torch.manual_seed(recipe.seed)
    train, held = (read_rows(args.data, "topical", s, rated) for s in ("train", args.split))
    tokenizer = AutoTokenizer.from_pretrained(base)
    how = {"num_labels": 1, "dtype": "float32", "pad_token_id": PAD}
    model = AutoModelForSequenceClassification.from_pretrained(base, **how)
    losses = tune(model, tokenizer, train, recipe, TrainingDevice.detect())
    model.to(torch.bfloat16).save_pretrained(args.out, max_shard_size="8MB")
    tokenizer.save_pretrained(args.out)
    rewards, labels, conversations = rate(model.float(), tokenizer, held, recipe)
    area = auc(rewards, labels, conversations)
    tenths = np.array_split(losses, min(10, len(losses))) if losses else ()
    report = {
        "split": args.split,
        "auc": round(area.value, 4),
        "interval": [round(area.low, 4), round(area.high, 4)],
        "rated": len(labels),
        "good": round(float(labels.mean()), 4),
        "loss": [round(float(part.mean()), 4) for part in tenths],
    }
    print(json.dumps(report, indent=2))


def main(argv: list[str]) -> int:
    """Tune and export the reward model, print its AUC; 2 when it cannot be, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend reward", description=__doc__)
    add, usual = parser.add_argument, RewardRecipe()
    base = WORK / "base-llama" / "model"
    add("--base", type=Path, default=base, help="the model it starts from")
    add("--data", type=Path, default=DATA)
    add("--out", type=Path, default=MODELS / "reward")
    add("--swapped", type=at_least(0, 1, float), default=usual.swapped)
    add("--rounds", type=at_least(1), default=usual.rounds)
    add("--split", default="valid", help="what the AUC is measured on")
    add("--threads", type=THREADS, default=os.cpu_count())
    args = parser.parse_args(argv)
    return finish("blend reward", lambda: make(args), stopped="nothing was written")
