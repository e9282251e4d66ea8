"""How often each risk level is given, how far two such distributions lie apart, and how far answers differ."""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bini.domain.labels import RiskLevel

Shares = Mapping[RiskLevel, float]

NONE_SEEN = 0.5
"""Added to each count, so that a level that was never given has no share of zero (Jeffreys' prior)."""

LARGE = 0.25
"""Population stability index from which a shift counts as large: the usual bound of credit scoring (Siddiqi, Credit
Risk Scorecards, 2006)."""

FLAT, NARROW = 0.01, 0.05
"""Spreads under which answers do not depend on the question, or hardly do. The adapter that ships has 0.25 on thirty
cases."""


def level_shares(levels: Iterable[RiskLevel]) -> dict[RiskLevel, float]:
    """Share of each level among some assessments, smoothed by `NONE_SEEN`; sums to 1."""
    counts = Counter(levels)
    total = sum(counts.values()) + NONE_SEEN * len(RiskLevel)
    return {level: (counts[level] + NONE_SEEN) / total for level in RiskLevel}


def stability_index(shares: Shares, reference: Shares) -> float:
    """Population stability index of two distributions over the levels: Σ (p - q) ln(p / q), 0 if they are the same."""
    return sum((shares[level] - reference[level]) * math.log(shares[level] / reference[level]) for level in RiskLevel)


def spread(probabilities: Sequence[Mapping[RiskLevel, float]]) -> float:
    """How far answers differ: the standard deviation of a level's probability, of the level where it is largest.

    Answers that are sure of one level half of the time, and of another the rest, have 0.5.

    Parameters
    ----------
    probabilities
        Of each answer; at least one.
    """
    return max(statistics.pstdev(answer.get(level, 0.0) for answer in probabilities) for level in RiskLevel)
