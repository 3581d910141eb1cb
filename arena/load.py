"""A load test of a running site: programs on /v1 and visitors on the page, all streaming at once.

`python -m arena load --pid PID URL` says how soon first tokens come to both, whether an answer was
lost or mixed up with another's, and whether the server's memory stays flat. Meant for a site on
`--roster scripted`, whose members repeat what they are told: that is how a mix-up is seen.
"""

import argparse
import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import psutil

TIMEOUT = httpx.Timeout(60.0)


@dataclass
class Seen:
    """What the clients of one kind saw. first: seconds to the first token of every reply."""

    kind: str
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: int = 0

    def row(self) -> str:
        """One line of the report."""
        first, whole = sorted(self.first) or [0.0], sorted(self.whole) or [0.0]
        return (
            f"{self.kind:5} {len(self.whole):6} replies; first token p50 {_at(first, 0.5):.3f} s,"
            f" p95 {_at(first, 0.95):.3f} s, max {first[-1]:.3f} s; whole p50"
            f" {_at(whole, 0.5):.2f} s; errors {len(self.errors)}, mixed {self.mixed}"
        )


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]


def mixed(said: str, own: str) -> bool:
    """Whether an answer holds a mark, and not the one that was sent."""
    return "mark-" in said and own not in said


async def program(client: httpx.AsyncClient, model: str, until: float, seen: Seen) -> None:
    """One client of /v1 that asks again as soon as it is answered."""
    while time.monotonic() < until:
        mark, began, said = f"mark-{uuid.uuid4().hex[:12]}", time.monotonic(), ""
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": mark}]}
        try:
            async with client.stream("POST", "/v1/chat/completions", json=body) as answer:
                answer.raise_for_status()
                async for data in _events(answer):
                    if data == "[DONE]":
                        break
                    delta = json.loads(data)["choices"][0]["delta"].get("content")
                    if delta and not said:
                        seen.first.append(time.monotonic() - began)
                    said += delta or ""
        except (httpx.HTTPError, LookupError, ValueError) as error:
            seen.errors.append(repr(error))
            continue
        seen.whole.append(time.monotonic() - began)
        seen.mixed += mixed(said, mark)
        if not said:
            seen.errors.append("an empty reply")


async def visitor(client: httpx.AsyncClient, config: dict, until: float, seen: Seen) -> None:
    """One page that sends a message as soon as the last one is answered, in one session.

    A message is a chain of events: each one that `trigger_after` ties to the last is fired when
    that is complete, as a browser does.
    """
    chain, session = _chain(config, "chat-box", "submit"), uuid.uuid4().hex
    kinds = {c["id"]: (c["type"], c["props"].get("elem_id")) for c in config["components"]}
    while time.monotonic() < until:
        mark, began, first, said = f"mark-{uuid.uuid4().hex[:12]}", time.monotonic(), None, ""
        try:
            for event in chain:
                data = [_given(*kinds[part], mark, session) for part in event["inputs"]]
                async for text in _fired(client, event, data, session):
                    said += text
                    if first is None and _spoke(text):
                        first = time.monotonic() - began
        except (httpx.HTTPError, LookupError, ValueError) as error:
            seen.errors.append(repr(error))
            continue
        if first is None:
            seen.errors.append("an empty reply")
            continue
        seen.first.append(first)
        seen.whole.append(time.monotonic() - began)
        seen.mixed += mixed(said, mark)


async def _fired(
    client: httpx.AsyncClient, event: dict, data: list, session: str
) -> AsyncIterator[str]:
    """What the page is sent while it runs one event. Raises ValueError where that failed."""
    body = {"data": data, "fn_index": event["id"], "session_hash": session}
    join = "/gradio_api/run/predict" if event["queue"] is False else "/gradio_api/queue/join"
    (await client.post(join, json=body)).raise_for_status()
    if event["queue"] is False:
        return
    where = "/gradio_api/queue/data"
    async with client.stream("GET", where, params={"session_hash": session}) as answer:
        async for text in _events(answer):
            told = json.loads(text)
            if told["msg"] == "process_completed" and not told["success"]:
                raise ValueError(str(told["output"])[:200])
            if told["msg"].startswith("process_"):
                yield text
            if told["msg"] == "process_completed":
                return


def _given(kind: str, elem_id: str | None, mark: str, session: str) -> str | None:
    """What a browser would send for one component: the message, who it is, or nothing."""
    if elem_id == "chat-box":
        return mark
    return {"browserstate": str(uuid.UUID(session)), "textbox": ""}.get(kind)


def _spoke(text: str) -> bool:
    """Whether the page was sent words of a reply: under these is the chip of who wrote them."""
    return "chip who-" in text


def _chain(config: dict, elem_id: str, kind: str) -> list[dict]:
    """The event of a component, and all that follow it one after the other."""
    own = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == elem_id)
    events = [next(d for d in config["dependencies"] if [own, kind] in d["targets"])]
    after = {d["trigger_after"]: d for d in config["dependencies"] if d["backend_fn"]}
    while (following := after.get(events[-1]["id"])) is not None:
        events.append(following)
    return events


async def _events(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        if line.startswith("data:"):
            yield line.removeprefix("data:").strip()


async def memory(pid: int, until: float, found: list[float]) -> None:
    """The resident memory of the server and its members' processes in MB, twice a second."""
    server = psutil.Process(pid)
    while time.monotonic() < until:
        every = (server, *server.children(recursive=True))
        found.append(sum(process.memory_info().rss for process in every) / 1e6)
        await asyncio.sleep(0.5)


async def load(args: argparse.Namespace) -> tuple[Seen, Seen, list[float]]:
    """Run all clients for the time that was asked."""
    api, page, used = Seen("api"), Seen("page"), []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=args.url, timeout=TIMEOUT, limits=limits) as client:
        config = (await client.get("/config")).raise_for_status().json()
        until = time.monotonic() + args.seconds
        tasks = [program(client, args.model, until, api) for _ in range(args.api)]
        tasks += [visitor(client, config, until, page) for _ in range(args.page)]
        tasks += [memory(args.pid, until, used)] if args.pid else []
        await asyncio.gather(*tasks)
    return api, page, used


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m arena load`."""
    parser.add_argument("url", help="where the site is, as http://127.0.0.1:7860")
    parser.add_argument("--api", type=int, default=64, help="clients of /v1")
    parser.add_argument("--page", type=int, default=32, help="visitors of the page")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--model", default="Blended")
    parser.add_argument("--pid", type=int, help="the server's process, to watch its memory")


def main(argv: list[str]) -> int:
    """Load, report; 1 where something was lost or mixed up, 2 where the site is not there."""
    parser = argparse.ArgumentParser(prog="python -m arena load", description=__doc__)
    add_arguments(parser)
    args = parser.parse_args(argv)
    try:
        api, page, used = asyncio.run(load(args))
    except (httpx.HTTPError, StopIteration, OSError) as error:
        print(f"error: no site at {args.url}: {error!r}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped: nothing was measured to the end", file=sys.stderr)
        return 130
    for seen in (api, page):
        print(seen.row())
        for error in seen.errors[:3]:
            print(f"      {error}")
    if len(used) >= 9:
        third = len(used) // 3
        middle, last = (sum(used[n * third : (n + 1) * third]) / third for n in (1, 2))
        print(
            f"memory, MB: {used[0]:.0f} at first, {middle:.0f} and {last:.0f} in the second and "
            f"last third ({last / middle - 1:+.1%})"
        )
    return int(bool(api.errors or page.errors or api.mixed or page.mixed))
