"""What the shipped models learn from: dialogue files, their tokenizer, and the stream of tokens."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from blend.command_line import CommandError

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedTokenizerFast

    from blend.training.recipes import Recipe

T = TypeVar("T")

SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
PAD, BEGIN, END, SYSTEM, USER, ASSISTANT = range(len(SPECIAL))
TEMPLATE = (
    "{{ '<|begin|>' }}{% for m in messages %}"
    "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)

# The persona corpus has holes such as "I'm [user 1's name]"; a member should not say them.
HOLE = re.compile(r"\[user ?([12])(?:'?s)?(?: name)?\]", re.IGNORECASE)
NAMES = (
    "Alex Amy Anna Ben Carla Chris Dana David Elena Emma Eric Grace Hannah Ian Jack Jane Jenny Joe "
    "John Julia Kate Kevin Laura Leo Lisa Maria Mark Mary Mia Mike Nina Noah Olivia Paul Rachel "
    "Rosa Ryan Sam Sarah Tom"
)


@dataclass(frozen=True, slots=True)
class TrainingDialogue:
    """One conversation: its texts in turn, and who each of the two speakers was told to be."""

    turns: tuple[str, ...]
    personas: tuple[str, ...] = ()
    # Of two equal people either may be the assistant; a concierge and a customer do not swap.
    swaps: bool = True


def read_rows(
    folder: Path, corpus: str, split: str, convert: Callable[[dict[str, Any]], T]
) -> list[T]:
    """Each row of one split of FOLDER/CORPUS.jsonl or .jsonl.gz, converted. Raises CommandError."""
    files = (folder / f"{corpus}.jsonl", folder / f"{corpus}.jsonl.gz")
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise CommandError(f"no {corpus}.jsonl.gz in {folder}: name the data's folder with --data")
    opener = gzip.open if file.suffix == ".gz" else open
    try:
        with opener(file, "rt", encoding="utf-8") as lines:
            rows = [convert(row) for row in map(json.loads, lines) if row["split"] == split]
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise CommandError(f"{file} is not dialogue as JSON lines: {error!r}") from error
    if not rows:
        raise CommandError(f"{file} has no conversation with split {split!r}: add some")
    return rows


def read(folder: Path, corpus: str, split: str) -> list[TrainingDialogue]:
    """The conversations of one split, but those with holes; see `read_rows`."""
    dialogues = read_rows(folder, corpus, split, _dialogue)
    return [each for each in dialogues if not any("[" in turn for turn in each.turns)]


def _dialogue(row: dict[str, Any]) -> TrainingDialogue:
    """A row's conversation, with first names in the holes left for the speakers' own."""
    names = random.Random(row["id"]).sample(NAMES.split(), 2)
    turns = tuple(HOLE.sub(lambda h: names[int(h[1]) - 1], t["text"]) for t in row["turns"])
    personas = tuple(" ".join(sentences) for sentences in row.get("personas", ()))
    return TrainingDialogue(turns, personas, swaps="services" not in row)


def make_tokenizer(
    corpora: Mapping[str, list[TrainingDialogue]], vocab: int
) -> PreTrainedTokenizerFast:
    """A byte-level BPE that saw as many characters of each corpus as the smallest one has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    sizes = {name: sum(len(t) for d in c for t in d.turns) for name, c in corpora.items()}
    texts = []
    for name, dialogues in corpora.items():
        count = max(1, len(dialogues) * min(sizes.values()) // sizes[name])
        texts += [text for each in dialogues[:count] for text in each.turns]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab, special_tokens=[*SPECIAL], initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token=SPECIAL[BEGIN],
        eos_token=SPECIAL[END],
        pad_token=SPECIAL[PAD],
        extra_special_tokens=[SPECIAL[SYSTEM], SPECIAL[USER], SPECIAL[ASSISTANT]],
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
        chat_template=TEMPLATE,
    )


def encode(tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]) -> list[list[int]]:
    """The token ids of texts, without control tokens around them."""
    batch = tokenizer.backend_tokenizer.encode_batch([*texts], add_special_tokens=False)
    return [encoding.ids for encoding in batch]


def render(turns: Sequence[Sequence[int]], system: Sequence[int] = ()) -> tuple[list[int], list]:
    """Token ids of a conversation as the chat template writes it, and which are the assistant's."""
    ids = [BEGIN, SYSTEM, *system, END] if system else [BEGIN]
    reply = [False] * len(ids)
    for place, turn in enumerate(turns):
        ids += [(USER, ASSISTANT)[place % 2], *turn, END]
        reply += [False, *[place % 2 == 1] * (len(turn) + 1)]
    return ids, reply


def _shuffled(
    dialogues: list[TrainingDialogue], tokenizer: PreTrainedTokenizerFast, rng: random.Random
) -> Iterator[tuple[list[int], list[bool]]]:
    """The conversations of a corpus without end, shuffled anew in each round, sides drawn anew."""
    encoded = [encode(tokenizer, [*d.turns, *d.personas]) for d in dialogues]
    while True:
        for place in rng.sample(range(len(dialogues)), len(dialogues)):
            dialogue, swap, introduced = dialogues[place], rng.random() < 0.5, rng.random() < 0.5
            first = int(swap and dialogue.swaps and len(dialogue.turns) > 2)
            count = len(dialogue.turns)
            turns, personas = encoded[place][:count], encoded[place][count:]
            # The assistant is the second speaker, or the first where the first turn was dropped.
            system = personas[1 - first] if introduced and len(personas) == 2 else ()
            yield render(turns[first:], system)


def stream(
    recipe: Recipe,
    corpora: Mapping[str, list[TrainingDialogue]],
    tokenizer: PreTrainedTokenizerFast,
) -> tuple[np.ndarray, np.ndarray]:
    """Every token the recipe trains on, in order, and whether each counts in the loss."""
    import numpy as np

    rng = random.Random(recipe.seed)
    shares = dict(recipe.shares)
    sources = {name: _shuffled(corpora[name], tokenizer, rng) for name in shares}
    seen: Counter[str] = Counter()
    parts, masks = [], []
    while seen.total() < recipe.steps * recipe.batch:
        # Next comes the corpus furthest behind its share, so that the shares hold all along.
        behind = {name: share * (seen.total() + 1) - seen[name] for name, share in shares.items()}
        name = max(behind, key=behind.__getitem__)
        ids, reply = next(sources[name])
        seen[name] += len(ids)
        parts.append(np.array(ids, np.int64))
        masks.append(np.array(reply, bool) | (not recipe.replies_only))
    return np.concatenate(parts), np.concatenate(masks)
