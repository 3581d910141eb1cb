"""Ids of visitors: what the site makes passes, whatever else is sent does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.origin import Seal
from arena.visitor_id import is_storable_id, is_visitor_id
from blend.conversation import new_id

OWN = "018f2b6c-7a10-7abc-8def-0123456789ab"
NEITHER = (
    *(None, 7, True, b"v", [OWN], {"id": OWN}, "", " ", OWN + "\n", "\n" + OWN, " " + OWN),
    *("a\x1eb", "a\x1fb", "a\x00b", "\ud800", "v" * 65, "a b", "a,b", "naïve", "１２", "../v"),
    *("a/b", "v" * 20_000_000, f"{OWN}\x00", "<b>", "a'b", 'a"b', "a;b", "a|b", "=1+1"),
)
STORABLE_ONLY = ("v", "judge_17", "a.b-c", OWN.upper(), OWN.replace("-", ""), "account-17")


def test_an_id_that_the_site_makes_is_one() -> None:
    for id in (new_id(), new_id(), OWN, Seal("key").account("somebody")):
        assert is_visitor_id(id) and is_storable_id(id)


@pytest.mark.parametrize("value", NEITHER, ids=lambda value: repr(value)[:30])
def test_what_is_neither_form_is_no_id(value: object) -> None:
    assert not is_visitor_id(value) and not is_storable_id(value)


@pytest.mark.parametrize("value", STORABLE_ONLY)
def test_another_sites_id_can_be_stored_but_is_not_ours(value: str) -> None:
    assert is_storable_id(value) and not is_visitor_id(value)


@given(text=st.text(max_size=80))
def test_what_can_be_stored_is_plain_and_short(text: str) -> None:
    plain = text.isascii() and all(sign.isalnum() or sign in "_.-" for sign in text)
    assert is_storable_id(text) == (plain and 1 <= len(text) <= 64)
    assert not is_visitor_id(text) or is_storable_id(text)
