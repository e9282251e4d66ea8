"""Intervals: what is resampled, and that resamples are scored as the sample is."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.labels import Match, RiskLevel
from bini.evaluation.bootstrap import Tally, differences, draw, intervals, share_interval
from bini.evaluation.prediction import Prediction
from bini.evaluation.score import score_system


def prediction(case: str, gold: str, level: str | None, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "case_id": case,
        "patent": case,
        "gold": {"level": gold, "comparisons": changes.pop("gold_rows", [])},
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


levels = st.sampled_from(list(RiskLevel))
charts = st.lists(
    st.tuples(st.sampled_from("가나다"), st.none() | st.sampled_from(["크림", "앰플"]), st.sampled_from(list(Match))),
    max_size=4,
).map(lambda rows: [{"patent_element": e, "user_product_element": q, "match": m} for e, q, m in rows])


@st.composite
def samples(draw_: st.DrawFn) -> list[Prediction]:
    return [
        prediction(
            str(n),
            draw_(levels),
            draw_(st.none() | levels),
            patent=draw_(st.sampled_from("pqr")),
            gold_rows=draw_(charts),
            comparisons=draw_(charts),
            rule_level=draw_(st.none() | levels),
            valid_free=draw_(st.none() | st.booleans()),
            valid_constrained=draw_(st.booleans()),
        )
        for n in range(draw_(st.integers(1, 8)))
    ]


@settings(max_examples=60, deadline=None)
@given(samples())
def test_a_resample_that_is_the_sample_has_its_scores(rows: list[Prediction]) -> None:
    """Counts and formulas of the bootstrap against scikit-learn's on the same rows."""
    patents = sorted({row.patent for row in rows})
    once = Tally.of(rows, patents).resampled(np.ones((1, len(patents)))).statistics()
    score = score_system("x", rows)
    expected = {name: getattr(score, name) for name in once if hasattr(score, name)}
    for label in (*score.levels, *score.matches):
        expected |= {f"precision {label.label}": label.precision, f"recall {label.label}": label.recall}
    if not score.matches:
        expected["match_macro_f1"] = 0
    for name, value in expected.items():
        assert once[name][0] == pytest.approx(np.nan if value is None else value, nan_ok=True), name
    assert set(once) - set(expected) <= {f"{what} {m}" for what in ("precision", "recall") for m in Match}


def test_patents_are_resampled_whole() -> None:
    # Two patents, all right and all wrong: the resamples are 0, 0.5 and 1, each end with mass 1/4.
    found = share_interval([True] * 5 + [False] * 5, ["p"] * 5 + ["q"] * 5, seed=0)
    assert (found.low, found.high, found.method) == (0.0, 1.0, "bootstrap over patents")


def test_every_draw_is_as_large_as_the_sample_and_they_differ() -> None:
    draws = draw(5, seed=1)
    assert (draws.sum(axis=1) == 5).all()
    assert draws.mean(axis=0) == pytest.approx(np.ones(5), abs=0.1)
    assert len(np.unique(draws, axis=0)) > 50


@pytest.mark.parametrize(
    ("correct", "patents"), [([True, False], ["p", "p"]), ([True] * 4, list("pqrs")), ([False] * 4, list("pqrs"))]
)
def test_wilson_interval_where_resampling_patents_says_nothing(correct: list[bool], patents: list[str]) -> None:
    found = share_interval(correct, patents, seed=0)
    rate, n, z = sum(correct) / len(correct), len(correct), 1.959963984540054
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (rate * (1 - rate) / n + z * z / (4 * n * n)) ** 0.5
    assert found.method == "Wilson"
    assert found.low == pytest.approx(centre - half, abs=1e-12)
    assert found.high == pytest.approx(centre + half, abs=1e-12)
    assert found.low <= rate <= found.high


def test_a_score_that_is_no_share_has_no_interval_where_resampling_says_nothing() -> None:
    found = intervals([prediction("a", "높음", "높음"), prediction("b", "낮음", "낮음", patent="a")], seed=0)
    assert found["risk_accuracy"].method == found["recall 낮음"].method == "Wilson"
    assert not {"macro_f1", "kappa", "recall 애매", "match_accuracy"} & set(found)


def test_the_interval_of_the_worst_error_ignores_resamples_without_a_true_high() -> None:
    rows = [prediction("a", "높음", "낮음"), prediction("b", "높음", "높음"), prediction("c", "낮음", "낮음")]
    found = intervals(rows, seed=0)["high_called_low"]
    assert (found.low, found.high, found.method) == (0.0, 1.0, "bootstrap over patents")


def test_paired_differences_use_the_same_resamples_for_both() -> None:
    golds = [prediction(str(n), "높음", "높음" if n % 2 else "낮음") for n in range(20)]
    worse = [row.model_copy(update={"level": RiskLevel.LOW}) if row.case_id == "1" else row for row in golds]
    value, found = differences(golds, worse, ["risk_accuracy"], seed=0)["risk_accuracy"]
    assert value == pytest.approx(1 / 20)
    assert found is not None
    assert found.low == 0, "one case differs: no resample is worse than the other system, whatever its own accuracy"
    assert found.high <= 4 / 20
    assert differences(golds, golds, ["risk_accuracy", "match_accuracy"], seed=0) == {"risk_accuracy": (0.0, None)}


def test_weights_let_every_patent_count_the_same() -> None:
    # patent a: 1 of 4, patent b: 1 of 1; one resample in four holds a alone, one in four b alone
    found = share_interval([True, False, False, False, True], [*"aaaab"], 0, [0.25] * 4 + [1])
    assert (found.low, found.high, found.method) == (0.25, 1.0, "bootstrap over patents")
    every = share_interval([True] * 6, [*"aabbcc"], 0, [0.5] * 6)
    assert (every.low, every.high) == pytest.approx((0.4385, 1), abs=1e-4)  # Wilson, 3 of 3 patents
