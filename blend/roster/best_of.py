"""A [member.best_of] table: how many candidates a member writes, and who ranks them."""

from collections.abc import Mapping
from pathlib import Path

from blend.members import Sampling
from blend.members.best_of import GREEDY_ERROR, BestOfSpec
from blend.members.reward_model import RewardModelSpec
from blend.roster.fields import RosterError, check_keys
from blend.roster.model_source import read_template

BEST_OF = {"n": int, "reward": str, "revision": str, "reward_window": int, "template": str}
"""What [member.best_of] may say."""
USUAL, MOST = 4, 64
"""Candidates of one reply: where the roster gives no n (Chai's number), and at most."""


def read_best_of(table: Mapping, folder: Path, where: str, sampling: Sampling) -> BestOfSpec:
    """A [member.best_of] table; paths are looked for from `folder`. Raises RosterError."""
    check_keys(dict(table), BEST_OF, f"[member.best_of] of {where}", needs=("reward",))
    n, window = table.get("n", USUAL), table.get("reward_window")
    if not 1 <= n <= MOST:
        raise RosterError(f"best_of of {where}: n must lie between 1 and {MOST}, not {n}")
    if n > 1 and sampling.greedy:
        raise RosterError(f"{where}: {GREEDY_ERROR}, or remove best_of")
    if window is not None and window < 1:
        raise RosterError(f"best_of of {where}: reward_window must be at least 1, not {window}")
    source, given = table["reward"], (folder / table["reward"]).resolve()
    if (given / "config.json").is_file():
        source = str(given)
    elif source.startswith((".", "/", "~")) or source.count("/") != 1:
        raise RosterError(f"best_of of {where}: no reward model in the folder {given}")
    template = read_template(table["template"], folder, where) if "template" in table else ""
    return BestOfSpec(n, RewardModelSpec(source, table.get("revision", ""), window, template))
