"""A member and a blend as a roster describes them: their tables, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from blend import layout
from blend.members import Sampling, SamplingError, best_of, hub_files, twin
from blend.members import remote as far
from blend.members.best_of import Contest
from blend.members.generate import Generate
from blend.members.http import address
from blend.members.paged import MEND, Paged
from blend.members.remote import Remote
from blend.members.scripted import Scripted
from blend.members.served.llama_cpp import LlamaCpp
from blend.members.transformers_member import TransformersMember
from blend.selection import KEYS, options
from blend.table import RosterError, check, nearest, texts

ENGINES: dict[str, type] = {
    "llama_cpp": LlamaCpp,
    "transformers": TransformersMember,
    "paged": Paged,
    "generate": Generate,
    "remote": Remote,
    "scripted": Scripted,
}
"""Where a member names none, what it says decides; `transformers` is paged or generate, by what the
model and the machine can."""


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """A member as the roster describes it.

    path: the folder of a model, or a GGUF file, absolute. model: an id on the Hub, with `revision`,
    or the name that a remote member's servers know.
    options: what only its engine understands. best_of: where the best of several is its reply.
    family: what the collaboration law groups it by; its architecture where nothing is said.
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
    best_of: Contest | None = None
    family: str = ""


@dataclass(frozen=True, slots=True)
class BlendSpec:
    """A blend as the roster describes it; a seed makes its draws repeatable.

    options: what only its policy understands. copies: where it has one member, under that many
    names; see blend.members.twin.
    """

    name: str
    members: tuple[str, ...]
    policy: str = "uniform"
    about: str = ""
    seed: int | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    copies: int = 0

    @property
    def writers(self) -> dict[str, str]:
        """Who may be drawn, each with the member that it is: itself, but for copies."""
        if self.copies:
            (member,) = self.members
            return {twin.named(member, n + 1): member for n in range(self.copies)}
        return {member: member for member in self.members}


LOADED = {
    "file": str,
    "device": str,
    "device_map": (str, dict),
    "dtype": str,
    "quantise": str,
    "window": int,
    "memory": (int, float),
    "threads": int,
    "template": str,
    "variables": dict,
    "own_system": bool,
    "thinking": bool,
}
"""What a model that is loaded here may be told."""
ONE_OF = {
    "dtype": ("auto", "bfloat16", "float16", "float32"),
    "quantise": ("4bit", "8bit"),
}
WRITING = ("window", "threads", "template", "variables", "own_system", "thinking")
OPTIONS = {
    "llama_cpp": {"file": str, "slots": int, "gpu_layers": int} | {k: LOADED[k] for k in WRITING},
    "transformers": LOADED,
    "paged": LOADED,
    "generate": LOADED,
    "remote": address.OPTIONS,
    "scripted": {"lines": list, "pace": (int, float), "fails_at": int, "window": int},
}
MEMBER = {
    "name": str,
    "engine": str,
    "path": str,
    "model": str,
    "revision": str,
    "about": str,
    "aliases": list,
    "family": str,
    "sampling": dict,
    "best_of": dict,
}
BLEND = {"name": str, "members": list, "policy": str, "about": str, "seed": int, **KEYS}
SAMPLING = {f.name: object for f in fields(Sampling)}


def member(entry: dict, folder: Path) -> MemberSpec:
    """A [[member]] table; paths are looked for from `folder`. Raises RosterError."""
    name = entry.get("name")
    where = f"member {name!r}" if name else "a [[member]] without a name"
    path = str((folder / entry["path"]).resolve()) if entry.get("path") else ""
    engine = entry.get("engine") or _engine(entry, path)
    if engine not in ENGINES:
        raise RosterError(f"{where}: no engine {engine!r}{nearest(str(engine), ENGINES)}")
    check(entry, MEMBER | OPTIONS[engine], where, needs=("name",))
    place = {"address": address.read(entry, where)} if engine == "remote" else {}
    sampling = _sampling(entry.get("sampling", {}), engine, place, where)
    _check_source(entry, engine, path, where)
    options = place or _options({k: entry[k] for k in OPTIONS[engine] if k in entry}, folder, where)
    return MemberSpec(
        name=name,
        engine=engine,
        sampling=sampling,
        path=path,
        model=entry.get("model", ""),
        revision=entry.get("revision", ""),
        about=entry.get("about", ""),
        aliases=texts(entry.get("aliases", []), f"aliases of {where}"),
        options=options,
        best_of=best_of.read(entry["best_of"], folder, where, sampling)
        if "best_of" in entry
        else None,
        family=entry.get("family", ""),
    )


