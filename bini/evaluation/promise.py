"""What a calibration promised beside what is measured on patents that it has not seen."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from bini.domain.calibration import Calibration, ProbabilityScores, Source, temper
from bini.domain.labels import RiskLevel
from bini.evaluation.bootstrap import Interval, share_interval
from bini.evaluation.conformal import patent_weights
from bini.evaluation.prediction import Prediction
from bini.evaluation.probabilities import Answers, score_probabilities


class Coverage(BaseModel):
    """How often cases truly of one level kept it.

    Parameters
    ----------
    level
        The level.
    cases, patents
        Cases truly of that level, and patents that have such.
    kept
        Mean over those patents of the share of cases that kept the level; None without cases.
    interval
        Its 95 % interval.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: RiskLevel
    cases: int
    patents: int
    kept: float | None
    interval: Interval | None


class PromiseCheck(BaseModel):
    """The promise of a calibration beside what was measured.

    Parameters
    ----------
    source, alpha
        Of the calibration.
    calibration_patents
        How many patents it was made on.
    coverage
        One entry a level, riskiest first; the promise is that `kept` is at least 1 - alpha.
    cases, patents
        What it was measured on; unanswered cases and patents calibrated on are left out.
    decided
        Cases that kept one level alone.
    only_low, only_low_but_high
        Cases that kept 낮음 alone, and those of them truly 높음. Observed here; not promised, since it depends on how
        common 높음 is.
    raw, calibrated
        How good the probabilities are before and after temperature scaling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    alpha: float
    calibration_patents: int
    coverage: tuple[Coverage, ...]
    cases: int
    patents: int
    decided: int
    only_low: int
    only_low_but_high: int
    raw: ProbabilityScores
    calibrated: ProbabilityScores


def check_promise(calibration: Calibration, predictions: Sequence[Prediction], seed: int) -> PromiseCheck | None:
    """What a calibration's promise comes to on patents that it has not seen; None if there are none.

    Parameters
    ----------
    calibration
        Of the adapter that made the predictions.
    predictions
        On any patents; those calibrated on, unanswered and trained rows are left out.
    seed
        Seed of the intervals.

    Raises
    ------
    DataError
        If there are no probabilities.
    """
    rows = [p for p in predictions if p.level and not p.trained_on and p.patent not in calibration.patents]
    if not rows:
        return None
    answers = Answers.of(rows)
    possible = [calibration.possible_levels(p.probabilities, p.level) for p in rows if p.level]
    low_gold = [p.gold.level for p, levels in zip(rows, possible, strict=True) if levels == (RiskLevel.LOW,)]
    scaled = temper(answers.probabilities, calibration.temperature)
    return PromiseCheck(
        source=calibration.source,
        alpha=calibration.alpha,
        calibration_patents=len(calibration.patents),
        coverage=tuple(_coverage(level, rows, possible, seed) for level in RiskLevel),
        cases=len(rows),
        patents=len({p.patent for p in rows}),
        decided=sum(len(levels) == 1 for levels in possible),
        only_low=len(low_gold),
        only_low_but_high=low_gold.count(RiskLevel.HIGH),
        raw=score_probabilities(answers.probabilities, answers.answered, answers.gold),
        calibrated=score_probabilities(scaled, answers.answered, answers.gold),
    )


def _coverage(
    level: RiskLevel, rows: Sequence[Prediction], possible: Sequence[tuple[RiskLevel, ...]], seed: int
) -> Coverage:
    truly = [(level in levels, p.patent) for p, levels in zip(rows, possible, strict=True) if p.gold.level is level]
    hits, patents = [hit for hit, _ in truly], [patent for _, patent in truly]
    count = len(set(patents))
    weights = patent_weights(patents).tolist()
    return Coverage(
        level=level,
        cases=len(truly),
        patents=count,
        kept=sum(weight for weight, hit in zip(weights, hits, strict=True) if hit) / count if truly else None,
        interval=share_interval(hits, patents, seed, weights) if truly else None,
    )
