"""/v1 in process: its rate and its slots, what frees them, and what a stop says."""

import asyncio
import json
import time

import pytest
from asgi_site import BODY, PATH, leave
from waiting import soon_here


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("pace", [0.05, 30.0])
def test_a_client_that_leaves_frees_all_its_slots(opened, stream, pace):
    served = opened(lines=["word " * 500], pace=pace)
    body = BODY | {"n": 8, "stream": stream}
    asking = leave(served.app, PATH, body, served.site.limiter, 8)
    assert asyncio.run(asking) < 15  # it takes 25 s


def test_what_is_refused_for_its_form_counts_against_the_rate(opened):
    served = opened()
    limit = served.site.settings.address_messages_per_minute

    async def run():
        async with served.client() as client:
            wrong = {(await client.post(PATH, content=b"{")).status_code for _ in range(limit)}
            return wrong, await client.post(PATH, json=BODY)

    wrong, then = asyncio.run(run())
    assert wrong == {400} and then.status_code == 429 and int(then.headers["retry-after"]) > 0


def test_one_address_has_a_share_of_the_slots(opened):
    served = opened(limit=16, lines=["word " * 500], pace=0.02)

    async def run() -> int:
        async with served.client() as client:
            crowd = [client.post(PATH, json=BODY | {"n": 8}) for _ in range(2)]
            tasks = [asyncio.create_task(each) for each in crowd]
            limiter = served.site.limiter
            await soon_here(lambda: limiter.inside + limiter.waiting == 16)
            inside = limiter.inside
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return inside

    assert asyncio.run(run()) == 4 and served.site.limiter.inside == 0


@pytest.mark.parametrize("stream", [False, True])
def test_at_a_stop_all_is_told_in_json(opened, stream):
    served = opened(lines=["word " * 500], pace=0.02)

    async def run():
        async with served.client() as client:
            body = BODY | {"stream": stream, "n": 2}
            asking = asyncio.create_task(client.post(PATH, json=body))
            await soon_here(lambda: served.site.limiter.inside == 2)
            await asyncio.sleep(0.3)  # some words
            served.site.limiter.closed = True
            late = await client.post(PATH, json=body)
            served.site.limiter.end()
            return late, await asking

    late, cut = asyncio.run(run())
    assert late.status_code == 503 and late.headers["retry-after"]
    assert late.json()["error"]["type"] == "server_error"
    assert cut.status_code == (200 if stream else 503)
    *_, last = filter(None, cut.text.split("\n\n"))
    assert "stopping" in json.loads(last.removeprefix("data: "))["error"]["message"]
    assert served.site.limiter.inside == 0


def test_a_large_body_does_not_stop_the_loop(opened):
    served, worst = opened(), b"[" + b"[]," * 333_000 + b"[]]"

    async def run() -> tuple[set[int], float]:
        gaps = [0.0]  # of the processor's time: what other programs take stops nothing of ours

        async def watch():
            while True:
                began = time.process_time()
                await asyncio.sleep(0.001)
                gaps.append(time.process_time() - began)

        watching = asyncio.create_task(watch())
        async with served.client() as client:
            answers = [await client.post(PATH, content=worst) for _ in range(5)]
        watching.cancel()
        return {answer.status_code for answer in answers}, sorted(gaps)[-3]

    codes, gap = asyncio.run(run())
    assert codes == {400} and gap < 0.3