def _engine(entry: Mapping, path: str) -> str:
    """The engine of a member that names none."""
    if entry.keys() & {"base_url", "base_urls", "serve"}:
        return "remote"
    if "lines" in entry:
        return "scripted"
    return "llama_cpp" if "file" in entry or hub_files.local(path) else "transformers"


def _sampling(table: Mapping, engine: str, place: Mapping, where: str) -> Sampling:
    """A [member.sampling] table that its engine can honour. Raises RosterError."""
    check(dict(table), SAMPLING, f"[member.sampling] of {where}")
    raw = dict(table)
    if "stop" in raw:
        raw["stop"] = texts(raw["stop"], f"stop of {where}")
    also = place["address"].extra if place else frozenset()
    try:
        sampling = Sampling(**raw)
        sampling.refuse_unless(ENGINES[engine].honours | also, engine, _mend(engine))
    except SamplingError as error:
        raise RosterError(f"{where}: {error}") from None
    return sampling


def _check_source(entry: Mapping, engine: str, path: str, where: str) -> None:
    """Raise RosterError for a model that is not there, or that is named twice or not at all."""
    if engine == "scripted":
        return
    if engine == "remote" and (path or not entry.get("model")):
        raise RosterError(f"{where}: give `model`, the name that its servers know, and no `path`")
    if bool(path) == bool(entry.get("model")):
        raise RosterError(
            f"{where}: give either `path` (a folder or a GGUF file) or `model` (an id on the Hub)"
        )
    if engine == "llama_cpp":
        _check_gguf(entry, path, where)
    elif path and not Path(path, "config.json").is_file() and not hub_files.local(path):
        raise RosterError(f"{where}: no model in the folder {path}: correct its `path`")


def _check_gguf(entry: Mapping, path: str, where: str) -> None:
    file, found = entry.get("file", ""), hub_files.local(path)
    if path and file:
        reason = "`file` goes with `model`: name the file in `path`"
    elif path and found is None:
        reason = f"{path} is no file ending in .gguf, nor a folder with one alone"
    elif found is not None and not found.is_file():
        reason = f"no file {found}: correct its `path`"
    elif not path and not file.endswith(".gguf"):
        reason = 'name the GGUF file of its `model`, as in file = "x-Q4_K_M.gguf"'
    else:
        return
    raise RosterError(f"{where}: {reason}")


def _options(options: dict, folder: Path, where: str) -> dict:
    """What only its engine understands, checked; a template becomes its text."""
    if "lines" in options:
        options["lines"] = list(texts(options["lines"], f"lines of {where}", least=1))
    for key in options.keys() & ONE_OF.keys():
        if options[key] not in ONE_OF[key]:
            known = ", ".join(ONE_OF[key])
            raise RosterError(f"{where}: {key} cannot be {options[key]!r}; known are {known}")
    for key in options.keys() & {"window", "memory", "threads", "slots"}:
        if not options[key] > 0:
            raise RosterError(f"{where}: {key} must be more than 0, not {options[key]}")
    if "device" in options and "device_map" in options:
        raise RosterError(f"{where}: give either `device` or `device_map`")
    if "template" in options:
        options["template"] = layout.read(options["template"], folder, where)
    for name, value in options.get("variables", {}).items():
        if not isinstance(value, str | bool | int | float):
            reason = f"{name!r} in variables cannot be {value!r}: give a text, number or boolean"
            raise RosterError(f"{where}: {reason}")
    return options


def _mend(engine: str) -> str:
    return {"paged": MEND, "remote": far.MEND}.get(engine, "remove it")


def blend(entry: dict, folder: Path) -> BlendSpec:
    """A [[blend]] table; its members are not looked up, a file is looked for from `folder`.

    Raises RosterError.
    """
    where = f"blend {entry['name']!r}" if "name" in entry else "a [[blend]] without a name"
    check(entry, BLEND, where, needs=("name",))
    members = texts(entry.get("members", []), f"members of {where}")
    if not members:
        raise RosterError(f'{where} is empty: name its members, as in members = ["a", "b"]')
    if len(set(members)) < len(members):
        raise RosterError(f"{where} names a member twice: name each once")
    policy = entry.get("policy", "uniform")
    about, seed = entry.get("about", ""), entry.get("seed")
    told = options(entry, policy, members, folder, where)
    return BlendSpec(entry["name"], members, policy, about, seed, told)
