"""The loss of replies under a model: how unlikely it finds what somebody else has written.

The loss of a reply is -log of its probability after the same history, in nats: at temperature 1,
over the whole vocabulary, with the token that ends it. History and reply are rendered and cut to
the window as when the member serves. All replies of a conversation whose prompts continue one
another are scored in one pass, and passes of similar length in one batch.
"""

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from blend.members import MemberError, TooLong
from blend.message import Message
from blend.prompt.template import Template
from blend.prompt.turns import flatten, split_turns

if TYPE_CHECKING:
    import torch

    from blend.members.local.weights import LoadedModel

PADDED = 4096
"""Tokens of a batch, padding included."""
CELLS = 2**26
"""Logits of a batch, at most: 256 MB of them, and twice as much while they are normalised."""

Key = tuple[int, int]
"""Which conversation, and which of its messages."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One pass: its ids, and where in them each reply stands, first id and one past the last."""

    ids: tuple[int, ...]
    spans: tuple[tuple[Key, int, int], ...]


def score(
    loaded: "LoadedModel", talks: Sequence[tuple[Sequence[Message], Sequence[int]]], max_tokens: int
) -> Iterator[tuple[Key, float]]:
    """The nats of every reply, as batches end: long conversations first.

    They are infinite where a reply does not fit the window. talks: messages, and the places of the
    replies in them. max_tokens: of a reply when the member serves, for which the window has room.
    Raises MemberError.
    """
    passages = []
    for number, (messages, places) in enumerate(talks):
        own, without = plan(loaded, messages, places, max_tokens, number)
        passages += own
        yield from ((key, math.inf) for key in without)
    vocabulary = loaded.model.get_output_embeddings().weight.shape[0]
    for batch in batches(passages, min(PADDED, max(1, CELLS // vocabulary))):
        yield from _score_batch(loaded, batch)


def plan(
    loaded: "LoadedModel",
    messages: Sequence[Message],
    places: Sequence[int],
    max_tokens: int,
    number: int = 0,
) -> tuple[list[Passage], list[Key]]:
    """The passes of one conversation, and the replies that do not fit the window.

    From the last reply to the first: a reply joins the pass before it where that begins with just
    its own prompt and words. A template that writes a reply otherwise once it is history, or a cut
    of the window, begins a new pass.
    """
    passages: list[Passage] = []
    without: list[Key] = []
    for place in reversed(places):
        key = (number, place)
        try:
            prompt, reply = _ids(loaded, messages[: place + 1], max_tokens)
        except TooLong:
            without.append(key)
            continue
        ids, span = (*prompt, *reply), (key, len(prompt), len(prompt) + len(reply))
        if passages and passages[-1].ids[: len(ids)] == ids:
            passages[-1] = Passage(passages[-1].ids, (*passages[-1].spans, span))
        else:
            passages.append(Passage(ids, (span,)))
    return passages, without


def _ids(
    loaded: "LoadedModel", messages: Sequence[Message], max_tokens: int
) -> tuple[tuple[int, ...], list[int]]:
    """The prompt of the last message, and its own ids up to the one that ends it."""
    template: Template = loaded.template
    reply = _until_end(template.reply(messages), loaded.ends)
    prompt = template.prompt(messages[:-1], max(max_tokens, len(reply)))
    if prompt.cut_turns:  # some tokenizers write a text otherwise after another one
        system, turns = split_turns(messages[:-1])
        history = [*system, *flatten(turns[prompt.cut_turns :]), messages[-1]]
        reply = _until_end(template.reply(history), loaded.ends)
    return prompt.ids, reply


def _until_end(ids: list[int], ends: frozenset[int]) -> list[int]:
    """Up to the first that ends a reply; all of them where a template ends it with words alone."""
    last = next((n for n, token in enumerate(ids) if token in ends), len(ids))
    return ids[: last + 1]


def batches(passages: Sequence[Passage], padded: int) -> Iterator[list[Passage]]:
    """Passages of like length together, the longest first; `padded` tokens, or one passage."""
    batch: list[Passage] = []
    for passage in sorted(passages, key=lambda p: -len(p.ids)):
        if batch and (len(batch) + 1) * len(batch[0].ids) > padded:
            yield batch
            batch = []
        batch.append(passage)
    if batch:
        yield batch


def _score_batch(loaded: "LoadedModel", batch: Sequence[Passage]) -> Iterator[tuple[Key, float]]:
    """Padding stands on the right, where no token of a causal model sees it: it needs no mask."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    name, model = loaded.template.member, loaded.model
    rows = pad_sequence([torch.tensor(passage.ids) for passage in batch], batch_first=True)
    # Only where some row has a reply are logits needed: a wide vocabulary is most of the work.
    read = sorted(
        {n for p in batch for _, start, end in p.spans for n in range(start - 1, end - 1)}
    )
    try:
        logits = _logits(model, rows, read)
        at = {place: n for n, place in enumerate(read)}
        for row, passage in enumerate(batch):
            for key, start, end in passage.spans:
                there = logits[row, at[start - 1] : at[start - 1] + end - start].float()
                ids = rows[row, start:end].to(there.device)
                lost = there.logsumexp(-1) - there.gather(-1, ids[:, None])[:, 0]
                yield key, float(lost.double().sum())
    except (RuntimeError, MemoryError) as error:
        raise MemberError(name, f"its model failed on replies: {error}") from error


def _logits(model: object, rows: "torch.Tensor", places: Sequence[int]) -> "torch.Tensor":
    """(rows, places, vocabulary): what follows each of these places."""
    import torch

    keep = torch.tensor(places, device=model.device)
    with torch.inference_mode():
        if "logits_to_keep" in inspect.signature(model.forward).parameters:
            ids = rows.to(model.device)
            return model(input_ids=ids, use_cache=False, logits_to_keep=keep).logits
        return model(input_ids=rows.to(model.device), use_cache=False).logits[:, keep]
