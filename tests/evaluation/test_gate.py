"""The release gate: what passes, what does not, and what it refuses to compare."""

from pathlib import Path
from typing import Any

import pytest

from bini.errors import DataError
from bini.evaluation.gate import gate, read_reference
from bini.evaluation.prediction import Prediction
from bini.evaluation.results import Scores
from bini.evaluation.score import score_all


def row(number: int, gold: str, level: str, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "case_id": str(number),
        "patent": str(number % 10),
        "gold": {"level": gold},
        "level": level,
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


def scores(wrong: int = 0, level: str = "애매", cases: int = 120, **changes: Any) -> Scores:
    golds = ["높음", "애매", "낮음"]
    rows = [row(n, golds[n % 3], level if n % 3 == 0 and n // 3 < wrong else golds[n % 3]) for n in range(cases)]
    return score_all({"first": [p.model_copy(update=changes) for p in rows], "other": rows})


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    (tmp_path / "results.json").write_text(scores(wrong=4).model_dump_json(), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("wrong", [0, 4, 5, 6])
def test_as_good_or_a_little_worse_passes(reference: Path, wrong: int) -> None:
    assert gate(scores(wrong), read_reference(reference)) == []
    assert gate(scores(wrong), read_reference(reference / "results.json")) == []


def test_accuracy_that_falls_by_more_than_its_tolerance_is_named(reference: Path) -> None:
    falls = gate(scores(wrong=8), read_reference(reference))
    assert {fall.score for fall in falls} == {"risk_accuracy", "macro_f1"}
    assert str(falls[0]) == "risk_accuracy: 0.9333, reference 0.9667, may fall by 0.02"


def test_more_true_high_called_low_is_a_fall_although_accuracy_holds(reference: Path) -> None:
    [fall] = gate(scores(wrong=4, level="낮음"), read_reference(reference))
    assert fall.score == "high_called_low"
    assert "may rise by 0.01" in str(fall)


def test_one_invalid_answer_is_one_too_many(reference: Path) -> None:
    assert [fall.score for fall in gate(scores(wrong=4, valid_constrained=False), read_reference(reference))] == [
        "valid_json_constrained"
    ]


def test_other_cases_are_not_compared(reference: Path) -> None:
    with pytest.raises(DataError, match="other cases: 120 of 10 patents, here 60 of 10"):
        gate(scores(cases=60), read_reference(reference))
    with pytest.raises(DataError, match="no held-out cases"):
        gate(scores(trained_on=True), read_reference(reference))


@pytest.mark.parametrize("content", [None, "{}", "not json"])
def test_a_reference_that_cannot_be_read_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "results.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match="no results that can be read"):
        read_reference(tmp_path)
