"""The judges that a command names: members of its roster, and reward models in folders."""

from collections.abc import Collection, Mapping, Sequence

from blend.command_line import CommandError
from blend.judging import Judge, MemberJudge, RewardJudge
from blend.judging.judge import REWARD
from blend.members import Member
from blend.roster import Roster
from blend.roster.fields import did_you_mean


def check_members(names: Collection[str], roster: Roster) -> set[str]:
    """The members among these names; the rest are reward models. Raises CommandError for one that
    the roster has not."""
    known = {member.name for member in roster.members}
    members = {name for name in names if not name.startswith(REWARD)}
    for name in sorted(members - known):
        raise CommandError(f"{roster.path} has no member {name!r}{did_you_mean(name, known)}")
    return members


def reward_judges(names: Sequence[str]) -> dict[str, RewardJudge]:
    """The judges of reward:FOLDER among these names. Raises MemberError."""
    return {name: RewardJudge.load(name) for name in names if name.startswith(REWARD)}


def all_judges(
    names: Sequence[str],
    rewards: Mapping[str, RewardJudge],
    members: Mapping[str, Member],
    hashes: Mapping[str, str],
) -> dict[str, Judge]:
    """Every judge by its name, in their order. hashes: of what the members' replies come
    from."""
    return {n: rewards.get(n) or MemberJudge(members[n], hashes[n]) for n in names}
