"""A roster: the TOML file that names the members and the blends, read and checked as a whole."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from blend import ablation, experiment, spec
from blend.ablation import Ablation
from blend.conversation import LONGEST_MESSAGE
from blend.experiment import Experiment
from blend.members import SamplingError
from blend.spec import ENGINES, BlendSpec, MemberSpec
from blend.table import RosterError, check, nearest, texts

__all__ = ["ENGINES", "BlendSpec", "MemberSpec", "Roster", "RosterError", "read"]

SHIPPED = Path(__file__).parent.parent / "assets" / "rosters"

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7f7f7f", "#e69f00")
"""Okabe and Ito's colours, yellow darkened: told apart with any colour vision, light or dark."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that a roster file says.

    focus: the blend that the arena is about. pairing: who meets whom, see PAIRINGS. turns: the most
    turns of one battle. texts: whether what is said is stored. api: who may use /v1, see API.
    limit: how many replies may be written at once, for the page and for programs together.
    longest_gap: seconds between two things a visitor does that still count as time spent here.
    experiment: which contender writes whose chats; without one the focus writes everybody's.
    ablation: the blend that is taken apart into more contenders.
    """

    title: str
    path: Path
    members: tuple[MemberSpec, ...]
    blends: tuple[BlendSpec, ...]
    focus: str
    pairing: str = "focus"
    turns: int = 8
    longest_message: int = LONGEST_MESSAGE
    texts: bool = True
    api: str = "open"
    limit: int = 64
    openers: tuple[str, ...] = ()
    longest_gap: int = 300
    experiment: Experiment | None = None
    ablation: Ablation | None = None

    @property
    def singles(self) -> tuple[str, ...]:
        """The members' names: each is also a contender, a blend of one."""
        return tuple(member.name for member in self.members)

    @property
    def parts(self) -> tuple[BlendSpec, ...]:
        """What the ablation makes of its blend; nothing without one."""
        return self.ablation.contenders(self.blends) if self.ablation else ()

    @property
    def contenders(self) -> tuple[BlendSpec, ...]:
        """The blends, then every member as a blend of one, then the parts of the ablation."""
        singles = (BlendSpec(m.name, (m.name,), about=m.about) for m in self.members)
        return (*self.blends, *singles, *self.parts)

    @property
    def colours(self) -> dict[str, str]:
        """One colour for each contender, the same wherever it is shown; the focus comes first.

        Copies of a member, which write replies and never fight, have its colour.
        """
        names = [self.focus, *(s.name for s in self.contenders if s.name != self.focus)]
        found = {name: PALETTE[n % len(PALETTE)] for n, name in enumerate(names)}
        copies = {w: found[m] for s in self.parts if s.copies for w, m in s.writers.items()}
        return found | copies


TOP = {
    "title": str,
    "focus": str,
    "pairing": str,
    "turns": int,
    "longest_message": int,
    "texts": bool,
    "api": str,
    "limit": int,
    "openers": list,
    "longest_gap": int,
    "experiment": dict,
    "ablation": dict,
    "member": list,
    "blend": list,
}

PLAIN = ("pairing", "turns", "longest_message", "texts", "api", "limit", "longest_gap")
PAIRINGS = ("focus", "round_robin", "adaptive")
"""How the arena may pair contenders; see arena.pairing."""
API = ("open", "key", "off")
"""Whether programs may use /v1: everybody, those with the key, nobody."""


def read(name_or_path: str | Path) -> Roster:
    """The roster of that shipped name or at that path. Raises RosterError; loads no model."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = SHIPPED / f"{name_or_path}.toml"
    if not path.is_file():
        shipped = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        raise RosterError(f"no roster {str(name_or_path)!r}: give a .toml file or one of {shipped}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RosterError(f"{path}: not a TOML file: {error}") from None
    try:
        return _roster(table, path.resolve())
    except (RosterError, SamplingError) as error:
        raise RosterError(f"{path}: {error}") from None


def _roster(table: dict, path: Path) -> Roster:
    check(table, TOP, "the roster")
    members = tuple(spec.member(entry, path.parent) for entry in table.get("member", ()))
    blends = tuple(spec.blend(entry, path.parent) for entry in table.get("blend", ()))
    if not members:
        raise RosterError("it names no member: add a [[member]] table")
    if not blends:
        raise RosterError("it names no blend: add a [[blend]] table")
    names = [each.name for each in (*members, *blends)]
    for name in names:
        if names.count(name) > 1:
            raise RosterError(f"the name {name!r} is used twice: give each its own")
    known = {member.name for member in members}
    for blend in blends:
        for name in blend.members:
            if name not in known:
                near = nearest(name, known)
                raise RosterError(f"blend {blend.name!r}: no member {name!r}{near}")
    focus = table.get("focus", blends[0].name)
    if focus not in {blend.name for blend in blends}:
        raise RosterError(f"focus {focus!r} is no blend: name one of its [[blend]] tables")
    plain = {k: table[k] for k in PLAIN if k in table}
    for key in ("turns", "longest_message", "limit", "longest_gap"):
        if plain.get(key, 1) < 1:
            raise RosterError(f"{key} must be at least 1, not {plain[key]}")
    if (pairing := plain.get("pairing", "focus")) not in PAIRINGS:
        raise RosterError(f"no pairing {pairing!r}{nearest(pairing, PAIRINGS)}")
    if plain.get("api", "open") not in API:
        raise RosterError(f"api cannot be {plain['api']!r}: choose {', '.join(API)}")
    if plain.get("longest_gap", 1) > 3600:
        raise RosterError(f"longest_gap must be at most 3600 seconds, not {plain['longest_gap']}")
    plain["openers"] = texts(table.get("openers", []), "openers")
    if "experiment" in table:
        plain["experiment"] = experiment.read(table["experiment"], names)
    if "ablation" in table:
        plain["ablation"] = ablation.read(table["ablation"], blends, focus)
        for part in plain["ablation"].contenders(blends):
            if part.name in names:
                raise RosterError(f"the name {part.name!r} is that of a part of the ablation")
    title = table.get("title", path.stem)
    return Roster(title, path, members, blends, focus, **plain)
