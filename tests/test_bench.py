"""python -m blend bench, as it is run: tables, files, and one line for what can be mended."""

import json
import signal
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SHORT = ("--quick", "--rounds", "1", "--seconds", "0.3", "--levels", "1,2", "--reply", "12")


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "blend", "bench", *options]


def run(*options: str) -> subprocess.CompletedProcess:
    return subprocess.run(command(*options), cwd=ROOT, capture_output=True, text=True, timeout=240)


def test_random_weights_give_a_table_ratios_a_file_and_a_picture(tmp_path):
    told, drawn = tmp_path / "b.json", tmp_path / "b.svg"
    configs = ("--config", "qwen3-tiny", "--config", "pythia-tiny")
    done = run(*configs, *SHORT, "--json", str(told), "--picture", str(drawn))

    assert done.returncode == 0, done.stderr
    assert "Blended / mean of its members, tokens/s: 1 " in done.stdout
    assert "nothing was measured on one" in done.stdout
    raw = json.loads(told.read_text())
    assert raw["complete"] and "cores" in raw["machine"] and raw["peak_gb"]["memory"] > 0.1
    subjects = {figure["subject"] for figure in raw["figures"]}
    assert subjects == {
        "qwen3-tiny", "pythia-tiny", "Blended", "generate (qwen3-tiny)", "generate (pythia-tiny)"
    }  # fmt: skip
    assert all(f["value"] > 0 for f in raw["figures"] if f["measure"].startswith("first"))
    ahead = [f for f in raw["figures"] if f["measure"] == "first ahead"]
    assert min(f["cached"] / f["prompt"] for f in ahead) > 0.8
    assert drawn.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--roster", "nowhere"], "no roster 'nowhere'"),
        (["--config", "lama-7b"], "did you mean 'llama-7b'"),
        (["--picture", "b.gif"], "give a file that ends in .png"),
    ],
)
def test_what_the_caller_can_mend_is_one_line(options, expected):
    done = run(*options)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("blend bench: ") and expected in done.stderr


def test_control_c_tells_what_was_measured_until_then():
    process = subprocess.Popen(
        command("--roster", "scripted", "--seconds", "0.3"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    seen = ""
    while "birch: tokens/s 4" not in seen:
        more = process.stderr.read(1)
        assert more, seen
        seen += more
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "stopped: these are the figures until then" in err
    assert "Blended / mean of its members, tokens/s: 1 " in out
