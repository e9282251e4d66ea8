"""Conformal prediction by class over patents: the threshold of a level.

The promise and its sources stand in `bini.domain.calibration`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bini.domain.calibration import budget

ROUNDING = 1e-9
"""Patents by which sums of shares may go over the budget."""


def threshold(probabilities: NDArray[np.float64], patents: NDArray[Any], alpha: float) -> float:
    """The largest probability such that ruling a level out below it keeps the promise.

    Hierarchical conformal prediction (Lee, Barber and Willett 2023): each patent shares one vote among its cases, and
    the new patent is counted as falling below.

    Parameters
    ----------
    probabilities
        The uncalibrated probability of the level, on cases truly of that level, shape (cases,).
    patents
        Each case's patent, shape (cases,).
    alpha
        Most of the level's cases that may have it ruled out.

    Returns
    -------
    float
        0, which rules out nothing, where there are too few patents.
    """
    allowed = budget(alpha, len(np.unique(patents)))
    if allowed < 0:
        return 0.0
    order = np.argsort(probabilities)
    ordered, votes = probabilities[order], patent_weights(patents)[order]
    before = np.concatenate([[0.0], np.cumsum(votes)])
    below = before[np.searchsorted(ordered, ordered, side="left")]  # votes strictly under each value
    return float(ordered[below <= allowed + ROUNDING].max())


def patent_weights(patents: Sequence[str] | NDArray[Any]) -> NDArray[np.float64]:
    """What each case counts so that every patent counts 1, shape (cases,)."""
    _, numbers, sizes = np.unique(patents, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = 1.0 / sizes[numbers]
    return weights
