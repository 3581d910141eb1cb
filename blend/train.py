"""How the embedded members were made: dialogue in, tokenizer, packing, training, models out.

One base an architecture learns from all corpora at a steady rate. Each member is tuned from its
base on its own corpus while the rate falls, with a share of the others kept, because in a blend it
takes over conversations that another member began. A control goes on with all corpora for as many
tokens, so that a member is compared with what the same model would have been without a speciality.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from blend import gguf_writer
from blend.command_line import finish

if TYPE_CHECKING:
    import numpy as np
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]
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


class TrainError(ValueError):
    """What was asked for cannot be trained; the message names the thing and the mend."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a model's weights, apart from the data and the machine's rounding.

    tokens: seen in this run, the base's not counted. lr: of Muon for the matrices between the
    layers and of AdamW for the rest. base: the recipe whose weights this one starts from.
    """

    name: str
    arch: str
    seed: int
    tokens: int
    shares: tuple[tuple[str, float], ...]
    lr: float
    base: str | None = None
    hidden: int = 256
    layers: int = 4
    head: int = 64
    vocab: int = 3072
    batch: int = 3072
    # Short rows first: attention is cheaper and the first steps learn words, not conversations.
    rows: tuple[int, int] = (512, 1536)
    # Not shipped: what members start from or are compared with.
    kept: bool = False
    # Whether the rate falls to 0 where no base is there to start from: yes where nothing is tuned
    # from this one.
    cools: bool = False

    @property
    def steps(self) -> int:
        return max(3, self.tokens // self.batch)

    @property
    def replies_only(self) -> bool:
        """Whether only the assistant's tokens count in the loss: yes where a base is tuned."""
        return self.base is not None

    def row(self, step: int) -> int:
        """Length of the rows of this step: the last third is trained on the whole window."""
        return self.rows[step >= self.steps * 2 // 3]

    def rate(self, step: int) -> float:
        """Share of the learning rate: a warmup, then steady for a base, falling to 0 for others.

        A base that does not cool down is a better start than one that did; tuning is the cool-down
        (warmup-stable-decay: Hu et al., arXiv 2404.06395).
        """
        warm = min(1.0, (step + 1) / max(1, min(50, self.steps // 10)))
        steady = self.base is None and not self.cools
        return warm if steady else warm * (1 - step / self.steps)


MIX = (("persona", 0.3), ("topical", 0.35), ("services", 0.35))


def _base(arch: str, seed: int) -> Recipe:
    rows = (512, 1024)
    return Recipe(f"base-{arch}", arch, seed, 3_500_000, MIX, 5e-3, rows=rows, kept=True)


def _tuned(name: str, arch: str, seed: int, own: str, share: float = 0.9) -> Recipe:
    others = [corpus for corpus, _ in MIX if corpus != own]
    shares = ((own, share), *((other, (1 - share) / 2) for other in others)) if own else MIX
    kept = "-" in name
    return Recipe(name, arch, seed, 1_500_000, shares, 5e-3, base=f"base-{arch}", kept=kept)


RECIPES = (
    _base("llama", 1),
    _tuned("smalltalk", "llama", 2, "persona"),
    _tuned("concierge", "llama", 3, "services"),
    _tuned("mixed", "llama", 4, ""),
    _base("qwen3", 5),
    _tuned("trivia", "qwen3", 6, "topical"),
    _tuned("mixed-qwen3", "qwen3", 7, ""),
    # What the share of the other corpora costs on the own one: the same member without it.
    _tuned("smalltalk-alone", "llama", 2, "persona", share=1.0),
)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation: its texts in turn, and who each of the two speakers was told to be."""

    turns: tuple[str, ...]
    personas: tuple[str, ...] = ()
    # Of two equal people either may be the assistant; a concierge and a customer do not swap.
    swaps: bool = True


def conversations(
    folder: Path, corpus: str, split: str, made: Callable[[dict[str, Any]], T]
) -> list[T]:
    """What is made of each row of one split of FOLDER/CORPUS.jsonl or .jsonl.gz."""
    found = [p for p in (folder / f"{corpus}.jsonl", folder / f"{corpus}.jsonl.gz") if p.is_file()]
    if not found:
        raise TrainError(f"no {corpus}.jsonl.gz in {folder}: name the data's folder with --data")
    opened = gzip.open if found[0].suffix == ".gz" else open
    try:
        with opened(found[0], "rt", encoding="utf-8") as lines:
            things = [made(row) for row in map(json.loads, lines) if row["split"] == split]
    except (OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise TrainError(f"{found[0]} is not dialogue as JSON lines: {error!r}") from error
    if not things:
        raise TrainError(f"{found[0]} has no conversation with split {split!r}: add some")
    return things


def read(folder: Path, corpus: str, split: str) -> list[Talk]:
    """The conversations of one split, but those with holes; see `conversations`."""
    talks = conversations(folder, corpus, split, _talk)
    return [talk for talk in talks if not any("[" in turn for turn in talk.turns)]


def _talk(row: dict[str, Any]) -> Talk:
    """A row's conversation, with first names in the holes left for the speakers' own."""
    names = random.Random(row["id"]).sample(NAMES.split(), 2)
    turns = tuple(HOLE.sub(lambda h: names[int(h[1]) - 1], t["text"]) for t in row["turns"])
    personas = tuple(" ".join(said) for said in row.get("personas", ()))
    return Talk(turns, personas, swaps="services" not in row)


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


def make_model(recipe: Recipe) -> PreTrainedModel:
    """An untrained model of the recipe's shape; its first weights come from the seed."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(recipe.seed)
    heads = recipe.hidden // recipe.head
    shape = {
        "intermediate_size": recipe.hidden * (4 if recipe.arch == "gpt_neox" else 3),
        "num_key_value_heads": max(1, heads // 2),
        "head_dim": recipe.head,
    }
    if recipe.arch == "gpt_neox":
        del shape["num_key_value_heads"], shape["head_dim"]
    config = AutoConfig.for_model(
        recipe.arch,
        vocab_size=recipe.vocab,
        hidden_size=recipe.hidden,
        num_hidden_layers=recipe.layers,
        num_attention_heads=heads,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=BEGIN,
        eos_token_id=END,
        pad_token_id=PAD,
        **shape,
    )
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32)


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
        """A GPU where there is one; bfloat16 only where it is fast."""
        import torch

        device = "cuda" if torch.cuda.is_available() else "cpu"
        processor = getattr(torch.cpu, "get_capabilities", dict)()  # torch 2.8 has none
        fast = device == "cuda" or processor.get("avx512_bf16", False)
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
    head = model.get_output_embeddings()
    return cross_entropy(head(hidden[keep]).float(), ids[:, 1:][keep])


def _optimizers(model: Any) -> list[Any]:
    """Muon for the matrices of the layers, AdamW for embeddings, gains and biases.

    Muon (https://kellerjordan.github.io/posts/muon/) needs about 0.6 of AdamW's tokens here for the
    same loss and a sixth more time a step.
    """
    import torch

    embeddings = {id(model.get_input_embeddings().weight)}
    named = [*model.parameters()]
    matrices = [p for p in named if p.dim() == 2 and id(p) not in embeddings]
    rest = [p for p in named if p.dim() != 2 or id(p) in embeddings]
    muon = torch.optim.Muon(matrices, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    return [muon, torch.optim.AdamW(rest, betas=(0.9, 0.95), weight_decay=0.0)]


def fit(
    recipe: Recipe,
    model: PreTrainedModel,
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
    optimizers = _optimizers(model)
    losses = _load(work, recipe, model, optimizers) if resume else []
    start, began = len(losses), time.monotonic()
    body = model.base_model
    body = torch.compile(body, dynamic=False) if machine.compiled else body
    half = torch.autocast(machine.device, torch.bfloat16) if machine.bfloat16 else nullcontext()
    quiet = 0.5 if sys.stderr.isatty() else 20
    with tqdm(
        total=recipe.steps, initial=start, desc=recipe.name, unit="step", mininterval=quiet
    ) as bar:
        for step in range(start, recipe.steps):
            for group in (group for o in optimizers for group in o.param_groups):
                group["lr"] = recipe.lr * recipe.rate(step)
            with half:
                loss = _loss(model, body, *_batch(recipe, step, *data, machine.device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
                optimizer.zero_grad()
            losses.append(loss.item())
            speed = (step + 1 - start) * recipe.batch / (time.monotonic() - began)
            shown = sum(losses[-20:]) / len(losses[-20:])
            bar.set_postfix_str(f"loss {shown:.3f}, {speed:,.0f} tokens/s", refresh=False)
            bar.update()
            if (step + 1) % machine.every == 0 or step + 1 == recipe.steps:
                _save(work, recipe, model, optimizers, losses)


def _save(work: Path, recipe: Recipe, model: Any, optimizers: list, losses: list[float]) -> None:
    import torch

    state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in optimizers]}
    torch.save({**state, "losses": losses, "recipe": repr(recipe)}, work / "checkpoint.new")
    # Replaced in one move: a stop while writing leaves the checkpoint before.
    os.replace(work / "checkpoint.new", work / "checkpoint.pt")
    (work / "curve.json").write_text(json.dumps([round(loss, 4) for loss in losses]))


def _load(work: Path, recipe: Recipe, model: Any, optimizers: list[Any]) -> list[float]:
    """Put the checkpoint back; the losses so far, one a step, or none where nothing was saved."""
    import torch

    if not (work / "checkpoint.pt").is_file():
        return []
    state = torch.load(work / "checkpoint.pt", map_location=model.device)
    if state["recipe"] != repr(recipe):
        raise TrainError(f"{work} holds a run of another recipe: leave out --resume")
    model.load_state_dict(state["model"])
    for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(kept)
    return state["losses"]


def export(model: PreTrainedModel, tokenizer: Any, folder: Path, whole: bool = False) -> None:
    """Write what transformers needs to load the model: in bfloat16, or `whole`, in float32, for
    what is to be trained further."""
    import torch
    from transformers import GenerationConfig

    model.to("cpu", torch.float32 if whole else torch.bfloat16).eval()
    model.generation_config = GenerationConfig(
        bos_token_id=BEGIN, eos_token_id=END, pad_token_id=PAD
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def ship(model: PreTrainedModel, tokenizer: Any, folder: Path) -> None:
    """Write the model as one GGUF file, and beside it what transformers reads with it."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.dtype = "float16"
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    gguf_writer.write(model, tokenizer, folder / f"{folder.name}.gguf")


def train(
    recipe: Recipe, data: Path, out: Path, work: Path, machine: Machine, resume: bool = False
) -> None:
    """Train one model: a member goes to OUT, a base or a control to WORK, ready to load."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    corpora = {name: read(data, name, "train") for name, _ in recipe.shares}
    if recipe.base is None:
        tokenizer, model = make_tokenizer(corpora, recipe.vocab), make_model(recipe)
    elif (start := work / recipe.base / "model").is_dir():
        tokenizer = AutoTokenizer.from_pretrained(start)
        model = AutoModelForCausalLM.from_pretrained(start, dtype="float32")
    else:
        raise TrainError(
            f"{recipe.name} is tuned from {recipe.base}, which is not in {work}: "
            f"train it first with --only {recipe.base}"
        )
    fit(recipe, model, stream(recipe, corpora, tokenizer), work / recipe.name, machine, resume)
    folder = place(recipe, out, work)
    if recipe.kept:
        export(model, tokenizer, folder, whole=recipe.base is None)
    else:
        ship(model, tokenizer, folder)


def place(recipe: Recipe, out: Path, work: Path) -> Path:
    """Where a trained model lies."""
    return work / recipe.name / "model" if recipe.kept else out / recipe.name


def bits(model: Any, tokenizer: Any, talks: Sequence[Talk]) -> np.ndarray:
    """How badly the model foresees the second speaker's texts, each given the talk before it.

    Returns (talks, 2): bits and bytes of every conversation; 0 of both where one is longer than
    the model's positions. Bits per byte is the ratio of the sums.
    """
    import numpy as np
    import torch
    from torch.nn.functional import cross_entropy

    encode, found = tokenizer.backend_tokenizer.encode_batch, np.zeros((len(talks), 2))
    for place, talk in enumerate(talks):
        ids, reply = render([coded.ids for coded in encode([*talk.turns])])
        if len(ids) <= model.config.max_position_embeddings:
            tokens, counts = torch.tensor([ids]), torch.tensor(reply[1:])
            with torch.inference_mode():
                logits = model(input_ids=tokens).logits[0, :-1][counts].float()
            loss = cross_entropy(logits, tokens[0, 1:][counts], reduction="sum").item()
            size = sum(len(text.encode()) for text in talk.turns[1::2])
            found[place] = loss / math.log(2), size
    return found


def main(argv: list[str]) -> int:
    """Train what is asked for; 2 when it cannot be, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend train", description=__doc__)
    names = [recipe.name for recipe in RECIPES]
    parser.add_argument("--only", choices=names, help="train this one alone")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "assets" / "models")
    parser.add_argument("--work", type=Path, default=ROOT / ".train", help="for checkpoints")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--steps-scale", type=float, default=1.0, help="0.01 for a trial")
    parser.add_argument("--precision", choices=["auto", "float32", "bfloat16"], default="auto")
    parser.add_argument("--compile", action="store_true", help="faster after a slow first step")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args(argv)
    import torch

    torch.set_num_threads(args.threads)
    machine = Machine.found(args.precision, args.compile)
    recipes = [replace(r, tokens=int(r.tokens * args.steps_scale)) for r in RECIPES]

    def work() -> None:
        for recipe in recipes:
            if args.only in (None, recipe.name):
                train(recipe, args.data, args.out, args.work, machine, args.resume)

    stopped = f"--resume goes on from the checkpoint in {args.work}"
    return finish("blend train", work, (TrainError,), stopped)
