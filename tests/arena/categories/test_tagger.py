"""The operator's own categories, and what tells which rules made a tag."""

from arena.categories.tagger import VERSION, Tagger


def test_own_categories_come_after_ours_by_words_phrases_and_beginnings():
    tagger = Tagger({"cooking": ("recipe", "bak*", "pasta carbonara"), "travel": ("train",)})
    assert tagger.tags("How do I bake bread?") == ("cooking",)
    assert tagger.tags("A RECIPE in Python") == ("code", "cooking")
    assert tagger.tags("pasta \n Carbonara on the train") == ("cooking", "travel")
    assert tagger.tags("recipes for training") == ()  # whole words only


def test_a_phrase_is_no_pattern():
    tagger = Tagger({"odd": ("c++", "(a+)+b", "1.5")})
    assert tagger.tags("I like C++ a lot") == ("code", "odd")
    assert tagger.tags("a (a+)+b") == ("odd",)
    assert "odd" not in tagger.tags("1x5 aab")


def test_the_version_changes_with_the_phrases_and_not_with_their_tables_order():
    assert Tagger().version == VERSION
    one = Tagger({"a": ("x",), "b": ("y",)}).version
    assert one == Tagger({"b": ("y",), "a": ("x",)}).version
    assert one.startswith(f"{VERSION}+") and one != Tagger({"a": ("x", "y")}).version
