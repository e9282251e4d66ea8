"""Slices: what is counted where, and what is left out."""

from typing import Any

import pytest

from bini.evaluation.prediction import Prediction
from bini.evaluation.slices import SMALL_CASES, SMALL_PATENTS, Dimension, Slice, slices


def prediction(case: int, *, right: bool = True, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "case_id": str(case),
        "patent": str(case % SMALL_PATENTS),
        "gold": {"level": "높음", "comparisons": []},
        "level": "높음" if right else "낮음",
        "comparisons": [],
        "rule_level": None,
        "probabilities": {},
        "valid_free": None,
        "valid_constrained": True,
        "trained_on": False,
        "seconds": 1.0,
        "model_calls": 1,
        "tags": [],
    }
    return Prediction.model_validate(fields | changes)


def found(rows: list[Prediction], dimension: Dimension) -> list[Slice]:
    return [own for own in slices(rows, seed=0) if own.dimension == dimension]


def test_a_case_counts_in_each_of_its_tags_and_the_worst_come_first() -> None:
    rows = [
        prediction(0, tags=["synonym"]),
        prediction(1, right=False, tags=["typo", "synonym", "typo"]),
        prediction(2, tags=[]),
    ]
    typo, synonym = found(rows, "tag")
    assert (typo.value, typo.cases, typo.risk_accuracy, typo.high, typo.high_called_low) == ("typo", 1, 0, 1, 1)
    assert (synonym.value, synonym.cases, synonym.patents, synonym.risk_accuracy) == ("synonym", 2, 2, 0.5)
    assert typo.interval.low <= typo.risk_accuracy <= typo.interval.high


@pytest.mark.parametrize(("cases", "patents", "small"), [(0, 0, False), (-1, 0, True), (0, -1, True)])
def test_a_slice_of_few_cases_or_patents_is_marked(cases: int, patents: int, small: bool) -> None:
    spread = SMALL_PATENTS + patents
    rows = [prediction(n, field="robots", patent=f"p{n % spread}") for n in range(SMALL_CASES + cases)]
    (own,) = found([*rows, prediction(99)], "field")
    assert own.small is small


def test_claims_are_sliced_by_language_and_by_number_of_elements() -> None:
    def chart(count: int) -> dict[str, Any]:
        rows = [{"patent_element": str(n), "user_product_element": None, "match": "대응"} for n in range(count)]
        return {"level": "높음", "comparisons": rows}

    rows = [
        prediction(0, claim="A robot comprising a sensor", gold=chart(7)),
        prediction(1, claim="LiDAR 센서", gold=chart(2)),
        prediction(2, claim="로봇", gold=chart(3)),
    ]
    assert {own.value: own.cases for own in found(rows, "claim language")} == {"Korean": 2, "other": 1}
    lengths = [own.value for own in found(rows, "claim length")]
    assert lengths == ["1–2 elements", "3–4 elements", "7 or more elements"]


def test_what_the_suite_does_not_say_or_says_of_all_is_left_out() -> None:
    assert slices([prediction(0), prediction(1)], seed=0) == []
    same = {"claim": "로봇", "field": "robots", "tags": ["typo"]}
    assert slices([prediction(0, **same), prediction(1, **same)], seed=0) == []
    assert slices([], seed=0) == []
