"""A roster: the TOML file that names the members and the blends, read and checked as a whole."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from blend.conversation import LONGEST_MESSAGE
from blend.members import Sampling, SamplingError
from blend.members.generate import Generate
from blend.members.paged import MEND, Paged
from blend.members.scripted import Scripted
from blend.policy import POLICIES

SHIPPED = Path(__file__).parent.parent / "assets" / "rosters"

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7f7f7f", "#e69f00")
"""Okabe and Ito's colours, yellow darkened: told apart with any colour vision, light or dark."""

ENGINES: dict[str, type] = {"paged": Paged, "generate": Generate, "scripted": Scripted}


class RosterError(ValueError):
    """A roster that cannot be used; one line that names the file, the thing and the mend."""


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """A member as the roster describes it.

    path: the folder of a transformers model, absolute. model: an id on the Hub, with `revision`.
    options: what only its engine understands.
    """

    name: str
    engine: str
    sampling: Sampling
    path: str = ""
    model: str = ""
    revision: str = ""
    about: str = ""
    aliases: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BlendSpec:
    """A blend as the roster describes it; a seed makes its draws repeatable."""

    name: str
    members: tuple[str, ...]
    policy: str = "uniform"
    about: str = ""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that a roster file says.

    focus: the blend that the arena pits against each single member. turns: the most turns of one
    battle. texts: whether what is said is stored.
    """

    title: str
    path: Path
    members: tuple[MemberSpec, ...]
    blends: tuple[BlendSpec, ...]
    focus: str
    turns: int = 8
    longest_message: int = LONGEST_MESSAGE
    texts: bool = True
    openers: tuple[str, ...] = ()

    @property
    def singles(self) -> tuple[str, ...]:
        """The members' names: each is also a contender, a blend of one."""
        return tuple(member.name for member in self.members)

    @property
    def contenders(self) -> tuple[BlendSpec, ...]:
        """The blends, then every member as a blend of one."""
        singles = (BlendSpec(m.name, (m.name,), about=m.about) for m in self.members)
        return (*self.blends, *singles)

    @property
    def colours(self) -> dict[str, str]:
        """One colour for each contender, the same wherever it is shown; the focus comes first."""
        names = [self.focus, *(s.name for s in self.contenders if s.name != self.focus)]
        return {name: PALETTE[n % len(PALETTE)] for n, name in enumerate(names)}


LOADED = {"device": str, "dtype": str, "window": int, "memory": (int, float), "threads": int}
"""What a model that is loaded here may be told."""
OPTIONS = {
    "paged": LOADED,
    "generate": LOADED,
    "scripted": {"lines": list, "pace": (int, float), "fails_at": int},
}
MEMBER = {
    "name": str,
    "engine": str,
    "path": str,
    "model": str,
    "revision": str,
    "about": str,
    "aliases": list,
    "sampling": dict,
}
BLEND = {"name": str, "members": list, "policy": str, "about": str, "seed": int}
TOP = {
    "title": str,
    "focus": str,
    "turns": int,
    "longest_message": int,
    "texts": bool,
    "openers": list,
    "member": list,
    "blend": list,
}
SAMPLING = {f.name: object for f in fields(Sampling)}


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
    _check(table, TOP, "the roster")
    members = tuple(_member(entry, path.parent) for entry in table.get("member", ()))
    blends = tuple(_blend(entry) for entry in table.get("blend", ()))
    if not members:
        raise RosterError("it names no member: add a [[member]] table")
    if not blends:
        raise RosterError("it names no blend: add a [[blend]] table")
    names = [spec.name for spec in (*members, *blends)]
    for name in names:
        if names.count(name) > 1:
            raise RosterError(f"the name {name!r} is used twice: give each its own")
    known = {member.name for member in members}
    for blend in blends:
        for name in blend.members:
            if name not in known:
                near = _nearest(name, known)
                raise RosterError(f"blend {blend.name!r}: no member {name!r}{near}")
    focus = table.get("focus", blends[0].name)
    if focus not in {blend.name for blend in blends}:
        raise RosterError(f"focus {focus!r} is no blend: name one of its [[blend]] tables")
    plain = {k: table[k] for k in ("turns", "longest_message", "texts") if k in table}
    for key in ("turns", "longest_message"):
        if plain.get(key, 1) < 1:
            raise RosterError(f"{key} must be at least 1, not {plain[key]}")
    openers = _texts(table.get("openers", []), "openers")
    title = table.get("title", path.stem)
    return Roster(title, path, members, blends, focus, openers=openers, **plain)


