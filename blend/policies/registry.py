"""The policies by name, made of what a roster tells each, and what a contender's id holds of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from blend.policies.learned import Learned
from blend.policies.per_sentence import PerSentence
from blend.policies.policy import NoRepeat, Policy, RoundRobin, Uniform, Weighted, default_floor
from blend.policies.policy_file import PolicyError, file_digest, load_policy
from blend.policies.sequence import FixedSequence
from blend.policies.sticky import Sticky
from blend.policies.thompson import Thompson

POLICIES: dict[str, type[Policy]] = {
    policy.name: policy
    for policy in (
        *(Uniform, Weighted, NoRepeat, RoundRobin, Sticky, FixedSequence),
        *(Thompson, Learned, PerSentence),
    )
}


def make_policy(policy: str, options: Mapping[str, object], members: Sequence[str]) -> Policy:
    """The policy of a blend of these members. Raises PolicyError for a file that went bad, and for
    a panel, which draws nobody."""
    if policy not in POLICIES:
        raise PolicyError(f"the policy {policy!r} draws nobody, so there are no chances to judge")
    if policy == "learned":
        fitted = load_policy(options["policy_file"], members)
        return replace(fitted, epsilon=options.get("epsilon", default_floor(len(members))))
    order = {"order": tuple(members)} if policy == "round-robin" else {}
    return POLICIES[policy](**order, **options)


def policy_identity(policy: str, options: Mapping[str, object]) -> str | dict[str, object]:
    """What of a policy changes who is drawn, for a contender's id; of a file its content."""
    if not options:
        return policy
    identity = {"name": policy, **options}
    if "policy_file" in identity:
        identity["policy_file"] = file_digest(identity["policy_file"])
    return identity
