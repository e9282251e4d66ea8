"""Whether a system knows when it is right: reliability of its probabilities, and risk against coverage."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import binned_statistic

from bini.evaluation.prediction import Prediction

BINS = 10
"""Bins of equal width over 0 to 1."""


class ReliabilityBin(BaseModel):
    """The answers whose probability lies between `low` and `high`: how sure, and how often right.

    Parameters
    ----------
    low, high
        Ends of the bin; the last bin holds its upper end.
    cases
        Answers in it, at least one.
    confidence
        Mean probability of the level chosen.
    accuracy
        Share with the gold level.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float
    high: float
    cases: int
    confidence: float
    accuracy: float


class Reliability(BaseModel):
    """Reliability diagram of a system (Guo et al. 2017), over answers with a probability.

    Parameters
    ----------
    cases
        How many such answers.
    bins
        Bins that hold any.
    expected_calibration_error
        Mean distance of confidence and accuracy over the bins, weighted by cases (Naeini, Cooper and Hauskrecht 2015).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cases: int
    bins: list[ReliabilityBin]
    expected_calibration_error: float


class RiskCoverage(BaseModel):
    """How the share of errors falls if only the surest answers are taken (El-Yaniv and Wiener 2010).

    Parameters
    ----------
    coverage
        Shares of all cases that are answered, rising, shape (points,); answers of equal probability are taken together.
    risk
        Share of errors among them, shape (points,).
    area
        Area under the curve up to the last point, by that point's coverage: the mean risk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    coverage: list[float]
    risk: list[float]
    area: float


def reliability(predictions: Sequence[Prediction]) -> Reliability | None:
    """Confidence against accuracy; None for a system that gives no probabilities."""
    confidence, correct = _answers(predictions)
    return reliability_of(confidence, correct) if confidence.size else None


def reliability_of(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> Reliability:
    """Confidence against accuracy of at least one answer.

    Parameters
    ----------
    confidence
        Probability of the chosen level, shape (answers,).
    correct
        Whether it is the gold one, shape (answers,).
    """
    counts, edges, number = binned_statistic(confidence, confidence, "count", bins=BINS, range=(0, 1))
    sums = binned_statistic(confidence, [confidence, correct], "sum", bins=BINS, range=(0, 1)).statistic
    bins = [
        ReliabilityBin(
            low=float(edges[n]),
            high=float(edges[n + 1]),
            cases=int(counts[n]),
            confidence=float(sums[0, n] / counts[n]),
            accuracy=float(sums[1, n] / counts[n]),
        )
        for n in np.unique(number) - 1
    ]
    error = sum(b.cases * abs(b.confidence - b.accuracy) for b in bins) / confidence.size
    return Reliability(cases=confidence.size, bins=bins, expected_calibration_error=error)


def risk_coverage(predictions: Sequence[Prediction]) -> RiskCoverage | None:
    """Errors among the surest answers; None for a system that gives no probabilities."""
    confidence, correct = _answers(predictions)
    if not confidence.size:
        return None
    _, place = np.unique(-confidence, return_inverse=True)
    taken, wrong = np.bincount(place).cumsum(), np.bincount(place, weights=~correct).cumsum()
    coverage, risk = taken / len(predictions), wrong / taken
    widths = np.diff(coverage, prepend=0)
    return RiskCoverage(
        coverage=coverage.tolist(), risk=risk.tolist(), area=float((widths * risk).sum() / coverage[-1])
    )


def written_right(predictions: Sequence[Prediction]) -> float | None:
    """Share of answers in which the model wrote the gold level, numbers unheeded; None where none is known."""
    right = [p.written_level is p.gold.level for p in predictions if p.written_level]
    return sum(right) / len(right) if right else None


def _answers(predictions: Sequence[Prediction]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probability of the chosen level and whether it is right, both (answers,), in a fixed order."""
    found = sorted((p.confidence, p.correct) for p in predictions if p.confidence is not None)
    return np.array([sure for sure, _ in found]), np.array([right for _, right in found], dtype=bool)
