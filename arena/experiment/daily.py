"""Means by day of one cohort, retention and engagement, with what their logarithms need."""

from dataclasses import dataclass, replace

import numpy as np

from arena.experiment.cohort import Cohort


@dataclass(frozen=True, slots=True, eq=False)
class DailyMeans:
    """A mean on each of K days: the sum of `top` over that of `bottom`, (v, K), a row a visitor.

    expected (K,): how many visitors a smooth curve sends. variance (K,): of the mean's logarithm.
    Two biases of a logarithm are taken away, up to 1/n²: that of a share by adding `half` = ½ above
    and below, that of a mean of n values by adding `variation`/2n, the squared coefficient of
    variation of one value.
    """

    top: np.ndarray
    bottom: np.ndarray
    expected: np.ndarray
    variance: np.ndarray
    half: float = 0.0
    variation: float = 0.0

    def on(self, days: np.ndarray) -> "DailyMeans":
        """The same on some days only, by index."""
        top, bottom = self.top[:, days], self.bottom[:, days]
        return replace(
            self,
            top=np.ascontiguousarray(top),
            bottom=np.ascontiguousarray(bottom),
            expected=self.expected[days],
            variance=self.variance[days],
        )

    def sums(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Top and bottom, each (b, K), with visitors counted as often as `weights` (v, b) says."""
        return weights.T @ self.top, weights.T @ self.bottom

    def log(self, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
        """The logarithm of the mean from its sums (…, K); NaN where nothing was summed."""
        known = (bottom > 0) & ((top > 0) | (self.half > 0))
        top, bottom = np.where(known, top, 1.0), np.where(known, bottom, 1.0)
        log = np.log((top + self.half) / (bottom + self.half)) + self.variation / (2 * bottom)
        return np.where(known, log, np.nan)

    def spread(
        self, loads: np.ndarray, top: np.ndarray, bottom: np.ndarray, weights: np.ndarray
    ) -> np.ndarray:
        """(b,): the variance of Σ_k loads[k]·log mean(k), summed over visitors, not over visits.

        That is White's sandwich with the visitor as the cluster: a visitor's days hang together.
        top, bottom: the sums (b, K) under `weights` (v, b).
        """
        tops, bottoms = (loads / np.maximum(total, 0.5) for total in (top, bottom))
        each = self.top @ tops.T.astype(np.float32) - self.bottom @ bottoms.T.astype(np.float32)
        each *= each
        each *= weights
        return each.sum(0, dtype=float)


def retention(cohort: Cohort) -> DailyMeans:
    """R(k) for k = 1 … K: of those whose day k is over, how many came."""
    came, could = cohort.active[:, 1:], cohort.eligible[:, 1:]
    n, share = could.sum(0), smooth_retention(cohort)
    variance = (1 - np.minimum(share, n / (n + 0.5))) / np.maximum(n * share, 1e-9)
    return DailyMeans(
        came.astype(np.float32), could.astype(np.float32), n * share, variance, half=0.5
    )


def engagement(cohort: Cohort) -> DailyMeans:
    """E(k) for k = 1 … K: of those who came on day k, how many seconds they stayed."""
    came, stayed = cohort.active[:, 1:].astype(np.float32), cohort.seconds[:, 1:]
    variation = _variation(came, stayed)
    expected = cohort.eligible[:, 1:].sum(0) * smooth_retention(cohort)
    return DailyMeans(
        stayed, came, expected, variation / np.maximum(expected, 1e-9), variation=variation
    )


def smooth_retention(cohort: Cohort) -> np.ndarray:
    """(K,): R(k) as a power law a·k^b of its own, by Poisson likelihood; for weights only.

    Weights from a day's own count would be large where chance brought many, which is a bias. Where
    R(k) is no power law, these weights are less than the best, and no worse than that.
    """
    came, could = cohort.active[:, 1:].sum(0), cohort.eligible[:, 1:].sum(0)
    if not came.any():
        return np.zeros(len(came))
    x = design(np.arange(1, len(came) + 1))
    root, start = np.sqrt(could), np.log((came + 0.5) / (could + 0.5))
    b = np.linalg.lstsq(x * root[:, None], start * root, rcond=None)[0]
    for _ in range(5):
        mean = could * np.exp(np.clip(x @ b, -20, 0))
        root = np.sqrt(np.maximum(mean, 1e-9))
        step = np.linalg.lstsq(x * root[:, None], (came - mean) / root, rcond=None)[0]
        b = b + np.clip(step, -1, 1)
    return np.exp(np.clip(x @ b, -20, 0))


def design(days: np.ndarray) -> np.ndarray:
    """(K, 2): one and log k."""
    return np.stack([np.ones(len(days)), np.log(days)], axis=1)


def _variation(came: np.ndarray, stayed: np.ndarray) -> float:
    """The squared coefficient of variation of one stay around its day's mean, over all days."""
    n = came.sum(0, dtype=float)
    many = n >= 2
    if not many.any():
        return 0.0
    came, stayed, n = came[:, many], stayed[:, many], n[many]
    mean = np.maximum(stayed.sum(0, dtype=float) / n, 1e-9)
    squares = (((stayed / mean - 1) ** 2) * came).sum(dtype=float)
    return float(squares / (n - 1).sum())
