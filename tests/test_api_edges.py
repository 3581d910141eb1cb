"""/v1 in process: what it lets in and refuses, what it gives to whom, and what frees its places."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from httpx import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from arena.api import Api
from arena.completion import SHOWN
from arena.site import Site
from arena.store import Store
from blend.conversation import Conversation
from blend.members import TooLong
from blend.roster import read

HI = [{"role": "user", "content": "Hi"}]
PATH = "/v1/chat/completions"


@pytest.fixture
def opened(tmp_path):
    """opened(key="", limit=128, **options): a site whose scripted members have these options."""
    stores = []

    def make(key: str = "", limit: int = 128, **options: object) -> "Served":
        roster = read("scripted")
        options = {"pace": 0.0, "lines": ["one two three"]} | options
        members = tuple(replace(m, options=options) for m in roster.members)
        stores.append(Store.open(tmp_path / f"{len(stores)}.db"))
        settings = replace(roster.settings, limit=limit)
        site = Site(replace(roster, members=members, settings=settings), stores[-1])
        site.load()
        return Served(site, Starlette(routes=Api(site, key).routes()))

    yield make
    for store in stores:
        store.close()


class Served:
    """A site, and its /v1 as ASGI."""

    def __init__(self, site: Site, app: Starlette):
        self.site, self.app = site, app

    @asynccontextmanager
    async def client(self, host: str = "203.0.113.7", **headers: str):
        transport = ASGITransport(self.app, client=(host, 1))
        async with AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
            yield client

    def post(self, **body: object):
        return self.ask("POST", PATH, {"model": "Blended", "messages": HI} | body)

    def ask(self, method: str, path: str, body: object = None, **headers: str):
        async def run():
            async with self.client(**headers) as client:
                return await client.request(method, path, json=body)

        return asyncio.run(run())


def said(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [choice["message"]["content"] for choice in answer.json()["choices"]]


def heard(site: Site) -> list:
    return [messages for m in site._members.values() for messages in m.heard]


@pytest.mark.parametrize(
    ("lines", "body", "reply", "finish"),
    [
        (["one two three"], {"stop": "one"}, "", "stop"),
        (["one two three"], {"stop": ["two"]}, "one ", "stop"),
        (["one two three"], {"max_tokens": 2}, "one two", "length"),
        ([""], {}, "", "stop"),
        ([" "], {}, "", "stop"),
    ],
)
def test_an_empty_reply_is_a_reply(opened, lines, body, reply, finish) -> None:
    served = opened(lines=lines)
    answer = served.post(n=3, **body)
    assert said(answer) == [reply] * 3
    assert {choice["finish_reason"] for choice in answer.json()["choices"]} == {finish}
    stream = served.post(stream=True, **body).text
    assert f'"finish_reason": "{finish}"' in stream and stream.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize("empty", [None, "", "  \n", [], [{"type": "text", "text": ""}]])
def test_empty_turns_of_a_history_are_left_out(opened, empty) -> None:
    served, user = opened(), HI[0]
    history = [{"role": "assistant", "content": empty}, user]
    if empty is not None:
        history = [{"role": "system", "content": empty}, *history]
    said(served.post(messages=[user, *history]))
    said(served.post(messages=[*history, {"role": "assistant", "content": empty}]))
    told = [[(m.role, m.text) for m in messages] for messages in heard(served.site)]
    assert sorted(told) == [[("user", "Hi")], [("user", "Hi\n\nHi")]]


def test_a_reply_that_was_begun_is_gone_on_with_and_a_system_message_alone_is_answered(opened):
    served = opened()
    assert said(served.post(messages=[*HI, {"role": "assistant", "content": "one"}])) == [
        " two three"
    ]
    stream = served.post(messages=[*HI, {"role": "assistant", "content": "one"}], stream=True).text
    assert '"content": " two"' in stream
    assert said(served.post(messages=[{"role": "system", "content": "Greet"}])) == ["one two three"]


def parts(value: object) -> dict:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": value}]}]}


@pytest.mark.parametrize(
    "body",
    [
        parts(None),
        parts({"a": 1}),
        parts(["x"]),
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": " "}]},
        {
            "messages": [
                *HI,
                {"role": "assistant", "content": "x"},
                {"role": "system", "content": "s"},
            ]
        },
        {"max_tokens": 16.5},
        {"max_tokens": True},
        {"max_tokens": 1e300},
    ],
)
def test_what_is_no_text_and_no_number_is_a_400(opened, body) -> None:
    served = opened()
    answer = served.post(**body)
    assert answer.status_code == 400 and heard(served.site) == []
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("where", ["key", "model", "role", "content", "stop", "seed"])
def test_half_a_surrogate_pair_is_a_400_wherever_it_stands(opened, where) -> None:
    half = "\ud83e"
    body = {"model": "Blended", "messages": HI}
    body |= {half: 1} if where == "key" else {where: half}
    if where in ("role", "content"):
        body = {"model": "Blended", "messages": [HI[0] | {where: half}]}

    async def run():
        async with opened().client() as client:
            return await client.post(PATH, content=json.dumps(body).encode())

    answer = asyncio.run(run())
    assert answer.status_code in (400, 404) and answer.json()["error"]["message"]


def test_null_is_nothing_and_16_point_0_is_16(opened) -> None:
    served = opened()
    none = dict.fromkeys(["colour", "logprobs", "temperature", "stop", "tools", "n"])
    assert said(served.post(**none)) == ["one two three"]
    assert said(served.post(max_tokens=1.0, n=2.0, top_k=16.0, seed=3.0)) == ["one", "one"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models", 200),
        ("GET", "/v1/models/", 200),
        ("GET", "/v1//models", 200),
        ("HEAD", "/v1/models", 200),
        ("GET", "/v1/models/Blended/", 200),
        ("POST", "/v1//chat//completions/", 200),
        ("GET", "/v1", 404),
        ("GET", "/v1/", 404),
        ("POST", "/v1/completions", 404),
        ("GET", "/v1/models/nobody", 404),
        ("GET", f"/v1/{'x' * 9_000}", 404),
        ("GET", PATH, 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/Blended", 405),
    ],
)
def test_every_path_is_answered_in_openais_form(opened, method, path, status) -> None:
    answer = opened().ask(method, path, {"model": "Blended", "messages": HI})
    assert answer.status_code == status and len(answer.text) < 2_000
    if status >= 400:
        assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert status != 405 or answer.headers["allow"] in ("GET", "POST")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_is_taken_however_bearer_is_spelt(opened, scheme) -> None:
    served = opened(key="sesame")
    assert served.ask("GET", "/v1/models", Authorization=f"{scheme} sesame").status_code == 200
    for wrong in ("sesame", "Basic sesame", f"{scheme} x"):
        assert served.ask("GET", "/v1/models", Authorization=wrong).status_code == 401


LONG = st.sampled_from(["x" * 3_000_000 + "'", "\u6211" * 9_999, 7 * 10**3_000, ["y" * 50_000]])
FIELDS = st.sampled_from(
    [
        "model",
        "messages",
        "n",
        "stop",
        "seed",
        "top_k",
        "temperature",
        "stream",
        "tools",
        "z" * 9_999,
    ]
)


@given(st.dictionaries(FIELDS, LONG, min_size=1, max_size=3))
def test_no_error_repeats_what_has_no_end(body) -> None:
    from arena.completion import Wrong, asked

    try:
        asked({"model": "m", "messages": HI} | body, 8_000)
    except Wrong as wrong:
        assert len(str(wrong)) < SHOWN + 200 and len(wrong.param or "") <= SHOWN


def test_a_message_no_member_could_read_is_a_400_with_its_number(opened) -> None:
    served = opened(window=20)
    answer = served.post(messages=[{"role": "user", "content": "word " * 200}])
    assert answer.status_code == 400 and heard(served.site) == []
    error = answer.json()["error"]
    assert error["code"] == "context_length_exceeded" and error["param"] == "messages"
    assert "has about 200 tokens; the models here read at most 10" in error["message"]
    assert said(served.post(max_tokens=5_000)) == ["one two three"]
    streamed = served.post(messages=[{"role": "user", "content": "w " * 99}], stream=True)
    assert streamed.status_code == 400


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_member_only_then_finds_too_long_is_a_400_too(opened, stream) -> None:
    served = opened(window=20)
    for member in served.site._members.values():
        member.measure = lambda messages, most: None
        member.stream = refuses
    answer = served.post(stream=stream)
    assert answer.status_code == 400 and answer.json()["error"]["message"] == TooLong.sentence


async def refuses(messages, sampling, scope=""):
    raise TooLong("a", "its server says so")
    yield ""


def test_a_program_sees_nothing_of_caches_and_has_a_scope_of_its_own(opened) -> None:
    served = opened()

    async def run() -> list[dict]:
        usages = []
        for host in ("203.0.113.7", "203.0.113.7", "203.0.113.8"):
            async with served.client(host) as client:
                answer = await client.post(PATH, json={"model": "alder", "messages": HI})
                usages.append(answer.json()["usage"])
        turns = served.site.blend("alder").reply(Conversation().ask("Hi"))
        [_ async for _ in turns]
        return usages

    first, *others = asyncio.run(run())
    assert others == [first, first] and "prompt_tokens_details" not in first
    mine, again, theirs, page = served.site._members["alder"].scopes
    assert mine == again != theirs and page == "" not in (mine, theirs)


async def leave(served: Served, body: dict, after: float) -> float:
    """Ask by raw ASGI and leave; seconds until no place is held any more."""
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
    assert served.site.gate.inside == body["n"]
    left.set()
    began = asyncio.get_running_loop().time()
    await asking
    assert served.site.gate.inside == 0
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("pace", [0.05, 30.0])
def test_a_client_that_leaves_frees_all_its_places(opened, stream, pace) -> None:
    served = opened(lines=["word " * 500], pace=pace)
    body = {"model": "Blended", "messages": HI, "n": 8, "stream": stream}
    assert asyncio.run(leave(served, body, 0.3)) < 1


async def statuses(served: Served, asks: int, host: str, **body: object) -> list[int]:
    async with served.client(host) as client:
        asked = {"model": "Blended", "messages": HI} | body
        answers = await asyncio.gather(*(client.post(PATH, json=asked) for _ in range(asks)))
        return [answer.status_code for answer in answers]


def test_one_address_and_all_programs_leave_places_to_others(opened) -> None:
    served = opened(limit=16, lines=["word " * 60], pace=0.02)
    gate, most = served.site.gate, []

    async def run():
        crowd = [asyncio.create_task(statuses(served, 2, "203.0.113.7", n=8))]
        await asyncio.sleep(0.3)
        most.append(gate.inside)
        crowd += [
            asyncio.create_task(statuses(served, 2, f"198.51.100.{n}", n=8)) for n in range(9)
        ]
        await asyncio.sleep(0.3)
        most.append(gate.inside)
        async with asyncio.timeout(0.5), gate.place(2):
            most.append(gate.inside)
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return gate.inside, gate.waiting

    assert asyncio.run(run()) == (0, 0) and most == [4, 12, 14]


def test_what_is_refused_for_its_form_counts_against_the_rate(opened) -> None:
    served = opened()
    limit = served.site.settings.address_messages_per_minute

    async def run():
        async with served.client() as client:
            wrong = [(await client.post(PATH, content=b"{")).status_code for _ in range(limit)]
            return set(wrong), await client.post(PATH, json={"model": "Blended", "messages": HI})

    wrong, then = asyncio.run(run())
    assert wrong == {400} and then.status_code == 429 and int(then.headers["retry-after"]) > 0


@pytest.mark.parametrize("stream", [False, True])
def test_at_a_stop_all_is_told_in_json(opened, stream) -> None:
    served = opened(lines=["word " * 500], pace=0.02)

    async def run():
        async with served.client() as client:
            body = {"model": "Blended", "messages": HI, "stream": stream, "n": 2}
            asking = asyncio.create_task(client.post(PATH, json=body))
            await asyncio.sleep(0.3)
            served.site.gate.closed = True
            late = await client.post(PATH, json=body)
            served.site.gate.end()
            return late, await asyncio.wait_for(asking, 1)

    late, cut = asyncio.run(run())
    assert late.status_code == 503 and late.headers["retry-after"]
    assert late.json()["error"]["type"] == "server_error"
    if stream:
        *_, last = filter(None, cut.text.split("\n\n"))
        assert "stopping" in json.loads(last.removeprefix("data: "))["error"]["message"]
    else:
        assert cut.status_code == 503 and "stopping" in cut.json()["error"]["message"]
    assert served.site.gate.inside == 0


def test_a_large_body_does_not_stop_the_loop(opened) -> None:
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


def test_thoughts_are_told_beside_the_reply_and_never_in_it(opened) -> None:
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


def test_a_reply_that_ends_in_a_thought_is_empty_for_a_program(opened) -> None:
    answer = opened(lines=["<think>Hm. So. Hello."]).post(max_tokens=2)
    assert said(answer) == [""]
    choice = answer.json()["choices"][0]
    assert choice["message"]["reasoning_content"] == "Hm. So."
    assert choice["finish_reason"] == "length"
