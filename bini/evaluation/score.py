"""Scores from predictions on disk: how often a system is right, and how sure that number is.

Rows that the adapter was trained on are scored apart from held-out rows. A `SystemScore`
says which of the two it is about, and no function here mixes them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, model_validator
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from bini.domain.labels import RiskLevel
from bini.domain.schema import Comparison
from bini.errors import DataError
from bini.evaluation.prediction import Prediction

LEVELS = tuple(RiskLevel)
"""Order of the rows and columns of every confusion matrix: 높음, 애매, 낮음."""

CONFIDENCE = 0.95
"""Coverage of the accuracy interval."""

RESAMPLES = 2_000
"""Bootstrap resamples of the patents."""

QUOTE_F1 = 0.5
"""Least character F1 at which two quotes count as the same place."""

Group = Literal["held_out", "seen"]
IntervalMethod = Literal["bootstrap over patents", "Wilson"]

_UNANSWERED = "unanswered"


class SystemScore(BaseModel):
    """Scores of one system on one group of cases; every rate and share is 0 to 1.

    A score whose denominator is empty is None, never 0 or 1.

    Parameters
    ----------
    name
        The system, as the caller names it.
    group
        "held_out": rows that the adapter never saw. "seen": rows that it was trained on,
        which is no measure of quality.
    cases, patents
        How many cases, about how many distinct patents.
    valid_json_free
        Share of schema-valid output without constraints, of the `free_tried` cases where it was tried.
    free_tried
        In how many cases unconstrained output was tried.
    valid_json_constrained
        Share of schema-valid output under constrained decoding, of all cases.
    risk_accuracy
        Share of cases with the gold risk level; an unanswered case is wrong.
    risk_accuracy_interval
        Its 95 % interval, low and high.
    interval_method
        How the interval was made; see `accuracy_interval`.
    macro_f1
        Unweighted mean of the F1 of the three levels. A level that is neither in the gold
        nor predicted has F1 0, so that groups with fewer levels do not look better.
    match_accuracy
        Share of the `elements_scored` gold elements that got the gold match. Rows are aligned by
        the element's exact text; an element that the prediction lacks is wrong.
    elements_scored
        Gold elements over all cases.
    quote_precision
        Of the `quotes_scored` quotes, the share that `quotes_overlap` with the gold quote.
    quotes_scored
        Quotes that the system gave on elements for which the gold has a quote.
    high_called_low
        Share of true 높음 that was called 낮음: the error that hurts most in screening.
    rule_agreement
        Share of cases in which the level equals the roll-up of the system's own chart,
        of those that have both.
    confusion
        3 x 3 counts in the order of `LEVELS`; rows gold, columns predicted.
    unanswered
        Cases without a valid level, per gold level in the order of `LEVELS`. A row of
        `confusion` plus its entry here is the number of cases of that gold level.
    mean_seconds
        Mean wall time of a case, in seconds.
    mean_model_calls
        Mean model calls of a case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    group: Group
    cases: int
    patents: int
    valid_json_free: float | None
    free_tried: int
    valid_json_constrained: float
    risk_accuracy: float
    risk_accuracy_interval: tuple[float, float]
    interval_method: IntervalMethod
    macro_f1: float
    match_accuracy: float | None
    elements_scored: int
    quote_precision: float | None
    quotes_scored: int
    high_called_low: float | None
    rule_agreement: float | None
    confusion: list[list[int]]
    unanswered: list[int]
    mean_seconds: float
    mean_model_calls: float


class SystemGroups(BaseModel):
    """One system's scores, held-out and seen rows apart; None where a group has no cases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    held_out: SystemScore | None
    seen: SystemScore | None

    @model_validator(mode="after")
    def _groups_are_in_their_fields(self) -> Self:
        for group, score in (("held_out", self.held_out), ("seen", self.seen)):
            if score is not None and score.group != group:
                raise ValueError(f"a score of {score.group} rows cannot be filed as {group}")
        return self


class PairedTest(BaseModel):
    """McNemar's exact test of two systems on the held-out cases that both answered.

    Parameters
    ----------
    first, other
        The systems.
    shared_cases
        Held-out cases that both have a prediction for, answered or not.
    only_first_correct, only_other_correct
        Discordant cases: right in one system and wrong in the other.
    p_value
        Two-sided; 1 if no case is discordant, None if no case is shared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    other: str
    shared_cases: int
    only_first_correct: int
    only_other_correct: int
    p_value: float | None


