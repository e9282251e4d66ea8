"""How well probabilities of the levels match what is true: temperature scaling, calibration error, Brier score."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import brier_score_loss

from bini.domain.calibration import LEAST_TEMPERATURE, MOST_TEMPERATURE, Probabilities, ProbabilityScores, temper

BINS = 10
"""Bins of equal width in the calibration error."""


def fit_temperature(probabilities: Probabilities, gold: NDArray[np.intp], weights: NDArray[np.float64]) -> float:
    """The temperature of least negative log likelihood (Guo et al. 2017).

    Parameters
    ----------
    probabilities
        The model's own, shape (cases, levels).
    gold
        Column of the true level, shape (cases,).
    weights
        What each case counts, shape (cases,).
    """
    rows = np.arange(len(gold))

    def loss(log_temperature: float) -> float:
        true = temper(probabilities, float(np.exp(log_temperature)))[rows, gold]
        return float(-weights @ np.log(np.maximum(true, np.finfo(float).tiny)))

    # The loss is convex in 1 / temperature, so it has one valley in the logarithm as well.
    found = minimize_scalar(loss, bounds=np.log([LEAST_TEMPERATURE, MOST_TEMPERATURE]), method="bounded")
    return float(np.clip(np.exp(found.x), LEAST_TEMPERATURE, MOST_TEMPERATURE))


def expected_calibration_error(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """Mean distance of confidence and accuracy over `BINS` bins of confidence, weighted by their cases.

    Naeini, Cooper and Hauskrecht (2015). Bins are closed above, so 1 falls into the last.

    Parameters
    ----------
    confidence
        Probability of the answered level, shape (cases,).
    correct
        Whether it is the true one, shape (cases,).
    """
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = np.bincount(bins, weights=confidence - correct, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def score_probabilities(
    probabilities: Probabilities, answered: NDArray[np.intp], gold: NDArray[np.intp]
) -> ProbabilityScores:
    """Calibration error and Brier score (Brier 1950, several classes) of these answers, each case counting once.

    Parameters
    ----------
    probabilities
        Shape (cases, levels).
    answered, gold
        Columns of the answered and of the true level, shape (cases,).
    """
    confidence = probabilities[np.arange(len(gold)), answered]
    columns = range(probabilities.shape[1])
    return ProbabilityScores(
        ece=expected_calibration_error(confidence, answered == gold),
        brier=float(brier_score_loss(gold, probabilities, labels=list(columns), scale_by_half=False)),
    )
