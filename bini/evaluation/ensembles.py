"""Several systems as one: rank average, weighted vote and stacking of predictions on the same cases.

The members may be the adapters of several folds, several models, or both. Whatever is fitted is fitted on other
patents than the ones it is used on, so that the rows of an ensemble are as held out as those of its members.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bini.domain.labels import RiskLevel, roll_up
from bini.domain.schema import Comparison
from bini.errors import DataError
from bini.evaluation.prediction import Prediction

LEVELS = tuple(RiskLevel)

FOLDS = 5
"""Most groups of patents that weights are fitted without in turn."""

LEAST = 1e-6
"""Smallest probability whose logarithm stacking looks at."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Members:
    """Answers of all members to the cases that all of them answered with probabilities.

    Parameters
    ----------
    rows
        For each case, the prediction of each member.
    probabilities
        Shape (members, cases, levels), levels in the order of `LEVELS`.
    gold
        Column of the true level, shape (cases,).
    patents
        Shape (cases,).
    """

    rows: tuple[tuple[Prediction, ...], ...]
    probabilities: Array
    gold: NDArray[np.intp]
    patents: NDArray[np.str_]

    def folds(self) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Cases to fit on and cases to answer, no patent in both."""
        count = min(FOLDS, len(np.unique(self.patents)))
        yield from GroupKFold(count).split(self.gold, self.gold, self.patents)


def ensembles(members: Mapping[str, Sequence[Prediction]]) -> dict[str, list[Prediction]]:
    """The predictions of every way to combine some systems, by name.

    A level comes with probabilities; a match is the one that most members gave, ties going to the member named first,
    whose words of the product are taken as well.

    Parameters
    ----------
    members
        Name -> held-out predictions; at least two systems. Cases that a member did not answer are left to the others'
        rows of the report: an ensemble has none for them.

    Raises
    ------
    DataError
        If there are fewer than two members, or fewer than two patents that all of them answered.
    """
    if len(members) < 2:
        raise DataError("an ensemble needs two systems with probabilities", "add --compare with another one")
    made = _members(list(members.values()))
    levels = {
        "ensemble: rank average": _rank_average(made),
        "ensemble: weighted vote": _weighted_vote(made),
        "ensemble: stacking": _stacking(made),
    }
    return {name: [_predicted(*pair) for pair in zip(made.rows, given, strict=True)] for name, given in levels.items()}


def _members(members: Sequence[Sequence[Prediction]]) -> _Members:
    answered = [{p.case_id: p for p in rows if p.probabilities and not p.trained_on} for rows in members]
    shared = sorted(set.intersection(*map(set, answered)))
    rows = tuple(tuple(rows[case_id] for rows in answered) for case_id in shared)
    patents = np.array([row[0].patent for row in rows], dtype=np.str_)
    if len(np.unique(patents)) < 2:
        raise DataError(
            "the systems answered fewer than two patents in common", "weights are fitted on other patents: ask more"
        )
    probabilities = [[[row[m].probabilities[level] for level in LEVELS] for row in rows] for m in range(len(members))]
    gold = np.array([LEVELS.index(row[0].gold.level) for row in rows], dtype=np.intp)
    return _Members(rows, np.array(probabilities), gold, patents)


def _rank_average(made: _Members) -> Array:
    """Mean over the members of each level's rank among the cases: how sure they are counts, not how loud they say it.

    Nothing is fitted, but the ranks are those of this suite. Returns shape (cases, levels), rows sum to 1.
    """
    ranks = rankdata(made.probabilities, axis=1).mean(axis=0)
    return np.asarray(ranks / ranks.sum(axis=1, keepdims=True))


def _weighted_vote(made: _Members) -> Array:
    """Votes weighted by the log odds of the member being right (Nitzan and Paroush 1982), on other patents.

    For K levels and errors spread over the others alike, the weight of accuracy a is log(a (K - 1) / (1 - a)); a member
    no better than chance has none. Returns shape (cases, levels), rows sum to 1.
    """
    votes = np.eye(len(LEVELS))[made.probabilities.argmax(axis=2)]  # (members, cases, levels)
    right = made.probabilities.argmax(axis=2) == made.gold  # (members, cases)
    given = np.empty(votes.shape[1:])
    for rest, own in made.folds():
        accuracy = (right[:, rest].sum(axis=1) + 1) / (len(rest) + len(LEVELS))  # as if each level was seen once more
        weights = np.maximum(np.log(accuracy * (len(LEVELS) - 1) / (1 - accuracy)), 0)
        given[own] = softmax(np.einsum("m,mcl->cl", weights, votes[:, own]), axis=1)
    return given


def _stacking(made: _Members) -> Array:
    """Logistic regression on the members' log probabilities (Wolpert 1992), fitted on other patents.

    Returns shape (cases, levels), rows sum to 1.
    """
    features = np.log(np.maximum(made.probabilities, LEAST)).transpose(1, 0, 2).reshape(len(made.gold), -1)
    given = np.zeros((len(made.gold), len(LEVELS)))
    for rest, own in made.folds():
        if len(np.unique(made.gold[rest])) == 1:
            given[own, made.gold[rest][0]] = 1
            continue
        model = LogisticRegression(max_iter=1000).fit(features[rest], made.gold[rest])
        given[np.ix_(own, model.classes_)] = model.predict_proba(features[own])
    return given


def _predicted(members: Sequence[Prediction], probabilities: Array) -> Prediction:
    """One case's row; what it cost is what the members cost together."""
    comparisons = _voted(members)
    peaks = [p.peak_memory for p in members if p.peak_memory is not None]
    return members[0].model_copy(
        update={
            "level": LEVELS[int(probabilities.argmax())],
            "probabilities": dict(zip(LEVELS, probabilities.tolist(), strict=True)),
            "comparisons": comparisons,
            "rule_level": roll_up(row.supported for row in comparisons) if comparisons else None,
            "valid_free": None,
            "valid_constrained": True,
            "seconds": sum(p.seconds for p in members),
            "model_calls": sum(p.model_calls for p in members),
            "peak_memory": max(peaks, default=None),
        }
    )


def _voted(members: Sequence[Prediction]) -> tuple[Comparison, ...]:
    """For each element, the row of the first member with the match that most members gave."""
    charts = [p.comparisons for p in members if p.comparisons]
    rows = []
    for given in zip(*charts, strict=True):
        votes = Counter(row.match for row in given)
        match = votes.most_common(1)[0][0]  # of equally many, the one that came first
        rows.append(next(row for row in given if row.match is match))
    return tuple(rows)
