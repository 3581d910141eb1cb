"""How good the machines are that judged: their orders, their agreement, people's votes."""

import numpy as np
import pytest

from arena.models import MachineVerdict
from arena.ranking.ballots import Ballots
from arena.ranking.judges import judges_report
from arena.texts import LANGUAGES, Texts

ORDERS = {"left": ("first", "second"), "right": ("second", "first"), "torn": ("first", "first")}


def verdicts(judge, *outcomes):
    return [
        MachineVerdict(f"d{n}", judge, "", f"o{n % 10}", *ORDERS[o]) for n, o in enumerate(outcomes)
    ]


def ballots(names, *votes):
    """Votes as (left, right, choice, visitor), by numbers."""
    return Ballots(tuple(names), *np.array(votes, int).reshape(-1, 4).T)


NOBODY = ballots("ab")
MACHINES = ballots("abc", *[(0, 1, 0, n) for n in range(20)], *[(1, 0, 0, n) for n in range(5)])


def test_two_judges_are_told_apart_and_compared_on_what_both_judged():
    some = ["left"] * 10 + ["right"] * 10
    all_three = [
        *(*verdicts("sees", *some), *verdicts("blind", *["torn"] * 15)),
        *verdicts("other", *some[5:], *["torn"] * 5),
    ]
    found = judges_report(all_three, MACHINES, NOBODY)
    assert found.judges["sees"].torn.value == 0 and found.judges["blind"].torn.value == 1
    assert found.judges["blind"].position_bias.value == 1
    assert found.agreement["blind", "sees"] is None, "who always says the same agrees by chance"
    assert found.agreement["other", "sees"].value == pytest.approx((0.5 - 0.375) / (1 - 0.375))
    assert found.people is None
    assert "most verdicts of blind, so" in found.warning()


def test_votes_of_people_are_foretold_by_the_machines_ratings():
    """c met nobody, ties tell nothing: of five votes between a and b, four went to a."""
    people = ballots(
        "bac", (1, 0, 0, 0), (0, 1, 1, 0), (1, 0, 0, 1), (1, 0, 0, 2), (0, 1, 0, 3), (0, 1, 2, 4),
        (2, 1, 0, 5),
    )  # fmt: skip
    found = judges_report(verdicts("j", "left"), MACHINES, people).people
    assert (found.votes, found.share.value) == (5, 0.8)
    assert found.share.low < 0.4


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_every_language(language):
    found = judges_report(
        [*verdicts("one", "left", "torn"), *verdicts("two", "left", "right")],
        MACHINES,
        ballots("ab", (0, 1, 0, 0)),
    )
    lines = found.sentences(Texts(language))
    assert not found.warning(Texts(language)), "half of them is not most"
    assert len(lines) == 4 and "one" in lines[0] and "one" in lines[2]
    assert found.record()["people"]["votes"] == 1
