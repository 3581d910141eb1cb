"""How much less Blended loses than each of its members, as the probability model that it is."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blend.evaluation.resample import Estimate, resample
from blend.scaling import loss_table
from blend.scaling.pools import pool_losses


def blended_differences(path: Path, members: Sequence[str]) -> dict[str, Estimate]:
    """Blended's loss less that of each member, bits per byte, by a table of losses.

    Negative where Blended is better. Intervals resample conversations. Raises CommandError.
    """
    table = loss_table.load(path).of(members).whole()
    _, blended, _ = pool_losses(table.nats)
    bits = table.bytes * np.log(2)
    drawn = resample(table.clusters, bits, np.random.default_rng(0))
    return dict(zip(members, drawn.estimates(blended[:, None] - table.nats), strict=True))
