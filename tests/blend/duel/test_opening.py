"""First messages of battles from each kind of file."""

import pytest

from blend.command_line import CommandError
from blend.duel.opening import Opening, from_file


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", 'one = ["Hi!", "Bye."]\ntwo = ["Why?"]'),
        ("a.jsonl", '{"prompt": "Hi!"}\n\n"Why?"\n"Hi!"'),
        ("a.txt", "Hi!\nWhy?\n\n"),
    ],
)
def test_each_form_is_read_and_equal_ones_count_once(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert from_file(tmp_path / name) == [Opening(("Hi!",)), Opening(("Why?",))]


def test_a_line_of_json_ends_at_no_other_end_of_a_line(tmp_path):
    (tmp_path / "a.jsonl").write_text('"One\u2028two"\n', encoding="utf-8")
    assert from_file(tmp_path / "a.jsonl") == [Opening(("One\u2028two",))]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.jsonl", '"Hi!"\n\n{"text": 1}', "line 3 is no opener"),
        ("a.jsonl", "[" * 100_000, "line 1 is no opener"),
        ("a.txt", "Hi!\nbad \x07 bell", "opener 2: .*U\\+0007"),
        ("a.txt", "\n", "has no opener"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_opener_is_named(tmp_path, name, text, error):
    (tmp_path / name).write_text(text)
    with pytest.raises(CommandError, match=error):
        from_file(tmp_path / name)
