"""Texts by name, with values; numbers, dates and lists as each language has them."""

import pytest

from arena.texts import ENGLISH, Texts, texts_in
from blend.evaluation.resample import Estimate

MORNING = 1_800_000_000  # 15 January 2027, 08:00 UTC


def test_a_text_has_its_values_filled_in_and_whole_numbers_grouped():
    assert "1,234 visitors" in ENGLISH("insights.votes", few=1234)
    with pytest.raises(KeyError, match=r"'page\.nothing' in en\.toml"):
        ENGLISH("page.nothing")
    with pytest.raises(KeyError, match=r"'insights\.votes' needs the value 'few'"):
        ENGLISH("insights.votes")
    assert texts_in("tlh") is ENGLISH and texts_in("en") == ENGLISH


def test_a_key_from_outside_is_its_text_or_stays_as_it_is():
    assert ENGLISH.named("reasons.more_helpful", "more_helpful") == "more helpful"
    assert ENGLISH.named("reasons.Funny {x}", "Funny {x}") == "Funny {x}"


@pytest.mark.parametrize("form", [".3f", "+.2f", ",.0f", ".0%", "+.1%"])
def test_a_text_has_numbers_by_the_form_that_it_asks_for(form):
    of = Estimate(0.5134, -2.2621, 1.1349)
    assert ENGLISH.written(of, form) == format(of, form)


def test_numbers_and_dates_have_the_form_of_the_language():
    assert ENGLISH.number(1234567.25, 1) == "1,234,567.2"
    assert (ENGLISH.number(-0.2), ENGLISH.percent(0.125, 1)) == ("0", "12.5%")
    assert ENGLISH.date(MORNING) == "15 January 2027"
    assert ENGLISH.moment(MORNING) == "15 January 2027, 08:00:00 UTC"
    assert ENGLISH.listed(["a", "b", "c"]) == "a, b and c"
    assert ENGLISH.listed(["a", "b"], "or") == "a or b"


@pytest.mark.parametrize(
    ("x", "written"),
    [(0, "0"), (1234, "1,234"), (12345.6, "12,346"), (0.125, "0.125"), (-1.20004, "-1.2")],
)
def test_a_number_of_a_table_has_four_digits_at_most_and_no_empty_ones(x, written):
    assert ENGLISH.significant(x, 4) == written


GERMAN, FRENCH, SPANISH = (Texts(language) for language in ("de", "fr", "es"))


def test_each_language_has_its_own_form_of_numbers_and_dates():
    assert [each.number(1234.5, 1) for each in (GERMAN, FRENCH, SPANISH)] == [
        "1.234,5",
        "1\u202f234,5",
        "1.234,5",
    ]
    assert GERMAN.percent(0.125, 1) == FRENCH.percent(0.125, 1).replace("\u202f", "\xa0")
    assert GERMAN.date(MORNING) == "15. Januar 2027"
    assert FRENCH.moment(MORNING).startswith("15 janvier 2027")
    assert SPANISH.listed(["a", "b", "c"]) == "a, b y c"
    of = Estimate(0.5134, -2.2621, 1.1349)
    assert GERMAN.written(of, "+.2f") == "+0,51 (-2,26 bis +1,13)"


def test_plural_forms_follow_the_language():
    assert [GERMAN("board.votes", n=n) for n in (0, 1, 2)] == ["0 Stimmen", "1 Stimme", "2 Stimmen"]
    assert [FRENCH("board.votes", n=n) for n in (0, 1, 2)] == ["0 vote", "1 vote", "2 votes"]
    assert SPANISH("board.votes", n=1_000_000) == "1.000.000 votos"
