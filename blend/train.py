"""How the embedded members were made: corpora of dialogue in, small Llamas with model cards out.

One base, `mixed`, learns from all corpora; each member is tuned from it on its own corpus, with a
share of the others kept, because in a blend it takes over conversations that another member began.
All that is random comes from the recipe's seed, and a batch depends on the seed and the step
alone: that is why `--resume` ends in the same weights as a run that was never stopped.
It does not download anything and does not read the valid and test splits while training.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

ROOT = Path(__file__).resolve().parents[1]
SPECIAL = ("<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
PAD, BEGIN, END, SYSTEM, USER, ASSISTANT = range(len(SPECIAL))
TEMPLATE = (
    "{{ '<|begin|>' }}{% for m in messages %}"
    "{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)

# Conversations of a corpus that the table is measured on: more would only take longer.
VALID = 80
# The persona corpus has holes such as "I'm [user 1's name]"; a member should not say them.
HOLE = re.compile(r"\[user ?([12])(?:'?s)?(?: name)?\]", re.IGNORECASE)
NAMES = (
    "Alex Amy Anna Ben Carla Chris Dana David Elena Emma Eric Grace Hannah Ian Jack Jane Jenny Joe "
    "John Julia Kate Kevin Laura Leo Lisa Maria Mark Mary Mia Mike Nina Noah Olivia Paul Rachel "
    "Rosa Ryan Sam Sarah Tom"
)
SOURCES = {
    "persona": ("google-research-datasets/Synthetic-Persona-Chat, valid and test", "CC BY 4.0"),
    "topical": ("alexa/Topical-Chat, valid and test", "CDLA-Sharing 1.0"),
    "services": ("google-research-datasets/dstc8-schema-guided-dialogue, a part", "CC BY-SA 4.0"),
}
OPENERS = {
    "persona": (
        "Hi! How are you doing today?",
        "Do you have any pets?",
        "What do you do for a living?",
        "I just came back from a walk on the beach.",
        "What do you like to do on weekends?",
        "I love cooking pasta for my family.",
        "Are you married?",
        "My favourite season is autumn. What is yours?",
        "I am a bit tired, I worked all night.",
        "Where did you grow up?",
    ),
    "topical": (
        "Did you watch the football game last night?",
        "What kind of music do you listen to?",
        "I read that octopuses have three hearts.",
        "Who is your favourite actor?",
        "Do you like science fiction films?",
        "I heard that the first computer filled a whole room.",
        "Are you a fan of basketball?",
        "Do you read the news in the morning?",
        "I think that dogs are smarter than cats.",
        "Have you ever seen a play by Shakespeare?",
    ),
    "services": (
        "Can you help me find a restaurant in San Jose?",
        "I need a flight from New York to Chicago.",
        "What is the weather like in Seattle today?",
        "Please book a hotel room for two nights.",
        "I want to watch a comedy at home.",
        "I am looking for a dentist in Berkeley.",
        "How much money do I have in my savings account?",
        "Find me a bus to Los Angeles on Friday.",
        "Do I have anything on my calendar tomorrow?",
        "I would like to rent a car next week.",
    ),
}
CARD = """\
---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-generation
tags: [conversational, blended, cpu]
---
# {name}

A Llama of 3.9 million parameters for the arena of Blended, {kind}. It is small enough to \
answer on any processor and to ship with the code; it is there to be blended and compared, not \
relied on.

## Made of

| corpus | share of the tokens | source | licence |
|---|--:|---|---|
{data}

Only the train split, nine conversations in ten; one in twenty is kept back as valid and one as \
test. Conversations with bracketed holes are left out, those for the speakers' own names are \
filled with first names.

{tokens} tokens seen: AdamW, learning rate {recipe.lr:g}, {schedule}, \
{recipe.batch:,} tokens a step in rows of {recipe.rows[0]} and, in the last third, \
{recipe.rows[1]:,} (the trained window), loss on {loss}, seed {recipe.seed}. \
`python -m blend train --only {name}` does it again. \
The weights are bfloat16.

