"""Model cards: what an embedded model is made of, what it scores, what it says, what it cannot do.

`python -m blend card` measures the trained models on the held-out split of every corpus, prints the
table and writes each shipped model its README.md and its curve of losses.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from blend.command_line import CommandError, finish
from blend.members import Sampling
from blend.members.local.checkpoint import Checkpoint
from blend.members.local.generate import Generate
from blend.message import Message
from blend.training.bits_per_byte import Scores, bits, table, verdict, worst_foreign
from blend.training.corpora import read
from blend.training.recipes import BY_NAME, DATA, MODELS, RECIPES, ROOT, WORK, Recipe

SOURCES = {
    "persona": ("google-research-datasets/Synthetic-Persona-Chat, valid and test", "CC BY 4.0"),
    "topical": ("alexa/Topical-Chat, valid and test", "CDLA-Sharing 1.0"),
    "services": ("google-research-datasets/dstc8-schema-guided-dialogue, a part", "CC BY-SA 4.0"),
}
ARCHITECTURES = {"llama": "Llama", "qwen3": "Qwen3", "gpt_neox": "GPT-NeoX"}


def openers(corpus: str | None = None) -> list[str]:
    """The first lines written for a corpus; of all three, taken in turn, where none is named."""
    lines = tomllib.loads((ROOT / "assets" / "openers.toml").read_text(encoding="utf-8"))
    if corpus:
        return lines[corpus]
    return [line for three in zip(*lines.values(), strict=True) for line in three]


def draw_curve(recipe: Recipe, work: Path, file: Path) -> None:
    """The loss of every step, the base's and then the model's own, as a picture."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise CommandError("the curve needs matplotlib: pip install matplotlib") from None

    figure, steps = Figure(figsize=(7, 2.6), layout="constrained"), 0
    axes = figure.subplots()
    for part in (recipe.base, recipe.name):
        losses = pd.Series(json.loads((work / part / "curve.json").read_text()))
        tokens = (steps + 1 + losses.index) * recipe.batch / 1e6
        axes.plot(tokens, losses.rolling(20, min_periods=1).mean(), linewidth=1.2, label=part)
        steps += len(losses)
    axes.set(xlabel="million tokens", ylabel="nats per token", ylim=(None, 5.5))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


def card(
    recipe: Recipe,
    size: float,
    scores: Scores,
    sampling: Sampling,
    replies: Sequence[tuple[str, str]],
) -> str:
    """The text of one model card. size: parameters in millions. replies: each after its opener."""
    from jinja2 import Environment

    environment = Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    template = environment.from_string((MODELS / "card.md.jinja").read_text(encoding="utf-8"))
    return template.render(
        recipe=recipe,
        base=BY_NAME[recipe.base],
        architecture=ARCHITECTURES[recipe.arch],
        size=size,
        sources=SOURCES,
        conversations={c: int((scores[recipe.name][c][:, 1] > 0).sum()) for c in SOURCES},
        table=table(scores),
        verdict=verdict(recipe.name, scores),
        sampling=sampling,
        replies=replies,
    )


def write(data: Path, out: Path, work: Path, split: str = "test") -> str:
    """Measure all tuned models, write the cards of those that ship; the table and the verdicts."""
    from tqdm import tqdm

    from blend.roster import read as read_roster

    tuned = [recipe for recipe in RECIPES if recipe.base]
    for recipe in tuned:
        folder = recipe.folder(out, work)
        if not (folder / "config.json").is_file():
            raise CommandError(f"no model in {folder}: train it first with --only {recipe.name}")
    corpora = {corpus: read(data, corpus, split) for corpus in SOURCES}
    scores, sizes = {}, {}
    for recipe in tqdm(tuned, desc="bits per byte"):
        checkpoint = Checkpoint.locate(str(recipe.folder(out, work)))
        # The shipped float16 values, computed with in float32: fast on every processor.
        model, tokenizer = checkpoint.model(dtype="float32").eval(), checkpoint.tokenizer()
        sizes[recipe.name] = model.num_parameters() / 1e6
        scores[recipe.name] = {c: bits(model, tokenizer, d) for c, d in corpora.items()}
    samplings = {spec.name: spec.sampling for spec in read_roster("embedded").members}
    shipped = [recipe for recipe in tuned if not recipe.internal]
    for recipe in shipped:
        folder = recipe.folder(out, work)
        sampling = samplings.get(recipe.name, Sampling(temperature=0.7, top_p=0.9, max_tokens=80))
        replies = _replies(recipe, folder, sampling)
        text = card(recipe, sizes[recipe.name], scores, sampling, replies)
        (folder / "README.md").write_text(text, encoding="utf-8")
        draw_curve(recipe, work, folder / "curve.svg")
    verdicts = filter(None, (verdict(recipe.name, scores) for recipe in shipped))
    return "\n".join([table(scores), "", *verdicts, "", worst_foreign(scores)])


def _replies(recipe: Recipe, folder: Path, sampling: Sampling) -> list[tuple[str, str]]:
    """Ten openers of its corpus with the member's first replies; the seed decides each."""
    member = Generate.load(recipe.name, str(folder), sampling, device="cpu")
    return [
        (line, "".join(member.pieces([Message("user", line)], replace(sampling, seed=seed))))
        for seed, line in enumerate(openers(recipe.speciality)[:10])
    ]


def main(argv: list[str]) -> int:
    """Write the cards; 2 when something is missing, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend card", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--work", type=Path, default=WORK)
    parser.add_argument("--split", default="test", help="valid while recipes are being chosen")
    args = parser.parse_args(argv)
    return finish(
        "blend card",
        lambda: print(write(args.data, args.out, args.work, args.split)),
        stopped="the cards written so far are whole",
    )
