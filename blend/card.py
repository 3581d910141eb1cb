"""Model cards: what an embedded model is made of, what it scores, what it says, what it cannot do.

`python -m blend card` measures the trained models on the held-out split of every corpus, prints the
table and writes each shipped model its README.md and its curve of losses.
"""

import argparse
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from blend.command_line import finish
from blend.conversation import Message
from blend.members import Sampling
from blend.members.checkpoint import Checkpoint
from blend.members.generate import Generate
from blend.resample import Estimate, resampled
from blend.train import RECIPES, ROOT, Recipe, Talk, TrainError, bits, place, read

SOURCES = {
    "persona": ("google-research-datasets/Synthetic-Persona-Chat, valid and test", "CC BY 4.0"),
    "topical": ("alexa/Topical-Chat, valid and test", "CDLA-Sharing 1.0"),
    "services": ("google-research-datasets/dstc8-schema-guided-dialogue, a part", "CC BY-SA 4.0"),
}
ARCHITECTURES = {"llama": "Llama", "qwen3": "Qwen3", "gpt_neox": "GPT-NeoX"}
CARD = """\
---
license: apache-2.0
language: en
library_name: transformers
pipeline_tag: text-generation
tags: [conversational, blended, cpu]
---
# {name}

A {arch} of {size:.1f} million parameters for the arena of Blended, {kind}. It is small enough to \
answer on any processor and to ship with the code; it is there to be blended and compared, not \
relied on.

## Made of

| corpus | share of the tokens | source | licence |
|---|--:|---|---|
{data}

Only the train split, nine conversations in ten; one in twenty is kept back as valid and one as \
test. Conversations with bracketed holes are left out, those for the speakers' own names are \
filled with first names.

First {base_tokens} tokens of all corpora at a steady learning rate, loss on all tokens, seed \
{base_seed} (`{recipe.base}`, not shipped); then {tokens} tokens with the shares above while the \
rate falls to nothing, loss on the reply tokens only, seed {recipe.seed}. Muon for the matrices of \
the layers and AdamW for the rest, both at {recipe.lr:g}; {recipe.batch:,} tokens a step in rows \
of {recipe.rows[0]} and, in the last third, {recipe.rows[1]:,} (the trained window). \
`python -m blend train --only {name}` does it again. The weights are float16, in one GGUF file.

![The loss of both parts, step by step](curve.svg)

## Bits per byte

Of the second speaker's texts, each given the talk before it, on the test split ({talks} \
conversations); lower is better. `mixed` and `mixed-qwen3` are the controls: the same base, as \
many tokens, all corpora. Measured on the shipped weights.

{table}
{verdict}
## What it says

First replies to {count} fixed openers, {sampling}, one seed each, as they came.

{replies}

## What it cannot do

It knows no facts: names, numbers, prices and addresses are made up, and a booking that it \
confirms exists nowhere. It forgets or contradicts what was said a few turns ago, writes English \
only, follows no instructions, and can say something unkind or untrue, as the people did whose \
chats it learnt from. Do not put it in front of anyone who does not know that it is a toy.
"""


def openers(corpus: str | None = None) -> list[str]:
    """The first lines written for a corpus; of all three, taken in turn, where none is named."""
    lines = tomllib.loads((ROOT / "assets" / "openers.toml").read_text(encoding="utf-8"))
    if corpus:
        return lines[corpus]
    return [line for three in zip(*lines.values(), strict=True) for line in three]


def own(recipe: Recipe) -> str | None:
    """The corpus that a member is made for; None for a base or a control."""
    name, share = max(recipe.shares, key=lambda entry: entry[1])
    return name if share > 0.5 else None


def control(recipe: Recipe) -> str:
    """The model of the same base and tokens that saw all corpora."""
    return next(r.name for r in RECIPES if r.base == recipe.base and own(r) is None)


def ratio(found: np.ndarray, other: np.ndarray) -> Estimate:
    """Bits of one model over bits of another on the same texts: 0.9 is 10 % better.

    The interval resamples conversations, the same for both models.
    """
    both = (found[:, 1] > 0) & (other[:, 1] > 0)
    over = resampled(np.arange(both.sum()), other[both, 0], np.random.default_rng(0), 2000)
    return over.estimates(found[both, :1])[0]