class Scores(BaseModel):
    """The scores of several systems: all that a report needs.

    Parameters
    ----------
    systems
        In the order given to `score_all`.
    mcnemar
        The first system against each other one.
    same_held_out
        Whether all systems with held-out rows have the same ones. If not, their held-out
        scores are about different cases, and only `mcnemar` compares like with like.
    seed
        Seed of the bootstrap.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    systems: list[SystemGroups]
    mcnemar: list[PairedTest]
    same_held_out: bool
    seed: int


def score_system(name: str, predictions: list[Prediction], seed: int = 0) -> SystemScore:
    """Score one system on one group of cases.

    Parameters
    ----------
    name
        The system, as reports shall print it.
    predictions
        One per case: either all held out or all seen in training. Their order does not matter.
    seed
        Seed of the bootstrap of the accuracy interval.

    Returns
    -------
    SystemScore
        `macro_f1` is scikit-learn's; the interval is `accuracy_interval`'s.

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
    matches = [hit for p in predictions for hit in _match_hits(p)]
    quotes = [hit for p in predictions for hit in _quote_hits(p)]
    correct = [p.correct for p in predictions]
    interval, method = accuracy_interval(correct, [p.patent for p in predictions], seed)
    return SystemScore(
        name=name,
        group=group,
        cases=len(predictions),
        patents=len({p.patent for p in predictions}),
        valid_json_free=_share(tried),
        free_tried=len(tried),
        valid_json_constrained=_mean([p.valid_constrained for p in predictions]),
        risk_accuracy=_mean(correct),
        risk_accuracy_interval=interval,
        interval_method=method,
        macro_f1=_macro_f1(predictions),
        match_accuracy=_share(matches),
        elements_scored=len(matches),
        quote_precision=_share(quotes),
        quotes_scored=len(quotes),
        high_called_low=_share([p.level is RiskLevel.LOW for p in predictions if p.gold.level is RiskLevel.HIGH]),
        rule_agreement=_share([p.level is p.rule_level for p in predictions if p.level and p.rule_level]),
        confusion=_confusion(predictions),
        unanswered=[sum(p.level is None and p.gold.level is gold for p in predictions) for gold in LEVELS],
        mean_seconds=_mean([p.seconds for p in predictions]),
        mean_model_calls=_mean([p.model_calls for p in predictions]),
    )


def score_all(systems: dict[str, list[Prediction]], seed: int = 0) -> Scores:
    """Score several systems, held-out and seen rows apart, and test the first against the others.

    Parameters
    ----------
    systems
        Name -> predictions; the first name is the one that the others are tested against.
    seed
        Seed of every system's bootstrap.

    Raises
    ------
    DataError
        If a case occurs twice in a group of a system, or two systems were held to different
        gold charts on the same case.
    """
    held_out = {name: [p for p in rows if not p.trained_on] for name, rows in systems.items()}
    seen = {name: [p for p in rows if p.trained_on] for name, rows in systems.items()}
    _refuse_different_gold(systems)
    groups = [
        SystemGroups(
            name=name,
            held_out=score_system(name, held_out[name], seed) if held_out[name] else None,
            seen=score_system(name, seen[name], seed) if seen[name] else None,
        )
        for name in systems
    ]
    first, *others = held_out or [""]
    return Scores(
        systems=groups,
        mcnemar=[_mcnemar((first, held_out[first]), (other, held_out[other])) for other in others],
        same_held_out=len({frozenset(p.case_id for p in rows) for rows in held_out.values() if rows}) <= 1,
        seed=seed,
    )


def accuracy_interval(
    correct: Sequence[bool], patents: Sequence[str], seed: int
) -> tuple[tuple[float, float], IntervalMethod]:
    """95 % interval of an accuracy whose cases come in patents.

    Cases of one patent share its claim and so are not independent. Whole patents are resampled
    with replacement (percentile cluster bootstrap: Efron 1979; Cameron, Gelbach and Miller 2008).
    With one patent, or when every resample has the same accuracy (all right, all wrong), that
    would give an interval of no width; then it is the Wilson score interval (Wilson 1927) over
    the cases, which takes them as independent. Either is too narrow when there are few patents.

    Parameters
    ----------
    correct
        Whether each case was right, shape (cases,), at least one.
    patents
        The patent of each case, shape (cases,).
    seed
        Seed of the NumPy Generator.

    Returns
    -------
    tuple
        (low, high), each 0 to 1, and the method used.
    """
    _, patent_of = np.unique(np.asarray(patents), return_inverse=True)
    hits, sizes = np.bincount(patent_of, weights=correct), np.bincount(patent_of)
    drawn = np.random.default_rng(seed).integers(len(sizes), size=(RESAMPLES, len(sizes)))
    accuracies = hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    if np.ptp(accuracies) == 0:
        wilson = binomtest(sum(correct), len(correct)).proportion_ci(CONFIDENCE, method="wilson")
        return (float(wilson.low), float(wilson.high)), "Wilson"
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(accuracies, [tail, 1 - tail])
    return (float(low), float(high)), "bootstrap over patents"


