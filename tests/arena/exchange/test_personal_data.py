"""Personal data in texts: found by Presidio where it is installed, and replaced where asked."""

import importlib.util

import pytest

from arena.command import CommandError
from arena.exchange import personal_data
from arena.exchange.personal_data import LONGEST, PersonalDataFinder, replaced

needs_presidio = pytest.mark.skipif(
    importlib.util.find_spec("presidio_analyzer") is None,
    reason=f"Presidio is an optional install: {personal_data.INSTALL}",
)


@pytest.fixture(scope="module")
def finder():
    return PersonalDataFinder()


@needs_presidio
@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to ann.lee@example.org, please.", "Write to <EMAIL_ADDRESS>, please."),
        ("+49 30 901820 or (212) 555-0123", "<PHONE_NUMBER> or <PHONE_NUMBER>"),
        ("Appelle le 06 12 34 56 78 !", "Appelle le <PHONE_NUMBER> !"),
        ("card 4111 1111 1111 1111", "card <CREDIT_CARD>"),
        ("IBAN DE89370400440532013000", "IBAN <IBAN_CODE>"),
        ("DNI 12345678Z, SSN 536-90-4399", "DNI <ES_NIF>, SSN <US_SSN>"),
        ("from 192.168.0.17", "from <IP_ADDRESS>"),
        ("In 1984 there were 100 200 300 of them.", "In 1984 there were 100 200 300 of them."),
        ("4111 1111 1111 1112 fails its check digit", "4111 1111 1111 1112 fails its check digit"),
        ("Call Ann Lee in Paris.", "Call Ann Lee in Paris."),  # names need a model
        ("4111 1111 1111 1111@example.org", "<CREDIT_CARD>"),
        ("", ""),
    ],
)
def test_what_stands_in_a_text_is_masked(finder, text, masked):
    assert replaced(text, finder.find(text)) == masked


@needs_presidio
def test_a_long_text_is_searched_to_its_end(finder):
    text = "x" * (LONGEST - 5) + " ann@example.org " + "word " * (LONGEST // 4) + "bob@example.org"
    found = [text[each.start : each.end] for each in finder.find(text)]
    assert found == ["ann@example.org", "bob@example.org"]


@needs_presidio
def test_a_model_that_is_not_installed_is_one_line():
    with pytest.raises(CommandError, match="spacy download no_such_model"):
        PersonalDataFinder("no_such_model")


@needs_presidio
def test_names_are_found_by_a_model_in_a_folder(tmp_path):
    import spacy

    model = spacy.blank("en", meta={"name": "two_names", "version": "1.2.0"})
    ruler = model.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": "PERSON", "pattern": "Ann Lee"}, {"label": "GPE", "pattern": "Paris"}]
    )
    model.to_disk(tmp_path / "model")
    finder = PersonalDataFinder(str(tmp_path / "model"))
    text = "Call Ann Lee in Paris: ann@example.org."
    assert replaced(text, finder.find(text)) == "Call <PERSON> in <LOCATION>: <EMAIL_ADDRESS>."
    assert finder.model_name == "en_two_names 1.2.0"


@needs_presidio
def test_a_model_that_cannot_find_names_is_refused(tmp_path):
    import spacy

    spacy.blank("en").to_disk(tmp_path / "blank")
    (tmp_path / "empty").mkdir()
    for name, why in (("blank", "finds no names"), ("empty", "spaCy cannot load")):
        with pytest.raises(CommandError, match=why):
            PersonalDataFinder(str(tmp_path / name))
