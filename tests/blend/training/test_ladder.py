"""The models of the law's study: their shapes, and that a stopped run goes on."""

import json
from itertools import groupby

import pytest

from blend.roster import read
from blend.training import ladder
from blend.training.train import make_model

SENTENCE = "my dog likes to run in the park and so do I when it is fine"


@pytest.fixture
def data(tmp_path):
    for name in ("persona", "topical", "services"):
        turns = [{"text": f"{name} {SENTENCE[4 * k :]}"} for k in range(6)]
        splits = ["test"] * 4 + ["train"] * 16
        rows = [{"id": str(n), "split": s, "turns": turns} for n, s in enumerate(splits)]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_families_have_the_same_sizes_and_no_two_models_a_seed_and_shape():
    every = list(ladder.recipes())
    assert len(every) == 24 and len({recipe.name for _, recipe in every}) == 24
    assert len({(r.arch, r.seed, r.hidden) for _, r in every}) == 24
    assert {r.tokens for _, r in every} == {ladder.TOKENS}
    for _, one in groupby(sorted(every, key=lambda e: e[1].hidden), lambda e: e[1].hidden):
        models = [make_model(recipe) for _, recipe in one]
        outside = [
            sum(p.numel() for p in m.parameters()) - m.get_input_embeddings().weight.numel()
            for m in models
        ]
        assert max(outside) / min(outside) < 1.05 and 90_000 < min(outside) < 2_000_000


def test_a_run_goes_on_and_lists_what_there_is(data, tmp_path, monkeypatch):
    monkeypatch.setattr(ladder, "SHAPES", {"tiny": (32, 1)})
    monkeypatch.setattr(ladder, "FAMILIES", {"llama": ("llama", ladder.MIX)})
    work = tmp_path / "work"
    asked = ["--data", str(data), "--work", str(work), "--steps-scale", "0.001", "--resume"]
    assert ladder.main(asked) == 0
    first = (work / "llama-tiny-s1" / "model" / "model.safetensors").stat().st_mtime_ns
    assert ladder.main(asked) == 0

    again = (work / "llama-tiny-s1" / "model" / "model.safetensors").stat().st_mtime_ns
    assert again == first
    roster = read(work / "ladder.toml")
    assert [m.name for m in roster.members] == ["llama-tiny-s1", "llama-tiny-s2"]
    assert {m.family for m in roster.members} == {"llama"}
    rows = (work / "test" / "persona.jsonl").read_text().splitlines()
    assert len(rows) == 4 and "persona" in json.loads(rows[0])["turns"][0]["text"]
