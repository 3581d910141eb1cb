"""The visitor's language: the one that the browser prefers, on both sides of the wire."""

import json

import pytest

from arena.pages import language
from arena.texts import ENGLISH


@pytest.mark.parametrize(
    "header", ["", "en", "xx,en;q=0.5", "*", ";;,=", "en-US,en;q=0.9,de;q=0.8", "en;q=x"]
)
def test_english_is_for_whoever_asks_for_it_or_for_nothing_there_is(header):
    assert language.negotiated(header) == "en"
    assert language.texts_of(None) == ENGLISH


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("it,fr-CA;q=0.7,de;q=0.3", "fr"),
        ("en;q=0.2,es-419;q=0.9", "es"),
        ("de;q=0,en", "en"),
    ],
)
def test_the_first_language_that_the_page_speaks_is_taken(header, taken):
    assert language.negotiated(header) == taken


def test_a_label_is_put_in_place_by_the_page_and_only_labels_are_sent():
    button, text = language.label("script.copy"), f"## {language.label('script.copied')}"
    sent = language.catalogues({"components": [{"value": button}, text]}).translations_dict
    assert sent["en"] == {"script.copy": "Copy", "script.copied": "Copied"}
    with pytest.raises(KeyError, match="nothing"):
        language.label("script.nothing")


def test_the_script_has_its_words_in_every_language():
    element = language.script_texts()
    words = json.loads(element.partition(">")[2].removesuffix("</script>"))
    assert words["en"]["copy"] == "Copy" and element.count("<") == 2
