"""/v1 in process: what it lets in and refuses, and what it gives to whom."""

import asyncio
import json

import pytest
from asgi_site import BODY, HI, PATH, said

from blend.conversation import Conversation
from blend.members import TooLong


@pytest.mark.parametrize(
    ("lines", "body", "reply", "finish"),
    [
        (["one two three"], {"stop": "one"}, "", "stop"),
        (["one two three"], {"stop": ["two"]}, "one ", "stop"),
        (["one two three"], {"max_tokens": 2}, "one two", "length"),
        ([" "], {}, "", "stop"),
    ],
)
def test_an_empty_reply_is_a_reply(opened, lines, body, reply, finish):
    served = opened(lines=lines)
    answer = served.post(n=3, **body)
    assert said(answer) == [reply] * 3
    assert {choice["finish_reason"] for choice in answer.json()["choices"]} == {finish}
    stream = served.post(stream=True, **body).text
    assert f'"finish_reason": "{finish}"' in stream and stream.endswith("data: [DONE]\n\n")


def test_a_reply_that_was_begun_is_gone_on_with_and_a_system_message_alone_is_answered(opened):
    served, begun = opened(), [*HI, {"role": "assistant", "content": "one"}]
    assert said(served.post(messages=begun)) == [" two three"]
    assert '"content": " two' in served.post(messages=begun, stream=True).text
    assert said(served.post(messages=[{"role": "system", "content": "Greet"}])) == ["one two three"]


def test_no_body_brings_a_500_and_nothing_is_asked_of_a_member(opened):
    served = opened()

    async def run() -> list:
        bodies = (b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"model": 3}', b"\xff\xfe")
        async with served.client() as client:
            return [await client.post(PATH, content=body) for body in bodies]

    for answer in (*asyncio.run(run()), served.post(max_tokens=1e300), served.post(model="\ud83e")):
        assert answer.status_code in (400, 404)
        assert answer.json()["error"]["type"] == "invalid_request_error"
    assert served.received() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models/", 200),
        ("GET", "/v1//models", 200),
        ("HEAD", "/v1/models", 200),
        ("GET", "/v1/models/Blended/", 200),
        ("POST", "/v1//chat//completions/", 200),
        ("GET", "/v1", 404),
        ("POST", "/v1/completions", 404),
        ("GET", "/v1/models/nobody", 404),
        ("GET", f"/v1/{'x' * 9_000}", 404),
        ("GET", PATH, 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/Blended", 405),
    ],
)
def test_every_path_is_answered_in_openais_form(opened, method, path, status):
    answer = opened().ask(method, path, BODY)
    assert answer.status_code == status and len(answer.text) < 2_000
    if status >= 400:
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert status != 405 or answer.headers["allow"] in ("GET", "POST")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_is_taken_however_bearer_is_spelt(opened, scheme):
    served = opened(key="sesame")
    assert served.ask("GET", "/v1/models", Authorization=f"{scheme} sesame").status_code == 200
    for wrong in ("sesame", "Basic sesame", f"{scheme} x"):
        assert served.ask("GET", "/v1/models", Authorization=wrong).status_code == 401


@pytest.mark.parametrize("stream", [False, True])
def test_a_message_no_member_could_read_is_a_400_with_its_number(opened, stream):
    served = opened(window=20)
    answer = served.post(messages=[HI[0] | {"content": "word " * 200}], stream=stream)
    assert answer.status_code == 400 and served.received() == []
    error = answer.json()["error"]
    assert error["code"] == "context_length_exceeded" and error["param"] == "messages"
    assert "has about 200 tokens; the models here read at most 10" in error["message"]
    assert said(served.post(max_tokens=5_000)) == ["one two three"]


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_member_only_then_finds_too_long_is_a_400_too(opened, stream):
    served = opened(window=20)
    for member in served.members.values():
        member.measure = lambda messages, most: None
        member.stream = refuses
    answer = served.post(stream=stream)
    assert answer.status_code == 400 and answer.json()["error"]["message"] == TooLong.sentence


async def refuses(messages, sampling, scope=""):
    raise TooLong("a", "its server says so")
    yield ""


def test_a_program_sees_nothing_of_caches_and_has_a_scope_of_its_own(opened):
    served = opened()

    async def run() -> list[dict]:
        usages = []
        for host in ("203.0.113.7", "203.0.113.7", "203.0.113.8"):
            async with served.client(host) as client:
                answer = await client.post(PATH, json=BODY | {"model": "alder"})
                usages.append(answer.json()["usage"])
        blend = served.site.contenders.blend("alder")
        [_ async for _ in blend.reply(Conversation().ask("Hi"))]
        return usages

    first, *others = asyncio.run(run())
    assert others == [first, first] and "prompt_tokens_details" not in first
    mine, again, theirs, page = served.members["alder"].scopes
    assert mine == again != theirs and page == "" not in (mine, theirs)


def test_thoughts_are_told_beside_the_reply_and_never_in_it(opened):
    served, plain = opened(lines=["<think>\nHm. So.\n</think>\n\nHello."]), opened()
    whole = served.post(n=2)
    events = [e[6:] for e in served.post(stream=True).text.split("\n\n") if e.startswith("data: {")]
    deltas = [json.loads(event)["choices"][0]["delta"] for event in events]

    assert said(whole) == ["Hello."] * 2
    told = [choice["message"]["reasoning_content"] for choice in whole.json()["choices"]]
    assert told == ["Hm. So."] * 2
    assert [*filter(None, deltas)] == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "Hm. So."},
        {"content": "Hello."},
    ]
    assert "reasoning_content" not in plain.post().text + plain.post(stream=True).text


def test_a_reply_that_ends_in_a_thought_is_empty_for_a_program(opened):
    answer = opened(lines=["<think>Hm. So. Hello."]).post(max_tokens=2)
    assert said(answer) == [""]
    choice = answer.json()["choices"][0]
    assert choice["message"]["reasoning_content"] == "Hm. So."
    assert choice["finish_reason"] == "length"
