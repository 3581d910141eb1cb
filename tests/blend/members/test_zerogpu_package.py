"""How ZeroGPU is known, and the package of it, which elsewhere does nothing."""

import json
import os
import subprocess
import sys

import pytest
from app_process import ROOT

from blend.members import zerogpu

REAL = """
import asyncio, json, sys
import spaces
from blend.members.gpu_call import GpuLease
from blend.members.zerogpu import ZeroGpu
from blend.conversation import Message
from blend.members import Sampling
from blend.members.local.generate import Generate

greedy = Sampling(temperature=0.0, max_tokens=12)
core = Generate.load("oak", sys.argv[1], greedy, device="cpu", threads=1)
member = ZeroGpu(core, GpuLease(spaces.GPU, "cpu"))

async def run():
    return [str(p) async for p in member.stream([Message("user", "Hello")], greedy)]

said = asyncio.run(run())
here = [str(p) for p in core.pieces([Message("user", "Hello")], greedy)]
print(json.dumps(["".join(said), "".join(here)]))
"""


def test_with_the_real_package_which_does_nothing_elsewhere(folders):
    pytest.importorskip("spaces")
    command = [sys.executable, "-c", REAL, str(folders["llama"])]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("SPACE")}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120
    )
    said, here = json.loads(done.stdout.splitlines()[-1])
    assert said == here != ""


@pytest.mark.parametrize(("value", "is_so"), [("true", True), ("1", True), ("", False)])
def test_a_space_on_zerogpu_is_known_by_its_variable(value, is_so):
    assert zerogpu.is_zerogpu({"SPACES_ZERO_GPU": value}) is is_so
    assert not zerogpu.is_zerogpu({"SPACE_ID": "a/b"})
