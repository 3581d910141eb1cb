"""Where weights go: devices that are not here, numbers, quantisation, and what needs a GPU."""

import asyncio
import subprocess
import sys
from importlib.util import find_spec

import pytest
import tiny_models
from app_process import ROOT
from generate_member import GREEDY
from replies import reply

from blend.members import MemberError
from blend.members.local import devices, memory
from blend.members.local.checkpoint import Checkpoint
from blend.members.local.generate import Generate
from blend.members.local.paged import Paged
from blend.message import Message
from blend.roster.loading import load_all
from blend.roster.specs import MemberSpec


def load(folder, engine=Generate, **options):
    return engine.load("tiny", str(folder), GREEDY, threads=1, **options)


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "mps:7"])
def test_a_device_that_is_not_here_is_named_in_one_line(folders, device):
    with pytest.raises(MemberError, match=rf"device '{device}' is (none|not on this)") as refusal:
        load(folders["llama"], device=device)
    assert "\n" not in str(refusal.value)


def test_without_a_driver_the_cpu_is_known_without_torch(folders):
    if devices.accelerated():
        pytest.skip("there may be another device here, and only torch can tell")
    asked = "devices.resolve_device(None), devices.resolve_device('cpu'), 'torch' in sys.modules"
    program = f"import sys; from blend.members.local import devices; print({asked})"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "cpu cpu False\n", done.stderr


@pytest.mark.parametrize("kind", [*tiny_models.PAGED, *tiny_models.PLAIN])
def test_the_size_is_known_by_the_shape_before_the_weights_are_read(folders, tmp_path, kind):
    from transformers import AutoModelForCausalLM

    count = AutoModelForCausalLM.from_pretrained(folders[kind]).num_parameters()
    (tmp_path / "config.json").write_bytes((folders[kind] / "config.json").read_bytes())
    alone = Checkpoint.locate(str(tmp_path))

    whole, half = (devices.estimate_memory(alone, dtype=d) for d in (None, "bfloat16"))

    assert (whole.weights, half.weights) == (4 * count, 2 * count)
    assert whole.kv_per_token == 2 * half.kv_per_token
    assert whole.window == (4096 if kind == "mamba" else 1024)


@pytest.mark.parametrize(
    "kind", [*tiny_models.PAGED, "mamba"]
)  # GPT-J has it from transformers 5.24 on
def test_paged_is_the_engine_of_a_model_that_can_on_a_gpu_alone(folders, kind):
    assert devices.paged(str(folders[kind])) == (kind in tiny_models.PAGED)
    assert not devices.paged_by_default(str(folders[kind]), device="cpu")


def test_a_model_that_is_not_there_is_left_to_the_engine_that_loads_it(tmp_path):
    assert not devices.paged_by_default(str(tmp_path), device="cuda:99")
    with pytest.raises((OSError, ValueError)):
        devices.paged(str(tmp_path))


def test_numbers_are_those_asked_for_and_a_device_map_may_name_modules(folders):
    whole, half = (load(folders["llama"], dtype=dtype) for dtype in (None, "bfloat16"))
    spread = load(folders["llama"], device_map={"model": "cpu", "lm_head": "cpu"})
    texts = [[*each.pieces([Message("user", "Hello")], GREEDY)] for each in (whole, spread)]
    assert (half.model.dtype.itemsize, whole.model.dtype.itemsize) == (2, 4)
    assert texts[0] == texts[1]


def test_pages_lie_on_one_device(folders):
    spread = {"model": "cpu", "lm_head": "disk"}
    with pytest.raises(MemberError, match=r'lie on cpu, disk .* engine = "generate"'):
        load(folders["llama"], Paged, device_map=spread)


@pytest.mark.skipif(find_spec("bitsandbytes") is not None, reason="bitsandbytes is here")
@pytest.mark.parametrize("quantise", ["4bit", "8bit"])
def test_quantisation_without_its_package_says_what_to_install(folders, quantise):
    with pytest.raises(MemberError, match=rf'"{quantise}" needs .*: pip install bitsandbytes'):
        load(folders["llama"], quantise=quantise)


async def finish(member) -> str:
    """How its reply to a greeting ended."""
    return (await reply(member, "Hello"))[-1].usage.finish


@pytest.mark.anyio
@pytest.mark.parametrize("engine", [Generate, Paged])
@pytest.mark.parametrize("quantise", ["4bit", "8bit"])
async def test_a_quantised_model_answers_and_takes_what_was_foreseen(tmp_path, engine, quantise):
    pytest.importorskip("bitsandbytes", reason="an optional package")
    folder = tiny_models.save(
        "llama", tmp_path, hidden_size=128, intermediate_size=256, head_dim=32
    )
    member = load(folder, engine, quantise=quantise)
    assert await finish(member) in ("stop", "length")
    foreseen = devices.estimate_memory(Checkpoint.locate(str(folder)), quantise=quantise).weights
    assert foreseen == pytest.approx(member.model.get_memory_footprint(), rel=0.1)
    await member.aclose()


@pytest.mark.anyio
@pytest.mark.gpu
async def test_three_members_share_a_gpu(folders):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    kinds = ("llama", "qwen3", "gemma3_text")
    specs = [MemberSpec(kind, "paged", GREEDY, path=str(folders[kind])) for kind in kinds]
    before = devices.free_memory("cuda")

    members = [member for _, member in load_all(specs)]

    assert {*await asyncio.gather(*map(finish, members))} <= {"stop", "length"}
    await asyncio.gather(*(member.aclose() for member in members))
    assert before - devices.free_memory("cuda") < before * memory.USABLE_PART