def per_byte(found: np.ndarray) -> float:
    """Bits per byte over all conversations."""
    total = found.sum(axis=0)
    return float(total[0] / total[1])


def table(scores: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """Bits per byte of every model on every corpus, as Markdown; bold where it is the own one."""
    by_name, corpora = {recipe.name: recipe for recipe in RECIPES}, [*SOURCES]
    lines = [f"| model | {' | '.join(corpora)} |", "|---|" + "--:|" * len(corpora)]
    for name, row in scores.items():
        cells = [
            f"**{per_byte(row[c]):.3f}**" if own(by_name[name]) == c else f"{per_byte(row[c]):.3f}"
            for c in corpora
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def verdict(name: str, scores: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """How much better than its control on the own corpus, and what it lost on the others."""
    recipe = next(recipe for recipe in RECIPES if recipe.name == name)
    corpus, other = own(recipe), control(recipe)
    if corpus is None:
        return ""
    kept = ratio(scores[name][corpus], scores[other][corpus])
    lines = [
        f"Against `{other}` on {corpus}: {1 - kept.value:.1%} fewer bits "
        f"(95 % interval {1 - kept.high:.1%} to {1 - kept.low:.1%}, conversations resampled)."
    ]
    for foreign in (c for c in SOURCES if c != corpus):
        more = ratio(scores[name][foreign], scores[other][foreign]).value - 1
        lines.append(f"On {foreign}: {more:+.1%}.")
    if name == "smalltalk" and "smalltalk-alone" in scores:
        alone = ratio(scores[name][corpus], scores["smalltalk-alone"][corpus]).value - 1
        lost = ratio(scores["smalltalk-alone"]["services"], scores[other]["services"]).value - 1
        lines.append(
            f"The tenth of its tokens that is not {corpus} costs {alone:+.1%} there; "
            f"without it the model would be at {lost:+.1%} on services."
        )
    return "\n" + " ".join(lines) + "\n"


def sample(member: Generate, opener: str, seed: int) -> str:
    """The member's first reply to one line; the seed decides it."""
    asked = [Message("user", opener)]
    return "".join(member.pieces(asked, replace(member.sampling, seed=seed)))


def draw_curve(recipe: Recipe, work: Path, file: Path) -> None:
    """The loss of every step, the base's and then the model's own, as a picture."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise TrainError("the curve needs matplotlib: pip install matplotlib") from None

    figure, at = Figure(figsize=(7, 2.6), layout="constrained"), 0
    axes = figure.subplots()
    for part in (recipe.base, recipe.name):
        losses = json.loads((work / part / "curve.json").read_text())
        smooth = [sum(losses[max(0, n - 19) : n + 1]) / min(20, n + 1) for n in range(len(losses))]
        tokens = [(at + n + 1) * recipe.batch / 1e6 for n in range(len(smooth))]
        axes.plot(tokens, smooth, linewidth=1.2, label=part)
        at += len(losses)
    axes.set(xlabel="million tokens", ylabel="nats per token", ylim=(None, 5.5))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


def card(
    recipe: Recipe,
    size: float,
    scores: Mapping[str, Mapping[str, np.ndarray]],
    sampling: Sampling,
    said: Sequence[tuple[str, str]],
) -> str:
    """The text of one model card. size: parameters in millions."""
    base = next(r for r in RECIPES if r.name == recipe.base)
    corpus = own(recipe)
    kind = f"made for {corpus}" if corpus else "which saw all corpora alike"
    data = [f"| {c} | {share:.1%} | {' | '.join(SOURCES[c])} |" for c, share in recipe.shares]
    counted = scores[recipe.name]
    settings = [f"temperature {sampling.temperature:g}", f"top-p {sampling.top_p:g}"]
    settings += [f"min-p {sampling.min_p:g}"] if sampling.min_p else []
    return CARD.format(
        name=recipe.name,
        arch=ARCHITECTURES[recipe.arch],
        size=size,
        kind=kind,
        data="\n".join(data),
        base_tokens=f"{base.steps * base.batch:,}",
        base_seed=base.seed,
        tokens=f"{recipe.steps * recipe.batch:,}",
        recipe=recipe,
        talks=", ".join(f"{int((counted[c][:, 1] > 0).sum())} of {c}" for c in SOURCES),
        table=table(scores),
        verdict=verdict(recipe.name, scores),
        sampling=", ".join(settings),
        count=len(said),
        replies="\n".join(f"- **{opener}**<br>{' '.join(text.split())}" for opener, text in said),
    )


def measure(
    recipes: Sequence[Recipe], data: Path, out: Path, work: Path, split: str
) -> tuple[dict, dict]:
    """Bits and bytes of every model on every corpus, and each model's parameters in millions."""
    from tqdm import tqdm

    talks: dict[str, list[Talk]] = {corpus: read(data, corpus, split) for corpus in SOURCES}
    scores, sizes = {}, {}
    for recipe in tqdm(recipes, desc="bits per byte"):
        checkpoint = Checkpoint.found(str(place(recipe, out, work)))
        # The shipped float16 values, computed with in float32: fast on every processor.
        model, tokenizer = checkpoint.model(dtype="float32").eval(), checkpoint.tokenizer()
        sizes[recipe.name] = model.num_parameters() / 1e6
        scores[recipe.name] = {c: bits(model, tokenizer, t) for c, t in talks.items()}
    return scores, sizes


def write(data: Path, out: Path, work: Path, split: str = "test") -> str:
    """Measure all tuned models, write the cards of those that ship; the table and the verdicts."""
    from blend.roster import read as roster

    tuned = [recipe for recipe in RECIPES if recipe.base]
    for recipe in tuned:
        if not (place(recipe, out, work) / "config.json").is_file():
            folder = place(recipe, out, work)
            raise TrainError(f"no model in {folder}: train it first with --only {recipe.name}")
    scores, sizes = measure(tuned, data, out, work, split)
    samplings = {spec.name: spec.sampling for spec in roster("embedded").members}
    for recipe in (recipe for recipe in tuned if not recipe.kept):
        folder = place(recipe, out, work)
        sampling = samplings.get(recipe.name, Sampling(temperature=0.7, top_p=0.9, max_tokens=80))
        lines = enumerate(openers(own(recipe))[:10])
        member = Generate.load(recipe.name, str(folder), sampling, device="cpu")
        said = [(line, sample(member, line, seed)) for seed, line in lines]
        text = card(recipe, sizes[recipe.name], scores, sampling, said)
        (folder / "README.md").write_text(text, encoding="utf-8")
        draw_curve(recipe, work, folder / "curve.svg")
    verdicts = [verdict(recipe.name, scores).strip() for recipe in tuned if not recipe.kept]
    worst = worst_foreign(scores)
    return "\n".join([table(scores), "", *filter(None, verdicts), "", worst])


def worst_foreign(scores: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """The least lead that a shipped member has over another one on its own corpus."""
    made = {own(r): r.name for r in RECIPES if r.base and not r.kept and own(r)}
    least, pair = math.inf, ("", "")
    for corpus, name in made.items():
        for other in made.values():
            if other != name:
                lead = 1 - ratio(scores[name][corpus], scores[other][corpus]).value
                least, pair = min((least, pair), (lead, (name, other)))
    return f"Least lead on the own corpus over another member: {least:.1%} ({' over '.join(pair)})."


def main(argv: list[str]) -> int:
    """Write the cards; 2 when something is missing, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m blend card", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "assets" / "models")
    parser.add_argument("--work", type=Path, default=ROOT / ".train")
    parser.add_argument("--split", default="test", help="valid while recipes are being chosen")
    args = parser.parse_args(argv)
    return finish(
        "blend card",
        lambda: print(write(args.data, args.out, args.work, args.split)),
        (TrainError,),
        "the cards written so far are whole",
    )
