"""Paired differences of the harness's logs: as by hand, as sure as they say, refused where not."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_rel

from assets.harness.compare import compare, main
from assets.harness.coverage import CASES, holds
from assets.harness.sample_logs import TaskScores, read_logs

LOGS = Path(__file__).parent / "logs"
"""What the members of scripted.toml scored on the first 16 items of two tasks."""


def scored(values, groups=None, metric: str = "passed") -> TaskScores:
    items = tuple(f"item {n}" for n in range(len(values)))
    return TaskScores(metric, items, tuple(groups or items), np.array(values, float))


def test_the_shipped_logs_give_the_scores_of_their_rows():
    rows = compare(read_logs(LOGS), ["alder"])

    tasks = ["small_conversations", "small_instructions", "all tasks"]
    assert [(r.task, r.contender) for r in rows] == [
        (task, name) for task in tasks for name in ("Blended", "alder", "birch")
    ]
    [path] = (LOGS / "birch").glob("samples_small_instructions_*")
    passed = [json.loads(line)["passed"] for line in path.read_text(encoding="utf-8").splitlines()]
    birch = rows[5]
    assert birch.items == 16 and birch.groups == 10 and birch.score == np.mean(passed) == 0.1875
    [less] = birch.differences
    assert (less.base, less.value, less.differing) == ("alder", -0.125, 2)
    assert less.low_all < less.low < less.value < less.high < less.high_all
    assert rows[-1].score == pytest.approx((rows[2].score + rows[5].score) / 2)
    assert rows[1].differences == ()


def test_without_groups_it_is_the_paired_t_interval():
    rng = np.random.default_rng(1)
    a, b = rng.random(40), rng.random(40)

    row = compare({"a": {"t": scored(a)}, "b": {"t": scored(b)}}, ["b"])[0]

    [less] = row.differences
    expected = ttest_rel(a, b).confidence_interval(0.95)
    assert (less.low, less.high) == pytest.approx((expected.low, expected.high))
    assert (less.low_all, less.high_all) == (less.low, less.high)  # one difference in all


def test_items_that_share_a_text_are_one_opinion():
    values, zeros = np.repeat([0.0, 1.0, 1.0, 0.0, 1.0], 8), np.zeros(40)
    groups = [str(n // 8) for n in range(40)]

    def width(groups) -> float:
        logs = {"a": {"t": scored(values, groups)}, "b": {"t": scored(zeros, groups)}}
        [less] = compare(logs, ["b"])[0].differences
        return less.high - less.low

    of_five = {"a": {"t": scored(values[::8])}, "b": {"t": scored(zeros[::8])}}
    [alone] = compare(of_five, ["b"])[0].differences
    wide = width(groups)
    assert wide == pytest.approx(alone.high - alone.low) and wide > 3 * width(None)


def test_a_base_may_be_the_mean_of_several():
    logs = {
        "a": {"t": scored([1, 0, 1])},
        "b": {"t": scored([0, 0, 1])},
        "c": {"t": scored([1, 1, 1])},
    }
    [less] = compare(logs, ["a+b"])[2].differences
    assert less.value == pytest.approx(1 - (2 / 3 + 1 / 3) / 2) and less.differing == 2


def test_where_all_items_are_alike_there_is_no_interval():
    logs = {"a": {"t": scored([1, 0, 1])}, "b": {"t": scored([1, 0, 1])}}
    [less] = compare(logs, ["b"])[0].differences
    assert (less.value, less.low, less.high_all, less.differing) == (0, None, None, 0)


def test_tasks_of_different_metrics_have_no_mean():
    logs = {"a": {"t": scored([1, 0]), "u": scored([30, 40], metric="bleu")}}
    assert [row.task for row in compare(logs)] == ["t", "u"]


@pytest.mark.parametrize("case", CASES)
def test_ninety_five_in_a_hundred_intervals_hold(case):
    rng = np.random.default_rng(5)
    assert 182 <= sum(holds(case, rng) for _ in range(200)) <= 198


@pytest.fixture
def logs(tmp_path) -> Path:
    return Path(shutil.copytree(LOGS, tmp_path / "logs"))


def test_several_logs_of_a_task_are_averaged(logs):
    [log] = (logs / "Blended").glob("samples_small_instructions_*")
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    again = log.with_name("samples_small_instructions_2031-01-01T00-00-00.000000.jsonl")
    more = {"passed": 1.0, "resps": [["One\u2028two"]]}  # which the harness does not escape
    lines = [json.dumps(row | more, ensure_ascii=False) + "\n" for row in rows]
    again.write_text("".join(lines), encoding="utf-8")
    once = np.mean([row["passed"] for row in rows])
    assert read_logs(logs)["Blended"]["small_instructions"].scores.mean() == (once + 1) / 2


def test_the_command_prints_a_table_and_json(capsys):
    assert main([str(LOGS), "--base", "alder", "--base", "alder+birch"]) == 0
    text = capsys.readouterr().out
    assert "small_instructions: 16 items in 10 groups" in text and "less alder+birch" in text
    assert "all 15 differences at once" in text
    assert main([str(LOGS), "--base", "alder", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert row["contender"] == "Blended" and row["differences"][0]["base"] == "alder"


def test_what_cannot_be_compared_is_one_line(logs, tmp_path, capsys):
    def says(*arguments: str) -> str:
        assert main([*arguments]) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    assert "has no logs" in says(str(tmp_path / "nothing"))
    assert "'cedar' has no log of small_conversations" in says(str(logs), "--base", "cedar")
    assert "see --metric" in says(str(logs), "--metric", "bleu")
    assert "see --filter" in says(str(logs), "--filter", "strict")
    [log] = (logs / "birch").glob("samples_small_instructions_*")
    lines = log.read_text(encoding="utf-8").splitlines()
    log.write_text("\n".join(lines[:9]))
    assert "Blended has 16 items and birch 9" in says(str(logs), "--base", "birch")
    log.write_text(lines[0][:50])
    assert "is no log" in says(str(logs))
