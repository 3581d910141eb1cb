"""What every command does alike: help, numbers, UTF-8 on any machine, an end without noise."""

import argparse
import ast
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from app_process import ROOT

from blend.command_line import SEED, at_least, finish


def command(*words, **more):
    variables = os.environ | more.pop("env", {})
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=variables, capture_output=True, timeout=60, **more
    )


@pytest.mark.parametrize("package", ["blend", "arena"])
def test_help_is_asked_for_and_an_unknown_command_is_a_mistake(package):
    helped = command("-m", package, "--help")
    wrong = command("-m", package, "leaderbord")

    assert (helped.returncode, helped.stderr) == (0, b"")
    assert helped.stdout.startswith(f"usage: python -m {package} ".encode())
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert wrong.stderr.startswith(b"usage: ") and wrong.stderr.count(b"\n") == 1


@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C"}])
@pytest.mark.parametrize("words", [("engagement", "--help"), ("forget", "--help")])
def test_a_machine_of_another_encoding_reads_utf8(env, words):
    done = command("-m", "arena", *words, env=env)

    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr and done.stdout.decode("utf-8")


SAID = """
import sys
from blend.command_line import run
sys.exit(run("arena", "", {"say": "said"}, ["say"]))
"""


@pytest.mark.parametrize("lines", [3, 100_000])
def test_a_pipe_that_is_cut_ends_a_command_without_a_word(tmp_path, lines):
    said = "from arena.command import finish\n"
    said += f"def main(argv):\n    return finish('say', lambda: print('≥ 東京\\n' * {lines}))\n"
    (tmp_path / "said.py").write_text(said, encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-c", SAID],
        env=os.environ
        | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "PYTHONIOENCODING": "cp1252"},
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("limits", "text", "said"),
    [
        ((1,), "0", "must be at least 1, not 0"),
        ((1,), "x", "must be a whole number of at least 1, not 'x'"),
        ((1,), "1.5", "must be a whole number of at least 1, not '1.5'"),
        ((2, 9, int, "a pair needs two"), "1", "must be at least 2, not 1: a pair needs two"),
        ((0, 65_535), "65536", "must be at most 65,535, not 65536"),
        ((0,), "1" + 30 * "0", "must be at most 1,000,000,000, not 1"),
        ((0, 0.5, float), "nan", "must be at least 0, not nan"),
        ((0, 0.5, float), "0.6", "must be at most 0.5, not 0.6"),
        ((0, 1, float), "", "must be a number of at least 0, not ''"),
        ((-5, 5, float), "inf", "must be at most 5, not inf"),
    ],
)
def test_a_number_that_cannot_be_is_named_with_its_limit(limits, text, said):
    with pytest.raises(argparse.ArgumentTypeError, match=f"^{re.escape(said)}"):
        at_least(*limits)(text)


def test_a_number_is_read_as_its_kind():
    assert (at_least(0)("0"), SEED("4000000000")) == (0, 4_000_000_000)
    assert at_least(0, kind=float)("1e-3") == 0.001


def test_what_fits_no_memory_is_one_line(capsys):
    assert finish("study", lambda: np.empty(2**59)) == 2
    assert capsys.readouterr().err.startswith("study: not enough memory: Unable to allocate 4.00")


def types_of(path: Path) -> dict[str, str]:
    """The source of each option's `type` in a file, by option; Path and the like among them."""
    calls = [each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if is_option(each)]
    typed = [(each.args[0].value, word) for each in calls for word in each.keywords]
    return {option: ast.unparse(word.value) for option, word in typed if word.arg == "type"}


def is_option(node: ast.AST) -> bool:
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    return isinstance(first, ast.Constant) and str(first.value).startswith("--")


FOLDERS = [ROOT / name for name in ("arena", "blend", "assets")]
SOURCES = [path for folder in FOLDERS for path in sorted(folder.rglob("*.py"))]
TYPES = {path: types for path in [ROOT / "app.py", *SOURCES] if (types := types_of(path))}
NO_NUMBER = re.compile("Path|_levels|lambda .*")
OWN_CHECK = {"--epsilon": "float", "--effect": "float"}
"""Checked by their commands: by the number of members, and as a percentage that is not 0."""


def test_no_option_takes_any_number():
    every = [each for types in TYPES.values() for each in types.items()]
    assert {option: kind for option, kind in every if kind in ("int", "float")} == OWN_CHECK


MEASURE = ROOT / "blend" / "scaling" / "measurement.py"
SHARED = [("blend.scaling.command", MEASURE), ("blend.scaling.handoff.command", MEASURE)]
OWN = [(".".join(p.relative_to(ROOT).with_suffix("").parts), p) for p in TYPES if p != MEASURE]


@pytest.mark.parametrize(("module", "path"), [*OWN, *SHARED])
def test_every_number_of_a_command_has_a_least(module, path, capsys):
    for option, kind in TYPES[path].items():
        if not NO_NUMBER.fullmatch(kind) and option not in OWN_CHECK:
            with pytest.raises(SystemExit, match="2"):
                import_module(module).main([option, "-99999"])
            *usage, error = capsys.readouterr().err.splitlines()
            assert f"error: argument {option}: must be at least " in error, usage
            assert ", not -99999" in error
