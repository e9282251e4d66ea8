"""Scores from predictions on disk: how often a system is right, and how sure that number is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score, confusion_matrix, f1_score, precision_recall_fscore_support

from bini.domain.calibration import Calibration
from bini.domain.labels import Match, RiskLevel
from bini.errors import DataError
from bini.evaluation.aligned import match_pairs, quote_hits, quotes_without_gold
from bini.evaluation.bootstrap import differences, intervals
from bini.evaluation.confidence import reliability, risk_coverage, written_right
from bini.evaluation.degenerate import degenerate
from bini.evaluation.prediction import Origin, Prediction
from bini.evaluation.promise import check_promise
from bini.evaluation.results import (
    LEVELS,
    Difference,
    Group,
    LabelScore,
    PairedTest,
    Scores,
    SystemGroups,
    SystemScore,
)
from bini.evaluation.slices import slices

MATCHES = tuple(Match)

COMPARED = ("risk_accuracy", "macro_f1", "high_called_low", "match_accuracy", "match_macro_f1")
"""Scores whose difference between two systems gets an interval."""

GALLERY = 12
"""Most errors that a report shows."""

Pairs = Sequence[tuple[StrEnum, StrEnum | None]]
"""Gold label and predicted one of each case or element."""

_UNANSWERED = "unanswered"
# Falls from gold to prediction in steps of LEVELS, worst first; no answer comes last.
_WORST = (2, 1, -2, -1)


def score_system(name: str, predictions: list[Prediction], seed: int = 0) -> SystemScore:
    """Score one system on one group of cases.

    Parameters
    ----------
    name
        The system, as reports shall print it.
    predictions
        One per case: either all held out or all seen in training. Their order does not matter.
    seed
        Seed of the bootstrap.

    Raises
    ------
    ValueError
        If there are no predictions, or held-out and seen rows are mixed.
    DataError
        If a case occurs twice.
    """
    group = _group(predictions)
    _refuse_repeated_cases(name, predictions)
    tried = [p.valid_free for p in predictions if p.valid_free is not None]
    levels = [(p.gold.level, p.level) for p in predictions]
    matches = [pair for p in predictions for pair in match_pairs(p)]
    quotes = [hit for p in predictions for hit in quote_hits(p)]
    measured = [p.peak_memory for p in predictions if p.peak_memory is not None]
    return SystemScore(
        name=name,
        group=group,
        cases=len(predictions),
        patents=len({p.patent for p in predictions}),
        valid_json_free=_share(tried),
        free_tried=len(tried),
        valid_json_constrained=_mean([p.valid_constrained for p in predictions]),
        risk_accuracy=_mean([p.correct for p in predictions]),
        macro_f1=_macro_f1(levels, LEVELS),
        kappa=_kappa(levels),
        levels=_label_scores(levels, LEVELS),
        match_accuracy=_share([predicted is gold for gold, predicted in matches]),
        match_macro_f1=_macro_f1(matches, tuple(Match)) if matches else None,
        matches=_label_scores(matches, tuple(Match)) if matches else [],
        elements_scored=len(matches),
        quote_precision=_share(quotes),
        quotes_scored=len(quotes),
        quotes_without_gold=sum(map(quotes_without_gold, predictions)),
        high_called_low=_share([level is RiskLevel.LOW for gold, level in levels if gold is RiskLevel.HIGH]),
        rule_agreement=_share([p.level is p.rule_level for p in predictions if p.level and p.rule_level]),
        confusion=_confusion(levels),
        unanswered=[levels.count((gold, None)) for gold in LEVELS],
        mean_seconds=_mean([p.seconds for p in predictions]),
        mean_model_calls=_mean([p.model_calls for p in predictions]),
        peak_memory=max(measured, default=None),
        intervals=intervals(predictions, seed),
        unnumbered=sum(p.patent == p.claim for p in predictions),
    )


def score_all(
    systems: Mapping[str, list[Prediction]],
    seed: int = 0,
    origins: Mapping[str, Origin | None] | None = None,
    calibrations: Mapping[str, Calibration] | None = None,
) -> Scores:
    """Score several systems, held-out and seen rows apart, and test the first against the others.

    Parameters
    ----------
    systems
        Name -> predictions; the first name is the one that the others are tested against.
    seed
        Seed of every bootstrap.
    origins
        Name -> where its predictions come from, where that is known.
    calibrations
        Name -> the calibration of its adapter, where it has one.

    Raises
    ------
    DataError
        If a case occurs twice in a group of a system, or two systems were held to different
        gold charts, or patents, on the same case.
    """
    _refuse_different_questions(systems)
    held_out = {name: [p for p in rows if not p.trained_on] for name, rows in systems.items()}
    known, made = calibrations or {}, origins or {}
    groups = [_groups(name, rows, seed, made.get(name), known.get(name)) for name, rows in systems.items()]
    first, *others = held_out or [""]
    return Scores(
        systems=groups,
        mcnemar=[_paired((first, held_out[first]), (other, held_out[other]), seed) for other in others],
        errors=worst_first(held_out.get(first, []))[:GALLERY],
        same_held_out=len({frozenset(p.case_id for p in rows) for rows in held_out.values() if rows}) <= 1,
        seed=seed,
    )


def worst_first(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The wrong ones: 높음 called 낮음, other risks called too small, risks called too large, no answer.

    Within each of these, the answers that the system was surest of come first.
    """

    def place(prediction: Prediction) -> tuple[int, float, str]:
        fall = LEVELS.index(prediction.level) - LEVELS.index(prediction.gold.level) if prediction.level else 0
        return _WORST.index(fall) if fall else len(_WORST), -(prediction.confidence or 0), prediction.case_id

    return sorted((p for p in predictions if not p.correct), key=place)


