"""python -m blend duel on scripted members: played, judged, kept, gone on with, reported."""

import json

import pytest
from dueling import CONTENDERS as ONLY
from dueling import ROSTER, duel

from blend.duel.battle_file import read_battles


@pytest.fixture
def play(tmp_path):
    def run(*options, roster=ROSTER):
        code = duel(tmp_path, *options, roster=roster)
        file = tmp_path / "out" / "battles.jsonl"
        rows = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return code, rows

    return run


SIDES = ("left", "right")


def messages(row):
    return [[turn["prompt"] for turn in row[f"{side}_turns"]] for side in SIDES]


def test_every_pair_meets_on_every_opener_and_both_sides_get_the_same_messages(play, capsys):
    code, rows = play("--judge", "first", "--visitor", "guest", "--turns", "3", *ONLY)
    assert (code, len(rows), len({row["id"] for row in rows})) == (0, 12, 12)
    for row in rows:
        left, right = messages(row)
        assert left == right == [row["opener"], "Go on.", "I see."]
        assert row["left"]["id"].startswith("c-") and row["left"]["config"]["members"]
        drawn = row["left_turns"][1]
        assert drawn["chance"] == drawn["chances"][drawn["member"]]
        assert drawn["reply"].startswith(drawn["member"])
    sides = {(row["left"]["name"], row["right"]["name"]) for row in rows}
    assert len(sides) > 3, "the sides are by lot"
    assert "| first | 12 | 0 % (0 to 49) | 100 % (51 to 100) |" in capsys.readouterr().out


def test_the_one_who_always_takes_the_first_is_found_out(play, capsys):
    _, rows = play("--judge", "first", *ONLY)
    assert {row["verdicts"]["first"]["outcome"] for row in rows} == {"torn"}
    said = capsys.readouterr().out
    assert "+1.00 (+0.02 to +1.00)" in said
    assert "first: the order decided most verdicts" in said


def test_what_cannot_be_read_is_counted_and_kept_as_it_was_written(play, capsys):
    code, rows = play("--judge", "mute", *ONLY)
    assert rows[0]["verdicts"]["mute"]["left_first"]["text"] == "Both are fine."
    assert (code, {row["verdicts"]["mute"]["outcome"] for row in rows}) == (0, {"unreadable"})
    assert "| mute | 12 | 100 %" in capsys.readouterr().out


def test_it_goes_on_where_it_was_stopped_and_a_half_written_line_is_played_again(play, tmp_path):
    _, before = play("--judge", "first", *ONLY)
    file = tmp_path / "out" / "battles.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:5]) + lines[5][:40])
    code, after = play("--judge", "first", *ONLY)
    assert code == 0 and file.read_bytes().startswith(b"".join(lines[:5]))
    assert {row["id"] for row in after} == {row["id"] for row in before} and len(after) == 12
    file.write_bytes(file.read_bytes()[:-1])  # the last line has no end
    assert len(play("--judge", "first", *ONLY)[1]) == 12


def test_a_second_judge_judges_the_battles_that_are_there(play, tmp_path, capsys):
    _, before = play("--judge", "first", *ONLY)
    _, after = play("--judge", "first", "--judge", "mute", *ONLY)
    assert [list(row["verdicts"]) for row in after[12:]] == [["mute"]] * 12
    assert messages(after[12]) == messages(before[0])
    kept = read_battles(tmp_path / "out" / "battles.jsonl")
    assert len(kept) == 12 and all({*b.verdicts} == {"first", "mute"} for b in kept.values())

    report = json.loads((tmp_path / "out" / "report.json").read_text())
    battles = {name: of["battles"] for name, of in report["judges"].items()}
    assert battles == {"first": 12, "mute": 12}
    won = {name: (n, of["value"]) for name, (n, of) in report["wins"]["first"].items()}
    assert won == dict.fromkeys(("All", "oak", "elm"), (8, 0.5)) and report["wins"]["mute"] == {}
    assert report["agreement"] == [{"a": "first", "b": "mute", "kappa": None}]
    assert "first and mute agree with kappa" in capsys.readouterr().out


def test_the_same_seed_draws_the_same_and_another_one_other_sides(play, tmp_path):
    def drawn(rows):
        return {
            row["id"]: [row["left"]["name"]] + [turn["member"] for turn in row["left_turns"]]
            for row in rows
        }

    one = drawn(play("--judge", "first", "--visitor", "guest", "--turns", "2", *ONLY)[1])
    (tmp_path / "out" / "battles.jsonl").unlink()
    again = play("--judge", "first", "--visitor", "guest", "--turns", "2", "--at-once", "1", *ONLY)
    assert drawn(again[1]) == one
    other = play("--judge", "first", "--seed", "2", *ONLY)[1]
    assert not {row["id"] for row in other[12:]} & {*one}


