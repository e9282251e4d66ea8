"""Reliability and risk against coverage, by numbers worked out by hand."""

import pytest

from bini.domain.labels import RiskLevel
from bini.evaluation.confidence import reliability, risk_coverage, written_right
from bini.evaluation.prediction import GoldChart, Prediction


def answer(case: str, sure: float | None, *, right: bool) -> Prediction:
    level = RiskLevel.HIGH if right else RiskLevel.LOW
    return Prediction(
        case_id=case,
        patent="p",
        gold=GoldChart(level=RiskLevel.HIGH),
        level=level,
        comparisons=(),
        rule_level=None,
        probabilities={} if sure is None else {level: sure},
        valid_free=None,
        valid_constrained=True,
        trained_on=False,
        seconds=0,
        model_calls=0,
        tags=(),
    )


FOUR = [
    answer("a", 1.0, right=True),
    answer("b", 0.9, right=False),
    answer("c", 0.64, right=True),
    answer("d", 0.66, right=False),
]


def test_reliability_bins_and_their_error() -> None:
    found = reliability(FOUR)
    assert found is not None
    low, high = found.bins
    assert (low.low, low.cases, low.accuracy) == (pytest.approx(0.6), 2, 0.5)
    assert (high.high, high.cases, high.accuracy) == (1, 2, 0.5), "the last bin holds 0.9 and its own end, 1"
    assert (low.confidence, high.confidence) == (pytest.approx(0.65), pytest.approx(0.95))
    assert found.expected_calibration_error == pytest.approx((2 * 0.15 + 2 * 0.45) / 4)


def test_risk_rises_with_coverage_and_unanswered_cases_are_never_covered() -> None:
    silent = answer("e", None, right=False).model_copy(update={"level": None})
    found = risk_coverage([*reversed(FOUR), silent])
    assert found is not None
    assert found.coverage == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert found.risk == pytest.approx([0, 1 / 2, 2 / 3, 1 / 2])
    assert found.area == pytest.approx((0 + 1 / 2 + 2 / 3 + 1 / 2) / 4)


def test_answers_that_are_equally_sure_are_taken_together() -> None:
    found = risk_coverage([answer(str(n), 0.8, right=n == 0) for n in range(4)])
    assert found is not None
    assert (found.coverage, found.risk, found.area) == ([1], [0.75], 0.75)


def test_what_the_model_wrote_is_scored_beside_what_numbers_make_of_it() -> None:
    wrote = [row.model_copy(update={"written_level": RiskLevel.HIGH}) for row in FOUR[:3]]
    wrote[0] = wrote[0].model_copy(update={"written_level": RiskLevel.LOW})
    assert written_right(wrote) == pytest.approx(2 / 3)
    assert written_right([*wrote, FOUR[3]]) == pytest.approx(2 / 3), "what is not known does not count"


def test_a_system_without_probabilities_has_neither() -> None:
    rows = [answer("a", None, right=True)]
    assert reliability(rows) is risk_coverage(rows) is None
    assert reliability([]) is risk_coverage([]) is None
    assert written_right(rows) is written_right([]) is None
