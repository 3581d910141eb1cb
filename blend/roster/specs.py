"""A member and a blend as a roster describes them: their tables, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from blend.members import Sampling, SamplingError, hub_files
from blend.members import copies as twin
from blend.members.best_of import BestOfSpec
from blend.members.local.generate import Generate
from blend.members.local.paged import MEND, Paged
from blend.members.local.transformers_member import TransformersMember
from blend.members.remote import member as far
from blend.members.remote.member import Remote
from blend.members.scripted import Scripted
from blend.members.served.llama_cpp import LlamaCpp
from blend.roster.best_of import read_best_of
from blend.roster.fields import NUMBER, TEXTS, RosterError, check_keys, did_you_mean
from blend.roster.model_source import check_source, read_template
from blend.roster.policy_options import KEYS, read_options
from blend.roster.remote import REMOTE, read_address

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
    or the name that a remote member's servers know. options: what only its engine understands.
    best_of: where the best of several is its reply. retired: neither loaded nor drawn any more.
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
    best_of: BestOfSpec | None = None
    family: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True)
class BlendSpec:
    """A blend as the roster describes it; a seed makes its draws repeatable.

    options: what only its policy understands. copies: where it has one member, under that many
    names; see blend.members.copies. retired: as of a member.
    """

    name: str
    members: tuple[str, ...]
    policy: str = "uniform"
    about: str = ""
    seed: int | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    copies: int = 0
    retired: bool = False

    @property
    def judge(self) -> str:
        """Who has the last word of a panel; empty for a blend that draws."""
        return self.options.get("judge", "")

    @property
    def needs(self) -> tuple[str, ...]:
        """The members that must be loaded for it to answer: its own, and a panel's judge."""
        others = [self.judge] if self.judge and self.judge not in self.members else []
        return (*self.members, *others)

    @property
    def drawn_members(self) -> dict[str, str]:
        """Who may be drawn, each with the member that it is: itself, but for copies."""
        if self.copies:
            (member,) = self.members
            return {twin.copy_name(member, n + 1): member for n in range(self.copies)}
        return {member: member for member in self.members}


LOADED = {
    **dict.fromkeys(("file", "device", "template"), str),
    **dict.fromkeys(("window", "threads"), int),
    **dict.fromkeys(("own_system", "thinking"), bool),
    "device_map": (str, dict),
    "dtype": ("auto", "bfloat16", "float16", "float32"),
    "quantise": ("4bit", "8bit"),
    "memory": NUMBER,
    "variables": dict,
}
"""What the roster may say of a model that is loaded here."""
WRITING = ("window", "threads", "template", "variables", "own_system", "thinking")
OPTIONS = {
    "llama_cpp": {"file": str, "slots": int, "gpu_layers": int} | {k: LOADED[k] for k in WRITING},
    **dict.fromkeys(("transformers", "paged", "generate"), LOADED),
    "remote": REMOTE,
    "scripted": {"lines": TEXTS, "pace": NUMBER, "fails_at": int, "window": int},
}
WORDS = ("model", "revision", "about", "family")
MEMBER = dict.fromkeys(("name", "engine", "path", *WORDS), str) | {
    **dict.fromkeys(("sampling", "best_of"), dict),
    **{"aliases": TEXTS, "retired": bool},
}
BLEND = dict.fromkeys(("name", "policy", "about"), str) | KEYS
BLEND |= {"members": TEXTS, "seed": int, "retired": bool}
SAMPLING = {f.name: object for f in fields(Sampling)} | {"stop": TEXTS}


def read_member(entry: dict, folder: Path) -> MemberSpec:
    """A [[member]] table; paths are looked for from `folder`. Raises RosterError."""
    name = entry.get("name")
    where = f"member {name!r}" if name else "a [[member]] without a name"
    path = str((folder / entry["path"]).resolve()) if entry.get("path") else ""
    engine = entry.get("engine") or _engine(entry, path)
    if engine not in ENGINES:
        raise RosterError(f"{where}: no engine {engine!r}{did_you_mean(engine, ENGINES)}")
    check_keys(entry, MEMBER | OPTIONS[engine], where, needs=("name",))
    options = {key: entry[key] for key in OPTIONS[engine] if key in entry}
    if engine == "remote":
        options = {"address": read_address(entry, where)}
    sampling = _sampling(entry.get("sampling", {}), engine, options, where)
    if not entry.get("retired"):  # else its files may be gone
        check_source(entry, engine, path, where)
    best = entry.get("best_of")
    return MemberSpec(
        name,
        engine,
        sampling,
        path,
        **{key: entry[key] for key in (*WORDS, "retired") if key in entry},
        aliases=tuple(entry.get("aliases", ())),
        options=options if engine == "remote" else _options(options, folder, where),
        best_of=None if best is None else read_best_of(best, folder, where, sampling),
    )


def _engine(entry: Mapping, path: str) -> str:
    """The engine of a member that names none."""
    if entry.keys() & {"base_url", "base_urls", "serve"}:
        return "remote"
    if "lines" in entry:
        return "scripted"
    return "llama_cpp" if "file" in entry or hub_files.find_gguf(path) else "transformers"


def _sampling(table: dict, engine: str, options: Mapping, where: str) -> Sampling:
    """A [member.sampling] table that its engine can honour. Raises RosterError."""
    check_keys(table, SAMPLING, f"[member.sampling] of {where}")
    if "stop" in table:
        table = table | {"stop": tuple(table["stop"])}
    honours = ENGINES[engine].honours
    if engine == "remote":
        honours = honours | options["address"].extra
    mend = {"paged": MEND, "remote": far.MEND}.get(engine, "remove it")
    try:
        sampling = Sampling(**table)
        sampling.refuse_unless(honours, engine, mend)
    except SamplingError as error:
        raise RosterError(f"{where}: {error}") from None
    return sampling


def _options(options: dict, folder: Path, where: str) -> dict:
    """What only its engine understands, checked further; a template becomes its text."""
    if options.get("lines") == []:
        raise RosterError(f"lines of {where} must be a list of texts, not empty")
    for key in options.keys() & {"window", "memory", "threads", "slots"}:
        if not options[key] > 0:
            raise RosterError(f"{where}: {key} must be more than 0, not {options[key]}")
    if "device" in options and "device_map" in options:
        raise RosterError(f"{where}: give either `device` or `device_map`")
    if "template" in options:
        options["template"] = read_template(options["template"], folder, where)
    for name, value in options.get("variables", {}).items():
        if not isinstance(value, str | bool | int | float):
            reason = f"{name!r} in variables cannot be {value!r}: give a text, number or boolean"
            raise RosterError(f"{where}: {reason}")
    return options


def read_blend(entry: dict, folder: Path) -> BlendSpec:
    """A [[blend]] table; its members are not looked up, a file is looked for from `folder`.

    Raises RosterError.
    """
    where = f"blend {entry['name']!r}" if "name" in entry else "a [[blend]] without a name"
    check_keys(entry, BLEND, where, needs=("name",))
    members = tuple(entry.get("members", ()))
    if not members:
        raise RosterError(f'{where} is empty: name its members, as in members = ["a", "b"]')
    if len(set(members)) < len(members):
        raise RosterError(f"{where} names a member twice: name each once")
    policy = entry.get("policy", "uniform")
    more = {key: entry[key] for key in ("about", "seed", "retired") if key in entry}
    options = read_options(entry, policy, members, folder, where)
    return BlendSpec(entry["name"], members, policy, options=options, **more)
