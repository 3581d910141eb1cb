"""Made-up votes as rows of the database, labelled as what they are."""

import sys
from collections.abc import Iterator

import numpy as np
from tqdm import tqdm

from arena.models import Contender, Source
from arena.ranking.ballots import CHOICES
from arena.ranking.ratings import SCALE
from arena.simulation.synthetic_votes import SyntheticArena, SyntheticVotes
from arena.votes.recompute import RuleResults

PAGE = 5_000  # votes that are made into rows at a time


def synthetic_contenders(world: SyntheticArena, seed: int) -> list[Contender]:
    """Ids by seed and number: the same made-up contender in every run of a seed."""
    return [
        Contender(
            f"c-simulated-{seed}-{i + 1}-of-{len(world.names)}",
            name,
            {"name": name, "simulated": True, "seed": seed, "rating": round(1000 + SCALE * xi, 1)},
        )
        for i, (name, xi) in enumerate(zip(world.names, world.strengths.tolist(), strict=True))
    ]


def vote_rows(
    world: SyntheticArena,
    drawn: SyntheticVotes,
    verdict: RuleResults,
    contenders: list[str],
    visitors: list[str],
    rng: np.random.Generator,
    source: Source = "simulated",
) -> Iterator[tuple[list[tuple], list[tuple]]]:
    """Rows of battles and of votes for `Imports.simulated`, with a bar that shows how far it is.

    contenders, visitors: ids by the codes of the ballots.
    """
    ballots, reasons, n = drawn.ballots, verdict.reasons(), len(drawn.ballots)
    with tqdm(total=n, desc="simulating", unit=" votes", leave=False, file=sys.stderr) as bar:
        for start in range(0, n, PAGE):
            part = slice(start, min(start + PAGE, n))
            created = ballots.column("created")[part]
            ids = _ids(created, rng)
            many = len(ids)
            battles = zip(
                ids,
                [visitors[i] for i in ballots.visitor[part].tolist()],
                [contenders[i] for i in ballots.left[part].tolist()],
                [contenders[i] for i in ballots.right[part].tolist()],
                ballots.column("chance")[part].tolist(),
                [world.pairing] * many,
                ballots.column("turns")[part].tolist(),
                [f"{code:032x}" for code in drawn.record.prompt[part].tolist()],
                [ballots.languages[i] for i in ballots.column("language")[part].tolist()],
                [source] * many,
                (created - drawn.record.watched[part]).tolist(),
                ["voted"] * many,
                strict=True,
            )
            votes = zip(
                ids,
                [CHOICES[i] for i in ballots.choice[part].tolist()],
                created.tolist(),
                verdict.counted[part].astype(int).tolist(),
                reasons[part].tolist(),
                [verdict.rules] * many,
                drawn.record.waited[part].tolist(),
                drawn.record.watched[part].tolist(),
                drawn.record.shorter[part].tolist(),
                ballots.column("length")[part].tolist(),
                *drawn.marks[part].T.tolist(),
                strict=True,
            )
            yield list(battles), list(votes)
            bar.update(many)


def _ids(created: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Ids as blend.conversation.new_id makes them, of the time `created`, from the seed."""
    stamps = (created * 1000).astype(np.int64).tolist()
    noise = rng.integers(0, [1 << 12, 1 << 14, 1 << 48], (len(stamps), 3)).tolist()
    return [
        f"{stamp >> 16:08x}-{stamp & 0xFFFF:04x}-7{a:03x}-{0x8000 | b:04x}-{c:012x}"
        for stamp, (a, b, c) in zip(stamps, noise, strict=True)
    ]
