"""The host's hook: what it refuses is neither sent, shown nor stored; one that fails is said."""

import asyncio
import time
from dataclasses import replace

import pytest
from battling import with_members

from arena.battle import battle
from arena.models import Refused
from arena.site.moderation import UNCHECKED, Moderation
from arena.site.recording import register_visitor
from arena.site.site import Site
from blend.conversation import Conversation, Draft, Selection, Turn
from blend.roster.settings import SettingError

pytestmark = pytest.mark.anyio

NO = "Please stay with the topic."


def never(text: str, role: str) -> str | None:
    return NO if "never" in text and role == "user" else None


def no_trees(text: str, role: str) -> str | None:
    return "This reply was withheld." if role == "assistant" else None


async def slowly(text: str, role: str) -> str | None:
    await asyncio.sleep(0.01)
    return never(text, role)


def broken(text: str, role: str) -> str | None:
    raise OSError("the list of words is gone")


def refusal(hook, text="I never", role="user", **how) -> str | None:
    return asyncio.run(Moderation(hook, **how).refusal(text, role))


def moderated(site, hook) -> Site:
    return with_members(site, {"moderation": f"{__name__}:{hook.__name__}"})


@pytest.mark.parametrize("hook", [never, slowly])
def test_a_hook_says_no_in_a_sentence_or_nothing(hook):
    assert refusal(hook) == NO and refusal(hook, "I often") is None


def test_without_one_nothing_is_refused():
    assert refusal(None) is None and Moderation.named("").hook is None


@pytest.mark.parametrize("answer", [True, "  ", 5])
def test_an_answer_that_is_none_has_checked_nothing(answer):
    assert refusal(lambda text, role: answer) == UNCHECKED["user"]


def test_one_that_raises_or_hangs_refuses_and_says_so_and_the_log_says_why(caplog):
    assert refusal(broken) == UNCHECKED["user"] and "could not be checked" in UNCHECKED["user"]
    assert refusal(broken, role="assistant") == UNCHECKED["assistant"]
    assert "the list of words is gone" in caplog.text
    assert refusal(lambda t, r: time.sleep(0.5), patience=0.01) == UNCHECKED["user"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("no_such_module:f", "moderation 'no_such_module:f' cannot be had: ModuleNotFoundError"),
        ("json:nothing", "cannot be had: AttributeError"),
        ("json", "cannot be had"),
        ("json:__name__", "cannot be called: name a function"),
    ],
)
def test_a_name_that_leads_nowhere_is_one_line(place, said):
    with pytest.raises(SettingError, match=said):
        Moderation.named(place)


async def test_a_refused_message_is_refused_before_anything_is_stored(site):
    guard = moderated(site, never).guard
    with pytest.raises(Refused, match=NO):
        await guard.check_message("v", None, "I never", "")
    await guard.check_message("v", None, "I often", "A persona")


async def replies(site: Site):
    conversation = Conversation().ask("Hello")
    register_visitor(site.store, "ann")
    blended = site.contenders.id_of("Blended")
    site.store.conversations.open(conversation, "ann", blended, "chat")
    return conversation, [turn async for turn in site.replies.stream("Blended", conversation)]


async def test_a_refused_reply_is_never_shown_nor_stored(site):
    conversation, turns = await replies(moderated(site, no_trees))
    assert {turn.reply for turn in turns} == {""} and not turns[-1].finished
    assert turns[-1].error == "This reply was withheld."
    kept = site.store.conversations.load(conversation.id, "ann").turns[-1]
    assert (kept.reply, kept.error) == ("", "This reply was withheld.")


async def test_a_reply_that_passes_is_shown_whole_once_it_was_checked(site):
    _, turns = await replies(moderated(site, never))
    assert {turn.reply for turn in turns[:-1]} == {""}
    assert turns[-1].finished and turns[-1].reply


async def test_a_refused_reply_makes_a_battle_void(site):
    made = moderated(site, no_trees)
    opened = await battle.open_battle(made, "ann")
    view = [view async for view in battle.send_message(made, opened, "Hello")][-1]
    assert view.status == "void" == site.store.battles.state(view.battle).status


async def test_a_refused_thought_is_not_shown_and_the_reply_is():
    async def turns():
        yield Turn("Hi", thought="I never")
        yield Turn("Hi", "Hello", finished=True, thought="I never")

    async def run(hook):
        return [(t.thought, t.reply) async for t in Moderation(hook).replies(turns())]

    assert await run(lambda text, role: never(text, "user")) == [("", ""), ("", "Hello")]
    assert await run(lambda text, role: None) == [("", ""), ("I never", "Hello")]


async def test_a_draft_that_is_refused_has_no_words_and_those_of_a_refused_reply_go_with_it():
    def no_oak(text, role):
        return "Withheld." if "oak" in text and role == "assistant" else None

    async def checked(reply):
        drafts = (Draft("elm", reply, picked=True), Draft("oak", "I am oak"), Draft("a", "Hi"))
        turn = Turn("Hi", reply, finished=True, selection=Selection("j", drafts, "judged"))

        async def growing():
            yield replace(turn, finished=False)
            yield turn

        return [turn async for turn in Moderation(no_oak).replies(growing())]

    first, last = await checked("Fine")
    assert (first.reply, first.selection) == ("", None)
    assert [draft.text for draft in last.selection.drafts] == ["Fine", "", "Hi"]
    assert (await checked("oak"))[-1].selection is None


async def test_all_drafts_are_checked_at_once():
    both = asyncio.Barrier(2)

    async def waits(text, role):
        if text != "Fine":
            await both.wait()

    drafts = tuple(Draft(name, text) for name, text in (("elm", "One"), ("oak", "Two")))

    async def growing():
        yield Turn("Hi", "Fine", finished=True, selection=Selection("j", drafts, "written"))

    turns = [turn async for turn in Moderation(waits, patience=5).replies(growing())]
    assert turns[-1].selection.drafts == drafts
