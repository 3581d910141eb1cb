"""A load test of a running site: programs on /v1, visitors who chat, and visitors in battles.

`python -m arena load --pid PID URL` says how soon first tokens come to all of them, whether an
answer was lost or mixed up with another's, how soon the site answers beside it, and whether the
server's memory stays flat. Every battle is voted on. Meant for a site on
`--roster scripted`, whose members repeat what they are sent: that is how a mix-up is seen.
"""

import argparse
import asyncio
import json
import time

import httpx
import psutil

from arena.command import CommandError, at_least, finish
from arena.simulation.page_client import (
    BattleStats,
    ClientStats,
    battle_client,
    chat_client,
    event_data,
    is_mixed_up,
    new_mark,
    summary_line,
)

TIMEOUT = httpx.Timeout(60.0)


async def api_client(
    client: httpx.AsyncClient, model: str, until: float, seen: ClientStats
) -> None:
    """One client of /v1 that asks again as soon as it is answered."""
    while time.monotonic() < until:
        mark, began, reply = new_mark(), time.monotonic(), ""
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": mark}]}
        try:
            async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
                answer.raise_for_status()
                async for data in event_data(answer):
                    if data == "[DONE]":
                        break
                    delta = json.loads(data)["choices"][0]["delta"].get("content")
                    if delta and not reply:
                        seen.first.append(time.monotonic() - began)
                    reply += delta or ""
        except (httpx.HTTPError, LookupError, ValueError) as error:
            seen.errors.append(repr(error))
            continue
        seen.whole.append(time.monotonic() - began)
        seen.mixed += is_mixed_up(reply, mark)
        if not reply:
            seen.errors.append("an empty reply")


async def watch_memory(pid: int, until: float, found: list[float]) -> None:
    """The resident memory of the server and its members' processes in MB, twice a second."""
    server = psutil.Process(pid)
    while time.monotonic() < until:
        every = (server, *server.children(recursive=True))
        found.append(sum(process.memory_info().rss for process in every) / 1e6)
        await asyncio.sleep(0.5)


async def poll(
    client: httpx.AsyncClient, path: str, pause: float, until: float, found: list[float]
) -> None:
    """Seconds for each answer to a path; the next is asked for after a pause."""
    while time.monotonic() < until:
        began = time.monotonic()
        await client.get(path)
        found.append(time.monotonic() - began)
        await asyncio.sleep(pause)


async def run_clients(
    args: argparse.Namespace,
) -> tuple[list[ClientStats], list[float], dict[str, list[float]]]:
    """Run all clients for so many seconds: what they saw, memory, answers beside them."""
    api, page, arena = ClientStats("api"), ClientStats("page"), BattleStats("battles")
    used: list[float] = []
    health, metrics = [], []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=args.url, timeout=TIMEOUT, limits=limits) as client:
        config = (await client.get("/config")).raise_for_status().json()
        until = time.monotonic() + args.seconds
        tasks = [api_client(client, args.model, until, api) for _ in range(args.api)]
        tasks += [chat_client(client, config, until, page) for _ in range(args.page)]
        tasks += [battle_client(client, config, until, arena) for _ in range(args.battles)]
        tasks += [watch_memory(args.pid, until, used)] if args.pid else []
        # How busy the server's loop is: /healthz ten times a second.
        tasks += [poll(client, "/healthz", 0.1, until, health)]
        tasks += [poll(client, "/metrics", 0.0, until, metrics) for _ in range(args.metrics)]
        await asyncio.gather(*tasks)
    kinds = ((api, args.api), (page, args.page), (arena, args.battles))
    beside = {"/healthz": health} | ({"/metrics": metrics} if args.metrics else {})
    return [seen for seen, clients in kinds if clients], used, beside


def report(every: list[ClientStats], used: list[float], beside: dict[str, list[float]]) -> None:
    """Print what `run_clients` returned."""
    for seen in every:
        print(seen.row())
        for error in seen.errors[:3]:
            print(f"        {error}")
    for path, waits in beside.items():
        print(summary_line(f"answers to {path} beside it", waits).strip())
    if (third := len(used) // 3) > 2:
        middle, last = (sum(used[n * third : (n + 1) * third]) / third for n in (1, 2))
        print(
            f"memory, MB: {used[0]:.0f} at first, {middle:.0f} and {last:.0f} in the second and "
            f"last third ({last / middle - 1:+.1%})"
        )


def main(argv: list[str]) -> int:
    """Load, report; 1 where something was lost or mixed up, 2 where the site is not there."""
    parser = argparse.ArgumentParser(prog="python -m arena load", description=__doc__)
    add = parser.add_argument
    add("url", help="where the site is, as http://127.0.0.1:7860")
    add("--api", type=at_least(0), default=64, help="clients of /v1")
    add("--page", type=at_least(0), default=32, help="visitors who chat")
    add("--battles", type=at_least(0), default=0, help="visitors in the arena")
    add("--metrics", type=at_least(0), default=0, help="readers of /metrics, at all times")
    add("--seconds", type=at_least(0.1, kind=float), default=60.0)
    add("--model", default="Blended")
    add("--pid", type=at_least(1), help="the server's process, to watch its memory")
    args = parser.parse_args(argv)

    def work() -> int:
        try:
            every, used, beside = asyncio.run(run_clients(args))
        except (httpx.HTTPError, OSError, RuntimeError, psutil.Error) as error:
            raise CommandError(f"no site at {args.url}: {error!r}") from error
        report(every, used, beside)
        return int(any(seen.errors or seen.mixed for seen in every))

    return finish("load", work, "nothing was measured to the end")
