"""The OpenAI-compatible routes over a running site: by the official client and by raw HTTP."""

import json
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from scipy.stats import chisquare

HI = [{"role": "user", "content": "Hello there"}]


@pytest.fixture(scope="module")
def client(scripted_site):
    with OpenAI(base_url=f"{scripted_site.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def post(url: str, body: bytes, **headers: str) -> tuple[int, dict]:
    request = urllib.request.Request(f"{url}/v1/chat/completions", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_models_are_the_contenders(client) -> None:
    names = [model.id for model in client.models.list()]
    assert "Blended" in names and len(names) >= 3
    assert client.models.retrieve("Blended").id == "Blended"
    with pytest.raises(NotFoundError, match="GET /v1/models"):
        client.models.retrieve("nobody")


def test_a_whole_reply_tells_its_member_its_chance_and_its_tokens(client) -> None:
    raw = client.chat.completions.with_raw_response.create(model="Blended", messages=HI)
    member, chance = raw.headers["x-blend-member"], float(raw.headers["x-blend-chance"])
    reply = raw.parse()
    assert 0 < chance < 1 and reply.choices[0].blend == {"member": member, "chance": chance}
    assert reply.choices[0].message.content and reply.choices[0].finish_reason == "stop"
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_a_stream_is_the_same_reply_in_pieces_and_ends_with_who_wrote_it(client) -> None:
    whole = client.chat.completions.create(model="alder", messages=HI)
    chunks = list(
        client.chat.completions.create(
            model="alder", messages=HI, stream=True, stream_options={"include_usage": True}
        )
    )
    *pieces, last, counts = chunks
    said = "".join(chunk.choices[0].delta.content or "" for chunk in pieces)
    assert said == whole.choices[0].message.content and len(pieces) > 2
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].blend["member"] == "alder" and last.choices[0].blend["chance"] == 1
    assert counts.choices == [] and counts.usage == whole.usage
    assert len({chunk.id for chunk in chunks}) == 1


def test_three_choices_are_three_draws(client) -> None:
    reply = client.chat.completions.create(model="Blended", messages=HI, n=3)
    assert [choice.index for choice in reply.choices] == [0, 1, 2]
    assert all(choice.blend["member"] for choice in reply.choices)
    chunks = client.chat.completions.create(model="Blended", messages=HI, n=3, stream=True)
    ends = [c.choices[0] for c in chunks if c.choices and c.choices[0].finish_reason]
    assert sorted(choice.index for choice in ends) == [0, 1, 2]


def of_three_hundred(client) -> float:
    """How likely a uniform draw is to be as uneven as this one, by chi-square."""

    def six(_) -> list[str]:
        reply = client.chat.completions.create(model="Blended", messages=HI, n=6)
        return [choice.blend["member"] for choice in reply.choices]

    with ThreadPoolExecutor(10) as pool:  # the scripted members take their time over each word
        drawn = Counter(chain.from_iterable(pool.map(six, range(300 // 6))))
    assert drawn.total() == 300 and len(drawn) == 3
    return chisquare(list(drawn.values())).pvalue


def test_three_hundred_turns_draw_uniformly(client) -> None:
    # One fair draw in a thousand looks unfair; twice in a row, one in a million.
    assert of_three_hundred(client) > 0.001 or of_three_hundred(client) > 0.001


@pytest.mark.parametrize(
    ("extra", "param", "says"),
    [
        ({"temperature": 9}, "temperature", "must lie between"),
        ({"logprobs": True}, "logprobs", "not supported"),
        ({"tools": [{"type": "function"}]}, "tools", "not supported"),
        ({"n": 99}, "n", "whole number from 1 to 8"),
        ({"max_tokens": 0}, "max_tokens", "must lie between"),
        ({"stop": ["a"] * 9}, "stop", "at most 4"),
        ({"stream": "yes"}, "stream", "true or false"),
        ({"colour": "red"}, "colour", "not known"),
        ({"messages": []}, "messages", "at least one"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, "messages", "a user's or a"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0", "must be system"),
        ({"messages": [{"role": "user", "content": "a\x00b"}]}, "messages.0", "control character"),
    ],
)
def test_what_cannot_be_served_is_a_400_that_names_it(client, extra, param, says) -> None:
    body = {"model": "Blended", "messages": HI} | extra
    with pytest.raises(BadRequestError) as refused:
        client.post("/chat/completions", body=body, cast_to=object)
    assert refused.value.param == param and says in refused.value.message


def test_no_body_brings_a_500(scripted_site) -> None:
    for body in (b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"model": 3}', b"\xff\xfe"):
        status, said = post(scripted_site.url, body)
        assert status == 400 and said["error"]["type"] == "invalid_request_error", body[:20]
    status, said = post(scripted_site.url, b'{"model": "x", "messages": [{"role": "user"}]}')
    assert status == 400 and said["error"]["param"] == "messages.0"
    body = json.dumps({"model": "no one", "messages": HI}).encode()
    assert post(scripted_site.url, body)[0] == 404


def test_metrics_count_what_was_asked_and_name_every_member(client, scripted_site) -> None:
    client.chat.completions.create(model="alder", messages=HI)
    with urllib.request.urlopen(f"{scripted_site.url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert 'blended_replies_total{asked="api",outcome="finished"}' in text
    assert 'blended_member_up{member="alder"} 1.0' in text and "blended_ready 1.0" in text
    assert 'blended_draws_total{contender="alder",member="alder"}' in text
    assert 'blended_places{state="inside"} 0.0' in text and 'blended_votes{counted="yes"}' in text
