"""How sure a score is: 95 % intervals by resampling patents.

Cases of one patent share its claim and so are not independent. Whole patents are resampled with replacement
(percentile cluster bootstrap: Efron 1979; Cameron, Gelbach and Miller 2008). Every score is a function of counts, and
counts of a resample are a sum over its patents, so that all resamples are computed at once. scikit-learn takes one
sample at a time: it gives the scores themselves, the formulas here only their resamples, and a test holds them equal.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import binomtest

from bini.domain.labels import Match, RiskLevel
from bini.evaluation.aligned import match_pairs, quote_hits
from bini.evaluation.prediction import Prediction

CONFIDENCE = 0.95
"""Coverage of every interval."""

RESAMPLES = 2_000
"""Bootstrap resamples of the patents."""

Counts = NDArray[np.float64]


class Interval(BaseModel):
    """A 95 % interval and how it was made; see `intervals`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float
    high: float
    method: Literal["bootstrap over patents", "Wilson"]


@dataclass(frozen=True)
class Tally:
    """Counts of some predictions. The first axis is the patents or, after `resampled`, the resamples of them.

    Parameters
    ----------
    levels
        (n, 3, 4): gold risk level by predicted one, in the order of `RiskLevel`; the last column is no answer.
    matches
        (n, 3, 4): the same of `Match` over all elements; the last column is a missing element.
    shares
        Name of a rate -> (n, 2): hits and tries.
    """

    levels: Counts
    matches: Counts
    shares: Mapping[str, Counts]

    @classmethod
    def of(cls, predictions: Sequence[Prediction], patents: Sequence[str]) -> Self:
        """Count predictions, by patent in the order of `patents`."""
        of_patent: dict[str, list[Prediction]] = {patent: [] for patent in patents}
        for prediction in predictions:
            of_patent[prediction.patent].append(prediction)
        groups = list(of_patent.values())
        return cls(
            levels=np.array([_table(((p.gold.level, p.level) for p in group), RiskLevel) for group in groups]),
            matches=np.array([_table((pair for p in group for pair in match_pairs(p)), Match) for group in groups]),
            shares={
                "quote_precision": _rates([hit for p in group for hit in quote_hits(p)] for group in groups),
                "rule_agreement": _rates(
                    [p.level is p.rule_level for p in group if p.level and p.rule_level] for group in groups
                ),
                "valid_json_free": _rates(
                    [p.valid_free for p in group if p.valid_free is not None] for group in groups
                ),
                "valid_json_constrained": _rates([p.valid_constrained for p in group] for group in groups),
            },
        )

    def resampled(self, draws: Counts) -> Self:
        """The counts of every resample; `draws`: (resamples, patents), how often each holds each patent."""
        return type(self)(
            levels=np.tensordot(draws, self.levels, axes=1),
            matches=np.tensordot(draws, self.matches, axes=1),
            shares={name: draws @ counts for name, counts in self.shares.items()},
        )

    def rates(self) -> dict[str, Counts]:
        """Every score that is a share: name -> (n, 2), hits and tries."""
        levels = {"risk_accuracy": _accuracy(self.levels), **_precision_recall(self.levels, RiskLevel)}
        matches = {"match_accuracy": _accuracy(self.matches), **_precision_recall(self.matches, Match)}
        high = list(RiskLevel).index(RiskLevel.HIGH)
        low = list(RiskLevel).index(RiskLevel.LOW)
        called_low = _hits_of(self.levels[:, high, low], self.levels[:, high].sum(axis=-1))
        return {**levels, **matches, "high_called_low": called_low, **self.shares}

    def statistics(self) -> dict[str, Counts]:
        """Every score: name -> (n,), not a number where it is not defined."""
        rates = {name: _divide(counts[:, 0], counts[:, 1]) for name, counts in self.rates().items()}
        return {
            **rates,
            "macro_f1": _macro_f1(self.levels),
            "match_macro_f1": _macro_f1(self.matches),
            "kappa": _quadratic_kappa(self.levels),
        }


def draw(patents: int, seed: int) -> Counts:
    """Resamples of so many patents: (`RESAMPLES`, patents), how often each holds each patent."""
    drawn = np.random.default_rng(seed).integers(patents, size=(RESAMPLES, patents))
    draws = np.zeros((RESAMPLES, patents))
    np.add.at(draws, (np.arange(RESAMPLES)[:, None], drawn), 1)
    return draws


def intervals(predictions: Sequence[Prediction], seed: int) -> dict[str, Interval]:
    """95 % interval of every score of some predictions, by name; see `Tally.statistics`.

    Resamples in which a score is not defined are left out. Where every resample has the same value (one patent, all
    right, all wrong) the bootstrap would give an interval of no width: then a rate gets the Wilson score interval
    (Wilson 1927) over cases or elements, which takes them as independent, and macro-F1 and kappa get none.
    Either is too narrow when there are few patents.
    """
    patents = sorted({p.patent for p in predictions})
    tally = Tally.of(predictions, patents)
    totals = {name: counts.sum(axis=0) for name, counts in tally.rates().items()}
    found = {}
    for name, values in tally.resampled(draw(len(patents), seed)).statistics().items():
        made = _percentiles(values) or _wilson(*totals.get(name, (0, 0)))
        if made:
            found[name] = made
    return found


