"""The [categories] table: the host's own categories, and one clear line where they cannot be."""

import pytest

from arena.categories.tagger import TAGS, Tagger
from arena.pages.leaderboard.choices import ALL, LABELS
from blend.roster import read
from blend.roster.fields import RosterError
from blend.roster.site.categories import RESERVED, read_categories


def test_a_category_is_a_name_with_words_and_phrases(tmp_path):
    roster = tmp_path / "r.toml"
    roster.write_text(
        '[categories]\ntravel = ["train", "trip*"]\n"home  cooking" = ["how do i cook"]\n'
        '[[member]]\nname = "m"\nlines = ["x"]\n[[blend]]\nname = "b"\nmembers = ["m"]\n'
    )
    own = read(roster).categories
    assert own == {"travel": ("train", "trip*"), "home cooking": ("how do i cook",)}
    assert Tagger(own).tags("How do I cook on my trips?") == ("travel", "home cooking")
    assert read("scripted").categories == {}


def test_the_names_that_boards_use_are_taken():
    others = {label for label in LABELS if "turn" in label or "characters" in label}
    assert {*TAGS, ALL, *LABELS} - others == {*RESERVED}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"code": ["x"]}, "the name 'code' is taken"),
        ({"a b": ["x"], "a  b": ["x"]}, "the name 'a b' is taken"),
        ({"unknown": ["x"]}, "the name 'unknown' is taken"),
        ({"": ["x"]}, "cannot be called '': write 1 to 60 characters"),
        ({"x" * 61: ["x"]}, "write 1 to 60 characters"),
        ({"a\u0007": ["x"]}, "characters that can be seen"),
        ({"a": "(x+)+y"}, r"'a' is one text, and no pattern is read: write a list"),
        ({"a": []}, "must be a list of texts"),
        ({"a": [1]}, "must be a list of texts"),
        ({"a": ["  "]}, "'a' cannot have the phrase '  '"),
        ({"a": ["x" * 61]}, "write 1 to 60 characters"),
        ({"a": ["*"]}, r"the \* in '\*' means nothing: it stands only at the end of a word"),
        ({"a": ["x *"]}, "means nothing"),
        ({"a": ["x*y"]}, "means nothing"),
        ({"a": ["x"] * 201}, "'a' has over 200 phrases"),
        ({str(n): ["x"] for n in range(21)}, "21 categories: name 20 at most"),
    ],
)
def test_what_cannot_be_is_one_line(table, said):
    with pytest.raises(RosterError, match=said) as error:
        read_categories(table)
    assert "\n" not in str(error.value)
