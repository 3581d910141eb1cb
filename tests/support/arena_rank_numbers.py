"""The numbers of tests/golden/arena-rank.json, by arena-rank itself.

    pip install arena-rank
    python tests/support/arena_rank_numbers.py tests/golden/arena-rank-votes.csv > arena-rank.json

It counts a tie and "both bad" as half a win for each. The votes themselves were made up, by this
project's simulator: python tests/support/arena_rank_numbers.py --votes > arena-rank-votes.csv
"""

import csv
import json
import sys

COLUMNS = ("model_a", "model_b", "winner")
WINNERS = {"left": "model_a", "right": "model_b", "tie": "tie", "both_bad": "both_bad"}
"""What the column `winner` says for each of our choices."""


def made_up_votes() -> list[tuple[str, str, str]]:
    """3,000 votes between eight contenders, one in ten of them "both bad"."""
    import numpy as np

    from arena.ranking.ballots import CHOICES
    from arena.simulation.synthetic_votes import SyntheticArena, draw_votes

    names = tuple(f"model {letter}" for letter in "ABCDEFGH")
    world = SyntheticArena(names, np.linspace(0.9, -0.9, 8), visitors=150, both_bad=0.1, side=0.1)
    ballots = draw_votes(world, 3000, np.random.default_rng(8)).ballots
    votes = zip(ballots.left, ballots.right, ballots.choice, strict=True)
    return [(names[a], names[b], WINNERS[CHOICES[choice]]) for a, b, choice in votes]


def ratings_of(path: str) -> dict[str, dict[str, float]]:
    """By contender, the rating and its 95 % interval as arena-rank gives them."""
    import pandas
    from arena_rank.models.bradley_terry import BradleyTerry
    from arena_rank.utils.data_utils import PairDataset

    votes = PairDataset.from_pandas(pandas.read_csv(path))
    found = BradleyTerry(len(votes.competitors)).compute_ratings_and_cis(votes)
    columns = (found[name].tolist() for name in ("ratings", "rating_lower", "rating_upper"))
    return {
        name: dict(zip(("rating", "low", "high"), row, strict=True))
        for name, *row in zip(found["competitors"], *columns, strict=True)
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["--votes"]:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([COLUMNS, *made_up_votes()])
    else:
        print(json.dumps(ratings_of(sys.argv[1]), indent=1))
