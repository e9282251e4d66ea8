"""Figures over a window of requests."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring.log import read_rows
from bini.domain.monitoring.record import LogRecord
from bini.domain.schema import Ground
from bini.domain.shares import level_shares, spread, stability_index
from bini.errors import DataError, InputError

ENOUGH = 30
"""Fewer answers than this raise no alarm about what they say; an adapter's own checks decide on as many."""


@dataclass(frozen=True)
class Reference:
    """The levels that are normal: those of `size` answers."""

    shares: Mapping[RiskLevel, float]
    size: int


def read_reference(path: Path) -> Reference:
    """The levels of a predictions file of `bini eval`, or of an earlier log.

    Raises
    ------
    DataError
        If the file cannot be read, or holds fewer than `ENOUGH` answers.
    """
    levels = [row.level for row in read_rows(path, _Levelled) if row and row.level]
    if len(levels) < ENOUGH:
        raise DataError(
            f"{path} holds {len(levels)} levels, a reference needs {ENOUGH}",
            "give a predictions file of bini eval, or a log of a time when all was well",
        )
    return Reference(level_shares(levels), len(levels))


class _Levelled(BaseModel):
    """What a prediction and a log record have in common."""

    level: RiskLevel | None = None


@dataclass(frozen=True)
class Span:
    """Where a window lies: its first and last request, counted from 1 in its stream, and when they ended."""

    first: int
    last: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Window:
    """Figures of a window; None where nothing in it tells.

    Parameters
    ----------
    asked
        How many requests came to the model, that is, were not refused as input.
    answers
        How many it answered; what is said of answers is a share or a mean of these.
    levels
        Share of each level.
    confidence, confidence_spread
        Mean and standard deviation of the confidence.
    spread
        Standard deviation of a level's probability, of the level where it is largest: 0 if every answer is the same,
        0.5 if half of them are sure of a level and the others of another.
    valid
        Share answered of those asked; an answer is valid JSON of the schema, or it is an error.
    refused
        Share of the requests that were refused as input, before the model was asked.
    disagreement
        Share of answers whose level is not the one that their verdicts roll up to.
    abstention
        Share of elements that the model left as 판단불가.
    review
        Share of answers that need review.
    grounds
        Share of answers that need review for each ground.
    product_chars
        Mean length of the product description, in characters.
    korean
        Mean share of its letters that are Hangul.
    seconds
        Mean wall time, of the requests where it is known.
    drift
        Population stability index of the levels against a reference.
    """

    span: Span
    asked: int
    answers: int
    levels: Mapping[RiskLevel, float]
    confidence: float | None
    confidence_spread: float | None
    spread: float | None
    valid: float | None
    refused: float
    disagreement: float | None
    abstention: float | None
    review: float | None
    grounds: Mapping[Ground, float]
    product_chars: float
    korean: float
    seconds: float | None
    drift: float | None


def window(records: Sequence[LogRecord], last: int, reference: Reference | None = None) -> Window:
    """The figures of some requests.

    Parameters
    ----------
    records
        At least one, in their order.
    last
        The number of the last one, counted from 1.
    """
    made = [record for record in records if record.level]
    levels = Counter(record.level for record in made)
    refused = sum(record.error == InputError.__name__ for record in records)
    sure = [record.confidence for record in made if record.confidence is not None]
    elements, open_ = sum(r.elements for r in made), sum(r.matches.get(Match.UNKNOWN, 0) for r in made)
    timed = [record.seconds for record in records if record.seconds is not None]
    return Window(
        span=Span(last - len(records) + 1, last, records[0].at, records[-1].at),
        asked=len(records) - refused,
        answers=len(made),
        levels={level: levels[level] / max(len(made), 1) for level in RiskLevel},
        confidence=_mean(sure),
        confidence_spread=statistics.pstdev(sure) if sure else None,
        spread=spread(told) if (told := [row.probabilities for row in made if row.probabilities]) else None,
        valid=_share(len(made), len(records) - refused),
        refused=refused / len(records),
        disagreement=_share(sum(r.level is not r.rule_level for r in made), len(made)),
        abstention=_share(open_, elements),
        review=_share(sum(r.needs_review for r in made), len(made)),
        grounds={ground: sum(ground in r.grounds for r in made) / max(len(made), 1) for ground in Ground},
        product_chars=statistics.fmean(record.product_chars for record in records),
        korean=statistics.fmean(record.korean for record in records),
        seconds=_mean(timed),
        drift=stability_index(level_shares(_levels(made)), reference.shares) if reference and made else None,
    )


def _levels(made: Iterable[LogRecord]) -> Iterable[RiskLevel]:
    return (record.level for record in made if record.level)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