def test_a_panel_takes_part_and_its_drafts_are_kept(play):
    code, rows = play("--judge", "mute", "--only", "Panel", "oak")
    sides = [(row[side]["name"], row[f"{side}_turns"][0]) for row in rows for side in SIDES]
    panels = [turn for name, turn in sides if name == "Panel"]
    assert (code, len(rows), len(panels)) == (0, 4, 4)
    for turn in panels:
        drafts = {draft["member"]: draft["text"] for draft in turn["panel"]["drafts"]}
        assert drafts == {"oak": "oak one", "elm": "elm one"} and turn["reply"] in drafts.values()
    assert all(turn["panel"] is None for name, turn in sides if name == "oak")
    assert len(play("--judge", "first", "--only", "Panel", "oak")[1]) == 8


def test_only_pairs_of_the_focus(play):
    each = [part for name in ONLY[1:] for part in ("--only", name)]
    _, rows = play("--judge", "first", "--focus", *each)
    assert len(rows) == 8
    assert all("All" in (row["left"]["name"], row["right"]["name"]) for row in rows)


def test_peoples_messages_are_played_again(play, tmp_path):
    said = [("user", "Hi!"), ("assistant", "?"), ("user", "Bye."), ("assistant", ".")]
    talk = {"messages": [{"role": role, "content": text} for role, text in said]}
    (tmp_path / "talks.jsonl").write_text(json.dumps(talk))
    data = str(tmp_path / "talks.jsonl")
    _, rows = play("--judge", "first", "--data", data, "--turns", "5", *ONLY)
    assert len(rows) == 3 and all(messages(row) == [["Hi!", "Bye."]] * 2 for row in rows)


def test_a_member_that_fails_ends_its_battles_and_no_other(play, capsys):
    code, rows = play("--judge", "first", "--only", "oak", "elm", "broken")
    assert (code, len(rows)) == (0, 4)
    assert "not played or not judged to the end: broken" in capsys.readouterr().err


def test_what_was_played_stays_where_its_judge_fails(play):
    code, rows = play("--judge", "broken", *ONLY)
    assert (code, len(rows)) == (2, 12) and not any(row["verdicts"] for row in rows)
    code, after = play("--judge", "first", *ONLY)
    assert (code, len(after)) == (0, 24) and {*after[12]["verdicts"]} == {"first"}
    assert after[12]["created"] == rows[0]["created"]


@pytest.mark.parametrize("name", ["guest", "first"])
def test_a_visitor_or_a_judge_with_other_settings_is_another_one(play, tmp_path, name):
    options = ("--judge", "first", "--visitor", "guest", "--turns", "2", *ONLY)
    before = play(*options)[1]
    roster = ROSTER.replace(f'name = "{name}"', f'name = "{name}"\nsampling = {{max_tokens = 7}}')
    after = play(*options, roster=roster)[1]
    assert len(after) == 24
    same = {row["id"] for row in before} == {row["id"] for row in after}
    assert same == (name == "first"), "who judges changes no battle"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--judge", "ook"], "has no member 'ook'; did you mean 'oak'?"),
        (["--judge", "reward:nowhere"], "no reward model in the folder 'nowhere'"),
        (["--judge", "oak", "--visitor", "reward:x"], "has no member 'reward:x'; known are"),
        (["--judge", "oak", "--turns", "2"], "nobody writes the visitor's second message"),
        (["--judge", "oak", "--only", "oak"], "a battle needs two contenders"),
        (["--judge", "oak", "--only", "oak", "elm", "--focus"], "--focus needs 'All'"),
        (["--judge", "oak", "--only", "ash"], "no contender 'ash'"),
        (["--judge", "oak", "--openers", "none.txt"], "No such file"),
    ],
)
def test_what_cannot_be_played_is_one_line(play, capsys, options, error):
    assert play(*options)[0] == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and error in said


def test_a_file_of_another_kind_stays_as_it_is(play, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "battles.jsonl").write_text('{"id": 1}\n')
    assert play("--judge", "first", *ONLY)[0] == 2
    assert "line 1 is no battle of blend duel" in capsys.readouterr().err
    assert (tmp_path / "out" / "battles.jsonl").read_text() == '{"id": 1}\n'