def quotes_overlap(quote: str, gold: str) -> bool:
    """Whether two quotes point at the same place: one holds the other, or character F1 >= `QUOTE_F1`.

    Character F1 is SQuAD's token F1 (Rajpurkar et al. 2016) on characters, counted with
    multiplicity, since Korean particles make words a poor unit. White space is ignored.
    It compares texts, not offsets, and a very short quote inside the gold one counts.
    """
    one, two = "".join(quote.split()), "".join(gold.split())
    if not one or not two:
        return False
    if one in two or two in one:
        return True
    common = (Counter(one) & Counter(two)).total()
    return 2 * common / (len(one) + len(two)) >= QUOTE_F1


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


def _refuse_different_gold(systems: Mapping[str, Sequence[Prediction]]) -> None:
    gold: dict[str, Prediction] = {}
    for name, rows in systems.items():
        for row in rows:
            if gold.setdefault(row.case_id, row).gold != row.gold:
                raise DataError(
                    f"{name}: case {row.case_id} has another gold chart here than elsewhere",
                    "the cases changed between two predictions: predict again with every system",
                )


def _by_element(comparisons: Iterable[Comparison]) -> dict[tuple[str, int], Comparison]:
    """Rows by element text and how often it came before, so that a repeated element keeps all its rows."""
    times: Counter[str] = Counter()
    rows: dict[tuple[str, int], Comparison] = {}
    for row in comparisons:
        rows[row.patent_element, times[row.patent_element]] = row
        times[row.patent_element] += 1
    return rows


def _match_hits(prediction: Prediction) -> list[bool]:
    """For each gold element, whether the prediction has it with the gold match."""
    predicted = _by_element(prediction.comparisons)
    gold = _by_element(prediction.gold.comparisons)
    return [key in predicted and predicted[key].match is row.match for key, row in gold.items()]


def _quote_hits(prediction: Prediction) -> list[bool]:
    """For each predicted quote on an element with a gold quote, whether the two overlap."""
    predicted = _by_element(prediction.comparisons)
    pairs = (
        (predicted[key].user_product_element, row.user_product_element)
        for key, row in _by_element(prediction.gold.comparisons).items()
        if key in predicted
    )
    return [quotes_overlap(quote, gold) for quote, gold in pairs if quote and gold]


def _macro_f1(predictions: Sequence[Prediction]) -> float:
    gold = [p.gold.level.value for p in predictions]
    # A label of its own keeps unanswered cases in the recall of their gold level.
    predicted = [p.level.value if p.level else _UNANSWERED for p in predictions]
    return float(f1_score(gold, predicted, labels=[v.value for v in LEVELS], average="macro", zero_division=0))


def _confusion(predictions: Sequence[Prediction]) -> list[list[int]]:
    counts = Counter((p.gold.level, p.level) for p in predictions)
    return [[counts[gold, predicted] for predicted in LEVELS] for gold in LEVELS]


def _mcnemar(first: tuple[str, Sequence[Prediction]], other: tuple[str, Sequence[Prediction]]) -> PairedTest:
    """McNemar's test (McNemar 1947) in its exact form: a sign test on the discordant pairs."""
    one, two = ({p.case_id: p.correct for p in rows} for _, rows in (first, other))
    shared = sorted(one.keys() & two.keys())
    only_one = sum(one[case] and not two[case] for case in shared)
    only_two = sum(two[case] and not one[case] for case in shared)
    p_value = float(binomtest(only_one, only_one + only_two).pvalue) if only_one + only_two else 1.0
    return PairedTest(
        first=first[0],
        other=other[0],
        shared_cases=len(shared),
        only_first_correct=only_one,
        only_other_correct=only_two,
        p_value=p_value if shared else None,
    )


def _mean(values: Sequence[float]) -> float:
    # Sorted, so that the order of the rows on disk cannot change the last digit.
    return float(np.mean(sorted(values)))


def _share(hits: Sequence[bool]) -> float | None:
    return _mean(hits) if hits else None
