"""A roster: the TOML file that names the members and the blends, read and checked as a whole."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from blend.members import SamplingError
from blend.roster.ablation import Ablation, read_ablation
from blend.roster.experiment import Experiment, read_experiment
from blend.roster.fields import TEXTS, RosterError, check_keys, did_you_mean
from blend.roster.policy_options import check_continues
from blend.roster.settings import SettingError, Settings, all_settings
from blend.roster.site.categories import read_categories
from blend.roster.site.goal import Goal, read_goal
from blend.roster.site.reasons import Reasons, read_reasons
from blend.roster.specs import BlendSpec, MemberSpec, read_blend, read_member

SHIPPED = Path(__file__).parents[2] / "assets" / "rosters"

PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7f7f7f", "#e69f00")
"""Okabe and Ito's colours, yellow darkened: told apart with any colour vision, light or dark."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that a roster file says.

    focus: the blend that the arena is about. settings: what else the site is told.
    experiment: which contender writes whose chats; without one the focus writes everybody's.
    ablation: the blend that is taken apart into more contenders.
    reasons: what visitors may give as a reason for a vote.
    categories: the host's own categories of first messages, each with its words and phrases.
    law, handoff: folders of reports by `python -m blend law` and `handoff`, for the Insights page.
    goal: the votes that visitors are asked for; none where the page names no goal.
    note: a line on its models that the terminal and the page's head show.
    retired: members and blends that only their votes are kept of; they are in none of the others.
    """

    title: str
    path: Path
    members: tuple[MemberSpec, ...]
    blends: tuple[BlendSpec, ...]
    focus: str
    settings: Settings = field(default_factory=Settings)
    openers: tuple[str, ...] = ()
    experiment: Experiment | None = None
    ablation: Ablation | None = None
    goal: Goal | None = None
    reasons: Reasons = field(default_factory=Reasons)
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)
    law: Path | None = None
    handoff: Path | None = None
    note: str = ""
    retired: tuple[MemberSpec | BlendSpec, ...] = ()

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
        """One colour for each contender, the same wherever it is shown; the focus comes first, the
        retired last.

        Copies of a member, which write replies and never fight, have its colour.
        """
        specs = (*self.contenders, *self.retired)
        names = [self.focus, *(s.name for s in specs if s.name != self.focus)]
        colours = {name: PALETTE[n % len(PALETTE)] for n, name in enumerate(names)}
        copies = {w: colours[m] for s in self.parts if s.copies for w, m in s.drawn_members.items()}
        return colours | copies


REPORTS = ("law", "handoff")
"""Commands whose reports the Insights page shows."""

TOP = {
    **dict.fromkeys(("title", "note", "focus", *REPORTS), str),
    **dict.fromkeys(("experiment", "ablation", "goal", "votes", "categories"), dict),
    **dict.fromkeys(("member", "blend"), list),
    "openers": TEXTS,
}
SITE = {each.name: object for each in all_settings()}
"""The settings; they are checked with their own limits."""


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
    except (RosterError, SamplingError, SettingError) as error:
        raise RosterError(f"{path}: {error}") from None


def _roster(table: dict, path: Path) -> Roster:
    check_keys(table, TOP | SITE, "the roster")
    every = [read_member(entry, path.parent) for entry in table.get("member", ())]
    every += [read_blend(entry, path.parent) for entry in table.get("blend", ())]
    retired = tuple(spec for spec in every if spec.retired)
    members, blends = (
        tuple(spec for spec in every if isinstance(spec, kind) and not spec.retired)
        for kind in (MemberSpec, BlendSpec)
    )
    names = _names(members, blends, retired)
    _check_retired(table, [spec.name for spec in retired])
    focus = table.get("focus", blends[0].name)
    if focus not in {blend.name for blend in blends}:
        raise RosterError(f"focus {focus!r} is no blend: name one of its [[blend]] tables")
    more = {"note": " ".join(table.get("note", "").split()), "retired": retired}
    more["settings"] = Settings().with_values({k: table[k] for k in SITE if k in table}, "roster")
    if "ablation" in table:
        more["ablation"] = read_ablation(table["ablation"], blends, focus)
        for part in more["ablation"].contenders(blends):
            if part.name in names:
                raise RosterError(f"the name {part.name!r} is that of a part of the ablation")
            names.append(part.name)
    if "experiment" in table:
        more["experiment"] = read_experiment(table["experiment"], names)
    if "goal" in table:
        more["goal"] = read_goal(table["goal"])
    if "categories" in table:
        more["categories"] = read_categories(table["categories"])
    if "votes" in table:
        more["reasons"] = read_reasons(table["votes"])
    more |= _reports(table, path.parent)
    title, openers = table.get("title", path.stem), tuple(table.get("openers", ()))
    return Roster(title, path, members, blends, focus, openers=openers, **more)


def _reports(table: dict, folder: Path) -> dict[str, Path]:
    """The folders of the reports that it names, by their commands."""
    folders = {name: (folder / table[name]).resolve() for name in REPORTS if name in table}
    for command, found in folders.items():
        if not (found / "report.json").is_file():
            reason = f"make it by python -m blend {command} --out, or correct `{command}`"
            raise RosterError(f"no report.json in {found}: {reason}")
    return folders


def _names(
    members: Sequence[MemberSpec],
    blends: Sequence[BlendSpec],
    retired: Sequence[MemberSpec | BlendSpec],
) -> list[str]:
    """The names of all that are up. Raises RosterError for none, one that is used twice, or a
    blend's member that is unknown, or retired before it."""
    for kind, specs in (("member", members), ("blend", blends)):
        if not specs:
            kept = " that is not retired" if retired else ""
            raise RosterError(f"it names no {kind}{kept}: add a [[{kind}]] table")
    names = [each.name for each in (*members, *blends)]
    for name in (every := [*names, *(each.name for each in retired)]):
        if every.count(name) > 1:
            raise RosterError(f"the name {name!r} is used twice: give each its own")
    known = {member.name: member.best_of is not None for member in members}
    gone = {each.name for each in retired if isinstance(each, MemberSpec)}
    for blend in (*blends, *(each for each in retired if isinstance(each, BlendSpec))):
        for name in blend.members:
            if name in gone and not blend.retired:
                mend = f"take it out of the blend, or write retired = true for {blend.name!r} too"
                raise RosterError(f"blend {blend.name!r}: the member {name!r} is retired: {mend}")
            if name not in known.keys() | gone:
                near = did_you_mean(name, known)
                raise RosterError(f"blend {blend.name!r}: no member {name!r}{near}")
        if blend.judge:
            _check_judge(blend, members, known.keys() | gone if blend.retired else known)
        whole = {name: known.get(name, False) for name in blend.members}
        check_continues(blend.policy, whole, f"blend {blend.name!r}")
    return names


def _check_judge(blend: BlendSpec, members: Sequence[MemberSpec], known: set[str]) -> None:
    """Raise RosterError for a panel whose judge cannot judge. known: who may be one."""
    where = f"judge of blend {blend.name!r}"
    if blend.judge not in known:
        raise RosterError(f"{where}: no member {blend.judge!r}{did_you_mean(blend.judge, known)}")
    if any(each.best_of for each in members if each.name == blend.judge):
        mend = "name another, or the same model in a [[member]] without best_of"
        raise RosterError(f"{where}: {blend.judge!r} writes the best of several, {mend}")


def _check_retired(table: dict, retired: Sequence[str]) -> None:
    """Raise RosterError where the roster still wants one that is retired to answer."""
    arms = table.get("experiment", {}).get("arms", {})
    named = [("focus", table.get("focus")), ("[ablation]", table.get("ablation", {}).get("of"))]
    named += [("[experiment]", arm) for arm in arms] if isinstance(arms, dict) else []
    for where, name in named:
        if name in retired:
            raise RosterError(f"{where}: {name!r} is retired: name another, or bring it back")
