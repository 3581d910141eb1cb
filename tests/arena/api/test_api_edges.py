"""/v1 in process: what it lets in and refuses, what it gives to whom, and what frees its slots."""

import asyncio
import json
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import replace

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette

from arena.api.openai_routes import Api
from arena.db.store import Store
from arena.site.site import Site
from blend.conversation import Conversation
from blend.members import TooLong
from blend.roster import read

HI = [{"role": "user", "content": "Hi"}]
BODY = {"model": "Blended", "messages": HI}
PATH = "/v1/chat/completions"


class Served:
    """A site whose scripted members have these options, and its /v1 as ASGI."""

    def __init__(self, store: Store, key: str = "", limit: int = 128, **options: object):
        roster = read("scripted")
        options = {"pace": 0.0, "lines": ["one two three"]} | options
        members = tuple(replace(m, options=options) for m in roster.members)
        settings = replace(roster.settings, limit=limit)
        self.site = Site(replace(roster, members=members, settings=settings), store)
        self.site.contenders.load()
        self.members = self.site.contenders.loaded
        self.app = Starlette(routes=Api(self.site, key).routes())

    @asynccontextmanager
    async def client(self, host: str = "203.0.113.7", **headers: str):
        transport = ASGITransport(self.app, client=(host, 1))
        async with AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
            yield client

    def ask(self, method: str, path: str, body: object = None, **headers: str):
        async def run():
            async with self.client(**headers) as client:
                return await client.request(method, path, content=json.dumps(body).encode())

        return asyncio.run(run())

    def post(self, **body: object):
        return self.ask("POST", PATH, BODY | body)

    def received(self) -> list:
        """What all members were asked."""
        return [messages for member in self.members.values() for messages in member.received]


@pytest.fixture
def opened(tmp_path):
    """opened(**options): one more site; see Served."""
    with ExitStack() as stack:
        made = []

        def make(**options: object) -> Served:
            store = stack.enter_context(closing(Store.open(tmp_path / f"{len(made)}.db")))
            made.append(Served(store, **options))
            return made[-1]

        yield make


def said(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [choice["message"]["content"] for choice in answer.json()["choices"]]


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


async def leave(served: Served, body: dict, after: float) -> float:
    """Ask by raw ASGI and leave; seconds until no slot is held any more."""
    left, sent = asyncio.Event(), [json.dumps(body).encode()]

    async def receive():
        if sent:
            return {"type": "http.request", "body": sent.pop(), "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {"type": "http", "method": "POST", "path": PATH, "raw_path": b"", "headers": []}
    scope |= {"query_string": b"", "client": ("203.0.113.7", 1), "http_version": "1.1"}
    scope |= {"asgi": {"version": "3.0", "spec_version": "2.3"}}
    asking = asyncio.create_task(served.app(scope, receive, send))
    await asyncio.sleep(after)
    assert served.site.limiter.inside == body["n"]
    left.set()
    began = asyncio.get_running_loop().time()
    await asking
    assert served.site.limiter.inside == 0
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("pace", [0.05, 30.0])
def test_a_client_that_leaves_frees_all_its_slots(opened, stream, pace):
    served = opened(lines=["word " * 500], pace=pace)
    assert asyncio.run(leave(served, BODY | {"n": 8, "stream": stream}, 0.3)) < 1


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
            await asyncio.sleep(0.3)
            inside = served.site.limiter.inside
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
            await asyncio.sleep(0.3)
            served.site.limiter.closed = True
            late = await client.post(PATH, json=body)
            served.site.limiter.end()
            return late, await asyncio.wait_for(asking, 1)

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
        loop, gaps = asyncio.get_running_loop(), [0.0]

        async def watch():
            while True:
                began = loop.time()
                await asyncio.sleep(0.001)
                gaps.append(loop.time() - began)

        watching = asyncio.create_task(watch())
        async with served.client() as client:
            answers = [await client.post(PATH, content=worst) for _ in range(5)]
        watching.cancel()
        return {answer.status_code for answer in answers}, sorted(gaps)[-3]

    codes, gap = asyncio.run(run())
    assert codes == {400} and gap < 0.3


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
