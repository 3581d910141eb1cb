"""How good the machines are that judged battles: by what they said, and by what people voted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from arena.models import MachineVerdict
from arena.ranking.ballots import CHOICES, Ballots
from arena.ranking.ratings import Ratings, bradley_terry
from arena.texts import ENGLISH, Texts
from blend.evaluation.resample import Estimate
from blend.judging.agreement import JudgeReport, choice, judge_report, kappa, share
from blend.judging.verdicts import Answer, Verdicts


@dataclass(frozen=True, slots=True)
class PeopleAgreement:
    """Of `votes` decisive votes of people between two contenders that machines rate, the share that
    went to the one that these rate higher; the interval is by visitor."""

    votes: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class JudgesReport:
    """judges: what each one's verdicts tell of it, by name. agreement: Cohen's kappa of two on the
    battles that both judged; None where that says nothing. people: None without votes of people
    between the same contenders."""

    judges: Mapping[str, JudgeReport]
    agreement: Mapping[tuple[str, str], Estimate | None]
    people: PeopleAgreement | None = None

    def warning(self, texts: Texts = ENGLISH) -> str:
        """That the order decided most verdicts of some judges; empty where it did of none."""
        judges = [name for name, of in self.judges.items() if of.torn and of.torn.value > 0.5]
        return texts("judges.swayed", judges=texts.listed(judges)) if judges else ""

    def sentences(self, texts: Texts = ENGLISH) -> list[str]:
        """What it says, for people, a sentence each; `judges.orders` explains them."""
        lines = [_sentence(name, of, texts) for name, of in self.judges.items()]
        for (a, b), value in self.agreement.items():
            if value is not None:
                lines.append(texts("judges.agreement", a=a, b=b, kappa=value))
        if self.people is not None:
            lines.append(texts("judges.people", n=self.people.votes, share=self.people.share))
        return lines

    def record(self) -> dict[str, object]:
        """The same for programs; null is what is not known."""
        return {
            "judges": {
                name: {
                    "battles": of.battles,
                    "unreadable": _numbers(of.unreadable),
                    "torn": _numbers(of.torn),
                    "position_bias": _numbers(of.position_bias),
                }
                for name, of in self.judges.items()
            },
            "agreement": [
                {"a": a, "b": b, "kappa": _numbers(value)}
                for (a, b), value in self.agreement.items()
            ],
            "people": self.people
            and {"votes": self.people.votes, "share": _numbers(self.people.share)},
        }


def judges_text(report: JudgesReport) -> list[str]:
    """The same for a terminal, with what explains it."""
    return [*filter(None, (ENGLISH("judges.orders"), report.warning())), *report.sentences()]


def judges_report(
    verdicts: Sequence[MachineVerdict], judged: Ballots, people: Ballots
) -> JudgesReport:
    """Of a database's verdicts, with its machines' and people's counted votes by contender id."""
    openers = {each: n for n, each in enumerate(dict.fromkeys(v.opener for v in verdicts))}
    by_judge: dict[str, dict[str, tuple[Verdicts, int]]] = {}
    for each in verdicts:
        answers = Verdicts(Answer(each.left_first), Answer(each.left_second))
        by_judge.setdefault(each.judge, {})[each.played] = answers, openers[each.opener]
    names = sorted(by_judge)
    return JudgesReport(
        {name: judge_report(*zip(*by_judge[name].values(), strict=True)) for name in names},
        {(a, b): _kappa(by_judge[a], by_judge[b]) for a, b in combinations(names, 2)},
        people_agreement(bradley_terry(judged.counts(), ballots=judged), people)
        if len(judged) and len(people)
        else None,
    )


def _kappa(
    a: Mapping[str, tuple[Verdicts, int]], b: Mapping[str, tuple[Verdicts, int]]
) -> Estimate | None:
    """Of two judges' verdicts and clusters by battle: on those that both could judge."""
    rows = [
        (*choices, a[played][1])
        for played in a
        if played in b and None not in (choices := [choice(of[played][0].outcome) for of in (a, b)])
    ]
    return kappa(*zip(*rows, strict=True)) if rows else None


def people_agreement(machines: Ratings, people: Ballots) -> PeopleAgreement | None:
    """People's votes beside ratings by machines, both by contender id."""
    gap = machines.gaps(people.names)[people.left, people.right]
    won = np.select([people.choice == CHOICES.index(side) for side in ("left", "right")], [1, -1])
    told = gap * won != 0
    if not told.any():
        return None
    visitors = np.unique(people.visitor[told], return_inverse=True)[1]
    return PeopleAgreement(int(told.sum()), share((gap * won)[told] > 0, visitors))


def _sentence(name: str, of: JudgeReport, texts: Texts) -> str:
    if of.torn is None:
        return texts("judges.unread", judge=name, n=of.battles)
    return texts(
        "judges.judge",
        judge=name,
        n=of.battles,
        torn=of.torn,
        lean=of.position_bias,
        unread=of.unreadable.value,
    )


def _numbers(of: Estimate | None) -> dict[str, float] | None:
    return of and {key: round(getattr(of, key), 4) for key in ("value", "low", "high")}
