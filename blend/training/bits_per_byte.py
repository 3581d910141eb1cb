"""Bits per byte: how well a trained model predicts dialogue, compared with its control."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from blend.evaluation.resample import Estimate, resample
from blend.training.corpora import TrainingDialogue, encode, render
from blend.training.recipes import BY_NAME, MIX, RECIPES, Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

CORPORA = tuple(corpus for corpus, _ in MIX)

Scores = Mapping[str, Mapping[str, np.ndarray]]
"""By model and corpus, bits and bytes (talks, 2) of every conversation; see `bits`."""


def control(recipe: Recipe) -> str:
    """The model of the same base and tokens that saw all corpora."""
    return next(r.name for r in RECIPES if r.base == recipe.base and r.speciality is None)


def bits(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    dialogues: Sequence[TrainingDialogue],
) -> np.ndarray:
    """How badly the model foresees the second speaker's texts, each given the talk before it.

    Returns (talks, 2): bits and bytes of every conversation; 0 of both where one is longer than
    the model's positions. Bits per byte is the ratio of the sums.
    """
    import torch
    from torch.nn.functional import cross_entropy

    scores = np.zeros((len(dialogues), 2))
    for score, dialogue in zip(scores, dialogues, strict=True):
        ids, reply = render(encode(tokenizer, dialogue.turns))
        if len(ids) <= model.config.max_position_embeddings:
            tokens, counts = torch.tensor([ids]), torch.tensor(reply[1:])
            with torch.inference_mode():
                logits = model(input_ids=tokens).logits[0, :-1][counts].float()
            loss = cross_entropy(logits, tokens[0, 1:][counts], reduction="sum").item()
            score[:] = loss / math.log(2), sum(len(text.encode()) for text in dialogue.turns[1::2])
    return scores


def ratio(one: np.ndarray, other: np.ndarray) -> Estimate:
    """Bits of one model over bits of another on the same texts: 0.9 is 10 % better.

    The interval resamples conversations, the same for both models.
    """
    both = (one[:, 1] > 0) & (other[:, 1] > 0)
    over = resample(np.arange(both.sum()), other[both, 0], np.random.default_rng(0), 2000)
    return over.estimates(one[both, :1])[0]


def table(scores: Scores) -> str:
    """Bits per byte of every model on every corpus, as Markdown; bold where it is the own one."""
    lines = [f"| model | {' | '.join(CORPORA)} |", "|---|" + "--:|" * len(CORPORA)]
    for name, row in scores.items():
        cells = []
        for corpus in CORPORA:
            total = row[corpus].sum(axis=0)
            bold = "**" if BY_NAME[name].speciality == corpus else ""
            cells.append(f"{bold}{total[0] / total[1]:.3f}{bold}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(name: str, scores: Scores) -> str:
    """How much better than its control on the own corpus, and what it lost on the others."""
    corpus, other = BY_NAME[name].speciality, control(BY_NAME[name])
    if corpus is None:
        return ""
    own = ratio(scores[name][corpus], scores[other][corpus])
    sentences = [
        f"Against `{other}` on {corpus}: {1 - own.value:.1%} fewer bits "
        f"(95 % interval {1 - own.high:.1%} to {1 - own.low:.1%}, conversations resampled)."
    ]
    for foreign in (c for c in CORPORA if c != corpus):
        more = ratio(scores[name][foreign], scores[other][foreign]).value - 1
        sentences.append(f"On {foreign}: {more:+.1%}.")
    if name == "smalltalk" and (alone := scores.get("smalltalk-alone")):
        cost = ratio(scores[name][corpus], alone[corpus]).value - 1
        lost = ratio(alone["services"], scores[other]["services"]).value - 1
        sentences.append(
            f"The tenth of its tokens that is not {corpus} costs {cost:+.1%} there; "
            f"without it the model would be at {lost:+.1%} on services."
        )
    return " ".join(sentences)


def worst_foreign(scores: Scores) -> str:
    """The least lead that a shipped member has over another one on its own corpus."""

    def lead(pair: tuple[Recipe, Recipe]) -> float:
        one, other = (scores[recipe.name][pair[0].speciality] for recipe in pair)
        return 1 - ratio(one, other).value

    shipped = [r for r in RECIPES if r.base and not r.internal and r.speciality]
    least = min(permutations(shipped, 2), key=lead)
    pair = " over ".join(recipe.name for recipe in least)
    return f"Least lead on the own corpus over another member: {lead(least):.1%} ({pair})."
