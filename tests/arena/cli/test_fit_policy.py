"""python -m arena fit and value: from a database to a policy, and back to what it is worth."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from arena.cli import fit_policy, policy_value
from arena.db.store import Store
from arena.simulation import synthetic_log
from blend.policies.policy_file import load_policy

ROOT = Path(__file__).parents[3]
MEMBERS = ("m0", "m1", "m2")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A made-up log of 1,500 turns, and the policy fitted on it."""
    folder = tmp_path_factory.mktemp("log")
    db, out = folder / "log.db", folder / "policy.json"
    assert synthetic_log.main(["--db", str(db), "--turns", "1500"]) == 0
    assert fit_policy.main(["--db", str(db), "--reward", "thumb", "--out", str(out)]) == 0
    return db, out


def judged(log, *options: str, capsys) -> dict:
    db, out = log
    told = ["--db", str(db), "--reward", "thumb", "--json", *options]
    capsys.readouterr()
    assert policy_value.main(told if "--policy" in options else [*told, "--policy", str(out)]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_fitted_policy_is_better_and_warned_of_self_praise(log, capsys):
    policy = load_policy(log[1], MEMBERS)
    assert policy.inverse_temperature > 0 and log[1].stat().st_size < 100_000
    assert policy.provenance["turns"] >= 1500 and set(policy.digests) == set(MEMBERS)
    told = judged(log, capsys=capsys)
    assert told["above_uniform"][1] > 0.1 and "it praises itself" in told["warnings"][-1]


def test_policies_can_be_judged_by_their_name_or_their_roster(log, capsys, tmp_path):
    uniform = judged(log, "--policy", "uniform", capsys=capsys)
    assert uniform["above_uniform"] == [0, 0, 0]
    judged(log, "--policy", "round-robin", "--epsilon", "0", capsys=capsys)
    roster = tmp_path / "r.toml"
    entry = '[[member]]\nname = "{}"\nengine = "scripted"\n'
    members = "".join(entry.format(name) for name in MEMBERS)
    blend = '[[blend]]\nname = "B"\nmembers = ["m0", "m1", "m2"]\npolicy = "weighted"\n'
    roster.write_text(members + blend + "weights = { m0 = 9 }")
    told = judged(log, "--policy", str(roster), capsys=capsys)
    assert told["values"]["weighted"]["effective"] < uniform["values"]["uniform"]["effective"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--policy", "weighted"], "needs to be told more"),
        (["--policy", "per_sentence"], "cannot be told from other turns"),
        (["--policy", "no.json"], "no.json: cannot be read"),
        (["--policy", "no-repeat", "--epsilon", "-1"], "between 0 and 1/3, not -1"),
        (["--policy", "uniform", "--reward", "won"], "none of the .* turns"),
        (["--policy", "uniform", "--since", "yesterday"], "'yesterday' is no date"),
        (["--policy", "uniform", "--since", "2999-01-01"], "none of the .* turns"),
        (["--policy", "uniform", "--blend", "X"], "no turns of a blend 'X'"),
        (["--policy", "uniform", "--db", "no.db"], "there is no database no.db"),
    ],
)
def test_what_cannot_be_judged_is_one_line(log, options, said, capsys):
    assert policy_value.main(["--db", str(log[0]), "--reward", "thumb", *options]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert re.search(f"arena value: .*{said}", last)


def test_what_cannot_be_fitted_leaves_the_file_as_it_was(log, tmp_path, capsys):
    out = tmp_path / "policy.json"
    out.write_text("mine")
    command = ["--db", str(log[0]), "--out", str(out), "--reward"]
    assert fit_policy.main([*command, "won"]) == 2
    assert fit_policy.main([*command, "thumb", "--epsilon", "0.5"]) == 2
    assert "between 0 and 1/3" in capsys.readouterr().err
    assert out.read_text() == "mine" and list(tmp_path.iterdir()) == [out]
    missing = str(tmp_path / "no" / "policy.json")
    assert fit_policy.main(["--db", str(log[0]), "--out", missing, "--reward", "thumb"]) == 2
    Store.open(tmp_path / "empty.db").close()
    command[1] = str(tmp_path / "empty.db")
    assert fit_policy.main([*command, "thumb"]) == 2
    assert "drawn among several members" in capsys.readouterr().err


def test_a_policy_can_read_sentence_vectors(log, tmp_path, sentences, capsys):
    out = tmp_path / "policy.json"
    command = ["--db", str(log[0]), "--reward", "thumb", "--out", str(out)]
    assert fit_policy.main([*command, "--sentences", sentences]) == 0
    policy = load_policy(out, MEMBERS)
    assert (policy.traits.text.kind, policy.traits.text.size) == ("sentences", 8)
    assert policy.inverse_temperature > 0
    told = judged((log[0], out), capsys=capsys)
    assert told["above_uniform"][0] > 0
    assert fit_policy.main([*command, "--sentences", str(tmp_path)]) == 2
    assert "no sentence model" in capsys.readouterr().err


def test_neither_command_imports_torch_or_gradio(log):
    code = (
        "import sys; from arena.cli import fit_policy as fit, policy_value as value; "
        "from arena.simulation import synthetic_log as rehearse; "
        f"value.main(['--db', {str(log[0])!r}, '--reward', 'thumb', '--policy', 'uniform']);"
        "sys.exit(bool({'torch', 'gradio', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0 and b"uniform above uniform: +0.000" in done.stdout, done.stderr
