"""The [votes] table: the host's own reasons, and one clear line where they cannot be."""

import pytest

from blend.roster import read
from blend.roster.fields import RosterError
from blend.roster.site.reasons import BAD, GOOD, Reasons, read_reasons


def test_a_list_of_the_host_s_own_takes_the_place_of_the_one_there_is():
    assert read_reasons({}) == Reasons(GOOD, BAD) == read("scripted").reasons
    assert read_reasons({"reasons_good": ["kinder ", "more_helpful"]}) == Reasons(
        ("kinder", "more_helpful"), BAD
    )
    assert read_reasons({"reasons_good": [], "reasons_bad": []}) == Reasons((), ())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"reasons": []}, "unknown key 'reasons'"),
        ({"reasons_good": "kinder"}, "must be a list of texts"),
        ({"reasons_good": [1]}, "must be a list of texts"),
        ({"reasons_bad": ["   "]}, "reasons_bad cannot have '': write 1 to 60 characters"),
        ({"reasons_bad": ["x" * 61]}, "write 1 to 60 characters"),
        ({"reasons_bad": ["a\u0007b"]}, "characters that can be seen"),
        ({"reasons_bad": ["a b", "a  b"]}, "'a b' twice"),
        ({"reasons_good": [str(n) for n in range(13)]}, "13 reasons: name 12 at most"),
    ],
)
def test_what_cannot_be_is_one_line(table, said):
    with pytest.raises(RosterError, match=said) as error:
        read_reasons(table)
    assert "\n" not in str(error.value)
