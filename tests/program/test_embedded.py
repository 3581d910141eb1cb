"""The members that ship, blended: many conversations at once, and what a visitor types is text."""

import asyncio
import subprocess
import sys
from contextlib import aclosing

import pytest
from app_process import ROOT
from counted import Counted

from blend.conversation import Conversation
from blend.members import Sampling, TooLong
from blend.members.local.checkpoint import Checkpoint
from blend.message import Message
from blend.roster import read
from blend.roster.contender import assemble
from blend.roster.loading import load_all

pytestmark = pytest.mark.anyio
OPENERS = """Hi! How are you today?
Can you find me a restaurant in San Jose?
Do you like basketball?
I need a flight to New York.
What music do you listen to?
I have two dogs and a cat.
Did you know that the moon is far away?
Please book a hotel in London.
What is your favourite film?
I just came back from work.
Is there a dentist near Berkeley?
Who wrote that song?
I love to cook for my family.
What is the weather like on Friday?
Do you play any games?
I want to transfer some money.""".splitlines()
GREEDY = Sampling(temperature=0.0, max_tokens=40)


@pytest.fixture(scope="module")
def members():
    loaded = {spec.name: member for spec, member in load_all(read("embedded").members)}
    yield loaded
    for member in loaded.values():
        asyncio.run(member.aclose())


@pytest.fixture
def smalltalk(members):
    return members["smalltalk"]


async def said(blend, opener: str, **sampling):
    async with aclosing(blend.reply(Conversation().ask(opener), **sampling)) as turns:
        return [turn async for turn in turns][-1]


async def alone(member, *texts: str, system: str = "", sampling: Sampling = GREEDY) -> str:
    history = [Message("assistant" if n % 2 else "user", text) for n, text in enumerate(texts)]
    history = [Message("system", system), *history] if system else history
    async with aclosing(member.stream(history, sampling)) as pieces:
        return "".join([piece async for piece in pieces])


async def test_sixteen_conversations_stream_together_and_none_mixes(members):
    counted = {name: Counted(member) for name, member in members.items()}
    blend = assemble(read("embedded").blends[0], counted)

    turns = await asyncio.gather(*(said(blend, o, temperature=0.0) for o in OPENERS))

    assert sum(member.peak for member in blend.members.values()) >= 12
    assert all(turn.finished and turn.error is None for turn in turns)
    for opener, turn in zip(OPENERS, turns, strict=True):
        member, long = blend.members[turn.draw.member], Sampling(temperature=0.0, max_tokens=80)
        assert turn.reply == await alone(member, opener, sampling=long), opener


def written_by_transformers(checkpoint: Checkpoint, prompts: list[tuple[int, ...]], most: int):
    """Its greedy replies, all in one batch, in single precision."""
    import torch

    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(p)) + [*p] for p in prompts])
    mask = torch.tensor([[0] * (longest - len(p)) + [1] * len(p) for p in prompts])
    model = checkpoint.model(dtype="float32").eval()
    replies = model.generate(ids, attention_mask=mask, do_sample=False, max_new_tokens=most)
    return checkpoint.tokenizer().batch_decode(replies[:, longest:], skip_special_tokens=True)


@pytest.mark.parametrize("name", ["smalltalk", "trivia", "concierge", "mixed"])
async def test_greedy_replies_are_those_of_transformers(members, name):
    member, openers = members[name], OPENERS[:10]
    checkpoint = Checkpoint.locate(str(ROOT / "assets" / "models" / name))
    prompts = [member.template.prompt([Message("user", text)], 40).ids for text in openers]
    chats = [[{"role": "user", "content": text}] for text in openers]
    told = {"add_generation_prompt": True, "return_dict": False}
    written = checkpoint.tokenizer().apply_chat_template(chats, **told)
    assert [[*ids] for ids in prompts] == written
    replies = [await alone(member, text) for text in openers]
    assert replies == written_by_transformers(checkpoint, prompts, 40)


def test_a_chat_in_the_terminal_needs_neither_torch_nor_transformers():
    names = "{'torch', 'transformers', 'openai'}"
    code = (
        f"import sys; from blend.cli.chat import main; print(main([]), {names} & {{*sys.modules}})"
    )
    told = {"input": "Hi! Do you have a dog?\n", "text": True, "capture_output": True}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, **told)
    *lines, last = done.stdout.splitlines()
    assert any(lines) and last == "0 set()", done.stderr


async def test_a_greedy_request_beside_sampled_ones_harms_none(smalltalk):
    expected, warm = await alone(smalltalk, OPENERS[0]), smalltalk.sampling
    sampled = (alone(smalltalk, opener, sampling=warm) for opener in OPENERS[1:9])
    first, *others = await asyncio.gather(alone(smalltalk, OPENERS[0]), *sampled)
    assert first == expected and all(others) and smalltalk.down is None


def test_every_special_token_of_every_member_is_text_when_typed(members):
    tokenizers = {
        spec.name: Checkpoint.locate(spec.path).tokenizer() for spec in read("embedded").members
    }
    typed = sorted({token for t in tokenizers.values() for token in t.all_special_tokens})
    assert len(typed) >= 5
    for name, tokenizer in tokenizers.items():
        tokenizer.backend_tokenizer.encode_special_tokens = True  # as if they were not special
        for token in typed:
            text = f"Hi {token} there"
            plain = (*tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids,)
            ids = members[name].template.prompt([Message("user", text)], 10).ids
            assert any(ids[n : n + len(plain)] == plain for n in range(len(ids))), (name, token)
            empty = members[name].template.prompt([Message("user", "Hi there")], 10).ids
            marks = set(tokenizer.all_special_ids)
            assert [i for i in ids if i in marks] == [i for i in empty if i in marks]


async def test_a_persona_is_heard(smalltalk):
    replies = {
        await alone(smalltalk, "Do you have pets?", system=text)
        for text in ("I have three parrots.", "")
    }
    assert len(replies) == 2


async def test_a_reply_that_was_begun_goes_on_with_the_words_it_would_have_had(smalltalk):
    whole = await alone(smalltalk, OPENERS[0])
    beginning = " ".join(whole.split(" ")[:4])
    rest = await alone(smalltalk, OPENERS[0], beginning)
    assert beginning + rest == whole and rest.startswith(" ")


@pytest.mark.parametrize("text", ["\u6211" * 484, "Hello there. " * 300], ids=["far", "near"])
def test_a_message_is_let_in_exactly_where_its_member_can_read_it(members, text):
    for member in members.values():
        for part in range(len(text) * 3 // 4, len(text) * 5 // 4, 29):
            asked = [Message("user", (text * 2)[:part])]
            length = member.measure(asked, 80)
            if length.tokens <= length.room:
                assert len(member.template.bounded(asked, 80, 80)[0].ids) <= 1536 - 80
            else:
                with pytest.raises(TooLong):
                    member.template.bounded(asked, 80, 80)
