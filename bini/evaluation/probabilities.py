"""How well probabilities of the levels match what is true: temperature scaling, calibration error, Brier score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.metrics import brier_score_loss

from bini.domain.calibration import LEAST_TEMPERATURE, MOST_TEMPERATURE, Probabilities, ProbabilityScores, temper
from bini.domain.labels import RiskLevel
from bini.errors import DataError
from bini.evaluation.confidence import reliability_of
from bini.evaluation.prediction import Prediction

LEVELS = tuple(RiskLevel)
"""Order of the columns of levels."""


@dataclass(frozen=True)
class Answers:
    """Answered held-out cases as arrays.

    Parameters
    ----------
    probabilities
        Uncalibrated, shape (cases, levels).
    answered, gold
        Columns of the answered and of the true level, shape (cases,).
    patents
        Shape (cases,).
    """

    probabilities: Probabilities
    answered: NDArray[np.intp]
    gold: NDArray[np.intp]
    patents: NDArray[np.str_]

    @classmethod
    def of(cls, predictions: Sequence[Prediction]) -> Self:
        """Leaves out unanswered cases, which `assess` refuses to answer too, and rows that were trained on.

        Raises
        ------
        DataError
            If there are no probabilities.
        """
        kept = [p for p in predictions if p.level is not None and not p.trained_on]
        if any(set(p.probabilities) != set(RiskLevel) for p in kept):
            raise DataError("the predictions hold no probabilities", "take a model's predictions, not a baseline's")
        rows = [[p.probabilities[level] for level in LEVELS] for p in kept]
        return cls(
            probabilities=np.array(rows).reshape(-1, len(LEVELS)),
            answered=np.array([LEVELS.index(p.level) for p in kept if p.level], dtype=np.intp),
            gold=np.array([LEVELS.index(p.gold.level) for p in kept], dtype=np.intp),
            patents=np.array([p.patent for p in kept], dtype=np.str_),
        )


def fit_temperature(probabilities: Probabilities, gold: NDArray[np.intp], weights: NDArray[np.float64]) -> float:
    """The temperature of least negative log likelihood (Guo et al. 2017).

    Parameters
    ----------
    probabilities
        Uncalibrated, shape (cases, levels).
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
        ece=reliability_of(confidence, answered == gold).expected_calibration_error,
        brier=float(brier_score_loss(gold, probabilities, labels=list(columns), scale_by_half=False)),
    )
