"""The model cards: what is compared with what, intervals, and the text that ships."""

import re

import numpy as np
import pytest

from blend.members import Sampling
from blend.training import bits_per_byte, model_card
from blend.training.recipes import BY_NAME, MODELS

LEVELS = {
    "smalltalk": (0.8, 1.8, 1.2),
    "concierge": (1.1, 1.8, 0.9),
    "mixed": (1.0, 1.7, 1.0),
    "trivia": (1.1, 1.5, 1.2),
    "mixed-qwen3": (1.0, 1.65, 1.0),
    "smalltalk-alone": (0.8, 1.9, 1.9),
}


def made_up(level: float, seed: int) -> np.ndarray:
    """Conversations of 100 to 900 bytes, foreseen at about `level` bits per byte."""
    rng = np.random.default_rng(seed)
    size = rng.integers(100, 900, 60).astype(float)
    return np.stack([size * level * rng.uniform(0.9, 1.1, 60), size], axis=1)


SCORES = {
    name: {
        c: made_up(level, n)
        for n, (c, level) in enumerate(zip(bits_per_byte.CORPORA, row, strict=True))
    }
    for name, row in LEVELS.items()
}


def test_openers_are_thirty_a_corpus_and_none_twice() -> None:
    lines = [model_card.openers(corpus) for corpus in model_card.SOURCES]
    assert [len(some) for some in lines] == [30, 30, 30]
    assert len({line for some in lines for line in some}) == 90
    assert model_card.openers()[:3] == [some[0] for some in lines]


def test_the_interval_holds_the_ratio_and_a_long_conversation_is_left_out_of_both() -> None:
    one, other = made_up(0.9, 1), made_up(1.0, 2)
    one[0] = 0
    ratio, same = bits_per_byte.ratio(one, other), bits_per_byte.ratio(one, one)
    assert ratio.low < ratio.value < ratio.high
    assert ratio.value == pytest.approx(one[1:, 0].sum() / other[1:, 0].sum())
    assert (same.low, same.value, same.high) == (1.0, 1.0, 1.0)


def test_a_member_is_compared_with_the_control_of_its_own_shape() -> None:
    verdict = bits_per_byte.verdict("smalltalk", SCORES)
    assert "Against `mixed` on persona: 2" in verdict and "95 % interval" in verdict
    assert "On topical: +" in verdict and "On services: +" in verdict
    assert "Against `mixed-qwen3` on topical" in bits_per_byte.verdict("trivia", SCORES)
    assert bits_per_byte.verdict("mixed", SCORES) == ""
    for member in filter(lambda r: r.base and r.speciality, BY_NAME.values()):
        other = BY_NAME[bits_per_byte.control(member)]
        assert (member.arch, member.base, member.tokens) == (other.arch, other.base, other.tokens)
    assert re.search(
        r"Least lead .*: \d+\.\d% \(\w+ over \w+\)", bits_per_byte.worst_foreign(SCORES)
    )


@pytest.mark.parametrize(
    ("name", "sampling"),
    [("trivia", {"temperature": 0.8, "top_p": 0.95}), ("smalltalk", {}), ("mixed", {})],
)
def test_a_card_has_the_form_of_those_that_ship(name, sampling) -> None:
    def form(text: str) -> str:
        return re.sub(r"[+-]?[0-9][0-9.,]*", "0", text)

    shipped = (MODELS / name / "README.md").read_text("utf-8")
    replies = re.findall(r"- \*\*(.+)\*\*<br>(.+)", shipped)
    usual = {"temperature": 0.7, "top_p": 0.9}
    if "min-p" in shipped:
        usual["min_p"] = 0.1
    text = model_card.card(BY_NAME[name], 3.9, SCORES, Sampling(**usual | sampling), replies)
    assert form(text) == form(shipped)
    assert "**0" in form(bits_per_byte.table(SCORES))


def test_a_curve_is_drawn_of_both_parts(tmp_path) -> None:
    for name in ("base-qwen3", "trivia"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "curve.json").write_text("[5.0, 4.0, 3.5]")
    model_card.draw_curve(BY_NAME["trivia"], tmp_path, tmp_path / "curve.svg")
    drawn = (tmp_path / "curve.svg").read_text()
    assert "<svg" in drawn and "base-qwen3" in drawn


def test_a_missing_model_is_one_line(tmp_path, capsys) -> None:
    folders = ["--out", str(tmp_path), "--work", str(tmp_path), "--data", str(tmp_path)]
    assert model_card.main(folders) == 2
    error = capsys.readouterr().err
    assert "train it first with --only smalltalk" in error and error.count("\n") == 1
