"""What every command does alike: help, UTF-8 on any machine, and no noise where a pipe is cut."""

import os
import subprocess
import sys

import pytest
from app_process import ROOT


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
