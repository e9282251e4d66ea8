"""The promise over many simulated calibrations, with cases that come in patents."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.evaluation.conformal import patent_weights, threshold

DRAWS = 3_000


def patents_drawn(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the true level, and patent numbers; hard patents have many cases, easy ones few."""
    ease = rng.normal(size=count)
    sizes = np.where(ease < 0, rng.integers(8, 30, count), rng.integers(1, 4, count))
    patents = np.repeat(np.arange(count), sizes)
    logits = 2 * ease[patents] + rng.normal(scale=0.5, size=len(patents))
    return 1 / (1 + np.exp(-logits)), patents


def new_case(rng: np.random.Generator) -> float:
    """The true level's probability of a case drawn from one new patent."""
    return float(rng.choice(patents_drawn(rng, 1)[0]))


def ruled_out(seed: int, patents: int, alpha: float) -> tuple[float, float]:
    """Share of new cases whose true level is ruled out over many calibrations, and the standard error of that share."""
    rng = np.random.default_rng(seed)
    missed = [new_case(rng) < threshold(*patents_drawn(rng, patents), alpha) for _ in range(DRAWS)]
    return float(np.mean(missed)), float(np.sqrt(alpha * (1 - alpha) / DRAWS))


@pytest.mark.parametrize(("patents", "alpha"), [(9, 0.1), (12, 0.1), (19, 0.2), (30, 0.1), (46, 0.05)])
def test_the_promise_holds_over_patents_and_is_not_empty(patents: int, alpha: float) -> None:
    missed, error = ruled_out(1, patents, alpha)
    assert missed <= alpha + 3 * error
    # Between what is allowed and that there lies at most one patent's vote.
    assert missed >= alpha - 1 / (patents + 1) - 3 * error


def test_counting_cases_instead_of_patents_would_break_it() -> None:
    """The same draws with every case as a patent of its own: what this module is there to prevent."""
    rng = np.random.default_rng(2)
    missed = []
    for _ in range(DRAWS):
        probabilities, patents = patents_drawn(rng, 12)
        flipped = 1 - probabilities  # many cases in the patents of high probability
        naive = threshold(flipped, np.arange(len(flipped)), 0.1)
        honest = threshold(flipped, patents, 0.1)
        new = 1 - new_case(rng)
        missed.append((new < naive, new < honest))
    naive_share, honest_share = np.mean(missed, axis=0)
    assert naive_share > 0.2
    assert honest_share <= 0.1 + 3 * np.sqrt(0.09 / DRAWS)


@pytest.mark.parametrize(("patents", "alpha"), [(8, 0.1), (18, 0.05), (0, 0.1), (1, 0.4)])
def test_too_few_patents_rule_nothing_out(patents: int, alpha: float) -> None:
    assert threshold(np.full(patents, 0.9), np.arange(patents), alpha) == 0


def test_a_threshold_by_hand() -> None:
    # 19 patents at alpha 0.1: the votes of one patent may fall below.
    probabilities = np.array([0.1, 0.2, 0.3, 0.15, 0.9, *[0.95] * 17])
    patents = np.array([0, 0, 0, 1, 1, *range(2, 19)])
    # Below 0.3 lie 1/3 + 1/3 + 1/2, more than one vote; below 0.2 lie 1/3 + 1/2.
    assert threshold(probabilities, patents, 0.1) == 0.2


scored = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30)), min_size=1, max_size=80)


@settings(deadline=None)
@given(rows=scored, one=st.floats(0.01, 0.99), other=st.floats(0.01, 0.99))
def test_a_bolder_alpha_never_lowers_a_threshold(rows: list, one: float, other: float) -> None:
    probabilities, patents = (np.array(column) for column in zip(*rows, strict=True))
    careful, bold = sorted((one, other))
    assert threshold(probabilities, patents, careful) <= threshold(probabilities, patents, bold)


@settings(deadline=None)
@given(rows=scored, alpha=st.floats(0.01, 0.99), seed=st.integers(0, 9))
def test_the_order_of_cases_and_the_names_of_patents_do_not_matter(rows: list, alpha: float, seed: int) -> None:
    probabilities, patents = (np.array(column) for column in zip(*rows, strict=True))
    order = np.random.default_rng(seed).permutation(len(rows))
    names = np.array([f"10-{99 - patent}" for patent in patents])
    assert threshold(probabilities[order], names[order], alpha) == threshold(probabilities, patents, alpha)
    assert patent_weights(patents).sum() == pytest.approx(len(set(patents.tolist())))
