"""The reward model: what it is taught, that one pass judges as single questions do, its AUC."""

import gzip
import json
import random
from pathlib import Path

import pytest

pytest.importorskip("torch")

from blend import reward, train

TURNS = ("do you like tea", "i do", "which one", "the green one", "bye now")


@pytest.fixture(scope="module")
def tokenizer():
    return train.make_tokenizer({"x": [train.Talk(TURNS * 3)]}, 300)


@pytest.fixture(scope="module")
def base(tokenizer, tmp_path_factory) -> Path:
    recipe = train.Recipe("base-llama", "llama", 1, 64, (), 1e-3, hidden=64, layers=1, vocab=300)
    folder = tmp_path_factory.mktemp("base")
    train.export(train.make_model(recipe), tokenizer, folder, whole=True)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Replies that say 'green' are rated Good, others Poor: something that can be learnt."""
    rng, lines = random.Random(1), []
    for n in range(60):
        good = [rng.random() < 0.7 for _ in range(6)]
        turns = [
            {"text": "the green one" if g else "i do", "rating": "Good" if g else "Poor"}
            for g in good
        ]
        split = "valid" if n % 4 == 0 else "train"
        lines.append(json.dumps({"id": str(n), "split": split, "turns": turns}))
    path = tmp_path / "topical.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def test_ratings_become_labels(file: Path) -> None:
    talks = train.conversations(file.parent, "topical", "valid", reward.rated)
    assert len(talks) == 15
    for talk in talks:
        assert talk.labels == tuple(float("green" in text) for text in talk.turns)


def test_both_speakers_replies_are_judged_at_their_end_tokens(tokenizer) -> None:
    talk = reward.Rated(TURNS, (1.0, 0.0, 1.0, -1.0, 1.0))
    found = list(reward.rows([talk], tokenizer, random.Random(0), reward.Course(swapped=0.0)))
    assert sorted(labels for _, _, labels in found) == [[0.0], [1.0, 1.0]]
    for ids, ends, _ in found:
        assert all(ids[end] == train.END for end in ends)
        assert all(ids[: end + 1].count(train.ASSISTANT) for end in ends)


def test_swapped_replies_come_from_elsewhere_and_count_as_bad(tokenizer) -> None:
    talks = [reward.Rated((text,) * 5, (1.0,) * 5) for text in ("zebra", "tea")]
    course, found = reward.Course(swapped=0.5), []
    for seed in range(20):
        for ids, ends, labels in reward.rows(talks, tokenizer, random.Random(seed), course):
            said = tokenizer.decode(ids).split("<|end|>")
            own = "zebra" if "zebra" in said[0] else "tea"
            judged = [said[ids[:end].count(train.END)] for end in ends]
            found += [(own in text, label) for text, label in zip(judged, labels, strict=True)]
    assert all(label == 0 for own, label in found if not own)
    assert 0.4 < sum(label == 0 for _, label in found) / len(found) < 0.6
    assert 0.15 < sum(not own for own, _ in found) / len(found) < 0.35


def test_one_pass_judges_as_asking_about_each_reply_alone(base: Path, tokenizer) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=1, pad_token_id=train.PAD
    ).eval()
    talk = reward.Rated(TURNS, (1.0,) * 5)
    with torch.inference_mode():
        for ids, ends, _ in reward.rows(
            [talk], tokenizer, random.Random(0), reward.Course(swapped=0.0)
        ):
            together = reward.scores(model, [(ids, ends), (ids[:9], [8])])[: len(ends)]
            alone = [model(torch.tensor([ids[: end + 1]])).logits[0, 0] for end in ends]
            assert together.tolist() == pytest.approx([x.item() for x in alone], abs=1e-5)


def test_it_learns_what_people_rate_well(base: Path, file: Path, tmp_path: Path, capsys) -> None:
    from transformers import AutoModelForSequenceClassification

    args = ["--base", str(base), "--data", str(file.parent), "--out", str(tmp_path / "reward")]
    assert reward.main([*args, "--rounds", "20", "--swapped", "0", "--threads", "1"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["auc"] > 0.95 and report["interval"][0] > 0.9
    assert report["loss"][0] > report["loss"][-1]
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path / "reward")
    assert model.config.num_labels == 1 and model.dtype.itemsize == 2


def test_auc_counts_ties_half_and_its_interval_holds_it() -> None:
    np = pytest.importorskip("numpy")
    rewards, labels = np.array([0.0, 1, 1, 2]), np.array([0, 0, 1, 1])
    assert reward.auc(rewards, labels, np.arange(4)).value == 0.875
    rng = np.random.default_rng(1)
    labels = (rng.random(2000) < 0.9).astype(float)
    rewards = rng.normal(size=2000) + labels
    found = reward.auc(rewards, labels, np.arange(2000) // 20)
    assert found.low < found.value < found.high < found.low + 0.12


def test_bad_input_is_one_line(base: Path, tmp_path: Path, capsys) -> None:
    assert reward.main(["--base", str(tmp_path / "gone"), "--data", str(tmp_path)]) == 2
    assert "no model in" in capsys.readouterr().err
    (tmp_path / "topical.jsonl.gz").write_bytes(b"oops")
    assert reward.main(["--base", str(base), "--data", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "is not dialogue" in error and error.count("\n") == 1
