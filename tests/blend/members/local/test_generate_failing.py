"""Plain decoding that is left, fails, is closed or cannot be loaded: one request ends, no other."""

import asyncio
import json
import threading

import pytest
import torch
from counted import Counted
from generate_member import ASKED, LONG, load, plain, shown, told
from replies import reply

from blend.members import MemberDown, MemberError, SamplingError

pytestmark = pytest.mark.anyio


class Slow:
    """A model that counts its calls, and takes as long as the test wants."""

    def __init__(self, model, breaks_at=None, error=None):
        self.model, self.breaks_at, self.error, self.calls = model, breaks_at, error, 0
        self.device, self.go = model.device, threading.Semaphore(0)

    def __call__(self, **asked):
        self.calls += 1
        self.go.acquire(timeout=0.02)
        if self.calls == self.breaks_at:
            raise self.error or KeyError("broken")
        return self.model(**asked)


async def test_leaving_ends_the_reply_within_a_token_and_the_next_one_works(member):
    member = Counted(member)
    expected = plain(member, ASKED)
    slow = member._decoder.model = Slow(member._decoder.model)

    tasks = [asyncio.create_task(reply(member, ASKED, LONG)) for _ in range(3)]
    while slow.calls < 5:
        await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    calls = slow.calls
    await asyncio.sleep(0.1)

    assert (member.running, member.peak) == (0, 3) and slow.calls - calls <= 1
    assert shown(await reply(member, ASKED)) == expected


FULL = torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize(
    ("error", "reason"),
    [(KeyError("broken"), "its model failed: KeyError"), (FULL, "out of memory: CUDA out of mem")],
    ids=["broken", "full"],
)
async def test_a_model_that_fails_fails_one_request_only(member, error, reason):
    expected = told(member, ASKED)[0]
    member._decoder.model = Slow(member._decoder.model, breaks_at=6, error=error)
    with pytest.raises(MemberError, match=f"tiny: {reason}"):
        await reply(member, ASKED)
    assert bool(member._decoder.prefixes._entries) is (error is not FULL)  # room for the next
    assert shown(await reply(member, ASKED)) == expected and member.down is None


async def test_a_closed_member_is_down_and_its_streams_end(member):
    slow = member._decoder.model = Slow(member._decoder.model)

    tasks = [asyncio.create_task(reply(member, ASKED, LONG)) for _ in range(2)]
    while not slow.calls:
        await asyncio.sleep(0.01)
    await member.aclose()
    await member.aclose()
    for task in (*tasks, reply(member, ASKED)):
        with pytest.raises(MemberDown, match="closed"):
            await task
    assert member.down == "it was closed"


@pytest.mark.parametrize(
    ("options", "kind", "reason"),
    [
        ({"window": 9999}, MemberError, "tiny: window 9,999 is more than the 1,024"),
        ({"window": 256, "sampling": LONG}, SamplingError, "max_tokens 400 does not fit a window"),
    ],
)
def test_a_window_that_cannot_be_is_an_error_at_load(folders, options, kind, reason):
    with pytest.raises(kind, match=reason):
        load(folders["gptj"], **options)


def test_a_model_too_large_for_the_machine_says_what_is_needed_and_what_is_there(folders, tmp_path):
    with pytest.raises(MemberError, match=r"tiny: .* cannot be loaded"):
        load(tmp_path)
    large = json.loads((folders["llama"] / "config.json").read_text())
    large |= {"hidden_size": 1 << 18, "intermediate_size": 1 << 20}
    (tmp_path / "config.json").write_text(json.dumps(large))
    with pytest.raises(MemberError, match=r"weights need [\d,]+\.\d GB and cpu has [\d,]+\.\d GB"):
        load(tmp_path)
