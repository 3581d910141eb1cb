"""The model cards: what is compared with what, intervals, and the text that ships."""

import re

import numpy as np
import pytest

from blend import card, train
from blend.members import Sampling

BY_NAME = {recipe.name: recipe for recipe in train.RECIPES}


def made_up(level: float, seed: int) -> np.ndarray:
    """Conversations of 100 to 900 bytes, foreseen at about `level` bits per byte."""
    rng = np.random.default_rng(seed)
    size = rng.integers(100, 900, 60).astype(float)
    return np.stack([size * level * rng.uniform(0.9, 1.1, 60), size], axis=1)


def scores() -> dict[str, dict[str, np.ndarray]]:
    levels = {
        "smalltalk": (0.8, 1.8, 1.2),
        "concierge": (1.1, 1.8, 0.9),
        "mixed": (1.0, 1.7, 1.0),
        "trivia": (1.1, 1.5, 1.2),
        "mixed-qwen3": (1.0, 1.65, 1.0),
    }
    corpora = [*card.SOURCES]
    return {
        name: {c: made_up(level, n) for n, (c, level) in enumerate(zip(corpora, row, strict=True))}
        for name, row in levels.items()
    }


def test_openers_are_thirty_a_corpus_and_none_twice() -> None:
    lines = [card.openers(corpus) for corpus in card.SOURCES]
    assert [len(some) for some in lines] == [30, 30, 30]
    assert len({line for some in lines for line in some}) == 90
    assert card.openers()[:3] == [some[0] for some in lines]


def test_each_member_is_compared_with_the_control_of_its_own_shape() -> None:
    assert {name: card.control(BY_NAME[name]) for name in ("smalltalk", "concierge", "trivia")} == {
        "smalltalk": "mixed",
        "concierge": "mixed",
        "trivia": "mixed-qwen3",
    }
    assert card.own(BY_NAME["trivia"]) == "topical" and card.own(BY_NAME["mixed"]) is None


def test_the_interval_holds_the_ratio_and_a_long_conversation_is_left_out_of_both() -> None:
    found, other = made_up(0.9, 1), made_up(1.0, 2)
    found[0] = 0
    ratio, same = card.ratio(found, other), card.ratio(found, found)
    assert ratio.low < ratio.value < ratio.high
    assert ratio.value == pytest.approx(found[1:, 0].sum() / other[1:, 0].sum())
    assert (same.low, same.value, same.high) == (1.0, 1.0, 1.0)


def test_the_verdict_gives_gain_interval_and_loss() -> None:
    said = card.verdict("smalltalk", scores())
    assert "Against `mixed` on persona: 2" in said and "95 % interval" in said
    assert "On topical: +" in said and "On services: +" in said
    assert card.verdict("mixed", scores()) == ""
    assert "Least lead" in card.worst_foreign(scores())


def test_a_card_says_what_it_is_made_of_and_what_it_said() -> None:
    text = card.card(
        BY_NAME["trivia"], 3.9, scores(), Sampling(temperature=0.6), [("Hi?", "Yes,\nwell.")]
    )
    for part in (
        "A Qwen3 of 3.9 million",
        "| topical | 90.0% | alexa/Topical-Chat",
        "**1.5",
        "`mixed-qwen3` on topical",
        "temperature 0.6",
        "- **Hi?**<br>Yes, well.",
        "`python -m blend train --only trivia`",
        "## What it cannot do",
    ):
        assert part in text, part


def test_a_card_has_the_form_of_those_that_ship() -> None:
    def form(text: str) -> str:
        return re.sub(r"[+-]?[0-9][0-9.,]*", "0", text)

    shipped = (train.ROOT / "assets" / "models" / "trivia" / "README.md").read_text("utf-8")
    said = re.findall(r"- \*\*(.+)\*\*<br>(.+)", shipped)
    sampling = Sampling(temperature=0.8, top_p=0.95)
    measured = scores()
    measured["smalltalk-alone"] = measured["smalltalk"]
    assert form(card.card(BY_NAME["trivia"], 3.9, measured, sampling, said)) == form(shipped)


def test_a_curve_is_drawn_of_both_parts(tmp_path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("base-qwen3", "trivia"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "curve.json").write_text("[5.0, 4.0, 3.5]")
    card.draw_curve(BY_NAME["trivia"], tmp_path, tmp_path / "curve.svg")
    drawn = (tmp_path / "curve.svg").read_text()
    assert "<svg" in drawn and "base-qwen3" in drawn


def test_a_missing_model_is_one_line(tmp_path, capsys) -> None:
    folders = ["--out", str(tmp_path), "--work", str(tmp_path), "--data", str(tmp_path)]
    assert card.main(folders) == 2
    error = capsys.readouterr().err
    assert "train it first with --only smalltalk" in error and error.count("\n") == 1
