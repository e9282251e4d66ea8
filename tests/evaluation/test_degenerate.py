"""Answers that all parse and say nothing are called out; answers that differ are not."""

from collections.abc import Sequence
from typing import Any

import pytest

from bini.domain.labels import RiskLevel
from bini.domain.shares import spread
from bini.evaluation.degenerate import degenerate
from bini.evaluation.prediction import Prediction
from bini.evaluation.report.markdown import to_markdown
from bini.evaluation.report.sections import sections
from bini.evaluation.score import score_all

LEVELS = list(RiskLevel)


def row(number: int, given: Sequence[float], match: str = "대응", **changes: Any) -> Prediction:
    element = {"patent_element": "센서", "user_product_element": None}
    gold_match = ["대응", "미대응"][number % 2]
    fields: dict[str, Any] = {
        "case_id": str(number),
        "patent": str(number % 7),
        "gold": {"level": LEVELS[number % 3], "comparisons": [element | {"match": gold_match}]},
        "level": LEVELS[max(range(3), key=lambda k: given[k])],
        "comparisons": [element | {"match": match}],
        "rule_level": None,
        "probabilities": dict(zip(LEVELS, given, strict=True)),
        "valid_free": None,
        "valid_constrained": True,
        "trained_on": False,
        "seconds": 0,
        "model_calls": 0,
        "tags": [],
    }
    return Prediction.model_validate(fields | changes)


def mixed(count: int, **changes: Any) -> list[Prediction]:
    one_hot = [[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]]
    return [row(n, one_hot[n % 3], ["대응", "미대응"][n % 2], **changes) for n in range(count)]


STUCK = [row(n, [0.0, 0.0, 1.0]) for n in range(30)]
"""The true story: everything parses, and every answer is the same."""


def test_one_answer_to_everything_is_called_out_three_times() -> None:
    level, flat, match = degenerate(STUCK)
    assert level == "100% of the answers are 낮음, as 33% of the cases are: one level for everything."
    assert "do not depend on the question" in flat
    assert match == "All 30 elements got the same match: 대응."


def test_it_stands_above_all_figures_of_the_report() -> None:
    text = to_markdown(sections(score_all({"stuck": STUCK, "sound": mixed(30)}), "Title", []))
    warning = text.index("**stuck: 100% of its answers are valid JSON, and yet: 100% of the answers")
    assert warning < text.index("Risk accuracy")
    assert "**sound" not in text[:warning]


def test_probabilities_that_tremble_are_told_from_those_that_stand_still() -> None:
    trembling = [row(n, [0.5 + 0.02 * (-1) ** n, 0.3, 0.2 - 0.02 * (-1) ** n]) for n in range(30)]
    assert spread([p.probabilities for p in trembling]) == pytest.approx(0.02)
    assert any("hardly depend" in found for found in degenerate(trembling))


@pytest.mark.parametrize(
    "predictions",
    [
        mixed(30),
        STUCK[:9],
        [p.model_copy(update={"probabilities": {}}) for p in STUCK],
        [],
    ],
    ids=["sound", "too few to tell", "a baseline", "none"],
)
def test_no_false_alarm(predictions: list[Prediction]) -> None:
    assert degenerate(predictions) == []


def test_a_suite_of_one_level_may_get_one_level() -> None:
    alike = [p.model_copy(update={"gold": p.gold.model_copy(update={"level": RiskLevel.LOW})}) for p in STUCK]
    assert not any("one level for everything" in found for found in degenerate(alike))
