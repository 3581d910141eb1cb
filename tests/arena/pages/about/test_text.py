"""What a site says of itself follows its settings: nothing is promised that is not so."""

from contextlib import closing
from dataclasses import replace
from html import unescape

import comrak
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.db.store import Store
from arena.pages.about import text as about_text
from arena.pages.templates import literal
from arena.site.site import Site
from blend.roster import read
from tests.arena.site.test_login import SPACE


@pytest.fixture
def site_of(tmp_path):
    with closing(Store.open(tmp_path / "arena.db")) as store:

        def made(name: str = "scripted", **told) -> Site:
            roster = read(name)
            settings = roster.settings.with_values(told, "flag")
            return Site(replace(roster, settings=settings), store)

        yield made


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "until you delete them"),
        ({"text_days": 30}, "dropped after 30 days;"),
        ({"samples": True}, "Some battles are shown to everybody"),
        ({"text_days": 1}, "dropped after a day;"),
        ({"texts": False}, "**Not what you write**"),
        ({"moderation": "json:loads"}, "checked by a rule of the host's"),
    ],
)
def test_what_is_stored_follows_the_settings(site_of, told, sentence):
    said = about_text.storage(site_of(**told), {})
    assert sentence in said and ("**What you write" in said) == told.get("texts", True)
    assert ("checked by a rule" in said) == ("moderation" in told)


def test_where_votes_are_kept_a_login_and_a_key_are_said(site_of):
    site, key = site_of(), {"BLENDED_ARENA_ADDRESS_KEY": "words"}
    said, kept = about_text.storage(site, {}), about_text.storage(site, key)
    assert literal(site.storage_status()) in said and "disk only" in site.storage_status()
    assert "account" not in said and "new at each start" in said
    assert "The host keeps its key" in kept and "words" not in kept


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_name_in_its_texts_is_no_markup(text):
    html = comrak.markdown_to_html(f"of {literal(text)} here").strip()
    shown = unescape(html.removeprefix("<p>").removesuffix("</p>"))
    assert " ".join(shown.split()) == " ".join(f"of {text} here".split())


def test_what_is_off_is_said(site_of):
    said = about_text.missing_features(site_of(api="key"), {})
    assert [line.split(" ")[0] for line in said] == ["There", "Network", "`/v1`"]
    pytest.importorskip("authlib")
    assert about_text.missing_features(site_of(), SPACE | {"BLENDED_ARENA_ADDRESS_KEY": "k"}) == []


def test_zerogpu_is_said(site_of):
    site = site_of()
    assert "ZeroGPU" not in about_text.machine(site, {})
    site.lent = object()
    said = about_text.machine(site, {"SPACE_ID": "a/b"})
    assert "by plain decoding (`generate`)" in said and "huggingface.co/spaces/a/b" in said


def test_the_request_can_be_copied_as_it_is(site_of):
    said = about_text.program(site_of(), "https://x.example/arena")
    assert said.startswith("curl -N https://x.example/arena/v1/chat/completions \\\n")
    assert '"model": "Blended"' in said
    assert "Bearer $KEY" in about_text.program(site_of(api="key"), "")
    assert about_text.program(site_of(api="off"), "") == ""


def test_the_roster_is_told_without_a_path_of_the_machine(site_of):
    rows = about_text.members(site_of("embedded"))
    assert [row[0] for row in rows] == ["Blended", "smalltalk", "trivia", "concierge", "mixed"]
    assert rows[0][3] == "drawn by uniform" and rows[1][2] == "smalltalk.gguf (llama_cpp)"
    assert rows[1][3] == "top_p 0.95, at most 80 tokens"


def test_settings_in_force_hide_what_tells_of_the_hosts_machine(site_of):
    rows = {
        row[0]: row for row in about_text.in_force(site_of(turns=4, db="/secret/a.db").settings)
    }
    assert rows["turns"][1:3] == ["4", "flag"] and rows["texts"][1:3] == ["true", "default"]
    assert rows["db"][1] == "not shown here" and rows["limit"][2] == "default"
