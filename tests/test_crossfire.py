"""What a process notes of the answers that it was given, and what can be read of it later."""

from contextlib import closing

from arena.crossfire import ANSWER, REFUSED, STORED, Sent, blank, heard

IDS = [(f"b{n}", "ann") for n in range(4)]


def test_a_note_that_was_not_completed_is_no_answer(tmp_path):
    with closing(blank(tmp_path / "log", ANSWER.size * len(IDS))) as out:
        ANSWER.pack_into(out, 0, 0.5, 0, STORED)
        ANSWER.pack_into(out, ANSWER.size, 0.125, 1, 0)
        ANSWER.pack_into(out, 3 * ANSWER.size, 0.25, 3, REFUSED)
    assert heard(tmp_path / "log", IDS) == [
        Sent("b0", "left", True, 0.5),
        Sent("b3", "both_bad", False, 0.25),
    ]


def test_a_process_that_came_to_nothing_was_told_nothing(tmp_path):
    assert heard(tmp_path / "log", IDS) == []
