"""The OpenAI-compatible routes over a running site, by the official client."""

import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from openai import NotFoundError, OpenAI
from scipy.stats import chisquare
from waiting import soon

HI = [{"role": "user", "content": "Hello there"}]


@pytest.fixture(scope="module")
def client(scripted_site):
    with OpenAI(base_url=f"{scripted_site.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_models_are_the_contenders(client):
    names = [model.id for model in client.models.list()]
    assert "Blended" in names and len(names) >= 3
    assert client.models.retrieve("Blended").id == "Blended"
    with pytest.raises(NotFoundError, match="GET /v1/models"):
        client.models.retrieve("nobody")


def test_a_whole_reply_tells_its_member_its_chance_and_its_tokens(client):
    raw = client.chat.completions.with_raw_response.create(model="Blended", messages=HI)
    member, chance = raw.headers["x-blend-member"], float(raw.headers["x-blend-chance"])
    reply = raw.parse()
    assert 0 < chance < 1 and reply.choices[0].blend == {"member": member, "chance": chance}
    assert reply.choices[0].message.content and reply.choices[0].finish_reason == "stop"
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_a_stream_is_the_same_reply_in_pieces_and_ends_with_who_wrote_it(client):
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


def of_three_hundred(client) -> float:
    """How likely a uniform draw is to be as uneven as this one, by chi-square."""

    def six(_) -> list[str]:
        reply = client.chat.completions.create(model="Blended", messages=HI, n=6)
        return [choice.blend["member"] for choice in reply.choices]

    with ThreadPoolExecutor(10) as pool:  # the scripted members take their time over each word
        drawn = Counter(chain.from_iterable(pool.map(six, range(300 // 6))))
    assert drawn.total() == 300 and len(drawn) == 3
    return chisquare(list(drawn.values())).pvalue


def test_three_hundred_turns_draw_uniformly(client):
    # One fair draw in a thousand looks unfair; twice in a row, one in a million.
    assert of_three_hundred(client) > 0.001 or of_three_hundred(client) > 0.001


def test_metrics_count_what_was_asked_and_name_every_member(client, scripted_site):
    client.chat.completions.create(model="alder", messages=HI)

    def metrics() -> str:
        with urllib.request.urlopen(f"{scripted_site.url}/metrics", timeout=60) as answer:
            return answer.read().decode()

    soon(lambda: 'blended_places{state="inside"} 0.0' in metrics())  # a stream was just read
    text = metrics()
    assert 'blended_replies_total{asked="api",outcome="finished"}' in text
    assert 'blended_member_up{member="alder"} 1.0' in text and "blended_ready 1.0" in text
    assert 'blended_draws_total{contender="alder",member="alder"}' in text
    assert 'blended_votes{counted="yes"}' in text
