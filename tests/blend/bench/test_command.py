"""python -m blend bench, as it is run: a table, a file, and one line for what can be mended."""

import json
import signal
import subprocess
import sys

import pytest
from app_process import ROOT

from blend.bench.command import main

SHORT = ("--quick", "--rounds", "1", "--seconds", "0.2", "--levels", "1,2", "--reply", "8")


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "blend", "bench", *options]


def test_random_weights_give_a_table_ratios_and_a_file(tmp_path):
    told = tmp_path / "b.json"
    asked = command("--config", "qwen3-tiny", "--config", "gpt-j-tiny", *SHORT, "--json", str(told))
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=240)

    assert done.returncode == 0, done.stderr
    assert "Blended / members' mean, tokens/s 1 " in done.stdout
    raw = json.loads(told.read_text())
    assert [*raw] == [
        "title", "machine", "software", "settings", "load_seconds", "held_gb", "copy_bytes_per_s",
        "ratios", "figures", "complete",
    ]  # fmt: skip
    assert {(*ratio,) for ratio in raw["ratios"]} == {("name", "median", "rounds", "aim")}
    about, kinds = ("subject", "measure", "round", "value"), {(*f,) for f in raw["figures"]}
    firsts = (*about, "member", "prompt", "cached")
    assert kinds == {(*about, "tokens", "seconds"), firsts}
    assert raw["complete"] and "cores" in raw["machine"] and raw["held_gb"]["memory"] > 0.1
    seen = {(figure["subject"], figure["measure"]) for figure in raw["figures"]}
    assert ("qwen3-tiny, plain generate", "tokens/s 1") in seen
    assert ("gpt-j-tiny, plain generate", "tokens/s 2") not in seen
    assert all(f["value"] > 0 for f in raw["figures"] if f["measure"].startswith("first"))
    (ahead,) = [f for f in raw["figures"] if f["measure"] == "first ahead"]
    assert ahead["subject"] == "Blended" and ahead["prompt"] > 500


def test_what_the_caller_can_mend_is_told(capsys):
    assert main(["--roster", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("blend bench: no roster 'nowhere'")
    for options, expected in (
        (["--config", "lama-7b"], "invalid choice: 'lama-7b' (choose from"),
        (["--levels", "1,0"], "must be at least 1, not 0"),
    ):
        with pytest.raises(SystemExit, match="2"):
            main(options)
        assert expected in capsys.readouterr().err


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
    assert "Blended / members' mean, tokens/s 1 " in out
