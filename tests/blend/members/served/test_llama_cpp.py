"""A GGUF file under llama.cpp: what it says, honours, remembers, and how it fails."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from blend.conversation import Conversation, Message
from blend.engine import check_length
from blend.members import MemberDown, MemberError, Sampling, SamplingError, TooLong
from blend.members.best_of import BestOf
from blend.members.served import llama_server
from blend.members.served.llama_cpp import LlamaCpp
from blend.roster import loading
from blend.roster.specs import MemberSpec

ROOT = Path(__file__).parents[4]
SMALLTALK = str(ROOT / "assets" / "models" / "smalltalk" / "smalltalk.gguf")
GREEDY = Sampling(temperature=0.0, max_tokens=24)
HELLO = (Message("user", "Hi! What do you do for fun?"),)


@pytest.fixture(scope="module")
def member():
    made = LlamaCpp.load("talk", SMALLTALK, GREEDY, window=1024)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
def endless(member):
    """The member, writing on after the end of a reply."""
    member.ignore_eos = True
    yield member
    member.ignore_eos = False


async def heard(member, messages=HELLO, sampling=GREEDY, scope="", most=None) -> list[str]:
    """The pieces of a reply; most: after how many with text it is left."""
    pieces = []
    async with aclosing(member.stream(messages, sampling, scope)) as coming:
        async for piece in coming:
            pieces.append(piece)
            if most and sum(map(bool, pieces)) == most:
                break
    return pieces


def said(member, messages=HELLO, sampling=GREEDY, scope="") -> str:
    return "".join(asyncio.run(heard(member, messages, sampling, scope)))


def usage(member, *asked, **how):
    return asyncio.run(heard(member, *asked, **how))[-1].usage


def server() -> psutil.Process:
    """The youngest process of llama.cpp among our own."""
    mine = psutil.Process().children(recursive=True)
    found = [p for p in mine if any("llama_server" in part for part in p.cmdline())]
    own = [p for p in found if not any("guard" in part for part in p.cmdline())]
    return max(own, key=psutil.Process.create_time)


def test_a_greedy_reply_is_the_same_every_time_and_counted(member):
    first, again = (asyncio.run(heard(member)) for _ in range(2))

    assert "".join(first) == "".join(again) and len("".join(first)) > 8
    told = first[-1].usage
    assert told.finish in ("stop", "length") and 0 < told.completion_tokens <= 24
    assert told.prompt_tokens == len(member.template.prompt(HELLO, 24).ids)


def test_neither_torch_nor_transformers_is_imported_for_it():
    code = (
        "import sys; from blend.members.served.llama_cpp import LlamaCpp;"
        f"from blend.members import Sampling; import asyncio; m = LlamaCpp.load('m', {SMALLTALK!r},"
        " Sampling(), window=256); asyncio.run(m.aclose());"
        "print({'torch', 'transformers', 'openai', 'xllamacpp'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    "asked", [{"top_k": 1}, {"top_p": 1e-6}, {"min_p": 1.0}, {"temperature": 0.001}], ids=[*"kpmt"]
)
def test_what_leaves_one_token_is_greedy(member, asked):
    assert said(member, sampling=Sampling(max_tokens=24, **asked)) == said(member)


def test_a_seed_repeats_a_reply_and_another_changes_it(member):
    hot = Sampling(temperature=1.5, max_tokens=24, seed=7)
    replies = [said(member, sampling=replace(hot, seed=seed)) for seed in (7, 7, 8, None, None)]
    assert replies[0] == replies[1] and len({*replies[1:]}) == 4


def test_a_repetition_penalty_changes_what_is_said_again(member):
    again = (Message("user", "Say it again and again: the the the the the the the"),)
    assert said(member, again) != said(member, again, replace(GREEDY, repetition_penalty=1.8))


def test_a_stop_string_or_max_tokens_end_a_reply(member):
    whole = said(member)
    stop = whole[6:9]

    pieces = asyncio.run(heard(member, sampling=replace(GREEDY, stop=(stop,))))
    short = usage(member, sampling=replace(GREEDY, max_tokens=2))

    assert "".join(pieces) == whole[: whole.index(stop)]
    assert pieces[-1].usage.finish == "stop"
    assert (short.completion_tokens, short.finish) == (2, "length")


def test_a_reply_that_was_begun_is_gone_on_with_and_a_system_message_alone_is_answered(member):
    assert said(member, (*HELLO, Message("assistant", "I like")))[:1] == " "
    assert said(member, (Message("system", "You like films."),))


def test_characters_come_whole(member):
    pieces = asyncio.run(heard(member, (Message("user", "Grüße 😀 日本"),), Sampling(seed=1)))
    assert not any("\ufffd" in piece for piece in pieces)


def test_the_next_turn_finds_the_history_that_was_read_ahead(member):
    history = (*HELLO, Message("assistant", "I read a lot of books about the sea, and you?"))
    asyncio.run(member.warm(history))

    told = usage(member, (*history, Message("user", "So do I")))

    assert told.cached_tokens >= len(member.template.prefix(history, 24).ids) - 1 > 20


def test_a_programs_request_neither_finds_nor_leaves_a_cache(member):
    asked = (Message("user", "Nobody but a program asks of this long and winding road today"),)

    first, again = (usage(member, asked, scope="program x") for _ in range(2))
    page = usage(member, asked)

    assert (first.cached_tokens, again.cached_tokens) == (0, 0)
    assert page.cached_tokens < 5 < 10 < usage(member, asked).cached_tokens  # what all begin with


def test_a_reply_that_is_left_frees_its_slot_within_a_second(endless):
    long = Sampling(temperature=1.0, max_tokens=900)

    async def leave() -> float:
        await asyncio.gather(*(heard(endless, sampling=long, most=2) for _ in range(8)))
        start = time.monotonic()
        await heard(endless, sampling=replace(long, max_tokens=1))
        return time.monotonic() - start

    assert asyncio.run(leave()) < 1.5


def test_a_message_is_measured_and_one_that_does_not_fit_is_refused(member):
    short, long = (
        member.measure((Message("user", text),), 24) for text in ("Hello you", "a b c " * 900)
    )
    assert 0 < short.tokens < 6 and short.room > 900 and long.tokens > long.room
    with pytest.raises(TooLong):
        said(member, (Message("user", "a b c " * 900),))


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (signal.SIGKILL, r"signal 9|connection to llama.cpp broke"),
        (signal.SIGSTOP, r"has not answered for"),
    ],
    ids=["killed", "stopped"],
)
def test_a_reply_whose_server_dies_or_hangs_ends_with_that_and_it_comes_back(endless, how, reason):
    async def midway() -> None:
        long = replace(GREEDY, max_tokens=900)
        async with aclosing(endless.stream(HELLO, long)) as coming:
            async for piece in coming:
                if piece:  # some may be on their way after its end
                    with suppress(psutil.NoSuchProcess):
                        process.send_signal(how)

    process, start = server(), time.monotonic()
    with pytest.raises(MemberError, match=reason):
        asyncio.run(midway())
    assert time.monotonic() - start < 40
    wait(lambda: endless.down is not None)
    with pytest.raises(MemberDown, match=r"signal 9|has not answered"):
        said(endless)
    wait(lambda: endless.down is None)
    assert said(endless, sampling=replace(GREEDY, max_tokens=4))


def test_a_server_that_hangs_leaves_no_message_waiting():
    asked = (Message("user", "Nobody has asked this before"),)
    member = LlamaCpp.load("stuck", SMALLTALK, GREEDY, window=512)
    try:
        server().send_signal(signal.SIGSTOP)
        start = time.monotonic()
        assert member.measure(asked, 24) is None
        check_length([member], Conversation().ask("Nor this"))
        with pytest.raises(MemberError, match=r"has not answered|no answer"):
            said(member, asked)
        assert time.monotonic() - start < 30
    finally:
        asyncio.run(member.aclose())


def wait(until, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.05)


class Longest:
    """A reward model that likes long replies. read: all that it was given."""

    digest = "longest"

    def __init__(self):
        self.read = []

    def scores(self, history, texts):
        self.read += texts
        return [float(len(text)) for text in texts]


def test_the_best_of_several_candidates_is_its_reply(member):
    judge = Longest()
    best = BestOf(member, judge, 3, "digest")

    told = asyncio.run(heard(best, sampling=Sampling(temperature=1.2, max_tokens=24, seed=5)))

    assert len({*judge.read}) == 3 and "".join(told) == max(judge.read, key=len)
    assert told[-1].usage.completion_tokens > 24


def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\0" * 100)

    mend = r"broken.gguf: is it a whole GGUF file, and is there memory for 4 x 4,096 tokens"
    with pytest.raises(MemberDown, match=mend) as failure:
        LlamaCpp.load("b", str(broken), GREEDY)

    assert "\n" not in str(failure.value)


def test_a_file_without_a_chat_template_needs_one_in_the_roster(tmp_path):
    bare = tmp_path / "bare.gguf"
    bare.write_bytes(Path(SMALLTALK).read_bytes().replace(b"chat_template", b"chat_templatf"))

    with pytest.raises(MemberError, match="has no chat template: give it a `template`"):
        LlamaCpp.load("bare", str(bare), GREEDY, window=256)

    chat = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
    member = LlamaCpp.load("bare", str(bare), GREEDY, window=256, template=chat)
    assert said(member) and member.device == "CPU"
    assert 3e6 < member.parameters < 6e6  # the toys have four million
    asyncio.run(member.aclose())


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        ('ModuleNotFoundError("No module named xllamacpp")', "pip install xllamacpp"),
        ('ImportError("libgomp.so.1: cannot open")', "libgomp.so.1: cannot open: install that"),
    ],
)
def test_where_llama_cpp_cannot_be_loaded_the_line_says_how_it_is_installed(tmp_path, error, mend):
    (tmp_path / "xllamacpp.py").write_text(f"raise {error}")
    settings = dict.fromkeys(("port", "slots", "window", "threads", "writing", "gpu_layers"), 1)
    command = [sys.executable, "-P", llama_server.__file__, json.dumps({"path": "x", **settings})]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and mend in done.stdout
    assert len(done.stdout.splitlines()) == 1 and not done.stderr


def test_what_it_cannot_do_is_refused_before_anything_runs(member):
    with pytest.raises(SamplingError, match="does not fit a window of 256"):
        LlamaCpp.load("m", SMALLTALK, Sampling(max_tokens=256), window=256)
    spec = MemberSpec(
        "oak", "llama_cpp", Sampling(max_tokens=300), SMALLTALK, options={"window": 256}
    )
    with pytest.raises(MemberError, match="oak: max_tokens 300 does not fit a window of 256"):
        loading.load_member(spec)
    with pytest.raises(MemberError, match="window 9,000 is more than the 2,048 it was made for"):
        LlamaCpp.load("m", SMALLTALK, GREEDY, window=9_000)
    with pytest.raises(MemberError, match="correct its `path`"):
        LlamaCpp.load("m", "no/such.gguf", GREEDY)


def test_a_closed_member_says_so_and_leaves_no_process():
    member = LlamaCpp.load("c", SMALLTALK, GREEDY, window=256)
    process = server()

    asyncio.run(member.aclose())
    asyncio.run(member.aclose())

    assert member.down == "it was closed" and not process.is_running()
    with pytest.raises(MemberDown):
        said(member, (Message("user", "Are you there?"),))


HELD = f"""
import sys, time
from blend.members import Sampling
from blend.members.served.llama_cpp import LlamaCpp
member = LlamaCpp.load("m", {SMALLTALK!r}, Sampling(), window=256, slots=1)
print("up", flush=True)
time.sleep(100)
"""


def test_nothing_is_left_of_it_when_the_program_is_killed():
    command = [sys.executable, "-c", HELD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout.readline() == b"up\n"
        left = psutil.Process(parent.pid).children(recursive=True)
        parent.kill()
    assert len(left) >= 2
    _, alive = psutil.wait_procs(left, timeout=15)
    assert alive == []


def test_a_marker_of_thoughts_that_is_a_special_token_is_written_out(member):
    ((marker, _),) = member.process.client.tokenize("<|assistant|>", True)
    forced = {"n_predict": 2, "temperature": 0.0, "logit_bias": [[marker, 100.0]]}

    async def written(preserved):
        asked = forced | {"preserved_tokens": preserved}
        events = member._events(member.template.prompt(HELLO, 24).ids, asked)
        return "".join([e["content"] async for some in events for e in some])

    assert asyncio.run(written([])) == ""
    assert asyncio.run(written(["<|assistant|>"])).startswith("<|assistant|>")
