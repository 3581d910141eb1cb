"""python -m blend law: scored once, told in words, pictures and JSON; and what it refuses."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from json_leaves import leaves

from blend.command_line import CommandError
from blend.evaluation.resample import Estimate
from blend.scaling import loss_table
from blend.scaling.analysis import report
from blend.scaling.command import main
from blend.scaling.coverage import SyntheticLosses
from blend.scaling.loss_table import KEYS, LossTable, MemberInfo
from blend.scaling.measurement import load
from blend.scaling.pair_gain import FAMILIES, SEEDS
from blend.scaling.report import ScalingReport
from blend.scaling.verdicts import diversity, floors

ROOT = Path(__file__).parents[3]
SIZES = (0.16, 0.42, 0.92, 1.97)


def made(families=("oak", "elm"), seeds=2, sizes=SIZES, skill=0.0, seed=0) -> LossTable:
    """Losses that follow a law; skill: what each family knows better, of its own dialogues."""
    rng = np.random.default_rng(seed)
    members = tuple(
        MemberInfo(f"{family}-{size}-{n}", family, int(1e6 * size), 1000)
        for family, size, n in product(families, sizes, range(seeds))
    )
    millions = tuple(m.parameters / 1e6 for m in members)
    losses, clusters = SyntheticLosses(sizes=millions, own=0.1, conversations=150).draw(rng)
    place = np.array([families.index(m.family) for m in members])
    losses *= 1 - skill * (clusters[:, None] % len(families) == place)
    size = rng.integers(20, 200, len(losses))
    rows = pd.MultiIndex.from_arrays(
        [np.full(len(losses), "made"), clusters.astype(str), np.arange(len(losses)), size],
        names=KEYS,
    )
    names = [m.name for m in members]
    return LossTable(members, pd.DataFrame(losses * size[:, None] * np.log(2), rows, names))


def told(table: LossTable):
    return report("made", table, {}, 3, False, np.random.default_rng(0))


@pytest.fixture(scope="module")
def skilled():
    return told(made(skill=0.1))


def test_families_with_skills_of_their_own_help_and_those_without_do_not(skilled):
    assert ", diversity helps;" in diversity(skilled)
    assert "that cannot be told" in diversity(told(made(seed=3)))
    assert {k.name for k in skilled.kinds} >= {SEEDS, "elm and oak"}


def test_words_say_above_for_what_is_not_below_and_name_the_families_that_differ(skilled):
    first = skilled.differences[0]
    for floor, side in (((0.02, -0.01, 0.05), "below"), ((-0.02, -0.05, 0.01), "above")):
        difference = replace(first, floor=Estimate(*floor))
        said = floors(replace(skilled, differences=(difference,)))
        assert f"0.020 (-0.010 to 0.050) bits per byte {side} that of single models" in said
    seeds, families = (k for k in skilled.kinds if k.name in (SEEDS, FAMILIES))

    def said(*pairs) -> str:
        unlike = (
            replace(families, name=name, beyond=Estimate(v, v - 0.01, v + 0.01))
            for name, v in pairs
        )
        return diversity(replace(skilled, kinds=(seeds, families, *unlike)))

    differ = said(("ash and elm", 0.03), ("elm and oak", -0.02))
    assert "It depends on which: ash and elm gain 0.0300 (0.0200 to 0.0400) more than one" in differ
    assert "elm and oak 0.0200 (0.0100 to 0.0300) less." in differ
    assert "depends" not in said(("ash and elm", 0.03), ("ash and oak", 0.03))


def write(path, *talks):
    path.write_text("\n".join(json.dumps({"turns": [{"text": t} for t in talk]}) for talk in talks))
    return str(path)


@pytest.fixture
def asked(tmp_path, folders):
    """The command's options for two tiny models and eight short conversations."""
    roster = tmp_path / "pair.toml"
    tables = [
        f'[[member]]\nname = "{kind}"\nengine = "generate"\npath = "{folders[kind]}"\n'
        "sampling = { max_tokens = 16 }\n"
        for kind in ("llama", "mamba")
    ]
    blends = [
        '[[blend]]\nname = "B"\nmembers = ["llama", "mamba"]',
        '[[blend]]\nname = "C"\nmembers = ["mamba", "llama"]\npolicy = "sticky"\nturns = 2',
    ]
    roster.write_text("\n".join([*tables, *blends]))
    talks = [("Hi", "Hello there.", "How are you?", f"I am fine {n}.") for n in range(8)]
    data = write(tmp_path / "d.jsonl", *talks)
    return ["--roster", str(roster), "--data", data, "--out", str(tmp_path / "out")]


