"""Ids of visitors: what the site makes passes, whatever else is sent does not."""

import pytest

from arena.origin import Seal
from arena.visitor_id import is_visitor_id
from blend.conversation import new_id

OWN = "018f2b6c-7a10-7abc-8def-0123456789ab"
NEITHER = (
    *(None, 7, True, b"v", [OWN], {"id": OWN}, "", " ", OWN + "\n", "\n" + OWN, " " + OWN),
    *("a\x1eb", "a\x1fb", "a\x00b", "\ud800", "v" * 65, "a b", "a,b", "naïve", "１２", "../v"),
    *("a/b", "v" * 20_000_000, f"{OWN}\x00", "<b>", "a'b", 'a"b', "a;b", "a|b", "=1+1"),
)
ELSEWHERE = ("v", "judge_17", "a.b-c", OWN.upper(), OWN.replace("-", ""), "account-17")


def test_an_id_that_the_site_makes_is_one() -> None:
    for id in (new_id(), new_id(), OWN, Seal("key").account("somebody")):
        assert is_visitor_id(id)


@pytest.mark.parametrize("value", NEITHER, ids=lambda value: repr(value)[:30])
def test_what_is_neither_form_is_no_id(value: object) -> None:
    assert not is_visitor_id(value)


@pytest.mark.parametrize("value", ELSEWHERE)
def test_another_sites_id_is_not_ours(value: str) -> None:
    assert not is_visitor_id(value)
