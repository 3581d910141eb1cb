"""What Prometheus reads: each reply once, however it ends."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from arena.site.metrics import HIDDEN, Metrics
from blend.conversation import Draw, Sentence, Turn, Usage

TURN = Turn("hi", draw=Draw("ada", 0.5, {"ada": 0.5, "bob": 0.5}))
DONE = replace(TURN, reply="well", finished=True, usage=Usage(7, 3, 2, finish="stop"))


async def turns(*found: Turn) -> AsyncGenerator[Turn, None]:
    for turn in found:
        yield turn


def text(*found: Turn, take: int = 99, contender: str = "Blended") -> str:
    """The metrics after one reply, of which so many turns were read."""
    metrics = Metrics()

    async def watch(take: int) -> None:
        growing = metrics.watch(contender, "page", turns(*found))
        async for _ in growing:
            take -= 1
            if not take:
                break
        await growing.aclose()

    asyncio.run(watch(take))
    return metrics.text().decode()


@pytest.mark.parametrize(
    ("last", "take", "outcome"),
    [
        (DONE, 99, "finished"),
        (replace(TURN, error="It broke off."), 99, "failed"),
        (DONE, 1, "stopped"),
    ],
)
def test_a_reply_is_counted_once_by_how_it_ended(last, take, outcome):
    said = text(TURN, last, take=take)
    assert f'blended_replies_total{{asked="page",outcome="{outcome}"}} 1.0' in said
    assert said.count("blended_replies_total{") == 1
    assert 'blended_draws_total{contender="Blended",member="ada"} 1.0' in said


def test_each_draw_of_a_reply_in_sentences_is_counted():
    names = ("ada", "bob", "ada")
    parts = tuple(Sentence(Draw(name, 0.5, {}), 2 * n) for n, name in enumerate(names))
    said = text(TURN, replace(DONE, sentences=parts))
    for name, count in (("ada", 2), ("bob", 1)):
        assert f'blended_draws_total{{contender="Blended",member="{name}"}} {count}.0' in said


def test_a_panel_draws_nobody():
    said = text(TURN, replace(DONE, draw=Draw("ada", None, {})))
    assert "blended_draws_total{" not in said and 'asked="page",outcome="finished"} 1.0' in said


@pytest.mark.parametrize("usage", [DONE.usage, Usage(700, 300, 200)], ids=["few", "many"])
def test_of_who_is_hidden_nothing_is_counted_but_how_it_ended(usage):
    lines = text(TURN, replace(DONE, usage=usage), contender=HIDDEN).splitlines()
    values = [line for line in lines if line[0] != "#" and "_created" not in line]
    assert [line for line in values if not line.endswith(" 0.0")] == [
        'blended_replies_total{asked="page",outcome="finished"} 1.0'
    ]
    assert not any("ada" in line for line in lines)


def test_tokens_and_times_are_those_of_the_reply():
    said = text(TURN, replace(TURN, reply="we"), DONE)
    for kind, count in (("prompt", 7), ("cached", 3), ("completion", 2)):
        assert f'blended_tokens_total{{kind="{kind}"}} {count}.0' in said
    assert 'blended_first_token_seconds_count{asked="page"} 1.0' in said
    assert 'blended_reply_seconds_count{asked="page"} 1.0' in said
