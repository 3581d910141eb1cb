"""Which members of a roster are lent a GPU on ZeroGPU, and what cannot be had there."""

import pytest
from fake_zerogpu import Fork
from rosters import roster
from zerogpu_roster import BLEND, member

from blend.members import MemberError
from blend.members.gpu_call import GpuLease
from blend.roster.zerogpu import check_blends, load_for_zerogpu

pytestmark = pytest.mark.anyio


def one_of_two(folders, tmp_path, options: str):
    """The members of a roster whose first has these options, as they are loaded."""
    oak, elm = member("oak", folders["llama"], options), member("elm", folders["llama"])
    made = roster(tmp_path, oak + elm + BLEND)
    return list(load_for_zerogpu(made.members, GpuLease(Fork(), "cpu")))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('quantise = "4bit"', "oak: quantise cannot be had on ZeroGPU: remove it"),
        ('device_map = "auto"\nengine = "generate"', "oak: device_map cannot be had on ZeroGPU"),
    ],
)
def test_what_cannot_be_had_there_is_refused_at_load(folders, tmp_path, options, said):
    with pytest.raises(MemberError, match=said):
        one_of_two(folders, tmp_path, options)


POLICIES = [('policy = "panel"\njudge = "elm"', "draft"), ('policy = "per_sentence"', "sentence")]


@pytest.mark.parametrize(("policy", "part"), POLICIES)
def test_a_reply_of_many_calls_is_refused_where_one_who_works_on_it_is_lent_a_gpu(
    folders, tmp_path, policy, part
):
    def check(options: str) -> None:
        oak = member("oak", folders["llama"], 'device = "cpu"')
        elm = member("elm", folders["llama"], options)
        made = roster(tmp_path, oak + elm + BLEND + policy)
        check_blends(made.blends, made.members)

    check('device = "cpu"')
    with pytest.raises(MemberError, match=f"Blended: .* would take a GPU call for each {part}"):
        check("")


async def test_a_member_that_says_cpu_needs_no_call(folders, tmp_path):
    loaded = [member for _, member in one_of_two(folders, tmp_path, 'device = "cpu"')]
    assert [type(member).__name__ for member in loaded] == ["Generate", "ZeroGpu"]
    for each in loaded:
        await each.aclose()
