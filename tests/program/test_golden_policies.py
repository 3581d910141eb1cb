"""Formats that stay as they are: the contenders' ids, the policy file, `blend diversity --json`.

Where one of these changes, boards split, or files that were written before are not read any more.
"""

import json

import numpy as np
import pytest
from app_process import ROOT

from blend.cli.diversity import main
from blend.evaluation.fit_policy import fit_policy
from blend.evaluation.logged_turns import TurnTable
from blend.evaluation.trials.synthetic_topics import SyntheticTopics
from blend.members.remote.member import Remote
from blend.policies.features import HistoryFeatures
from blend.policies.hashing import HashedNgrams
from blend.policies.policy import Weighted
from blend.policies.policy_file import policy_text
from blend.roster import SHIPPED, read
from blend.roster.contender import config, contender_id, digest
from blend.roster.loading import load_member as load_member

GOLDEN = ROOT / "tests" / "golden"
IDS = json.loads((GOLDEN / "contender_ids.json").read_text(encoding="utf-8"))


def weights_of(spec) -> str:
    """The digest of a member that is never loaded: a script's, a server's, or a word for a file."""
    if spec.engine == "scripted":
        return digest(spec, load_member(spec))
    if spec.engine == "remote":
        return Remote(spec.name, spec.model, spec.sampling, **spec.options, key="").digest
    return f"the weights of {spec.name}"


def ids(place) -> dict[str, str]:
    roster = read(place)
    digests = {spec.name: weights_of(spec) for spec in roster.members}
    return {
        contender.name: contender_id(config(contender, roster, digests))
        for contender in roster.contenders
    }


def test_every_shipped_roster_has_its_ids():
    assert IDS.keys() == {path.stem for path in SHIPPED.glob("*.toml")} | {"every policy"}


@pytest.mark.parametrize("name", sorted(IDS.keys() - {"every policy"}))
def test_the_ids_of_a_shipped_roster(name):
    assert ids(name) == IDS[name]


def written(world: SyntheticTopics) -> str:
    """A small file, fitted on a fixed log."""
    traits = HistoryFeatures(HashedNgrams(16), world.members)
    log = world.log(2000, Weighted({world.members[0]: 2.0}), np.random.default_rng(7))
    return policy_text(
        fit_policy(
            TurnTable.of(log, traits), traits, digests={"m0": "1f"}, provenance={"turns": 1}
        ).policy
    )


def test_the_ids_of_every_policy_ablation_and_experiment(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").touch()
    (tmp_path / "fitted.json").write_text((GOLDEN / "policy.json").read_text(encoding="utf-8"))
    (tmp_path / "every.toml").write_text((GOLDEN / "every_policy.toml").read_text(encoding="utf-8"))
    assert ids(tmp_path / "every.toml") == IDS["every policy"]


def compare(new, old, where: str) -> None:
    """Key by key in their order, numbers by 1e-9."""
    assert type(new) is type(old), where
    if isinstance(old, dict):
        assert list(new) == list(old), where
        for key in old:
            compare(new[key], old[key], f"{where}/{key}")
    elif isinstance(old, list):
        assert new == pytest.approx(old, abs=1e-9), where
    else:
        assert new == (pytest.approx(old, abs=1e-9) if isinstance(old, float) else old), where


def test_a_policy_file():
    old = (GOLDEN / "policy.json").read_text(encoding="utf-8")
    new = written(SyntheticTopics.specialists(3))
    compare(json.loads(new), json.loads(old), "")
    assert [line.split(":")[0] for line in new.splitlines()] == [
        line.split(":")[0] for line in old.splitlines()
    ]


def shape(value) -> object:
    """A JSON value with its keys, and the type in the place of each number and text."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value).__name__


def test_the_json_of_diversity(tmp_path, capsys):
    from pyarrow import parquet, table

    columns = {"alder": [1.0, 2, 3, 5, 4], "birch": [5.0, 4, 3, 2, 1], "cedar": [2.0, 1, 4, 3, 5]}
    parquet.write_table(table(columns), tmp_path / "losses.parquet")
    options = ["--roster", "scripted", "--histories", "3", "--samples", "2"]
    assert main([*options, "--losses", str(tmp_path / "losses.parquet"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert shape(told) == json.loads((GOLDEN / "diversity.json").read_text(encoding="utf-8"))
