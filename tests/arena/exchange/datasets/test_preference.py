"""Pairs for DPO and reward models: who won, what is shared, what is left out and why."""

import math
from contextlib import closing

import pytest
from pyarrow.parquet import read_table
from stored import BLEND, SINGLE

from arena.db.store import Store
from arena.exchange import export
from arena.ranking.ratings import bradley_terry


def rows(db, folder, form, *options):
    argv = ["--db", str(db), "--out", str(folder), "--texts", "--for", form, *options]
    assert export.main(argv) == 0
    return read_table(folder / f"{form}.parquet").to_pylist()


def user(text):
    return {"role": "user", "content": text}


def reply(text):
    return {"role": "assistant", "content": text}


def pair(prompt, chosen, rejected):
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


HI = pair([user("Hi?")], [reply("Hello!")], [reply("Go away.")])
WHO = pair(
    [user("Who?")],
    [reply("# I\nam **it**"), user("Why?"), reply("- because\n- of that")],
    [reply("Me."), user("Why?"), reply("So.")],
)
FOUR = pair([user("2+2?")], [reply("4")], [reply("four")])
ALSO_FOUR = pair([user("2+2?")], [reply("four")], [reply("4")])
PING = pair(
    [user("Ping?"), reply("Pong."), user("Again?")],
    [reply("```\nping\n```")],
    [reply("Pong?")],
)


def test_a_pair_has_one_prompt_and_the_rest_is_left_out_and_counted(db, tmp_path, capsys):
    assert rows(db, tmp_path / "out", "trl") == [HI, PING]
    lines = [line.split(": ", 2)[1:] for line in capsys.readouterr().out.splitlines()[1:]]
    assert sorted(why for _, why in lines) == [
        "a reply that was judged is empty",
        "both replies were bad",
        "both sides say the same",
        "it was a tie",
        "the sides had parted before their last reply, so that no prompt is common to both",
    ]
    assert {n for n, _ in lines} == {"left out 1"}


def test_sides_that_parted_are_whole_where_they_are_asked_for(db, tmp_path):
    assert rows(db, tmp_path / "out", "trl", "--whole") == [HI, WHO, PING]


def test_a_tie_is_left_out_or_both_ways(db, tmp_path):
    both = rows(db, tmp_path / "both", "trl", "--ties", "both")
    assert both == [HI, FOUR, ALSO_FOUR, PING]
    assert rows(db, tmp_path / "out", "trl", "--ties", "out") == [HI, PING]


def test_the_margin_is_the_difference_of_the_ratings_in_log_odds(db, tmp_path):
    found = rows(db, tmp_path / "out", "reward", "--ties", "both")
    assert [{**row, "margin": None} for row in found] == [
        each | {"margin": None} for each in (HI, WHO, FOUR, ALSO_FOUR, PING)
    ]
    with closing(Store.open_readonly(db)) as store:
        board = bradley_terry(store.ballots.read("own").counts())
    points, _ = board.difference(BLEND.id, SINGLE.id)
    of_blend = points * math.log(10) / 400
    assert of_blend > 0
    signs = [1, -1, 1, -1, 1]
    assert [row["margin"] for row in found] == pytest.approx([s * of_blend for s in signs])
