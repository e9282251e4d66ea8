"""How well an order of candidates puts risk first: mean average precision, NDCG and recall, over queries."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.stats import bootstrap
from sklearn.metrics import ndcg_score

from bini.domain.labels import RiskLevel
from bini.evaluation.bootstrap import CONFIDENCE, RESAMPLES

AT = 3
"""Places that the average precision looks at."""

RECALL_AT = (3, 5, 10)
"""Places within which 높음 is to be found."""

SEED = 0

Measures = dict[str, float]
"""Of one query: "map_at_3", "ndcg", "recall_at_3", "recall_at_5", "recall_at_10", each 0 to 1."""


class Judged(NamedTuple):
    """The candidates of a query as one system orders them: their labels and, larger is riskier, its scores."""

    levels: Sequence[RiskLevel]
    scores: Sequence[float]


class Mean(BaseModel):
    """A mean over queries with its 95 % interval; None where there is one query only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float
    interval: tuple[float, float] | None


class SystemRanking(BaseModel):
    """One system's means, by measure, and the first system's lead over it in NDCG, query by query."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    measures: dict[str, Mean]
    first_ahead: Mean


class GroupRanking(BaseModel):
    """The systems on a group of queries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    queries: int
    candidates: int
    high: int
    systems: tuple[SystemRanking, ...]


def measure(judged: Judged) -> Measures:
    """The measures of one query, expected over all orders of candidates with equal scores.

    Average precision at 3 counts 높음 as relevant and is divided by what could be found, min(3, 높음). NDCG (Järvelin
    and Kekäläinen 2002) is scikit-learn's over all places, with a gain of 2 for 높음 and 1 for 애매; recall is of 높음.

    Parameters
    ----------
    judged
        With at least two candidates, at least one of them 높음.
    """
    gains = np.array([level.rank for level in judged.levels])
    scores = np.asarray(judged.scores, dtype=float)
    found = _expected_hits(gains == RiskLevel.HIGH.rank, scores)
    high = int((gains == RiskLevel.HIGH.rank).sum())
    return {
        f"map_at_{AT}": float(sum(found.precision[:AT]) / min(AT, high)),
        "ndcg": float(ndcg_score([gains], [scores])),
        **{f"recall_at_{k}": float(sum(found.hits[:k]) / high) for k in RECALL_AT},
    }


class _Hits(NamedTuple):
    """By place: the chance of a hit, and the expectation of a hit times the precision down to it."""

    hits: list[float]
    precision: list[float]


def _expected_hits(relevant: np.ndarray, scores: np.ndarray) -> _Hits:
    """By place, larger scores first.

    Within n equal scores that hold r hits each place is a hit with r/n and, given that, each other with (r-1)/(n-1).
    """
    hits: list[float] = []
    precision: list[float] = []
    before = 0
    for score in sorted(set(scores.tolist()), reverse=True):
        tied = relevant[scores == score]
        n, r = len(tied), int(tied.sum())
        first = len(hits)
        for place in range(n):
            others = place * (r - 1) / (n - 1) if n > 1 else 0.0
            hits.append(r / n)
            precision.append(r / n * (before + 1 + others) / (first + place + 1))
        before += r
    return _Hits(hits, precision)


def compare(group: str, systems: dict[str, Sequence[Judged]]) -> GroupRanking:
    """Score several systems on the same queries.

    Parameters
    ----------
    group
        What the queries have in common.
    systems
        By name, one entry for each query in the same order; the first is compared with the others.
    """
    measured = {name: [measure(query) for query in queries] for name, queries in systems.items()}
    first = next(iter(measured.values()))
    labels = [level for query in next(iter(systems.values())) for level in query.levels]
    return GroupRanking(
        group=group,
        queries=len(first),
        candidates=len(labels),
        high=labels.count(RiskLevel.HIGH),
        systems=tuple(
            SystemRanking(
                name=name,
                measures={key: _mean([query[key] for query in queries]) for key in first[0]},
                first_ahead=_mean([a["ndcg"] - b["ndcg"] for a, b in zip(first, queries, strict=True)]),
            )
            for name, queries in measured.items()
        ),
    )


def _mean(values: Sequence[float]) -> Mean:
    """The mean with the percentile bootstrap over queries (Efron 1979), which is too narrow when there are few."""
    if len(values) < 2:
        return Mean(value=values[0], interval=None)
    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return Mean(value=float(np.mean(values)), interval=(float(found.low), float(found.high)))
