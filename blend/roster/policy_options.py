"""What a [[blend]] table tells its policy: read and checked."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from blend.judging.question import MOST
from blend.policies.policy import default_floor
from blend.policies.policy_file import PolicyError, load_policy
from blend.roster.fields import NUMBER, TEXTS, RosterError, did_you_mean, is_number

KEYS = {
    **{"epsilon": NUMBER, "weights": dict, "policy_file": str},
    **{"stay": NUMBER, "turns": int, "sequence": TEXTS},
    **{"judge": str, "write": bool},
}
"""The keys of a [[blend]] that are some policy's own, and their types."""
TAKES = {
    "uniform": (),
    "weighted": ("weights", "epsilon"),
    "no-repeat": ("epsilon",),
    "round-robin": ("epsilon",),
    "sticky": ("stay", "turns", "epsilon"),
    "sequence": ("sequence", "epsilon"),
    "per_sentence": (),
    "thompson": ("epsilon",),
    "learned": ("policy_file", "epsilon"),
    "panel": ("judge", "write"),
}
"""What each policy may be told. All but `panel` draw; see blend.policies.registry."""


def read_options(
    entry: Mapping, policy: str, members: Sequence[str], folder: Path, where: str
) -> dict[str, object]:
    """What a [[blend]] table tells its policy, checked; with the floor, where there is one.

    A file is looked for from `folder`, and read. Raises RosterError for an unknown policy, a key
    that is another policy's, a wrong value, a file that is not for these members.
    """
    if policy not in TAKES:
        raise RosterError(f"{where}: no policy {policy!r}{did_you_mean(policy, TAKES)}")
    takes = TAKES[policy]
    for key in sorted(entry.keys() & KEYS.keys() - set(takes)):
        whose = " or ".join(repr(name) for name, keys in TAKES.items() if key in keys)
        raise RosterError(f"{where}: {key} is for the policy {whose}, not for {policy!r}")
    options: dict[str, object] = {}
    if "epsilon" in takes:
        epsilon = entry.get("epsilon", default_floor(len(members)))
        options["epsilon"] = _epsilon(epsilon, len(members), where)
    if "weights" in takes:
        options["weights"] = _weights(entry.get("weights", {}), members, where)
    if "stay" in takes:
        options |= _stay(entry, where)
    if "sequence" in takes:
        options["sequence"] = _sequence(entry.get("sequence", []), members, where)
    if "policy_file" in takes:
        options["policy_file"] = _file(entry.get("policy_file", ""), members, folder, where)
    if "judge" in takes:
        options |= _judge(entry, members, where)
    return options


def check_continues(policy: str, members: Mapping[str, bool], where: str) -> None:
    """Raise RosterError where the policy needs members that go on with a begun reply, and one of
    these cannot be stopped and followed in the middle: `members` says so by name."""
    for name, whole in members.items():
        if policy == "per_sentence" and whole:
            raise RosterError(
                f"{where}: {name!r} writes only whole replies, and per_sentence hands over inside "
                "of one: take the member out of the blend, or give it no best_of"
            )


def _epsilon(value: float, members: int, where: str) -> float:
    if not 0 <= value <= 1 / members:  # refuses NaN as well
        raise RosterError(
            f"{where}: epsilon, the least chance of a member, must lie between 0 and 1/{members}, "
            f"not {value!r}"
        )
    return float(value)


def _weights(table: Mapping, members: Sequence[str], where: str) -> dict[str, float]:
    for name, weight in table.items():
        if name not in members:
            raise RosterError(
                f"weights of {where}: no member {name!r}{did_you_mean(name, members)}"
            )
        if not is_number(weight) or weight < 0:
            raise RosterError(f"weights of {where}: {name} must be a number ≥ 0, not {weight!r}")
    weights = {name: float(table.get(name, 1.0)) for name in members}
    if not any(weights.values()):
        raise RosterError(f"weights of {where} are all zero: give one of them more")
    return weights


def _stay(entry: Mapping, where: str) -> dict[str, object]:
    """How long a sticky policy stays: by a chance or for a number of replies, never both."""
    stay, turns = entry.get("stay"), entry.get("turns")
    if (stay is None) == (turns is None):
        raise RosterError(
            f"{where} needs one of `stay`, the chance that the last writer goes on, as in "
            "stay = 0.8, and `turns`, how many replies it writes in a row, as in turns = 2"
        )
    if turns is None and not 0 <= stay <= 1:  # refuses NaN as well
        raise RosterError(f"{where}: stay, a chance, must lie between 0 and 1, not {stay!r}")
    if stay is None and turns < 1:
        raise RosterError(f"{where}: turns, replies in a row, must be at least 1, not {turns!r}")
    return {"stay": float(stay)} if turns is None else {"turns": turns}


def _sequence(pattern: Sequence[str], members: Sequence[str], where: str) -> list[str]:
    if not pattern:
        first = ", ".join(f'"{name}"' for name in (members[0], members[0], members[-1]))
        raise RosterError(f"{where} needs a sequence of its members, as in sequence = [{first}]")
    for name in pattern:
        if name not in members:
            raise RosterError(
                f"sequence of {where}: no member {name!r}{did_you_mean(name, members)}"
            )
    return [*pattern]


def _judge(entry: Mapping, members: Sequence[str], where: str) -> dict[str, object]:
    """Who has a panel's last word; whether it is a member is the roster's to check."""
    if not entry.get("judge"):
        raise RosterError(
            f"{where} needs a judge, a member of the roster that picks the reply, as in "
            f'judge = "{members[0]}"'
        )
    if not 2 <= len(members) <= MOST:
        raise RosterError(f"{where}: a panel has 2 to {MOST} members, not {len(members)}")
    return {"judge": entry["judge"], "write": entry.get("write", False)}


def _file(name: str, members: Sequence[str], folder: Path, where: str) -> str:
    if not name:
        raise RosterError(f"{where} needs a policy_file: make one with python -m arena fit")
    path = (folder / name).resolve()
    try:
        load_policy(path, members)
    except PolicyError as error:
        raise RosterError(f"{where}: {error}") from None
    return str(path)
