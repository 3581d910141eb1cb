"""The reward model: what it is taught, that one pass rates as single questions do, its AUC."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from blend.training import corpora, reward_model, train
from blend.training.recipes import Recipe

TURNS = ("do you like tea", "i do", "which one", "the green one", "bye now")
HONEST = reward_model.RewardRecipe(swapped=0.0)


@pytest.fixture(scope="module")
def tokenizer():
    return corpora.make_tokenizer({"x": [corpora.TrainingDialogue(TURNS * 3)]}, 300)


@pytest.fixture(scope="module")
def base(tokenizer, tmp_path_factory) -> Path:
    recipe = Recipe("base-llama", "llama", 1, 64, (), 1e-3, hidden=64, layers=1, vocab=300)
    folder = tmp_path_factory.mktemp("base")
    train.export(train.make_model(recipe), tokenizer, folder, whole=True)
    return folder


def rows(labels: list, tokenizer) -> list:
    dialogue = [*zip(TURNS, labels, strict=True)]
    return [*reward_model.rows([dialogue], tokenizer, random.Random(0), HONEST)]


def test_both_speakers_replies_are_rated_at_their_end_tokens(tokenizer) -> None:
    found = rows([1.0, 0.0, 1.0, None, 1.0], tokenizer)
    assert sorted(labels for _, _, labels in found) == [[0.0], [1.0, 1.0]]
    for ids, ends, _ in found:
        assert all(ids[end] == corpora.END for end in ends)
        assert all(ids[: end + 1].count(corpora.ASSISTANT) for end in ends)


def test_swapped_replies_come_from_elsewhere_and_count_as_bad(tokenizer) -> None:
    dialogues = [[(text, 1.0)] * 5 for text in ("zebra", "tea")]
    recipe, found = reward_model.RewardRecipe(swapped=0.5), []
    for seed in range(20):
        for ids, ends, labels in reward_model.rows(
            dialogues, tokenizer, random.Random(seed), recipe
        ):
            said = tokenizer.decode(ids).split("<|end|>")
            own = "zebra" if "zebra" in said[0] else "tea"
            replies = [said[ids[:end].count(corpora.END)] for end in ends]
            found += [(own in text, label) for text, label in zip(replies, labels, strict=True)]
    assert all(label == 0 for own, label in found if not own)
    assert 0.4 < sum(label == 0 for _, label in found) / len(found) < 0.6
    assert 0.15 < sum(not own for own, _ in found) / len(found) < 0.35


def test_one_pass_rates_as_asking_about_each_reply_alone(base: Path, tokenizer) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    how = {"num_labels": 1, "pad_token_id": corpora.PAD}
    model = AutoModelForSequenceClassification.from_pretrained(base, **how).eval()
    with torch.inference_mode():
        for ids, ends, labels in rows([1.0] * 5, tokenizer):
            batch = [(ids, ends, labels), (ids[:9], [8], [1.0])]
            together = reward_model.scores(model, batch)[: len(ends)]
            alone = [model(torch.tensor([ids[: end + 1]])).logits[0, 0] for end in ends]
            assert together.tolist() == pytest.approx([x.item() for x in alone], abs=1e-5)


def test_it_learns_what_people_rate_well(base: Path, tmp_path: Path, capsys) -> None:
    """Replies that say 'green' are rated Good, others Poor."""
    from transformers import AutoModelForSequenceClassification

    rng, lines = random.Random(1), []
    ratings = {"the green one": "Good", "i do": "Poor"}
    for n in range(60):
        texts = rng.choices([*ratings], (0.7, 0.3), k=6)
        turns = [{"text": text, "rating": ratings[text]} for text in texts]
        split = "valid" if n % 4 == 0 else "train"
        lines.append(json.dumps({"id": str(n), "split": split, "turns": turns}))
    (tmp_path / "topical.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    args = ["--base", str(base), "--data", str(tmp_path), "--out", str(tmp_path / "reward")]
    assert reward_model.main([*args, "--rounds", "20", "--swapped", "0", "--threads", "1"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["auc"] > 0.95 and report["interval"][0] > 0.9
    assert report["loss"][0] > report["loss"][-1]
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "reward")
    assert model.config.num_labels == 1 and model.dtype.itemsize == 2


def test_auc_counts_ties_half_and_its_interval_holds_it() -> None:
    rewards, labels = np.array([0.0, 1, 1, 2]), np.array([0, 0, 1, 1])
    assert reward_model.auc(rewards, labels, np.arange(4)).value == 0.875
    rng = np.random.default_rng(1)
    labels = (rng.random(2000) < 0.9).astype(float)
    rewards = rng.normal(size=2000) + labels
    found = reward_model.auc(rewards, labels, np.arange(2000) // 20)
    assert found.low < found.value < found.high < found.low + 0.12


def test_a_missing_base_is_one_line(tmp_path: Path, capsys) -> None:
    assert reward_model.main(["--base", str(tmp_path / "gone"), "--data", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "no model in" in error and error.count("\n") == 1
