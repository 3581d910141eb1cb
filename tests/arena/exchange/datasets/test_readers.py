"""Data sets as the programs read them that they are made for; those that are not installed skip."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_models
from judged import BATTLES
from pyarrow.parquet import read_table

from arena.exchange import export
from arena.exchange.datasets.forms import FORMS

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, on one another


def needed(*modules: str) -> None:
    """Skip where one of them is missing; underscores of a module are dashes of its package."""
    names = " ".join(name.replace("_", "-") for name in modules)
    for name in modules:
        pytest.importorskip(name, reason=f"needs {name}: pip install {names}")


@pytest.fixture(scope="module")
def folder(db, tmp_path_factory) -> Path:
    """A data set of all forms, of a small site."""
    out = tmp_path_factory.mktemp("site") / "out"
    every = [argument for form in FORMS for argument in ("--for", form)]
    assert export.main(["--db", str(db), "--out", str(out), "--texts", *every]) == 0
    return out


@pytest.fixture
def load(folder, tmp_path, monkeypatch) -> Callable:
    """`datasets.load_dataset` of one form, from a file of either kind or by the card."""
    needed("datasets")
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    cache = {"cache_dir": str(tmp_path / "cache"), "split": "train"}

    def load(form: str, kind: str):
        if kind == "card":
            return datasets.load_dataset(str(folder), form, **cache)
        end = {"json": "jsonl"}.get(kind, kind)
        return datasets.load_dataset(kind, data_files=str(folder / f"{form}.{end}"), **cache)

    return load


@pytest.mark.parametrize("kind", ["parquet", "json", "card"])
def test_datasets_loads_each_form_from_each_kind_of_file(load, folder, kind):
    for form in FORMS:
        rows = read_table(folder / f"{form}.parquet")
        loaded = load(form, kind)
        assert loaded.column_names == rows.column_names
        assert len(loaded) == len(rows) > 0
        if form != "arena":
            assert loaded.to_list() == rows.to_pylist()
        else:
            assert loaded["winner"][:] == rows["winner"].to_pylist()


def test_trl_trains_a_step_of_dpo(load, tmp_path):
    needed("trl", "datasets")
    import trl

    trainer = trl.DPOTrainer(
        model=str(tiny_models.save("llama", tmp_path / "model")),
        args=trl.DPOConfig(str(tmp_path / "out"), **one_step()),
        train_dataset=load("trl", "parquet"),
    )
    assert trainer.train().global_step == 1
    first = trainer.train_dataset[0]
    decode = trainer.processing_class.decode
    assert "Hi?" in decode(first["prompt_ids"])
    assert "Hello!" in decode(first["chosen_ids"]) and "Hi?" not in decode(first["chosen_ids"])
    assert "Go away." in decode(first["rejected_ids"])


def test_trl_trains_a_step_of_a_reward_model_with_the_margins(load, tmp_path):
    needed("trl", "datasets")
    import trl

    folder = tiny_models.save("llama", tmp_path / "model", "SequenceClassification", num_labels=1)
    trainer = trl.RewardTrainer(
        model=str(folder),
        args=trl.RewardConfig(str(tmp_path / "out"), **one_step()),
        train_dataset=load("reward", "parquet"),
    )
    assert trainer.train().global_step == 1
    batch = next(iter(trainer.get_train_dataloader()))
    assert batch["margin"].abs().min() > 0


def test_trl_trains_a_step_of_kto(load, tmp_path):
    needed("trl", "datasets")
    kto = pytest.importorskip("trl.experimental.kto", reason="needs a newer trl: pip install trl")
    trainer = kto.KTOTrainer(
        model=str(tiny_models.save("llama", tmp_path / "model")),
        args=kto.KTOConfig(str(tmp_path / "out"), **one_step()),
        train_dataset=load("kto", "parquet"),
    )
    assert trainer.train().global_step == 1


def one_step() -> dict[str, object]:
    """Settings of a trainer that makes one step on the CPU and keeps nothing."""
    return {
        **{"max_steps": 1, "per_device_train_batch_size": 2, "use_cpu": True, "bf16": False},
        **{"report_to": "none", "save_strategy": "no", "gradient_checkpointing": False},
    }


def test_arena_rank_rates_the_votes_without_a_change(folder):
    needed("arena_rank", "pandas")
    import pandas
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    pairs = PairDataset.from_pandas(pandas.read_parquet(folder / "arena.parquet"))
    assert (pairs.competitors, pairs.counts.sum()) == (["Blended", "solo"], len(BATTLES))
    found = BradleyTerry(n_competitors=2).compute_ratings_and_cis(pairs)
    # Three won and two lost; a tie and a both-bad are half a win each.
    blended, solo = (found["ratings"][found["competitors"].index(n)] for n in pairs.competitors)
    assert 10 ** ((blended - solo) / 400) == pytest.approx(4 / 3, rel=1e-3)


def test_arena_rank_rates_at_equal_style_by_the_metadata(folder):
    needed("arena_rank", "pandas")
    import pandas
    from arena_rank.models.contextual_bradley_terry import ContextualBradleyTerry
    from arena_rank.utils.data_utils import ContextualPairDataset

    table = pandas.read_parquet(folder / "arena.parquet")
    metadata = table["conv_metadata"]
    for mark in ("header", "list", "bold"):
        left, right = (
            metadata.map(lambda row, name=f"{mark}_count_{side}": sum(row[name].values()))
            for side in "ab"
        )
        table[mark] = (left - right) / (left + right).clip(lower=1)
    pairs = ContextualPairDataset.from_pandas(table, ["header", "list", "bold"])
    model = ContextualBradleyTerry(n_competitors=2, n_features=3)
    found = model.compute_ratings_and_cis(pairs, significance_level=0.05)
    assert len(found["coeffs"]) == 3 and len(found["ratings"]) == 2


def test_evalica_and_pandas_read_both_files(folder):
    needed("evalica", "pandas")
    import evalica
    import pandas

    draws = dict.fromkeys(("tie", "both_bad"), evalica.Winner.Draw)
    winners = {"model_a": evalica.Winner.X, "model_b": evalica.Winner.Y} | draws
    for table in (
        pandas.read_parquet(folder / "arena.parquet"),
        pandas.read_json(folder / "arena.jsonl", lines=True),
    ):
        found = evalica.bradley_terry(
            table["model_a"].tolist(),
            table["model_b"].tolist(),
            table["winner"].map(winners).tolist(),
        )
        assert found.scores["Blended"] / found.scores["solo"] == pytest.approx(4 / 3, rel=1e-2)
        assert pandas.to_datetime(table["timestamp"]).is_monotonic_increasing