def share_interval(
    hits: Sequence[bool], patents: Sequence[str], seed: int, weights: Sequence[float] | None = None
) -> Interval:
    """The interval of one rate, as `intervals` makes it.

    Parameters
    ----------
    hits
        Whether each case was right, shape (cases,), at least one.
    patents
        The patent of each case, shape (cases,).
    seed
        Seed of the NumPy Generator.
    weights
        What each case counts, shape (cases,); by default 1.
    """
    _, patent_of = np.unique(np.asarray(patents), return_inverse=True)
    each = np.ones(len(patent_of)) if weights is None else np.asarray(weights)
    counts = np.stack([np.bincount(patent_of, each * np.asarray(hits)), np.bincount(patent_of, each)])
    resampled = draw(counts.shape[1], seed) @ counts.T
    made = _percentiles(_divide(resampled[:, 0], resampled[:, 1])) or _wilson(*counts.sum(axis=1))
    if made is None:
        raise ValueError("a share needs at least one case")
    return made


def differences(
    first: Sequence[Prediction], other: Sequence[Prediction], names: Sequence[str], seed: int
) -> dict[str, tuple[float, Interval | None]]:
    """First minus other on the same cases, by score: the value and its paired bootstrap interval.

    Both systems get the same resamples of the patents. The interval is None where all resamples have the same
    difference; a score that is not defined for both is left out.
    """
    patents = sorted({p.patent for p in first})
    if not patents:
        return {}
    draws = np.concatenate([np.ones((1, len(patents))), draw(len(patents), seed)])
    one, two = (Tally.of(rows, patents).resampled(draws).statistics() for rows in (first, other))
    values = {name: one[name] - two[name] for name in names}
    return {
        name: (float(found[0]), _percentiles(found[1:])) for name, found in values.items() if not np.isnan(found[0])
    }


def _table(pairs: Iterable[tuple[Hashable, Hashable | None]], labels: Iterable[Hashable]) -> Counts:
    """3 x 4 counts of gold by predicted; the last column is None."""
    counts, rows = Counter(pairs), list(labels)
    return np.array([[counts[gold, predicted] for predicted in (*rows, None)] for gold in rows], dtype=float)


def _rates(groups: Iterable[Sequence[bool]]) -> Counts:
    return np.array([[sum(hits), len(hits)] for hits in groups], dtype=float)


def _hits_of(hits: Counts, tries: Counts) -> Counts:
    return np.stack([hits, tries], axis=-1)


def _accuracy(table: Counts) -> Counts:
    return _hits_of(np.trace(table, axis1=1, axis2=2), table.sum(axis=(1, 2)))


def _precision_recall(table: Counts, labels: Iterable[str]) -> dict[str, Counts]:
    found = {}
    for n, label in enumerate(labels):
        found[f"precision {label}"] = _hits_of(table[:, n, n], table[:, :, n].sum(axis=1))
        found[f"recall {label}"] = _hits_of(table[:, n, n], table[:, n].sum(axis=1))
    return found


def _macro_f1(table: Counts) -> Counts:
    """Mean F1 = 2 hits / (gold + predicted) of the three labels; 0 for a label that is neither."""
    hits = np.diagonal(table, axis1=1, axis2=2)
    mentions = table.sum(axis=2) + table[:, :, :3].sum(axis=1)
    mean: Counts = np.nan_to_num(_divide(2 * hits, mentions)).mean(axis=1)
    return mean


def _quadratic_kappa(table: Counts) -> Counts:
    """Cohen's kappa with quadratic weights (Cohen 1968) over the answered cases."""
    answered = table[:, :, :3]
    expected = answered.sum(axis=2)[:, :, None] * answered.sum(axis=1)[:, None, :]
    weights = np.square(np.subtract.outer(np.arange(3), np.arange(3)))
    disagreement = (weights * answered).sum(axis=(1, 2)) * answered.sum(axis=(1, 2))
    return 1 - _divide(disagreement, (weights * expected).sum(axis=(1, 2)))


def _divide(top: Counts, bottom: Counts) -> Counts:
    quotients: Counts = np.full_like(top, np.nan, dtype=float)
    return np.divide(top, bottom, out=quotients, where=bottom > 0)


def _percentiles(values: Counts) -> Interval | None:
    defined = values[~np.isnan(values)]
    if not defined.size or np.ptp(defined) == 0:
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return Interval(low=float(low), high=float(high), method="bootstrap over patents")


def _wilson(hits: float, tries: float) -> Interval | None:
    if not tries:
        return None
    found = binomtest(round(hits), round(tries)).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(low=float(found.low), high=float(found.high), method="Wilson")
