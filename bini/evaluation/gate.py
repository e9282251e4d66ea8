"""The gate of a release: headline figures may not fall behind a reference by more than their tolerance."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bini.errors import DataError
from bini.evaluation.results import Scores, SystemScore

TOLERANCES = {
    "risk_accuracy": 0.02,
    "macro_f1": 0.02,
    "match_accuracy": 0.01,
    "quote_precision": 0.02,
    "valid_json_constrained": 0.0,
    "high_called_low": -0.01,
}
"""How far each figure may fall, or rise if the tolerance is negative: then more is worse."""


@dataclass(frozen=True)
class Fall:
    """A headline figure that fell beyond its tolerance."""

    score: str
    reference: float
    found: float | None
    tolerance: float

    def __str__(self) -> str:
        """The figure in words."""
        found = "none" if self.found is None else f"{self.found:.4f}"
        direction = "rise" if self.tolerance < 0 else "fall"
        return f"{self.score}: {found}, reference {self.reference:.4f}, may {direction} by {abs(self.tolerance):g}"


def read_reference(reference: Path) -> Scores:
    """The scores in a results.json, or in the folder of one.

    Raises
    ------
    DataError
        If there are none that can be read, or none of held-out cases.
    """
    path = reference / "results.json" if reference.is_dir() else reference
    try:
        stored = Scores.model_validate_json(path.read_bytes())
        _held_out(stored, str(path))
    except (OSError, ValidationError) as error:
        raise DataError(f"{path} holds no results that can be read", "give a results.json of bini eval") from error
    return stored


def gate(scores: Scores, reference: Scores) -> list[Fall]:
    """The headline figures of the first system that fell behind those of a reference's first system.

    Raises
    ------
    DataError
        If one of the two has no held-out cases, or they are about other cases.
    """
    before, after = _held_out(reference, "the reference"), _held_out(scores, "this evaluation")
    _refuse_other_cases(before, after)
    return [
        Fall(name, old, new, tolerance)
        for name, tolerance in TOLERANCES.items()
        if (old := getattr(before, name)) is not None and _fell(old, new := getattr(after, name), tolerance)
    ]


def _fell(old: float, new: float | None, tolerance: float) -> bool:
    if new is None:
        return True
    worse = new - old if tolerance < 0 else old - new
    return worse > abs(tolerance) + 1e-9  # not for the last digit of a float


def _held_out(scores: Scores, what: str) -> SystemScore:
    first = scores.systems[0].held_out if scores.systems else None
    if first is None:
        raise DataError(f"{what} has no held-out cases", "a gate compares held-out figures: give another suite")
    return first


def _refuse_other_cases(before: SystemScore, after: SystemScore) -> None:
    """Suites are told apart by how many cases, patents, elements and cases of each level they have."""
    if _suite(before) != _suite(after):
        raise DataError(
            f"the reference is about other cases: {before.cases} of {before.patents} patents, here {after.cases} of "
            f"{after.patents}",
            "gate on the suite of the reference: bini eval --suite",
        )


def _suite(score: SystemScore) -> tuple[int, ...]:
    return score.cases, score.patents, score.elements_scored, *(level.gold for level in score.levels)
