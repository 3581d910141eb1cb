"""An experiment: contenders as arms, and which visitor gets which, by a keyed hash of the id."""

import hashlib
import hmac
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from blend.roster.fields import RosterError, check_keys, did_you_mean, is_number

TABLE = {"name": str, "arms": dict, "control": str, "salt": str, "salt_env": str}
WHERE = "the [experiment] table"


@dataclass(frozen=True, slots=True)
class Experiment:
    """Arms with their shares, which need not add up to one.

    salt: the key of the hash; who knows it can choose an id for an arm. A visitor's arm depends on
    name, salt, shares and their order alone, so it stays the same on another machine.
    """

    name: str
    arms: Mapping[str, float]
    control: str
    salt: str = field(repr=False)

    def arm(self, visitor: str) -> str:
        """The arm of a visitor: HMAC-SHA256 as a number from 0 to 1, laid along the shares."""
        message = f"{self.name}\0{visitor}".encode(errors="surrogatepass")
        digest = hmac.new(self.salt.encode(), message, hashlib.sha256).digest()
        place = int.from_bytes(digest[:8]) / 2**64 * sum(self.arms.values())
        for name, share in self.arms.items():
            place -= share
            if place < 0:
                return name
        return name


def read_experiment(table: dict, contenders: Collection[str]) -> Experiment:
    """The [experiment] table of a roster whose contenders are named. Raises RosterError."""
    check_keys(table, TABLE, WHERE, needs=("name", "arms"))
    arms = {name: _share(name, share, contenders) for name, share in table["arms"].items()}
    if len(arms) < 2:
        raise RosterError(f"{WHERE} needs two arms at least, as in arms = {{ a = 1, b = 1 }}")
    control = table.get("control", next(iter(arms)))
    if control not in arms:
        raise RosterError(
            f"{WHERE}: the control {control!r} is no arm{did_you_mean(control, arms)}"
        )
    return Experiment(table["name"], arms, control, _salt(table))


def _share(name: str, share: object, contenders: Collection[str]) -> float:
    if name not in contenders:
        raise RosterError(f"{WHERE}: no contender {name!r}{did_you_mean(name, contenders)}")
    if not is_number(share) or share <= 0:
        raise RosterError(f"{WHERE}: the share of {name!r} must be above 0, not {share!r}")
    return float(share)


def _salt(table: dict) -> str:
    if bool(table.get("salt")) == bool(table.get("salt_env")):
        raise RosterError(
            f"{WHERE} needs either `salt`, any words of your own, or `salt_env`, the environment "
            "variable that holds them"
        )
    salt = table.get("salt") or os.environ.get(table["salt_env"])
    if not salt:
        raise RosterError(f"{WHERE}: set the environment variable {table['salt_env']} to the salt")
    return salt