def _groups(
    name: str, rows: Sequence[Prediction], seed: int, origin: Origin | None, calibration: Calibration | None
) -> SystemGroups:
    held_out, seen = [p for p in rows if not p.trained_on], [p for p in rows if p.trained_on]
    return SystemGroups(
        name=name,
        held_out=score_system(name, held_out, seed) if held_out else None,
        seen=score_system(name, seen, seed) if seen else None,
        slices=slices(held_out, seed),
        reliability=reliability(held_out),
        risk_coverage=risk_coverage(held_out),
        written_right=written_right(held_out),
        warnings=degenerate(held_out),
        promise=check_promise(calibration, held_out, seed) if calibration else None,
        origin=origin,
    )


def _group(predictions: Sequence[Prediction]) -> Group:
    if not predictions:
        raise ValueError("a score needs at least one prediction")
    if len({p.trained_on for p in predictions}) > 1:
        raise ValueError("held-out rows and rows seen in training cannot share a score")
    return "seen" if predictions[0].trained_on else "held_out"


def _refuse_repeated_cases(name: str, predictions: Sequence[Prediction]) -> None:
    case_id, times = Counter(p.case_id for p in predictions).most_common(1)[0]
    if times > 1:
        raise DataError(f"{name}: case {case_id} was predicted {times} times", "keep one prediction of each case")


def _refuse_different_questions(systems: Mapping[str, Sequence[Prediction]]) -> None:
    asked: dict[str, Prediction] = {}
    for name, rows in systems.items():
        for row in rows:
            first = asked.setdefault(row.case_id, row)
            if (first.gold, first.patent) != (row.gold, row.patent):
                raise DataError(
                    f"{name}: case {row.case_id} has another gold chart or patent here than elsewhere",
                    "the cases changed between two predictions: predict again with every system",
                )


def _texts(pairs: Pairs) -> tuple[list[str], list[str]]:
    """Gold and predicted labels for scikit-learn. No answer is a label of its own, so that it stays in the recall."""
    return [gold.value for gold, _ in pairs], [answer.value if answer else _UNANSWERED for _, answer in pairs]


def _macro_f1(pairs: Pairs, labels: Sequence[StrEnum]) -> float:
    return float(f1_score(*_texts(pairs), labels=[v.value for v in labels], average="macro", zero_division=0))


def _label_scores(pairs: Pairs, labels: Sequence[RiskLevel | Match]) -> list[LabelScore]:
    gold, predicted = _texts(pairs)
    scores = precision_recall_fscore_support(
        gold, predicted, labels=[label.value for label in labels], zero_division=np.nan
    )
    return [
        LabelScore(
            label=label,
            gold=int(support),
            predicted=predicted.count(label.value),
            precision=_defined(precision),
            recall=_defined(recall),
            f1=_defined(f1),
        )
        for label, precision, recall, f1, support in zip(labels, *scores, strict=True)
    ]


def _kappa(pairs: Pairs) -> float | None:
    gold, predicted = _texts([pair for pair in pairs if pair[1]])
    if len({*gold, *predicted}) < 2:
        return None  # not defined: no answer, or one level everywhere
    return float(cohen_kappa_score(gold, predicted, labels=[v.value for v in LEVELS], weights="quadratic"))


def _confusion(pairs: Pairs) -> list[list[int]]:
    counts = confusion_matrix(*_texts(pairs), labels=[v.value for v in LEVELS])
    return [[int(count) for count in row] for row in counts]


def _paired(first: tuple[str, Sequence[Prediction]], other: tuple[str, Sequence[Prediction]], seed: int) -> PairedTest:
    """McNemar's test (McNemar 1947) in its exact form, a sign test on the discordant pairs; and what they differ by."""
    one, two = ({p.case_id: p for p in rows} for _, rows in (first, other))
    shared = sorted(one.keys() & two.keys())
    only_one = sum(one[case].correct and not two[case].correct for case in shared)
    only_two = sum(two[case].correct and not one[case].correct for case in shared)
    p_value = float(binomtest(only_one, only_one + only_two).pvalue) if only_one + only_two else 1.0
    compared = differences([one[case] for case in shared], [two[case] for case in shared], COMPARED, seed)
    return PairedTest(
        first=first[0],
        other=other[0],
        shared_cases=len(shared),
        only_first_correct=only_one,
        only_other_correct=only_two,
        p_value=p_value if shared else None,
        differences=[Difference(score=name, value=value, interval=found) for name, (value, found) in compared.items()],
    )


def _mean(values: Sequence[float]) -> float:
    # Sorted, so that the order of the rows on disk cannot change the last digit.
    return float(np.mean(sorted(values)))


def _share(hits: Sequence[bool]) -> float | None:
    return _mean(hits) if hits else None


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
