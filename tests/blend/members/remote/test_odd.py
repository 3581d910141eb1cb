"""Whatever a server sends, a blend gives a reply that can be kept, or an error, and soon."""

import asyncio
import json
import random
from contextlib import aclosing

from fake_openai import replies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remote_member import SAID, served
from replies import said

from arena.site.metrics import Metrics
from blend.conversation import LONGEST_REPLY, Conversation
from blend.engine import Blend
from blend.policies.policy import Uniform

SOON = {"connect": 1.0, "first_token": 0.15, "between_tokens": 0.1, "reply": 1.0}
ODD = [
    *(None, True, False, 0, -1, 1.5, 1e308, 2**63, 10**30, float("nan"), float("inf")),
    *("", " ", "stop", "length", "abort", "\ud83e", "\udd8a", "\0", "\u00b2", "9" * 5000, "x" * 99),
    *([], {}, [[]], [None], {"content": 1}, ["a"], {"message": {"error": {"detail": []}}}),
]
odd = st.sampled_from(ODD)
details = st.one_of(odd, st.fixed_dictionaries({"cached_tokens": odd}))
counts = {"prompt_tokens": odd, "completion_tokens": odd, "prompt_tokens_details": details}
usage = st.one_of(odd, st.fixed_dictionaries({}, optional=counts))
texts = st.one_of(odd, st.text(max_size=9), st.sampled_from(["\n", "Well", "\ud83e\udd8a"]))
delta = st.one_of(
    odd,
    st.fixed_dictionaries(
        {"content": texts},
        optional={"reasoning_content": texts, "tool_calls": odd, "refusal": odd, "role": odd},
    ),
)
choice = st.one_of(
    odd, st.fixed_dictionaries({"delta": delta}, optional={"finish_reason": odd, "index": odd})
)
chunk = st.one_of(
    odd,
    st.fixed_dictionaries({"choices": st.one_of(odd, st.lists(choice, min_size=1, max_size=2))}),
    st.fixed_dictionaries(
        {},
        optional={
            "choices": st.one_of(odd, st.lists(choice, max_size=2)),
            "usage": usage,
            "error": st.one_of(odd, st.fixed_dictionaries({"message": odd, "code": odd})),
        },
    ),
)
EVENTS = [
    *(b"data: [DONE]\n\n", b"data: [DONE", b"event: error\ndata: {}\n\n", b": alive\n\n"),
    *(b"\xff\xfe\n\n", b"retry: x\nid: \0\ndata\n\n", b"event: thread.\ndata: 5\n\n"),
    *(b"data: " + b'{"choices":' * 2000 + b"\n\n", b'{"choices": []}', b"\r\r\n\r"),
    b'data: {"usage": ' + b"9" * 5000 + b"}\n\n",
]
event = st.one_of(
    chunk.map(lambda data: f"data: {json.dumps(data)}\n\n".encode()),
    st.sampled_from(EVENTS),
    st.binary(max_size=20),
)
ends = st.sampled_from(["close", "stop", "stop", "kill", "hang"])
STATUSES = "204 None;206 Part;304 Same;400 Bad;418 Tea;429 Wait;500 No;999 X"
status = st.sampled_from([*["200 OK"] * 8, *STATUSES.split(";")])
kind = st.sampled_from(["text/event-stream", "application/json", "text/html", "image/png", "?"])
after = st.sampled_from(["", "-1", "nan", "1e999", "\u00b2", "x", "Wed, 99 Foo 0 0:0:0", "0.01"])
answers = st.tuples(status, kind, after, st.lists(event, max_size=6), ends)


def sends(status, kind, after, events, end):
    async def answer(exchange):
        headers = {"Retry_After": after} if after.isascii() and after else {}
        await exchange.head(status, kind, **headers)
        for data in events:
            exchange.writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n" if data else b"")
        if end == "stop":
            await exchange.end()
        elif end == "kill":
            exchange.kill()
        elif end == "hang":
            await asyncio.sleep(30)

    return answer


async def last_turn(answer):
    """What becomes of a message to a blend of one member, whose server answers so."""
    async with served(answer, retries=0, timeouts=SOON) as (_, member):
        blend = Blend("b", [member], Uniform(), random.Random(1), patience=3.0)
        turns = Metrics().watch("b", "page", blend.reply(Conversation().ask("Hi")))
        async with aclosing(turns):
            return [turn async for turn in turns][-1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers)
def test_it_is_a_reply_or_an_error(answer):
    turn = asyncio.run(asyncio.wait_for(last_turn(sends(*answer)), 20))
    assert turn.finished is (turn.error is None)
    assert len(turn.reply) <= LONGEST_REPLY and turn.reply.encode() is not None
    counts = (turn.usage.prompt_tokens, turn.usage.cached_tokens, turn.usage.completion_tokens)
    assert all(type(count) is int and 0 <= count < 2**53 for count in counts)
    assert turn.usage.finish in ("", "stop", "length")


ANY_LIST = st.one_of(
    odd,
    st.fixed_dictionaries({"data": odd}),
    st.fixed_dictionaries(
        {"data": st.lists(st.fixed_dictionaries({"id": st.just("m"), "max_model_len": odd}))}
    ),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANY_LIST, st.sampled_from(["200 OK", "302 Found", "404 No", "500 No"]))
def test_whatever_stands_in_place_of_the_list_of_models_a_reply_comes(data, status):
    async def talk():
        async with served(replies, look=lambda e: e.json(data, status)) as (_, member):
            return member.down or await said(member)

    heard = asyncio.run(asyncio.wait_for(talk(), 20))
    assert heard == SAID or (status == "302 Found" and "correct its base_url" in heard)
