"""How the embedded members were made: dialogue in, models out.

python -m blend train makes every model of recipes.py. All that is random comes from the recipe's
seed, and a batch depends on the seed and the step alone: that is why `--resume` ends in the same
weights as a run that was never stopped. It downloads nothing and reads only the train split.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from blend.command_line import THREADS, CommandError, at_least, finish
from blend.training import gguf_writer
from blend.training.corpora import BEGIN, END, PAD, make_tokenizer, read, stream
from blend.training.recipes import DATA, MODELS, RECIPES, WORK, Recipe
from blend.training.training_loop import TrainingDevice, fit

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def make_model(recipe: Recipe) -> PreTrainedModel:
    """An untrained model of the recipe's shape; its first weights come from the seed."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(recipe.seed)
    heads = recipe.hidden // recipe.head
    if recipe.arch == "gpt_neox":
        shape = {"intermediate_size": 4 * recipe.hidden}
    else:
        shape = {"intermediate_size": 3 * recipe.hidden, "head_dim": recipe.head}
        shape["num_key_value_heads"] = max(1, heads // 2)
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


def export(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path, whole: bool = False
) -> None:
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


def ship(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write the model as one GGUF file, and beside it what transformers reads with it."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.dtype = "float16"
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    gguf_writer.write(model, tokenizer, folder / f"{folder.name}.gguf")


def train(
    recipe: Recipe, data: Path, out: Path, work: Path, machine: TrainingDevice, resume: bool = False
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
        raise CommandError(
            f"{recipe.name} is tuned from {recipe.base}, which is not in {work}: "
            f"train it first with --only {recipe.base}"
        )
    fit(recipe, model, stream(recipe, corpora, tokenizer), work / recipe.name, machine, resume)
    folder = recipe.folder(out, work)
    if recipe.internal:
        export(model, tokenizer, folder, whole=recipe.base is None)
    else:
        ship(model, tokenizer, folder)


def main(argv: list[str]) -> int:
    """Train what is asked for; 2 when it cannot be, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend train", description=__doc__)
    add = parser.add_argument
    add("--only", choices=[recipe.name for recipe in RECIPES], help="train this one alone")
    add("--data", type=Path, default=DATA)
    add("--out", type=Path, default=MODELS)
    add("--work", type=Path, default=WORK, help="for checkpoints")
    add("--resume", action="store_true", help="go on from the last checkpoint")
    add("--steps-scale", type=at_least(0, kind=float), default=1.0, help="0.01 for a trial")
    add("--precision", choices=["auto", "float32", "bfloat16"], default="auto")
    add("--compile", action="store_true", help="faster after a slow first step")
    add("--threads", type=THREADS, default=os.cpu_count())
    args = parser.parse_args(argv)
    import torch

    torch.set_num_threads(args.threads)
    machine = TrainingDevice.detect(args.precision, args.compile)

    def work() -> None:
        for recipe in RECIPES:
            if args.only in (None, recipe.name):
                scaled = replace(recipe, tokens=int(recipe.tokens * args.steps_scale))
                train(scaled, args.data, args.out, args.work, machine, args.resume)

    stopped = f"--resume goes on from the checkpoint in {args.work}"
    return finish("blend train", work, stopped=stopped)