def _member(entry: dict, folder: Path) -> MemberSpec:
    name = entry.get("name")
    where = f"member {name!r}" if name else "a [[member]] without a name"
    engine = entry.get("engine", "paged")
    if engine not in ENGINES:
        raise RosterError(f"{where}: no engine {engine!r}{_nearest(str(engine), ENGINES)}")
    _check(entry, MEMBER | OPTIONS[engine], where, needs=("name",))
    _check(entry.get("sampling", {}), SAMPLING, f"[member.sampling] of {where}")
    raw = dict(entry.get("sampling", {}))
    if "stop" in raw:
        raw["stop"] = _texts(raw["stop"], f"stop of {where}")
    try:
        sampling = Sampling(**raw)
        sampling.refuse_unless(ENGINES[engine].honours, engine, _mend(engine))
    except SamplingError as error:
        raise RosterError(f"{where}: {error}") from None
    path = entry.get("path", "")
    if path:
        path = str((folder / path).resolve())
        if not Path(path, "config.json").is_file():
            raise RosterError(f"{where}: no model in the folder {path}: correct its `path`")
    if engine != "scripted" and bool(path) == bool(entry.get("model")):
        raise RosterError(f"{where}: give either `path` (a folder) or `model` (an id on the Hub)")
    options = {key: entry[key] for key in OPTIONS[engine] if key in entry}
    for key in options.keys() & {"lines"}:
        options[key] = list(_texts(options[key], f"{key} of {where}", least=1))
    return MemberSpec(
        name=name,
        engine=engine,
        sampling=sampling,
        path=path,
        model=entry.get("model", ""),
        revision=entry.get("revision", ""),
        about=entry.get("about", ""),
        aliases=_texts(entry.get("aliases", []), f"aliases of {where}"),
        options=options,
    )


def _mend(engine: str) -> str:
    return MEND if engine == "paged" else "remove it"


def _blend(entry: dict) -> BlendSpec:
    where = f"blend {entry['name']!r}" if "name" in entry else "a [[blend]] without a name"
    _check(entry, BLEND, where, needs=("name",))
    members = _texts(entry.get("members", []), f"members of {where}")
    if not members:
        raise RosterError(f'{where} is empty: name its members, as in members = ["a", "b"]')
    if len(set(members)) < len(members):
        raise RosterError(f"{where} names a member twice: name each once")
    policy = entry.get("policy", "uniform")
    if policy not in POLICIES:
        raise RosterError(f"{where}: no policy {policy!r}{_nearest(policy, POLICIES)}")
    return BlendSpec(entry["name"], members, policy, entry.get("about", ""), entry.get("seed"))


def _check(table: dict, allowed: Mapping, where: str, needs: tuple[str, ...] = ()) -> None:
    for key, value in table.items():
        if key not in allowed:
            raise RosterError(f"unknown key {key!r} in {where}{_nearest(key, allowed)}")
        kind = allowed[key]
        # To Python a bool is an int as well; to whoever writes a roster it is not.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind not in (bool, object)):
            raise RosterError(f"{key!r} in {where} cannot be {value!r}: its type is wrong")
    for key in needs:
        if not table.get(key):
            raise RosterError(f"{where} needs a {key!r}")


def _texts(values: list, where: str, least: int = 0) -> tuple[str, ...]:
    right = isinstance(values, list) and all(isinstance(v, str) and v for v in values)
    if not right or len(values) < least:
        raise RosterError(f"{where} must be a list of texts, not {values!r}")
    return tuple(values)


def _nearest(word: str, words: Mapping | set) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(words))}"
