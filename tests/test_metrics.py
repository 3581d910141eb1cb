"""What Prometheus reads: each reply once, however it ends."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from arena.metrics import HIDDEN, Metrics, gauge
from blend.conversation import Draw, Turn, Usage

TURN = Turn("hi", draw=Draw("ada", 0.5, {"ada": 0.5, "bob": 0.5}))
DONE = replace(TURN, reply="well", finished=True, usage=Usage(7, 3, 2, finish="stop"))


async def turns(*found: Turn) -> AsyncGenerator[Turn, None]:
    for turn in found:
        yield turn


async def watched(metrics: Metrics, *found: Turn, take: int = 99) -> None:
    growing = metrics.watch("Blended", "page", turns(*found))
    async for _ in growing:
        take -= 1
        if not take:
            break
    await growing.aclose()


@pytest.mark.parametrize(
    ("last", "take", "outcome"),
    [
        (DONE, 99, "finished"),
        (replace(TURN, error="It broke off."), 99, "failed"),
        (DONE, 1, "stopped"),
    ],
)
def test_a_reply_is_counted_once_by_how_it_ended(last: Turn, take: int, outcome: str) -> None:
    metrics = Metrics()
    asyncio.run(watched(metrics, TURN, last, take=take))
    text = metrics.text().decode()
    assert f'blended_replies_total{{asked="page",outcome="{outcome}"}} 1.0' in text
    assert text.count("blended_replies_total{") == 1
    assert 'blended_draws_total{contender="Blended",member="ada"} 1.0' in text


def test_of_who_is_hidden_nothing_is_counted_but_how_it_ended() -> None:
    metrics, other = Metrics(), Metrics()
    for each, turn in ((metrics, DONE), (other, replace(DONE, usage=Usage(700, 300, 200)))):

        async def hidden(each=each, turn=turn):
            async for _ in each.watch(HIDDEN, "page", turns(TURN, turn)):
                pass

        asyncio.run(hidden())
    text = metrics.text().decode()
    values = [line for line in text.splitlines() if line[0] != "#" and "_created" not in line]
    assert 'blended_replies_total{asked="page",outcome="finished"} 1.0' in values
    assert "ada" not in text and {line for line in values if not line.endswith(" 0.0")} == {
        'blended_replies_total{asked="page",outcome="finished"} 1.0'
    }


def test_tokens_and_times_are_those_of_the_reply() -> None:
    metrics = Metrics()
    asyncio.run(watched(metrics, TURN, replace(TURN, reply="we"), DONE))
    text = metrics.text().decode()
    for kind, count in (("prompt", 7), ("cached", 3), ("completion", 2)):
        assert f'blended_tokens_total{{kind="{kind}"}} {count}.0' in text
    assert 'blended_first_token_seconds_count{asked="page"} 1.0' in text
    assert 'blended_reply_seconds_count{asked="page"} 1.0' in text


def test_gauges_are_looked_up_when_they_are_read() -> None:
    metrics, level = Metrics(), {"": 1.0}
    metrics.reads(lambda: [gauge("level", "A level", level)])
    metrics.reads(lambda: [gauge("doors", "Doors", {"in": 2}, "way")])
    level[""] = 5.0
    text = metrics.text().decode()
    assert "\nlevel 5.0" in text and 'doors{way="in"} 2.0' in text


def test_two_sites_count_apart() -> None:
    one, other = Metrics(), Metrics()
    asyncio.run(watched(one, DONE))
    assert "outcome" in one.text().decode() and "outcome" not in other.text().decode()