def test_the_command_scores_once_and_goes_on(asked, tmp_path, capsys):
    assert main([*asked, "--only", "llama"]) == 2
    assert "a pool needs two members" in capsys.readouterr().err
    kept = loss_table.load(tmp_path / "out" / "losses.parquet")
    assert kept.nats.shape == (16, 1) and np.isfinite(kept.nats).all()
    marked = replace(kept, frame=kept.frame + 100)
    loss_table.save(marked, tmp_path / "out" / "losses.parquet")

    assert main(asked) == 0  # llama's losses are not reckoned again
    both = loss_table.load(tmp_path / "out" / "losses.parquet")
    assert both.nats[:, 0] == pytest.approx(marked.nats[:, 0], rel=1e-6)
    assert [m.family for m in both.members] == ["llama", "mamba"]
    shown = capsys.readouterr().out
    assert "16 replies of 8 conversations under 2 models" in shown and "| B |" in shown
    assert "| C |" not in shown  # the same members, drawn otherwise
    found = load(tmp_path / "out" / "report.json", ScalingReport, "law")
    assert found.title == "pair" and found.worst < 1e-9
    assert main(["--losses", str(tmp_path / "out" / "losses.parquet"), *asked[-2:]]) == 0


def test_losses_of_another_precision_are_others(asked, tmp_path):
    path, tables = tmp_path / "out" / "losses.parquet", []
    for more in ([], ["--dtype", "bfloat16"]):
        main([*asked, "--only", "llama", *more])
        tables.append(loss_table.load(path))
    exact, short = tables
    assert short.members[0].digest == f"{exact.members[0].digest}-bfloat16"
    assert (short.nats != exact.nats).any()
    assert short.nats == pytest.approx(exact.nats, rel=0.02)


def test_compare_tells_how_much_one_pass_saves(asked, capsys):
    assert main([*asked, "--compare", "--only", "llama"]) == 0
    said = capsys.readouterr().out
    assert "16 replies in" in said
    one, each = (float(n.replace(",", "")) for n in said.rpartition("nats ")[2].split(" and "))
    assert one == pytest.approx(each, abs=0.02)


def test_other_replies_than_those_of_the_table_are_refused(asked, tmp_path, capsys):
    main([*asked, "--only", "llama"])
    write(tmp_path / "d.jsonl", ("Hi", "Something else!"))
    assert main(asked) == 2
    assert "holds losses of other replies" in capsys.readouterr().err


ELSEWHERE = """
[[member]]
name = "far"
engine = "remote"
model = "m"
base_url = "http://127.0.0.1:9/v1"
[[member]]
name = "parrot"
engine = "scripted"
lines = ["x"]
[[blend]]
name = "All"
members = ["far", "parrot"]
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "far is remote: servers tell no log-probabilities"),
        (["--only", "parrot"], "parrot is scripted"),
        (["--only", "nobody"], "no member 'nobody' in the roster"),
    ],
)
def test_members_without_probabilities_are_refused_before_anything_loads(
    tmp_path, capsys, more, said
):
    path = tmp_path / "r.toml"
    path.write_text(ELSEWHERE)
    data = write(tmp_path / "d.jsonl", ("Hi", "Hello"))
    assert main(["--roster", str(path), "--data", data, *more]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1


def test_nothing_to_measure_is_one_line(capsys):
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("blend law: nothing to measure")


SHIPPED = {
    "ladder": "Three families, four sizes, two seeds",
    "embedded": "The embedded models",
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_tables_that_ship_give_the_reports_that_ship(name, tmp_path):
    folder = ROOT / "assets" / "law" / name
    table, golden = folder / "losses.parquet", json.loads((folder / "report.json").read_text())
    roster = [f'[[member]]\nname = "{m["name"]}"\nengine = "scripted"\nlines = ["x"]\n'
              for m in golden["members"]]  # fmt: skip
    names = [m["name"] for m in golden["members"]][: golden["between"][-1]["members"]]
    roster.append(f'[[blend]]\nname = "Blended"\nmembers = {json.dumps(names)}\n')
    (tmp_path / "r.toml").write_text("\n".join(roster))
    asked = ["--roster", str(tmp_path / "r.toml"), "--title", SHIPPED[name], "--losses", str(table)]
    assert main([*asked, "--out", str(tmp_path)]) == 0

    told = dict(leaves(json.loads((tmp_path / "report.json").read_text())))
    wanted = dict(leaves(golden))
    assert told.keys() == wanted.keys()
    for path, value in wanted.items():
        # A fit's search ends within 1e-8, which may turn the last of the five digits that are kept.
        fitted = "/law/" in path or path.startswith("/differences")
        if isinstance(value, float):
            value = pytest.approx(value, rel=1.1e-4 if fitted else 1e-9, abs=1e-9)
        assert told[path] == value, path
    written = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert written == (folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "[1]", '{"title": 1}', '{"title": "a"}'])
def test_what_is_no_report_is_one_line(tmp_path, text):
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(CommandError, match=r"is no report of python -m blend law: [^\n]+$"):
        load(tmp_path / "report.json", ScalingReport, "law")
