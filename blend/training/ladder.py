"""The models that the collaboration law is measured on: three families, four sizes, two seeds.

python -m blend ladder --data FOLDER trains them, one after another, and writes a roster of them for
`python -m blend law`. Two families differ by architecture alone and two by what they read alone, so
that the study can tell which kind of difference a pool gains from. All share one tokenizer of 1,024
tokens, so that embeddings do not drown the sizes. Every model has an order of reading of its own:
two of different families are as differently seeded as two of one. They are not shipped.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from blend.command_line import THREADS, at_least, finish
from blend.training.corpora import make_tokenizer, read, stream
from blend.training.recipes import MIX, ROOT, Recipe
from blend.training.train import export, make_model
from blend.training.training_loop import TrainingDevice, fit

TOKENS = 2_000_000
SHAPES = {"0.1M": (64, 2), "0.3M": (96, 3), "0.8M": (128, 4), "1.8M": (192, 4)}
"""Hidden size and layers by name: the parameters outside the embeddings."""
CHATTY = (("persona", 0.45), ("topical", 0.45), ("services", 0.1))
FAMILIES = {
    "llama": ("llama", MIX),
    "neox": ("gpt_neox", MIX),
    "llama-chatty": ("llama", CHATTY),
}
"""Architecture and shares of the corpora."""
SEEDS = (1, 2)


def recipes(scale: float = 1.0) -> Iterator[tuple[str, Recipe]]:
    """Family and recipe of every model; all of the first seed come first, small before large."""
    same = {"lr": 5e-3, "head": 32, "vocab": 1024, "batch": 2048, "rows": (512, 1024)}
    for seed in SEEDS:
        for place, (family, (arch, shares)) in enumerate(FAMILIES.items(), start=1):
            for size, (hidden, layers) in SHAPES.items():
                shape = {"hidden": hidden, "layers": layers, "internal": True, "cools": True}
                numbers = (100 * place + seed, int(TOKENS * scale))
                name = f"{family}-{size}-s{seed}"
                yield family, Recipe(name, arch, *numbers, shares, **same, **shape)


def train(data: Path, work: Path, machine: TrainingDevice, scale: float, resume: bool) -> None:
    """Train what is not there yet; the roster names the models that are, after each of them."""
    from tqdm import tqdm

    corpora = {name: read(data, name, "train") for name, _ in MIX}
    tokenizer = make_tokenizer(corpora, 1024)
    _write_test_split(data, work / "test")
    every = list(recipes(scale))
    seed, tokens = 0, None
    for _family, recipe in tqdm(every, desc="ladder", unit="model", disable=None):
        if not (resume and _trained(work, recipe)):
            # All sizes of a family and seed read the same in the same order: encoded once.
            if seed != recipe.seed:
                seed, tokens = recipe.seed, stream(recipe, corpora, tokenizer)
            model = make_model(recipe)
            fit(recipe, model, tokens, work / recipe.name, machine, resume)
            export(model, tokenizer, recipe.folder(work, work), whole=True)
        _write_roster(work, [(f, r.name) for f, r in every if _trained(work, r)])


def _trained(work: Path, recipe: Recipe) -> bool:
    return (recipe.folder(work, work) / "config.json").is_file()


def _write_test_split(data: Path, folder: Path) -> None:
    """The test split of every corpus as the models would see it, for `python -m blend law`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, _ in MIX:
        rows = [{"turns": [{"text": t} for t in each.turns]} for each in read(data, name, "test")]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")


def _write_roster(work: Path, models: list[tuple[str, str]]) -> None:
    """models: family and name."""
    tables = [
        f'[[member]]\nname = "{name}"\nfamily = "{family}"\nengine = "generate"\n'
        # What they were trained on is 1,024 tokens wide.
        f'path = "{name}/model"\nwindow = 1024\n'
        for family, name in models
    ]
    names = json.dumps([name for _, name in models])
    blend = f'[[blend]]\nname = "Blended"\nmembers = {names}\n'
    (work / "ladder.toml").write_text("\n".join([*tables, blend]), encoding="utf-8")


def main(argv: list[str]) -> int:
    """Train what is missing; 2 when it cannot be, 130 when stopped by Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend ladder", description=__doc__)
    add = parser.add_argument
    add("--data", type=Path, required=True, help="the folder of dialogue files")
    add("--work", type=Path, default=ROOT / ".ladder", help="for models, checkpoints, the roster")
    add("--resume", action="store_true", help="keep what is trained, go on with what is not")
    add("--steps-scale", type=at_least(0, kind=float), default=1.0, help="0.01 for a trial")
    add("--precision", choices=["auto", "float32", "bfloat16"], default="auto")
    add("--threads", type=THREADS, default=1, help="of one processor each; small models need one")
    args = parser.parse_args(argv)
    import torch

    torch.set_num_threads(args.threads)
    machine = TrainingDevice.detect(args.precision)
    given = (args.data, args.work, machine, args.steps_scale, args.resume)
    stopped = f"--resume goes on from the checkpoint in {args.work}"
    return finish("blend ladder", lambda: train(*given), stopped=stopped)
