"""The evaluation harness on a running site; where it is not installed, what says so."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from app_process import ROOT

from assets.harness.run import check_identity
from blend.command_line import CommandError

LAYOUTS = {
    "gsm8k_cot_llama": ("gsm8k/gsm8k-cot-llama.yaml", "test", "gsm8k.jsonl"),
    "ifeval": ("ifeval/ifeval.yaml", "train", "ifeval.jsonl"),
    "truthfulqa_gen": ("truthfulqa/truthfulqa_gen.yaml", "validation", "truthfulqa_gen.jsonl"),
}
"""The harness's own task files of public data sets: file, split, our rows laid out like theirs."""

needs_harness = pytest.mark.skipif(
    find_spec("lm_eval") is None,
    reason='the evaluation harness is not installed: python -m pip install "lm_eval[api,ifeval]"',
)


def run(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "assets.harness.run", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.skipif(find_spec("lm_eval") is not None, reason="the evaluation harness is installed")
def test_without_the_harness_the_command_says_how_to_install_it(tmp_path):
    ran = run("--out", str(tmp_path))
    assert ran.returncode == 2 and 'python -m pip install "lm_eval[api]"' in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_logs_of_another_contender_of_the_same_name_are_left_alone(tmp_path):
    for id in ("c-1", "c-1", None):
        check_identity("alder", id, tmp_path / "alder")
    with pytest.raises(CommandError, match=r"alder is another one .* give another --out"):
        check_identity("alder", "c-2", tmp_path / "alder")
    assert (tmp_path / "alder" / "contender.txt").read_text() == "c-1"


@needs_harness
def test_every_contender_is_asked_and_none_twice(scripted_site, tmp_path):
    asked = ("--url", scripted_site.url, "--out", str(tmp_path), "--limit", "4")
    tasks = ("--contenders", "alder", "Blended", "--tasks", "small_facts", "small_conversations")
    first = run(*asked, *tasks)
    assert first.returncode == 0, first.stderr
    logs = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("samples_*"))
    assert [path.parts[0] for path in logs] == ["Blended"] * 2 + ["alder"] * 2
    assert '\\"name\\": \\"alder\\"' in (tmp_path / logs[2]).read_text(encoding="utf-8")
    assert (tmp_path / "alder" / "contender.txt").read_text().startswith("c-")
    again = run(*asked, *tasks)
    assert again.stderr.count("its log is there") == 4
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("samples_*")) == logs


@needs_harness
def test_public_tasks_are_scored_by_the_harness_s_own_files(scripted_site, tmp_path):
    brought = Path(find_spec("lm_eval").origin).parent / "tasks"
    for name, (file, split, rows) in LAYOUTS.items():
        items = Path(__file__).parent / "layouts" / rows
        (tmp_path / f"{name}.yaml").write_text(
            f"include: {brought / file}\ntask: {name}_layout\ndataset_path: json\n"
            f"dataset_name: null\ndataset_kwargs: {{data_files: {{{split}: {items}}}}}\n"
        )
    ran = run(
        *("--url", scripted_site.url, "--out", str(tmp_path), "--include", str(tmp_path)),
        *("--contenders", "alder", "--tasks", *(f"{name}_layout" for name in LAYOUTS)),
    )
    assert ran.returncode == 0, ran.stderr
    assert len([*tmp_path.rglob("samples_*_layout_*.jsonl")]) == len(LAYOUTS)


@needs_harness
def test_what_cannot_be_asked_is_one_line(scripted_site, tmp_path):
    site = ("--url", scripted_site.url, "--out", str(tmp_path))
    unknown = run(*site, "--contenders", "nobody")
    assert unknown.returncode == 2 and "has no contender 'nobody': it has" in unknown.stderr
    unknown = run(*site, "--tasks", "nothing")
    assert unknown.returncode == 2 and "no single task 'nothing'" in unknown.stderr
    (tmp_path / "choice.yaml").write_text(
        "task: choice\ndataset_path: json\ndataset_kwargs: {data_files: {test: "
        f"{Path(__file__).parent / 'layouts' / 'gsm8k.jsonl'}}}}}\ntest_split: test\n"
        "output_type: multiple_choice\ndoc_to_text: question\ndoc_to_choice: [a, b]\n"
        "doc_to_target: 0\n"
    )
    choice = run(*site, "--include", str(tmp_path), "--tasks", "choice", "--contenders", "alder")
    assert choice.returncode == 2 and "choice: it compares the probabilities" in choice.stderr
