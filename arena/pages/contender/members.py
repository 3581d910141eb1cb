"""Who writes for a contender: each member with its model, its settings, and where it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from arena.ranking.board.profiles import Profile
from arena.texts import Texts
from blend.members import Sampling
from blend.roster import Roster
from blend.roster.specs import MemberSpec

RUNS = {"scripted": "runs_script", "llama_cpp": "runs_llama_cpp", "remote": "runs_remote"}
"""The names of the texts on where an engine runs; all others are those of transformers."""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A member in words. about, model, runs, prompt: empty where the roster does not say it.

    settings: how it chooses its words, as it was when it fought. weights: the start of their hash.
    """

    name: str
    about: str
    model: str
    runs: str
    prompt: str
    settings: str
    weights: str


def member_facts(profile: Profile, roster: Roster, texts: Texts) -> list[MemberFacts]:
    """The contender's members and a panel's judge, with what the roster says of them where it still
    is that one."""
    retired = {spec.name: spec for spec in roster.retired}
    known = {spec.name: spec for spec in (*roster.members, *roster.retired)}
    if not (profile.up or profile.name in retired):
        known = {}
    members = [*profile.config.get("members", ())]
    if profile.judge and profile.judge not in profile.members:
        members.append(profile.config["judge"])
    return [_facts(each, known.get(each.get("of", each["name"])), texts) for each in members]


def _facts(member: Mapping, spec: MemberSpec | None, texts: Texts) -> MemberFacts:
    words = {"about": "", "model": "", "runs": "", "prompt": ""}
    if isinstance(spec, MemberSpec):
        words = {
            "about": spec.about,
            "model": _model(spec),
            "runs": texts(f"contender.{_place(spec)}"),
            "prompt": "" if spec.engine == "scripted" else texts(f"contender.{_prompt(spec)}"),
        }
    return MemberFacts(
        name=member["name"],
        settings=_settings(member, texts),
        weights=str(member.get("weights", ""))[:12],
        **words,
    )


def _model(spec: MemberSpec) -> str:
    named = spec.model or (Path(spec.path).name if spec.path else "")
    return f"{named} @ {spec.revision}" if named and spec.revision else named


def _place(spec: MemberSpec) -> str:
    """The name of the text on where it runs."""
    if spec.engine == "remote" and spec.options["address"].serve is not None:
        return "runs_served"
    return RUNS.get(spec.engine, "runs_transformers")


def _prompt(spec: MemberSpec) -> str:
    """The name of the text on how a conversation is written for it."""
    if spec.engine == "remote":
        return "prompt_server"
    return "prompt_own" if "template" in spec.options else "prompt_model"


def _settings(member: Mapping, texts: Texts) -> str:
    """The sampling where it is not the usual one, and what else changes the replies."""
    usual = Sampling()
    sampling = {
        name: value
        for name, value in (member.get("sampling") or {}).items()
        if name == "max_tokens" or value != getattr(usual, name, None)
    }
    more = {
        name: value
        for name, value in member.items()
        if name not in ("name", "copy", "of", "weights", "sampling", "asked")
    }
    values = {**sampling, **more}
    most = values.pop("max_tokens", None)
    words = [
        f"{name} {_value(value)}"
        for name, value in values.items()
        if value not in (None, "", [], ())
    ]
    return ", ".join([*words, *([texts("contender.at_most", n=most)] if most else [])])


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} = {_value(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
