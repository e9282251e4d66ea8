"""Accuracy by what a case is about: field, tag, language and length of the claim."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from bini.domain.labels import RiskLevel
from bini.evaluation.bootstrap import Interval, share_interval
from bini.evaluation.prediction import Prediction

SMALL_CASES, SMALL_PATENTS = 20, 5
"""A slice of fewer cases or patents is marked: its figures say little."""

Dimension = Literal["claim language", "claim length", "field", "tag"]

_LENGTHS = ((2, "1–2 elements"), (4, "3–4 elements"), (6, "5–6 elements"))
"""Most elements of a claim in each class, and its name. Elements, not characters, so that languages compare."""


class Slice(BaseModel):
    """A system's accuracy on the cases that share a property.

    Parameters
    ----------
    dimension, value
        The property. A case may have several tags, so slices by tag overlap.
    cases, patents
        How many.
    risk_accuracy
        Share with the gold level, and its 95 % interval.
    high, high_called_low
        True 높음 among them, and how many of these were called 낮음.
    small
        Whether the slice has fewer than `SMALL_CASES` cases or `SMALL_PATENTS` patents.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimension: Dimension
    value: str
    cases: int
    patents: int
    risk_accuracy: float
    interval: Interval
    high: int
    high_called_low: int
    small: bool


def slices(predictions: Sequence[Prediction], seed: int) -> list[Slice]:
    """Slice predictions, fields and tags worst first.

    A dimension that the suite says nothing on, or that has one value for every case, is left out.
    """
    found: list[Slice] = []
    for dimension, values in _values(predictions):
        groups: dict[str, list[Prediction]] = {}
        for prediction, own in zip(predictions, values, strict=True):
            for value in own:
                groups.setdefault(value, []).append(prediction)
        if all(len(group) == len(predictions) for group in groups.values()):
            continue
        made = [_slice(dimension, value, group, seed) for value, group in sorted(groups.items())]
        found += sorted(made, key=lambda s: s.risk_accuracy) if dimension in ("field", "tag") else made
    return found


def _values(predictions: Sequence[Prediction]) -> Iterator[tuple[Dimension, list[tuple[str, ...]]]]:
    """Each dimension with the values of every prediction."""
    yield "claim language", [(p.claim_language,) if p.claim_language else () for p in predictions]
    yield "claim length", [_length(len(p.gold.comparisons)) for p in predictions]
    yield "field", [(p.field,) if p.field else () for p in predictions]
    yield "tag", [tuple(dict.fromkeys(p.tags)) for p in predictions]


def _length(elements: int) -> tuple[str, ...]:
    if not elements:
        return ()
    return (next((name for most, name in _LENGTHS if elements <= most), "7 or more elements"),)


def _slice(dimension: Dimension, value: str, group: Sequence[Prediction], seed: int) -> Slice:
    correct, patents = [p.correct for p in group], [p.patent for p in group]
    high = [p.level for p in group if p.gold.level is RiskLevel.HIGH]
    return Slice(
        dimension=dimension,
        value=value,
        cases=len(group),
        patents=len(set(patents)),
        risk_accuracy=sum(correct) / len(group),
        interval=share_interval(correct, patents, seed),
        high=len(high),
        high_called_low=high.count(RiskLevel.LOW),
        small=len(group) < SMALL_CASES or len(set(patents)) < SMALL_PATENTS,
    )
