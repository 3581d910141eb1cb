"""A member in a process of its own says what it says in this one; its death harms nobody else."""

import asyncio
import multiprocessing
import pickle
import signal
import subprocess
import sys
from contextlib import aclosing, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest
import test_paged
from test_paged import LONG, plain, reply, says, shown
from transformers import AutoTokenizer

from blend.members import MemberDown, MemberError, Sampling, SamplingError, weights, worker
from blend.members.workshop import Job

pytestmark = pytest.mark.skipif(not worker.possible(), reason="this system cannot fork")


@pytest.fixture(scope="module")
def folder(folders):
    return folders["llama"]


load = partial(test_paged.load, process=True)
opened = partial(test_paged.opened, process=True)


def process(member) -> psutil.Process:
    return psutil.Process(member._keeper.service()._process.pid)


def test_sixteen_at_once_say_what_plain_generate_says(folder):
    prompts = [f"Number {n}, please." for n in range(16)]

    async def talk():
        async with opened(folder) as member:
            said = await asyncio.gather(*(reply(member, text) for text in prompts))
            return [shown(pieces) for pieces in said], member.model, member.running

    said, model, running = asyncio.run(talk())

    assert said == plain(folder, prompts)
    assert (model, running) == (None, 0)


def test_it_is_the_same_contender_in_either_process(folder):
    async def both():
        async with opened(folder) as there, opened(folder, process=False) as here:
            return [
                (m.digest, m.device, m.ends, m.template.window, m._vocabulary)
                for m in (there, here)
            ]

    there, here = asyncio.run(both())

    assert there == here


def test_its_tokenizer_comes_along_or_is_read_anew(folder):
    text = "A dog & a <|end|>, 3 times."

    def ids(tokenizer):
        template = weights.writer("tiny", str(folder), 1024, tokenizer)
        return template.prompt(says(text), 16).ids

    pickled = pickle.dumps(AutoTokenizer.from_pretrained(folder))
    assert ids(pickled) == ids(None)


def test_one_that_is_given_up_while_it_reads_its_model_ends(folder):
    begun = worker.Worker(Job("tiny", str(folder), LONG))
    there = psutil.Process(begun._process.pid)

    begun.stop()

    assert not there.is_running()


def test_a_history_that_was_warmed_is_found_again(folder):
    async def talk():
        async with opened(folder) as member:
            long = "A long history. " * 20
            await member.warm(says(long))
            return (await reply(member, long))[-1].usage

    assert asyncio.run(talk()).cached_tokens > 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_is_killed_is_an_error_at_once_and_comes_back(folder, how):
    async def talk():
        async with opened(folder) as member:
            with pytest.raises(MemberDown, match="tiny: its process ended"):
                async with aclosing(member.stream(says("Hello"), LONG)) as pieces:
                    async for _ in pieces:
                        process(member).send_signal(how)
            down = member.down
            while member.down:
                await asyncio.sleep(0.05)
            return down, member.running, shown(await reply(member, "Hello"))

    down, running, again = asyncio.run(talk())

    assert (down, running) == ("its process ended", 0)
    assert [again] == plain(folder, ["Hello"])


def test_a_signal_for_the_whole_group_leaves_the_reply_to_the_member(folder):
    async def talk():
        async with opened(folder) as member:
            for how in (signal.SIGINT, signal.SIGTERM):
                process(member).send_signal(how)
            return shown(await reply(member, "Hello"))

    assert [asyncio.run(talk())] == plain(folder, ["Hello"])


def test_conversations_left_at_random_leave_nothing_behind(folder):
    async def leave(member, number):
        with suppress(TimeoutError):
            async with asyncio.timeout(number % 7 / 50):
                await reply(member, f"{number} dogs in the park. " * (number % 19 + 1), LONG)

    async def talk():
        async with opened(folder) as member:
            held = []
            for _ in range(6):
                await asyncio.gather(*(leave(member, n) for n in range(100)))
                again = shown(await reply(member, "Hello"))
                held.append(process(member).memory_info().rss)
            mail = member._keeper.service()._mail
            return again, member.running, len(mail._boxes), held[5] / held[2]

    again, running, waiting, growth = asyncio.run(talk())

    assert [again] == plain(folder, ["Hello"])
    assert (running, waiting) == (0, 0)
    assert growth < 1.05


def test_a_closed_member_leaves_no_process(folder):
    async def talk():
        async with opened(folder) as member:
            there = process(member)
            task = asyncio.create_task(reply(member, "Hello", LONG))
            while not member.running:
                await asyncio.sleep(0.01)
            await member.aclose()
            with pytest.raises(MemberDown, match="closed"):
                await task
            return there

    assert not asyncio.run(talk()).is_running()


def test_what_cannot_be_loaded_there_is_the_same_error_here(folders, tmp_path):
    for place, message in (
        (folders["gptj"], "gptj has no paged attention"),
        (tmp_path, "cannot be loaded"),
    ):
        with pytest.raises(MemberError, match=f"tiny: .*{message}"):
            load(place)
    with pytest.raises(SamplingError, match="does not fit a window"):
        load(folders["llama"], sampling=Sampling(max_tokens=10_000), window=64)


LEFT = """
import asyncio, sys
from test_worker import load, process, says
member = load(sys.argv[1])
print(process(member).pid, flush=True)
{end}
"""


@pytest.mark.parametrize("end", ["pass", "import os; os.kill(os.getpid(), 9)"])
def test_a_program_that_ends_takes_its_members_along(folder, end):
    """Also one that was killed, and one that has no main module to import again."""
    ended = subprocess.run(
        [sys.executable, "-", str(folder)],
        input=LEFT.format(end=end),
        env={"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parent.parent}"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    there = int(ended.stdout)
    with suppress(psutil.NoSuchProcess):
        psutil.Process(there).wait(30)
    assert not psutil.pid_exists(there)


def test_a_daemon_may_have_no_children_and_asks_for_none():
    """A member that somebody's daemon loads lives in that process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(worker.possible) is False
