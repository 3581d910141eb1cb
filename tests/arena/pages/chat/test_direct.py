"""Direct: whom the visitor chose writes a chat, and nobody else does from then on."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from page_events import rows

from arena.experiment.assignment import Assignment
from arena.pages.chat.direct import chat_partner, chosen
from arena.pages.chat.events import ChatEvents
from arena.site.site import Site
from arena.texts import ENGLISH
from blend.conversation import Conversation
from blend.roster import read
from blend.roster.experiment import Experiment

TRIAL = Experiment("trial", {"alder": 0.5, "Blended": 0.5}, "alder", "salt")


def at(**query):
    """A request of a page with this address."""
    return SimpleNamespace(query_params=query, client=None, request=None, headers={})


def chatted(site, request, text="Hello", state=None):
    """The chat after one more message and its reply."""

    async def run():
        page = ChatEvents(site)
        *_, sent, _, _ = await page.send(state, "v", "", request, text)
        return [beat async for beat in page.reply(sent, "v", sent.id, request)][-1][-1]

    return asyncio.run(run())


WRITERS = (
    "SELECT c.name, t.member FROM turns t JOIN conversations v ON v.id = t.conversation"
    " JOIN contenders c ON c.id = v.contender ORDER BY t.rowid"
)


def test_whom_the_address_names_writes_the_chat_and_goes_on_with_it_at_any_other_address(site):
    chat = chatted(site, at(**{"with": "cedar"}))
    for request in (at(), at(**{"with": "birch"})):
        chat = chatted(site, request, "And on", chat)
    assert rows(site, WRITERS) == [("cedar", "cedar")] * 3
    assert chat_partner(site, None, "v", at(**{"with": "cedar"})) == Assignment("cedar")
    assert chat_partner(site, chat, "w", None) == Assignment("Blended")  # it is another visitor's


def test_what_a_chosen_contender_has_read_makes_no_reply_of_a_battle_come_sooner(site):
    direct = chatted(site, at(**{"with": "cedar"}))
    usual = chatted(site, at(**{"with": "Blended"}))
    assert direct.drawn is None and usual.drawn is not None  # cedar reads nothing ahead
    members = site.contenders.loaded
    assert members["cedar"].scopes[0] == f"direct {direct.id}"
    others = [scope for member in members.values() for scope in member.scopes]
    assert sorted(others) == ["", f"direct {direct.id}"]


def test_an_empty_chat_speaks_of_whom_its_address_names_whatever_was_shown_before(site):
    page, cedar, usual = ChatEvents(site), at(**{"with": "cedar"}), at()
    about_cedar = ENGLISH("chat.empty_with", name="cedar")

    async def opened(id, request):
        return [view.log async for view in page.open("v", id, request)][-1]

    async def story():
        cleared = [(await page.clear(request)).log for request in (cedar, usual)]
        return [await opened("gone", cedar), *cleared]

    texts = [log["placeholder"] for log in asyncio.run(story())]
    assert texts == [ENGLISH("chat.unknown"), about_cedar, ENGLISH("chat.empty")]
    emptied = chatted(site, cedar).undo()
    assert page.outputs(emptied, cedar).log == {"__type__": "update", "value": []} | {
        "placeholder": about_cedar
    }


def test_without_a_name_everybodys_contender_writes(site):
    for request in (None, at(), at(**{"with": ""}), at(**{"with": "nobody"})):
        assert chat_partner(site, Conversation(), "v", request) == Assignment("Blended")


def test_during_an_experiment_the_address_counts_for_nothing_and_no_chat_leaves_its_arm(site):
    direct = chatted(site, at(**{"with": "cedar"}))
    trial = Site(replace(site.roster, experiment=TRIAL), site.store)
    arm = TRIAL.arm("v")
    for conversation in (None, direct):
        for request in (None, at(**{"with": "cedar"})):
            to = chat_partner(trial, conversation, "v", request)
            assert to == Assignment(arm, ("trial", arm))


def test_a_chat_whose_contender_has_gone_goes_on_with_everybodys(site):
    chat = chatted(site, at(**{"with": "cedar"}))
    others = tuple(member for member in site.roster.members if member.name != "cedar")
    fewer = Site(replace(site.roster, members=others), site.store)
    assert chat_partner(fewer, chat, "v", at(**{"with": "cedar"})).contender == "Blended"


def test_the_host_looks_at_an_arm_whatever_the_address(site):
    to = chat_partner(site, None, "v", at(**{"with": "cedar"}), preview="birch")
    assert to == Assignment("birch", preview=True)


@given(st.text(max_size=30))
def test_any_address_chooses_a_contender_or_nobody(name):
    site = SimpleNamespace(roster=read("scripted"))
    assert chosen(site, at(**{"with": name})) in ("", name)
    assert chosen(site, None) == ""
