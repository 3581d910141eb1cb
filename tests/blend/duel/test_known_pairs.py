"""python -m blend judges: who reads prefers the reply that answers; who does not is found out."""

import asyncio
import json
import random

import pytest
from dueling import ROSTER

from blend.duel.known_pairs import ask, known_pair_report, known_pairs, main
from blend.judging import MemberJudge
from blend.members.scripted import Scripted
from blend.message import Message
from blend.scaling.dialogues import read


@pytest.fixture
def data(tmp_path):
    """Ten dialogues in which the reply repeats the question."""
    rows = [
        {"id": str(n), "turns": [{"text": f"What is {n}?"}, {"text": f"{n} is a number."}]}
        for n in range(10, 20)
    ]
    (tmp_path / "talks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "roster.toml").write_text(ROSTER)
    return tmp_path / "talks.jsonl"


def reads(messages):
    """Prefers the reply that has the question's number."""
    text = messages[0].text
    number = text.split("What is ")[1][:2]
    return "A" if f"Reply A:\n{number}" in text else "B"


def test_the_other_reply_answers_another_message(data):
    pairs = known_pairs(read([data]), random.Random(0))
    assert len(pairs) == 10
    for n, pair in enumerate(pairs, start=10):
        assert pair.history == (Message("user", f"What is {n}?"),)
        assert pair.better.text == f"{n} is a number." != pair.worse.text


@pytest.mark.parametrize(
    ("lines", "right", "wrong", "torn", "unreadable"),
    [(reads, 1, 0, 0, 0), (["A"], 0, 0, 1, 0), (["Both."], 0, 0, None, 1)],
)
def test_a_judge_is_known_by_its_verdicts(data, lines, right, wrong, torn, unreadable):
    pairs = known_pairs(read([data]), random.Random(0))
    judge = MemberJudge(Scripted("judge", lines))
    found = known_pair_report(asyncio.run(ask({"judge": judge}, pairs, 2))["judge"])
    assert (found.right.value, found.wrong.value) == (right, wrong)
    assert found.general.unreadable.value == unreadable
    assert (found.general.torn and found.general.torn.value) == torn


def test_the_table_and_what_cannot_be_judged(data, tmp_path, capsys):
    options = ["--roster", str(tmp_path / "roster.toml"), "--data", str(data)]
    assert main([*options, "--judge", "first", "--judge", "mute"]) == 0
    said = capsys.readouterr().out
    assert "| first | 10 | 0% (0% to 28%) | 0% (0% to 28%) | 0% (0% to 28%) | 100% (72%" in said
    assert "| mute | 10 | 0% (0% to 28%) | 0% (0% to 28%) | 100% (72% to 100%) | – | – |" in said
    for more, error in (
        (["--judge", "forst"], "has no member 'forst'; did you mean 'first'?"),
        (["--judge", "first", "--most", "1"], "a pair needs two of a file"),
    ):
        assert main([*options, *more]) == 2
        said = capsys.readouterr().err
        assert error in said and said.count("\n") == 1
