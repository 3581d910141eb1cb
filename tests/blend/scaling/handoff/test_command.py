"""python -m blend handoff on tiny models: written once, scored once; and what it refuses."""

import json
from dataclasses import replace

import numpy as np
import pytest

from blend.roster import read as read_roster
from blend.scaling import loss_table, losses, scoring
from blend.scaling.dialogues import read
from blend.scaling.handoff.command import main
from blend.scaling.handoff.contexts import history

SECOND = "How are you?", "I am fine.", "And the dog?", "He runs."


def roster(path, *members) -> str:
    """A roster of members: a name and lines of its table."""
    tables = [f'[[member]]\nname = "{name}"\n{lines}\n' for name, lines in members]
    names = json.dumps([name for name, _ in members])
    path.write_text("\n".join([*tables, f'[[blend]]\nname = "B"\nmembers = {names}\n']))
    return str(path)


def member(folder) -> str:
    return f'engine = "generate"\npath = "{folder}"\nsampling = {{ max_tokens = 6 }}'


def replies(path) -> dict[tuple[str, str], list[str]]:
    """What is kept of what each member wrote in each conversation."""
    rows = map(json.loads, path.read_text().splitlines())
    return {(row["writer"], row["id"]): row["replies"] for row in rows}


@pytest.fixture
def data(tmp_path):
    talks = [("Hi", f"Hello {n}.", *SECOND[: 2 + 2 * (n % 2)]) for n in range(6)]
    path = tmp_path / "d.jsonl"
    path.write_text("\n".join(json.dumps({"turns": [{"text": t} for t in x]}) for x in talks))
    return str(path)


@pytest.fixture
def options(tmp_path, folders, data):
    """The command's options for two tiny models and six short conversations."""
    pair = roster(tmp_path / "pair.toml", *((k, member(folders[k])) for k in ("llama", "gpt_neox")))
    return ["--roster", pair, "--data", data, "--out", str(tmp_path / "out")]


def test_the_matrix_is_of_people_s_replies_after_what_each_member_wrote(options, tmp_path, capsys):
    assert main([*options, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["members"], report["replies"]) == (["llama", "gpt_neox"], 9)
    assert "9 replies of people in 6 conversations" in (tmp_path / "out" / "README.md").read_text()

    pair, talks = read_roster(options[1]), read([tmp_path / "d.jsonl"], replies=2)
    written = replies(tmp_path / "out" / "contexts.jsonl")
    later = scoring.load(pair.members[1])  # each cell as it is reckoned one reply at a time
    for earlier in ("llama", "people"):
        nats = size = 0
        for talk in talks:
            own = written.get((earlier, talk.id))
            for turn, place in enumerate(talk.replies[1:], start=1):
                before = history(talk, own, turn) if own else talk.messages[:place]
                batch = [((*before, talk.messages[place]), [len(before)])]
                nats += sum(loss for _, loss in losses.score(later, batch, 6))
                size += len(talk.messages[place].text.encode())
        after = {c["earlier"]: c["loss"] for c in report["cells"] if c["later"] == "gpt_neox"}
        assert after[earlier] == pytest.approx(nats / size / np.log(2), rel=1e-4)


def test_a_run_that_was_stopped_goes_on_with_what_was_written_and_scored(options, tmp_path, capsys):
    assert main(options) == 0
    contexts, table = tmp_path / "out" / "contexts.jsonl", tmp_path / "out" / "losses.parquet"
    whole, scored = contexts.read_bytes(), loss_table.load(table)
    lines = whole.splitlines(keepends=True)
    contexts.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    part = scored.frame.copy()
    part.iloc[5:, 1] = np.nan
    loss_table.save(replace(scored, frame=part + 100), table)

    assert main(options) == 0
    assert sorted(contexts.read_bytes().splitlines()) == sorted(whole.splitlines())
    again = loss_table.load(table).frame - scored.frame
    assert again.iloc[:, 0].to_numpy() == pytest.approx(100, abs=1e-3)
    assert again.iloc[5:, 1].to_numpy() == pytest.approx(0, abs=1e-3)

    # Losses after other words are not taken for these.
    assert main([*options, "--seed", "1"]) == 2
    assert "holds losses of other replies: give another --out" in capsys.readouterr().err


def test_two_names_of_one_model_write_otherwise_and_no_pair_is_found(
    tmp_path, folders, data, capsys
):
    twice = roster(tmp_path / "t.toml", *((n, member(folders["llama"])) for n in ("one", "two")))
    out = tmp_path / "out"
    assert main(["--roster", twice, "--data", data, "--out", str(out), "--json"]) == 0
    written = replies(out / "contexts.jsonl")
    assert all(written["one", str(n)] != written["two", str(n)] for n in range(1, 7))
    report = json.loads(capsys.readouterr().out)
    assert not any(c["found"] for c in report["cells"] if c["earlier"] != "people")
    assert report["mean"]["low"] <= 0 <= report["mean"]["high"]


def test_a_judge_says_which_replies_it_prefers_and_is_not_asked_twice(
    options, tmp_path, folders, capsys
):
    both = [(name, member(folders[name])) for name in ("llama", "gpt_neox")]
    path = roster(tmp_path / "judged.toml", *both, ("first", 'engine = "scripted"\nlines = ["A"]'))
    options = ["--roster", path, *options[2:], "--only", "llama", "gpt_neox", "--judge", "first"]
    assert main([*options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["preferences"]
    assert (found["judge"], found["judged"] + found["alike"]) == ("first", 12)
    assert found["own"]["value"] == 0.5 and found["position_bias"]["value"] == 1
    assert [(p["earlier"], p["later"]) for p in found["pairs"]] == [
        ("gpt_neox", "llama"),
        ("llama", "gpt_neox"),
    ]
    kept = [tmp_path / "out" / name for name in ("next_replies.jsonl", "verdicts.jsonl")]
    before = [path.read_bytes() for path in kept]
    assert before[0].count(b"\n") == 24 and before[1].count(b"\n") == found["judged"]

    assert main(options) == 0
    assert [path.read_bytes() for path in kept] == before
    words = capsys.readouterr().out
    assert "## What a judge prefers\n\nThe order decided most verdicts of first" in words
    assert "prefers what a member says" not in words and "by the order alone" in words
    assert "| llama | own | 50%" in words and "\n\n\n" not in words


PARROT = 'engine = "scripted"\nlines = ["x"]'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--only", "parrot", "near"], "(here can be measured: near, next, people)"),
        (["--only", "near"], "a hand-off needs two members"),
        (["--only", "near", "next", "--judge", "nobody"], "has no member 'nobody'; known are"),
        (["--only", "near", "next", "--judge", "reward:x"], "no reward model in the folder 'x'"),
        (["--only", "near", "people"], "a member is called 'people'"),
        (["--only", "near", "next", "--split", "x"], "no conversation with enough replies of"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line_before_anything_loads(
    tmp_path, folders, data, capsys, more, said
):
    here = member(folders["llama"])
    members = [(name, here) for name in ("near", "next", "people")]
    path = roster(tmp_path / "r.toml", ("parrot", PARROT), *members)
    assert main(["--roster", path, "--data", data, "--out", str(tmp_path / "o"), *more]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1 and not (tmp_path / "o").exists()
