"""Temperature and Brier score against what is known or worked out by hand."""

import numpy as np
import pytest

from bini.domain.calibration import LEAST_TEMPERATURE, MOST_TEMPERATURE, temper
from bini.evaluation.probabilities import fit_temperature, score_probabilities


def drawn(seed: int, cases: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that are right, and levels drawn from them."""
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet([1, 1, 1], cases)
    return rows, (rng.random((cases, 1)) > rows.cumsum(axis=1)).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_was_put_in_comes_out(temperature: float) -> None:
    right, gold = drawn(3)
    sharpened = temper(right, 1 / temperature)
    assert fit_temperature(sharpened, gold, np.ones(len(gold))) == pytest.approx(temperature, rel=0.1)


def test_weights_count() -> None:
    right, gold = drawn(4)
    rows, levels = np.concatenate([temper(right, 1 / 3), right]), np.concatenate([gold, gold])
    weights = np.concatenate([np.zeros(len(gold)), np.ones(len(gold))])
    assert fit_temperature(rows, levels, weights) == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("right", [True, False])
def test_temperatures_keep_their_bounds(right: bool) -> None:
    """Always sure and always right, or always wrong, also with a probability of exactly 0."""
    rows = np.tile([1.0, 0.0, 0.0], (20, 1))
    found = fit_temperature(rows, np.full(20, 0 if right else 2), np.ones(20))
    assert LEAST_TEMPERATURE <= found <= MOST_TEMPERATURE
    assert found > 10 or right


def test_scaling_makes_overconfidence_better() -> None:
    right, gold = drawn(5)
    sure = temper(right, 0.3)
    answered = sure.argmax(axis=1)
    before = score_probabilities(sure, answered, gold)
    after = score_probabilities(temper(sure, fit_temperature(sure, gold, np.ones(len(gold)))), answered, gold)
    assert after.ece < 0.03 < 0.2 < before.ece
    assert after.brier < before.brier


def test_brier_by_hand() -> None:
    found = score_probabilities(np.array([[1.0, 0.0, 0.0], [0.5, 0.3, 0.2]]), np.array([0, 0]), np.array([0, 2]))
    assert found.brier == pytest.approx((0 + 0.25 + 0.09 + 0.64) / 2)
