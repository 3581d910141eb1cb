"""What each member's reply would have earned: a logistic model per member, fitted on the log.

scikit-learn fits. A turn counts 1/p, so that each member is fitted on the situations as they came,
not on those in which it was drawn (importance-weighted regression: Bietti, Agarwal and Langford,
A Contextual Bandit Bake-off, 2021). Replies that several members wrote tell nothing of one.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from blend.evaluation.logged_turns import TurnTable, folds

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS = 3
PENALTIES = (10.0, 30.0, 100.0)
"""Strengths of the L2 penalty that are tried, on features of about the size of one, against turns
of weight one: the smaller the differences between members, the stronger it has to be."""
TRIED = 50_000
"""Turns by which a penalty is chosen, at most: it is a prior, and does not change with more."""


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeModel:
    """log-odds of the reward = features · weights + bias; weights (F, N), bias (N,)."""

    weights: np.ndarray
    bias: np.ndarray

    def scores(self, features: "csr_matrix") -> np.ndarray:
        """(n, N) log-odds of every member's reply."""
        return np.asarray(features @ self.weights) + self.bias

    def scaled(self, slope: float, shift: float) -> "OutcomeModel":
        """The model whose log-odds are slope · those of this one + shift."""
        return OutcomeModel(self.weights * slope, self.bias * slope + shift)


@dataclass(frozen=True, slots=True, eq=False)
class CrossFit:
    """scores: (n, N) calibrated log-odds by models that have not seen the turn's conversation.
    slope, shift: what calibrates a model of all turns. penalty: the one that it is best fitted by.
    """

    scores: np.ndarray
    slope: float
    shift: float
    penalty: float


def fit_outcomes(table: TurnTable, penalty: float = PENALTIES[0]) -> OutcomeModel:
    """The model of the table's turns.

    A reward between 0 and 1 counts as so much of a good turn and the rest of a bad one. A member
    without turns of both kinds gets their smoothed rate everywhere.
    """
    weights = np.zeros((table.features.shape[1], len(table.members)), np.float32)
    bias = np.zeros(len(table.members))
    for member in range(len(table.members)):
        own = table.select(table.drawn == member)
        weights[:, member], bias[member] = _logistic(
            own.features, own.rewards, 1 / own.chances[:, member], penalty
        )
    return OutcomeModel(weights, bias)


def cross_fit_scores(table: TurnTable, penalty: float = PENALTIES[0]) -> np.ndarray:
    """(n, N) log-odds by models that have not seen the turn's conversation."""
    fold, scores = folds(table.clusters, FOLDS), np.zeros(table.chances.shape)
    for which in range(FOLDS):
        model = fit_outcomes(table.select(fold != which), penalty)
        scores[fold == which] = model.scores(table.features[fold == which])
    return scores


def cross_fit(table: TurnTable) -> CrossFit:
    """What each reply would earn, by the penalty that foretells best what was not seen."""
    part = table.select(slice(TRIED))
    tried = {penalty: cross_fit_scores(part, penalty) for penalty in PENALTIES}
    penalty = min(tried, key=lambda each: _log_loss(part, tried[each]))
    scores = tried[penalty] if len(part) == len(table) else cross_fit_scores(table, penalty)
    slope, shift = calibrate(table, scores)
    return CrossFit(slope * scores + shift, slope, shift, penalty)


def calibrate(table: TurnTable, scores: np.ndarray) -> tuple[float, float]:
    """(slope, shift) that make cross-fitted log-odds meet what came (Platt 1999).

    Where there is little to learn, what was fitted is mostly noise, and the slope is near 0; it is
    never below.
    """
    from scipy.sparse import csr_matrix

    table, scores = table.select(table.alone), scores[table.alone]
    drawn = np.arange(len(table)), table.drawn
    weights = 1 / table.chances[drawn]
    slope, shift = _logistic(csr_matrix(scores[drawn][:, None]), table.rewards, weights, 1e-6)
    if slope[0] > 0:
        return float(slope[0]), shift
    return 0.0, _smoothed_log_odds(table.rewards, weights)


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Log-odds as chances."""
    return 1 / (1 + np.exp(-scores))


def _log_loss(table: TurnTable, scores: np.ndarray) -> float:
    """How badly calibrated log-odds foretell what came, weighted 1/p."""
    slope, shift = calibrate(table, scores)
    table, scores = table.select(table.alone), scores[table.alone]
    if not len(table):
        return 0.0
    drawn = np.arange(len(table)), table.drawn
    odds = slope * scores[drawn] + shift
    losses = np.logaddexp(0, odds) - table.rewards * odds
    return float(np.average(losses, weights=1 / table.chances[drawn]))


def _logistic(
    features: "csr_matrix", rewards: np.ndarray, weights: np.ndarray, penalty: float
) -> tuple[np.ndarray, float]:
    """(F,) weights and the bias of a weighted logistic regression."""
    from scipy.sparse import vstack
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if not ((rewards > 0).any() and (rewards < 1).any()):
        return np.zeros(features.shape[1], np.float32), _smoothed_log_odds(rewards, weights)
    weights, labels, part = weights / weights.mean(), rewards > 0, (rewards > 0) & (rewards < 1)
    if part.any():  # a tie is half a win and half a loss
        features = vstack([features, features[part]], format="csr")
        lost = (weights * (1 - rewards))[part]
        weights = np.concatenate([weights * np.where(part, rewards, 1), lost])
        labels = np.concatenate([labels, np.zeros(len(lost), bool)])
    model = LogisticRegression(C=1 / penalty, solver="lbfgs", tol=1e-3, max_iter=200)
    with warnings.catch_warnings():
        # Two hundred steps are near enough to the best: a policy is not sold by the digit.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, labels, sample_weight=weights.astype(features.dtype))
    return model.coef_[0], float(model.intercept_[0])


def _smoothed_log_odds(rewards: np.ndarray, weights: np.ndarray) -> float:
    """Log-odds of the mean reward, smoothed by one good and one bad turn."""
    total = weights.mean() if len(weights) else 1.0
    good, bad = (weights * rewards).sum() / total, (weights * (1 - rewards)).sum() / total
    return float(np.log((good + 1) / (bad + 1)))
