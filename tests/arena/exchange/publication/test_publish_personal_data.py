"""The command publish where a text holds personal data: held back, or replaced."""

import importlib.util
import sys

import pytest
from judged import voted
from published import NAME, prompts

from arena.exchange import personal_data

needs_presidio = pytest.mark.skipif(
    importlib.util.find_spec("presidio_analyzer") is None,
    reason=f"Presidio is an optional install: {personal_data.INSTALL}",
)

# How the client itself hands a file to its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def test_without_presidio_it_is_refused_in_one_line_with_the_install(run, monkeypatch, server):
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    monkeypatch.setattr(personal_data, "find_spec", lambda name: None)
    code, told = run("--license", "mit")
    assert code == 2 and personal_data.INSTALL in told and server.repos == {}


@needs_presidio
def test_a_finding_holds_its_battle_back_and_is_told_by_number_alone(server, store, run):
    said = [("Mail ann.lee@example.org", "Done: ann.lee@example.org", "No.")]
    voted(store, said, "left", offered=True)
    code, told = run("--license", "mit", "--for", "arena", "--for", "kto")
    assert code == 0 and "2 EMAIL_ADDRESS in 1 battles or chats, held back" in told
    assert "names of people and places were not looked for" in told
    assert "arena: left out 1: personal data was found in it" in told
    card = server.repos[NAME].files["README.md"].decode()
    assert "| `EMAIL_ADDRESS` | 2 |" in card and "were not looked for" in card
    assert b"ann.lee" not in server.everything(NAME) and "ann.lee" not in told
    assert len(prompts(server, 1)) == 3


@needs_presidio
def test_with_mask_a_finding_is_replaced(server, store, run):
    voted(store, [("Mail ann.lee@example.org", "Done.", "No.")], "left", offered=True)
    code, told = run("--license", "mit", "--mask")
    assert code == 0 and "1 EMAIL_ADDRESS in 1 battles or chats, replaced" in told
    assert "Mail <EMAIL_ADDRESS>" in prompts(server, 1) and len(prompts(server, 1)) == 4
    assert b"ann.lee" not in server.everything(NAME)


@needs_presidio
def test_names_need_a_model_that_is_there(run, server):
    code, told = run("--license", "mit", "--names", "no_such_model")
    assert code == 2 and "no_such_model" in told and server.repos == {}


@needs_presidio
def test_names_are_replaced_and_the_card_tells_the_model_not_its_place(
    server, store, run, tmp_path
):
    import spacy

    model = spacy.blank("en", meta={"name": "two_names", "version": "1.2.0"})
    model.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ann Lee"}])
    model.to_disk(tmp_path / "model")
    voted(store, [("Who is Ann Lee?", "Ann Lee is a pilot.", "No.")], "left", offered=True)
    code, told = run("--license", "mit", "--mask", "--names", str(tmp_path / "model"))
    assert code == 0 and "by spaCy's model en_two_names 1.2.0" in told
    assert "Who is <PERSON>?" in prompts(server, 1)
    out = server.everything(NAME)
    assert b"en_two_names 1.2.0" in out and b"Ann Lee" not in out and bytes(tmp_path) not in out
