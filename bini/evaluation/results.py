"""What results.json holds: every number of a report, and what each of them means.

Rows that the adapter was trained on are scored apart from held-out rows. A `SystemScore` says which of the two it is
about, and nothing mixes them.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from bini.domain.labels import Match, RiskLevel
from bini.evaluation.bootstrap import Interval
from bini.evaluation.confidence import Reliability, RiskCoverage
from bini.evaluation.prediction import Origin, Prediction
from bini.evaluation.promise import PromiseCheck
from bini.evaluation.slices import Slice

LEVELS = tuple(RiskLevel)
"""Order of the rows and columns of every confusion matrix: 높음, 애매, 낮음."""

Group = Literal["held_out", "seen"]


class LabelScore(BaseModel):
    """How well one risk level or match is told apart.

    Parameters
    ----------
    label
        The level or match.
    gold, predicted
        Cases or elements that have it in the gold, and in the predictions.
    precision, recall, f1
        Of `predicted`, of `gold`, and their harmonic mean; None where the denominator is empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: RiskLevel | Match
    gold: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None


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
    macro_f1
        Unweighted mean of the F1 of the three levels. A level that is neither in the gold
        nor predicted has F1 0, so that groups with fewer levels do not look better.
    kappa
        Cohen's kappa with quadratic weights over the answered cases: agreement beyond chance on the
        scale 높음, 애매, 낮음, where 높음 for 낮음 weighs four times 높음 for 애매.
    levels
        Precision and recall of each level, in the order of `LEVELS`.
    match_accuracy
        Share of the `elements_scored` gold elements that got the gold match. Rows are aligned by
        the element's exact text; an element that the prediction lacks is wrong.
    match_macro_f1
        As `macro_f1`, of the matches. Most elements are 대응, so that accuracy alone flatters a
        system that says nothing else.
    matches
        Precision and recall of each match.
    elements_scored
        Gold elements over all cases.
    quote_precision
        Of the `quotes_scored` quotes, the share that `quotes_overlap` with the gold quote.
    quotes_scored
        Quotes that the system gave on elements for which the gold has a quote.
    quotes_without_gold
        Quotes that it gave on elements for which the gold has none.
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
    peak_memory
        Most memory of any case, in bytes; None where it was not measured.
    intervals
        95 % intervals by name of the score, also "precision 높음" and "recall 대응" and so on; see
        `bini.evaluation.bootstrap.intervals`. A score without an interval is not in it.
    unnumbered
        Cases whose suite gives no registration number: their claim stands for the patent.
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
    macro_f1: float
    kappa: float | None
    levels: list[LabelScore]
    match_accuracy: float | None
    match_macro_f1: float | None
    matches: list[LabelScore]
    elements_scored: int
    quote_precision: float | None
    quotes_scored: int
    quotes_without_gold: int
    high_called_low: float | None
    rule_agreement: float | None
    confusion: list[list[int]]
    unanswered: list[int]
    mean_seconds: float
    mean_model_calls: float
    peak_memory: int | None
    intervals: dict[str, Interval]
    unnumbered: int

    @property
    def risk_accuracy_interval(self) -> tuple[float, float]:
        """The headline's 95 % interval, low and high; risk accuracy always has one."""
        found = self.intervals["risk_accuracy"]
        return found.low, found.high


class SystemGroups(BaseModel):
    """One system's scores, held-out and seen rows apart.

    Parameters
    ----------
    name
        The system.
    held_out, seen
        Its scores; None where a group has no cases.
    slices
        Accuracy by field, tag and claim; held-out rows only, as all that follows.
    reliability, risk_coverage
        What its probabilities are worth; None if it gives none.
    written_right
        Share of answers in which the model itself wrote the right level; None where that is not known.
    warnings
        What is wrong with its answers as a whole; see `bini.evaluation.degenerate`.
    promise
        What its calibration promised and what was measured; None without one, or without patents new to it.
    origin
        Where its predictions come from, if that is known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    held_out: SystemScore | None
    seen: SystemScore | None
    slices: list[Slice] = []
    reliability: Reliability | None = None
    risk_coverage: RiskCoverage | None = None
    written_right: float | None = None
    warnings: list[str] = []
    promise: PromiseCheck | None = None
    origin: Origin | None = None

    @model_validator(mode="after")
    def _groups_are_in_their_fields(self) -> Self:
        for group, score in (("held_out", self.held_out), ("seen", self.seen)):
            if score is not None and score.group != group:
                raise ValueError(f"a score of {score.group} rows cannot be filed as {group}")
        return self


class Difference(BaseModel):
    """One score of the first system minus the other's, with its paired bootstrap interval if it has one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    score: str
    value: float
    interval: Interval | None


class PairedTest(BaseModel):
    """Two systems on the held-out cases that both have a prediction for.

    Parameters
    ----------
    first, other
        The systems.
    shared_cases
        Held-out cases that both have a prediction for, answered or not.
    only_first_correct, only_other_correct
        Discordant cases: right in one system and wrong in the other.
    p_value
        Of McNemar's exact test, two-sided; 1 if no case is discordant, None if no case is shared.
    differences
        Of the scores of `COMPARED` on these cases, first minus other, by paired bootstrap over patents.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    other: str
    shared_cases: int
    only_first_correct: int
    only_other_correct: int
    p_value: float | None
    differences: list[Difference]


class Scores(BaseModel):
    """The scores of several systems: all that a report needs.

    Parameters
    ----------
    systems
        In the order given to `score_all`.
    mcnemar
        The first system against each other one.
    errors
        Up to `GALLERY` held-out errors of the first system, worst first; see `worst_first`.
    same_held_out
        Whether all systems with held-out rows have the same ones. If not, their held-out
        scores are about different cases, and only `mcnemar` compares like with like.
    seed
        Seed of the bootstrap.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    systems: list[SystemGroups]
    mcnemar: list[PairedTest]
    errors: list[Prediction] = []
    same_held_out: bool
    seed: int
