"""Languages as files call them: names, codes and tags, all to one code each."""

import langcodes
import pytest

from arena.exchange.language import language_code

# The English names of ISO 639-1 that published votes have had so far.
NAMES = {
    **{"English": "en", "Polish": "pl", "Ukrainian": "uk", "Vietnamese": "vi", "Turkish": "tr"},
    **{"Persian": "fa", "Farsi": "fa", "Czech": "cs", "Swedish": "sv", "Norwegian": "no"},
    **{"Norwegian_nynorsk": "nn", "Haitian Creole": "ht", "Scottish Gaelic": "gd"},
    **{"Indonesian": "id", "Bengali": "bn", "Tagalog": "tl", "Lao": "lo", "CHINESE": "zh"},
    **{"Simplified Chinese": "zh", "Punjabi": "pa", "Uighur": "ug", "Western Frisian": "fy"},
}
TAGS = {
    **{"en-US": "en", "zh_Hans": "zh", "pt-BR": "pt", "sr-Latn-RS": "sr", "EN": "en", " de ": "de"},
    **{"eng": "en", "deu": "de", "zho": "zh", "iw": "he", "tl": "tl", "fil": "fil"},
}
NONE = ("", "a", "xx", "und", "mul", "unknown", "None", "N/A", "other", "x" * 100)


@pytest.mark.parametrize(("told", "code"), (NAMES | TAGS).items())
def test_names_and_tags(told, code):
    assert language_code(told) == code


@pytest.mark.parametrize("told", NONE)
def test_what_is_no_language(told):
    assert language_code(told) == "und"


def test_every_language_of_two_letters_by_its_english_name():
    codes = [a + b for a in "abcdefghijklmnopqrstuvwxyz" for b in "abcdefghijklmnopqrstuvwxyz"]
    names = {code: langcodes.Language.get(code).display_name() for code in codes}
    names = {c: name for c, name in names.items() if langcodes.tag_is_valid(c) and len(name) > 3}
    wrong = {c: n for c, n in names.items() if language_code(n) != language_code(c)}
    assert len(names) > 170 and len(wrong) < 5, wrong