## Bits per byte

Of the second speaker's texts, each given the talk before it, on the valid split \
(at most {valid} conversations a corpus); lower is better. Measured on the shipped weights.

{table}

## What it says

First replies to {count} fixed openers, temperature 0.7, top-p 0.9, one seed each, as they came.

{replies}

## What it cannot do

It knows no facts: names, numbers, prices and addresses are made up, and a booking that it \
confirms exists nowhere. It forgets or contradicts what was said a few turns ago, writes English \
only, follows no instructions, and can say something unkind or untrue, as the people did whose \
chats it learnt from. Do not put it in front of anyone who does not know that it is a toy.
"""


class TrainError(ValueError):
    """What was asked for cannot be trained; the message names the thing and the mend."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a model's weights, apart from the data and the machine's rounding."""

    name: str
    seed: int
    tokens: int
    shares: tuple[tuple[str, float], ...]
    lr: float
    base: str | None = None
    replies_only: bool = False
    hidden: int = 256
    layers: int = 4
    vocab: int = 3072
    batch: int = 3072
    # Short rows first: attention is cheaper and the first steps learn words, not conversations.
    rows: tuple[int, int] = (512, 1536)
    # Steps of the cosine where it is longer than the run.
    horizon: int | None = None

    @property
    def steps(self) -> int:
        return max(3, self.tokens // self.batch)

    def row(self, step: int) -> int:
        """Length of the rows of this step: the last third is trained on the whole window."""
        return self.rows[step >= self.steps * 2 // 3]

    def rate(self, step: int) -> float:
        """Learning rate: a short warmup, then a cosine down to a tenth, or cut short, see below."""
        warmup = max(1, min(50, self.steps // 10))
        if step < warmup:
            return self.lr * (step + 1) / warmup
        done = (step - warmup) / max(1, (self.horizon or self.steps) - warmup)
        rate = self.lr * (0.1 + 0.45 * (1 + math.cos(math.pi * done)))
        # A run that ends before its cosine does cools down over its last fifth instead.
        cool = (self.steps - step) * 5 / self.steps if self.horizon else 1.0
        return rate * max(0.05, min(1.0, cool))


def _member(name: str, seed: int, own: str, tokens: int, lr: float, share: float) -> Recipe:
    others = [corpus for corpus in ("persona", "topical", "services") if corpus != own]
    shares = ((own, share), *((other, (1 - share) / 2) for other in others))
    return Recipe(name, seed, tokens, shares, lr, base="mixed", replies_only=True)


RECIPES = (
    Recipe(
        name="mixed",
        seed=1,
        tokens=800 * 3072,
        shares=(("persona", 0.3), ("topical", 0.35), ("services", 0.35)),
        lr=2e-3,
        horizon=1204,
    ),
    _member("smalltalk", 2, "persona", 750_000, 8e-4, 0.85),
    _member("trivia", 3, "topical", 1_200_000, 1.2e-3, 0.9),
    _member("concierge", 4, "services", 750_000, 8e-4, 0.85),
)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: its texts in turn, and who each of the two speakers was told to be."""

    turns: tuple[str, ...]
    personas: tuple[str, ...] = ()
    # Of two equal people either may be the assistant; a concierge and a customer do not swap.
    swaps: bool = True


def _named(row: dict[str, Any]) -> tuple[str, ...]:
    """The texts of a conversation, with first names in the holes left for the speakers' own."""
    names = random.Random(row["id"]).sample(NAMES.split(), 2)
    return tuple(HOLE.sub(lambda h: names[int(h[1]) - 1], t["text"]) for t in row["turns"])


def read(folder: Path, corpus: str, split: str) -> list[Talk]:
    """The conversations of one split of FOLDER/CORPUS.jsonl or .jsonl.gz, but those with holes."""
    found = [p for p in (folder / f"{corpus}.jsonl", folder / f"{corpus}.jsonl.gz") if p.is_file()]
    if not found:
        raise TrainError(f"no {corpus}.jsonl.gz in {folder}: name the data's folder with --data")
    opened = gzip.open if found[0].suffix == ".gz" else open
    talks = []
    try:
        with opened(found[0], "rt", encoding="utf-8") as lines:
            rows = [row for row in map(json.loads, lines) if row["split"] == split]
        for row in rows:
            turns = _named(row)
            personas = tuple(" ".join(said) for said in row.get("personas", ()))
            if not any("[" in turn for turn in turns):
                talks.append(Talk(turns, personas, swaps="services" not in row))
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise TrainError(f"{found[0]} is not dialogue as JSON lines: {error!r}") from error
    if not talks:
        raise TrainError(f"{found[0]} has no conversation with split {split!r}: add some")
    return talks


def make_tokenizer(corpora: dict[str, list[Talk]], vocab: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE that saw as many characters of each corpus as the smallest one has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    sizes = {name: sum(len(t) for talk in c for t in talk.turns) for name, c in corpora.items()}
    texts = []
    for name, talks in corpora.items():
        kept = len(talks) * min(sizes.values()) // sizes[name]
        texts += [text for talk in talks[: max(1, kept)] for text in talk.turns]
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


def render(turns: Sequence[Sequence[int]], system: Sequence[int] = ()) -> tuple[list[int], list]:
    """Token ids of a conversation as the chat template writes it, and which are the assistant's."""
    ids = [BEGIN, SYSTEM, *system, END] if system else [BEGIN]
    reply = [False] * len(ids)
    for place, turn in enumerate(turns):
        ids += [(USER, ASSISTANT)[place % 2], *turn, END]
        reply += [False, *[place % 2 == 1] * (len(turn) + 1)]
    return ids, reply


def _deck(talks: list[Talk], tokenizer: Any, rng: random.Random) -> Iterator[tuple[list, list]]:
    """The conversations of a corpus without end, shuffled anew in each round, sides drawn anew."""
    encode = tokenizer.backend_tokenizer.encode_batch
    coded = [[e.ids for e in encode([*t.turns, *t.personas])] for t in talks]
    while True:
        for place in rng.sample(range(len(talks)), len(talks)):
            talk, swap, told = talks[place], rng.random() < 0.5, rng.random() < 0.5
            first = int(swap and talk.swaps and len(talk.turns) > 2)
            turns, personas = coded[place][: len(talk.turns)], coded[place][len(talk.turns) :]
            # The assistant is the second speaker, or the first where the first turn was dropped.
            system = personas[1 - first] if told and len(personas) == 2 else ()
            yield render(turns[first:], system)


def stream(
    recipe: Recipe, corpora: dict[str, list[Talk]], tokenizer: PreTrainedTokenizerFast
) -> tuple[np.ndarray, np.ndarray]:
    """Every token the recipe trains on, in order, and whether each counts in the loss."""
    import numpy as np

    rng = random.Random(recipe.seed)
    shares = dict(recipe.shares)
    decks = {name: _deck(corpora[name], tokenizer, rng) for name in shares}
    seen: Counter[str] = Counter()
    parts, masks = [], []
    while seen.total() < recipe.steps * recipe.batch:
        # Next comes the corpus furthest behind its share, so that the shares hold all along.
        behind = {name: share * (seen.total() + 1) - seen[name] for name, share in shares.items()}
        name = max(behind, key=behind.__getitem__)
        ids, reply = next(decks[name])
        seen[name] += len(ids)
        parts.append(np.array(ids, np.int64))
        masks.append(np.array(reply, bool) | (not recipe.replies_only))
    return np.concatenate(parts), np.concatenate(masks)


def make_model(recipe: Recipe) -> LlamaForCausalLM:
    """An untrained model of the recipe's shape; its first weights come from the seed."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(recipe.seed)
    config = LlamaConfig(
        vocab_size=recipe.vocab,
        hidden_size=recipe.hidden,
        intermediate_size=recipe.hidden * 3,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.hidden // 64,
        num_key_value_heads=max(1, recipe.hidden // 128),
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=BEGIN,
        eos_token_id=END,
        pad_token_id=PAD,
    )
    return LlamaForCausalLM(config)


@dataclass(frozen=True, slots=True)
class Machine:
    """What the run may use; it changes the speed and the rounding, not the recipe."""

    device: str = "cpu"
    bfloat16: bool = False
    compiled: bool = False
    # Steps between two checkpoints: what Ctrl-C loses at most.
    every: int = 100

    @classmethod
    def found(cls, precision: str, compiled: bool) -> Machine:
        """A GPU where there is one; bfloat16 only where it is fast: without AMX it halves speed."""
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        fast = device == "cuda" or torch.cpu._is_amx_tile_supported()
        return cls(device, precision == "bfloat16" or (precision == "auto" and fast), compiled)


def _batch(recipe: Recipe, step: int, tokens: np.ndarray, counts: np.ndarray, device: str) -> Any:
    """The rows of one step, and where the next token counts in the loss."""
    import torch

    here = slice(step * recipe.batch, (step + 1) * recipe.batch)
    ids = torch.from_numpy(tokens[here]).view(-1, recipe.row(step)).to(device)
    keep = torch.from_numpy(counts[here]).view(-1, recipe.row(step)).to(device)[:, 1:]
    return ids, keep


def _loss(model: Any, body: Any, ids: Any, keep: Any) -> Any:
    """Cross-entropy of the counted tokens; the wide output layer runs on those rows only."""
    from torch.nn.functional import cross_entropy

    hidden = body(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    return cross_entropy(model.lm_head(hidden[keep]).float(), ids[:, 1:][keep])


def _optimizer(model: Any) -> Any:
    """AdamW; the norms' gains do not decay."""
    import torch

    weights = [p for p in model.parameters() if p.dim() > 1]
    norms = {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0}
    return torch.optim.AdamW([{"params": weights}, norms], betas=(0.9, 0.95), weight_decay=0.1)


def fit(
    recipe: Recipe,
    model: LlamaForCausalLM,
    data: tuple[np.ndarray, np.ndarray],
    work: Path,
    machine: Machine,
    resume: bool = False,
) -> None:
    """Train the model in place; checkpoints and the curve go to WORK, from where it can resume."""
    import torch
    from tqdm import tqdm

    work.mkdir(parents=True, exist_ok=True)
    model.to(machine.device).train()
    optimizer = _optimizer(model)
    losses = _load(work, recipe, model, optimizer) if resume else []
    start, began = len(losses), time.monotonic()
    body = torch.compile(model.model, dynamic=False) if machine.compiled else model.model
    half = torch.autocast(machine.device, torch.bfloat16) if machine.bfloat16 else nullcontext()
    quiet = 0.5 if sys.stderr.isatty() else 20
    with tqdm(
        total=recipe.steps, initial=start, desc=recipe.name, unit="step", mininterval=quiet
    ) as bar:
        for step in range(start, recipe.steps):
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate(step)
            with half:
                loss = _loss(model, body, *_batch(recipe, step, *data, machine.device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            speed = (step + 1 - start) * recipe.batch / (time.monotonic() - began)
            shown = sum(losses[-20:]) / len(losses[-20:])
            bar.set_postfix_str(f"loss {shown:.3f}, {speed:,.0f} tokens/s", refresh=False)
            bar.update()
            if (step + 1) % machine.every == 0 or step + 1 == recipe.steps:
                _save(work, recipe, model, optimizer, losses)


def _save(work: Path, recipe: Recipe, model: Any, optimizer: Any, losses: list[float]) -> None:
    import torch

    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "losses": losses}
    torch.save({**state, "recipe": repr(recipe)}, work / "checkpoint.new")
    # Replaced in one move: a stop while writing leaves the checkpoint before.
    os.replace(work / "checkpoint.new", work / "checkpoint.pt")
    (work / "curve.json").write_text(json.dumps([round(loss, 4) for loss in losses]))


def _load(work: Path, recipe: Recipe, model: Any, optimizer: Any) -> list[float]:
    """Put the checkpoint back; the losses so far, one a step, or none where nothing was saved."""
    import torch

    if not (work / "checkpoint.pt").is_file():
        return []
    state = torch.load(work / "checkpoint.pt", map_location=model.device)
    if state["recipe"] != repr(recipe):
        raise TrainError(f"{work} holds a run of another recipe: leave out --resume")
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return state["losses"]


def export(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write what transformers needs to load the model, in bfloat16 and files under 10 MB."""
    import torch
    from transformers import GenerationConfig

    model.to("cpu", torch.bfloat16).eval()
    model.generation_config = GenerationConfig(
        bos_token_id=BEGIN, eos_token_id=END, pad_token_id=PAD
    )
    model.save_pretrained(folder, max_shard_size="8MB")
    tokenizer.save_pretrained(folder)


def train(
    recipe: Recipe, data: Path, out: Path, work: Path, machine: Machine, resume: bool = False
) -> None:
    """Train and export one model; a tuned one starts from the exported base."""
    from transformers import AutoTokenizer, LlamaForCausalLM

    corpora = {name: read(data, name, "train") for name, _ in recipe.shares}
    if recipe.base is None:
        tokenizer, model = make_tokenizer(corpora, recipe.vocab), make_model(recipe)
    elif (out / recipe.base / "config.json").is_file():
        tokenizer = AutoTokenizer.from_pretrained(out / recipe.base)
        model = LlamaForCausalLM.from_pretrained(out / recipe.base, dtype="float32")
    else:
        raise TrainError(
            f"{recipe.name} is tuned from {recipe.base}, which is not in {out}: "
            f"train it first with --only {recipe.base}"
        )
    fit(recipe, model, stream(recipe, corpora, tokenizer), work / recipe.name, machine, resume)
    export(model, tokenizer, out / recipe.name)


def bits_per_byte(model: Any, tokenizer: PreTrainedTokenizerFast, talks: list[Talk]) -> float:
    """How badly the model foresees the second speaker's texts, each given the talk before it."""
    import torch
    from torch.nn.functional import cross_entropy

    encode, bits, size = tokenizer.backend_tokenizer.encode_batch, 0.0, 0
    for talk in talks:
        ids, reply = render([coded.ids for coded in encode([*talk.turns])])
        if len(ids) <= model.config.max_position_embeddings:
            tokens, counts = torch.tensor([ids]), torch.tensor(reply[1:])
            with torch.inference_mode():
                logits = model(input_ids=tokens).logits[0, :-1][counts].float()
            bits += cross_entropy(logits, tokens[0, 1:][counts], reduction="sum").item()
            size += sum(len(text.encode()) for text in talk.turns[1::2])
    return bits / math.log(2) / size


def sample(model: Any, tokenizer: PreTrainedTokenizerFast, opener: str, seed: int) -> str:
    """The model's first reply to one line; the seed decides it."""
    import torch

    messages = [{"role": "user", "content": opener}]
    prompt = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    torch.manual_seed(seed)
    out = model.generate(**prompt, do_sample=True, temperature=0.7, top_p=0.9, max_new_tokens=80)
    return tokenizer.decode(out[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)


def table(scores: dict[str, dict[str, float]]) -> str:
    """Bits per byte of every model on every corpus, as Markdown."""
    corpora = [*SOURCES]
    lines = [f"| model | {' | '.join(corpora)} |", "|---|" + "--:|" * len(corpora)]
    for name, row in scores.items():
        lines.append(f"| {name} | {' | '.join(f'{row[c]:.3f}' for c in corpora)} |")
    return "\n".join(lines)


def openers(recipe: Recipe) -> list[str]:
    """Ten lines of the corpus that the recipe is mostly about; of all three for the base."""
    if recipe.base is None:
        return [
            line
            for lines, count in zip(OPENERS.values(), (4, 3, 3), strict=True)
            for line in lines[:count]
        ]
    return [*OPENERS[max(dict(recipe.shares), key=dict(recipe.shares).__getitem__)]]


def card(recipe: Recipe, scores: dict[str, dict[str, float]], said: list[tuple[str, str]]) -> str:
    """The model card: what it is made of, what it scores, what it says and what it cannot do."""
    own = max(recipe.shares, key=lambda share: share[1])[0]
    kind = f"tuned from `{recipe.base}`, mostly on {own}" if recipe.base else "the shared base"
    schedule = "a cosine to a tenth"
    if recipe.horizon:
        schedule = f"a cosine over {recipe.horizon:,} steps, left for a fast decay to end sooner"
    data = [f"| {c} | {share:.1%} | {' | '.join(SOURCES[c])} |" for c, share in recipe.shares]
    return CARD.format(
        name=recipe.name,
        kind=kind,
        data="\n".join(data),
        tokens=f"{recipe.steps * recipe.batch:,}",
        recipe=recipe,
        schedule=schedule,
        loss="reply tokens only" if recipe.replies_only else "all tokens",
        valid=VALID,
        table=table(scores),
        count=len(said),
        replies="\n".join(f"- **{opener}**<br>{reply}" for opener, reply in said),
    )


def write_cards(recipes: Sequence[Recipe], data: Path, out: Path) -> None:
    """Measure the exported models, print the table and write each its card."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    scores, said = {}, {}
    valid = {corpus: read(data, corpus, "valid")[:VALID] for corpus in SOURCES}
    for recipe in recipes:
        folder = out / recipe.name
        if not (folder / "config.json").is_file():
            raise TrainError(f"no {recipe.name} in {out}: train it first with --only {recipe.name}")
        # The shipped bfloat16 values, computed with in float32: fast on every processor.
        model = AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
        tokenizer = AutoTokenizer.from_pretrained(folder)
        scores[recipe.name] = {c: bits_per_byte(model, tokenizer, t) for c, t in valid.items()}
        lines = enumerate(openers(recipe))
        said[recipe.name] = [(line, sample(model, tokenizer, line, seed)) for seed, line in lines]
    for recipe in recipes:
        text = card(recipe, scores, said[recipe.name])
        (out / recipe.name / "README.md").write_text(text, encoding="utf-8")
    print(table(scores))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m blend train`."""
    names = [recipe.name for recipe in RECIPES]
    parser.add_argument("--only", choices=[*names, "cards"], help="train one, or write the cards")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "assets" / "models")
    parser.add_argument("--work", type=Path, default=ROOT / ".train", help="for checkpoints")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--steps-scale", type=float, default=1.0, help="0.01 for a trial")
    parser.add_argument("--precision", choices=["auto", "float32", "bfloat16"], default="auto")
    parser.add_argument("--compile", action="store_true", help="faster after a slow first step")
    parser.add_argument("--threads", type=int, default=os.cpu_count())


def main(argv: list[str]) -> int:
    """Train what is asked for; 2 when it cannot be, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend train", description=__doc__)
    add_arguments(parser)
    args = parser.parse_args(argv)
    import torch

    torch.set_num_threads(args.threads)
    machine = Machine.found(args.precision, args.compile)
    recipes = [replace(r, tokens=int(r.tokens * args.steps_scale)) for r in RECIPES]
    try:
        for recipe in recipes:
            if args.only in (None, recipe.name):
                train(recipe, args.data, args.out, args.work, machine, args.resume)
        if args.only in (None, "cards"):
            write_cards(recipes, args.data, args.out)
    except (TrainError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"stopped; --resume goes on from the checkpoint in {args.work}", file=sys.stderr)
        return 130
    return 0
