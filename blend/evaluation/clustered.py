"""How sure a ratio of sums is whose terms hang together in clusters: the clustered t. Pure."""

import numpy as np


def half_width(residuals: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Half of each ratio's interval; infinite where there is one cluster.

    residuals (C, …): what each cluster's terms sum to beyond the ratio times its share of the
    divisor, over the whole divisor (the delta method). The variance is their sum of squares times
    C/(C-1) (Liang and Zeger 1986); t with C-1 degrees of freedom.
    """
    from scipy.special import stdtrit  # a quarter of a second, which no page needs to start

    c = len(residuals)
    if c < 2:
        return np.full(residuals.shape[1:], np.inf)[()]
    return stdtrit(c - 1, (1 + level) / 2) * np.sqrt(c / (c - 1) * (residuals**2).sum(axis=0))
