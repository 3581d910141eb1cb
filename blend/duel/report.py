"""What a duel's battles show: how often each contender won, and how good its judges are. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from blend.duel.battle_file import KeptBattle
from blend.evaluation.resample import Estimate
from blend.judging.agreement import JudgeReport, choice, clustered_mean, judge_report, kappa


@dataclass(frozen=True, slots=True)
class JudgePair:
    """How far two judges agree: Cohen's kappa, None where it is not defined."""

    a: str
    b: str
    kappa: Estimate | None


@dataclass(frozen=True, slots=True)
class DuelReport:
    """judges: what each one's verdicts tell of it. wins: by judge and contender, the share of its
    battles that it won, a tie being half a win, with an interval by openers. agreement: Cohen's
    kappa by two judges; None where it is not defined."""

    judges: Mapping[str, JudgeReport]
    wins: Mapping[str, Mapping[str, tuple[int, Estimate]]]
    agreement: tuple[JudgePair, ...]


def duel_report(battles: Sequence[KeptBattle], judges: Sequence[str]) -> DuelReport:
    """Of the battles that each judge has judged; judges: by name, each with one at least."""
    openers = {each: n for n, each in enumerate(dict.fromkeys(b.opener for b in battles))}
    reports, wins = {}, {}
    for name in judges:
        own = [battle for battle in battles if name in battle.verdicts]
        clusters = [openers[battle.opener] for battle in own]
        reports[name] = judge_report([battle.verdicts[name].verdicts for battle in own], clusters)
        wins[name] = _wins(own, name, clusters)
    agreement = (
        JudgePair(*pair, _agreement(battles, pair, openers)) for pair in combinations(judges, 2)
    )
    return DuelReport(reports, wins, tuple(agreement))


def _wins(
    battles: Sequence[KeptBattle], judge: str, clusters: Sequence[int]
) -> dict[str, tuple[int, Estimate]]:
    """By contender: its battles that were read, and the share of them that it won."""
    scores: dict[str, list[tuple[int, float]]] = {}
    for battle, cluster in zip(battles, clusters, strict=True):
        won = {"left": 1.0, "right": 0.0, "tie": 0.5, None: None}
        left = won[choice(battle.verdicts[judge].verdicts.outcome)]
        if left is not None:
            scores.setdefault(battle.left, []).append((cluster, left))
            scores.setdefault(battle.right, []).append((cluster, 1 - left))
    return {
        name: (len(of), clustered_mean(*np.array(of).T[::-1], 0, 1)) for name, of in scores.items()
    }


def _agreement(
    battles: Sequence[KeptBattle], pair: tuple[str, str], openers: Mapping[str, int]
) -> Estimate | None:
    """Of two judges, on the battles that both could judge."""
    rows = []
    for battle in battles:
        if all(name in battle.verdicts for name in pair):
            choices = [choice(battle.verdicts[name].verdicts.outcome) for name in pair]
            if None not in choices:
                rows.append((*choices, openers[battle.opener]))
    return kappa(*zip(*rows, strict=True)) if rows else None


def markdown(report: DuelReport) -> str:
    """Tables for a terminal and for GitHub."""
    lines = [
        "| judge | battles | cannot be read | torn by the order | leans to the first shown |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, of in report.judges.items():
        cells = (_share(of.unreadable), _share(of.torn), _plain(of.position_bias))
        lines.append(f"| {name} | {of.battles:,} | {' | '.join(cells)} |")
    for name, wins in report.wins.items():
        lines += ["", f"| by {name} | battles | won, ties half |", "|---|--:|--:|"]
        for contender, (n, share) in sorted(wins.items(), key=lambda each: -each[1][1].value):
            lines.append(f"| {contender} | {n:,} | {_share(share)} |")
        if not wins:
            lines.append("| nobody: no answer could be read | 0 | |")
    for name, of in report.judges.items():
        if of.torn and of.torn.value > 0.5:
            lines += ["", f"{name}: the order decided most verdicts, so it tells next to nothing."]
    for pair in report.agreement:
        lines += ["", f"{pair.a} and {pair.b} agree with kappa {_plain(pair.kappa)}."]
    return "\n".join(lines) + "\n"


def _share(of: Estimate | None) -> str:
    return f"{100 * of.value:.0f} % ({100 * of.low:.0f} to {100 * of.high:.0f})" if of else "–"


def _plain(of: Estimate | None) -> str:
    return f"{of:+.2f}" if of else "–"
