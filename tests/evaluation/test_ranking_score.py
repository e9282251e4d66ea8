"""Measures of an order of candidates, against all orders of what is tied."""

import math
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import label_ranking_average_precision_score

from bini.domain.labels import RiskLevel
from bini.evaluation.ranking_score import Judged, compare, measure

H, M, L = RiskLevel


def of_order(levels: list[RiskLevel]) -> dict[str, float]:
    """The measures by their definitions, for an order without ties."""
    high = levels.count(H)
    hits = [level is H for level in levels]
    gains = [level.rank for level in levels]
    dcg = [sum(g / math.log2(n + 2) for n, g in enumerate(order)) for order in (gains, sorted(gains)[::-1])]
    precision = sum(hits[n] * sum(hits[: n + 1]) / (n + 1) for n in range(min(3, len(hits))))
    return {
        "map_at_3": precision / min(3, high),
        "ndcg": dcg[0] / dcg[1],
        **{f"recall_at_{k}": sum(hits[:k]) / high for k in (3, 5, 10)},
    }


def test_an_order_worked_out_by_hand() -> None:
    found = measure(Judged([L, H, M, H, L], [0.9, 0.8, 0.7, 0.6, 0.5]))
    assert found["map_at_3"] == pytest.approx((1 / 2) / 2)
    assert (found["recall_at_3"], found["recall_at_5"]) == (0.5, 1)
    ideal = 2 + 2 / math.log2(3) + 1 / 2
    assert found["ndcg"] == pytest.approx((2 / math.log2(3) + 1 / 2 + 2 / math.log2(5)) / ideal)


levels = st.lists(st.sampled_from(RiskLevel), min_size=2, max_size=6).filter(lambda found: H in found)


@given(levels.flatmap(lambda found: st.tuples(st.just(found), st.permutations(range(len(found))))))
def test_without_ties_the_measures_are_their_definitions(drawn) -> None:
    found, scores = drawn
    order = [level for _, level in sorted(zip(scores, found, strict=True), key=lambda pair: -pair[0])]
    assert measure(Judged(found, scores)) == pytest.approx(of_order(order))


@settings(max_examples=30)
@given(levels.flatmap(lambda f: st.tuples(st.just(f), st.lists(st.integers(0, 2), min_size=len(f), max_size=len(f)))))
def test_with_ties_they_are_the_mean_over_all_orders(drawn) -> None:
    found, scores = drawn
    every = [
        of_order([found[n] for n in order])
        for order in permutations(range(len(found)))
        if all(scores[a] >= scores[b] for a, b in pairwise(order))
    ]
    wanted = {key: float(np.mean([one[key] for one in every])) for key in every[0]}
    assert measure(Judged(found, scores)) == pytest.approx(wanted)


def test_average_precision_of_three_is_the_librarys() -> None:
    judged = Judged([H, L, H], [0.2, 0.5, 0.9])
    wanted = label_ranking_average_precision_score([[1, 0, 1]], [judged.scores])
    assert measure(judged)["map_at_3"] == pytest.approx(wanted)


def test_systems_are_compared_on_the_same_queries() -> None:
    first = [Judged([H, L], [1, 0]), Judged([H, L, M], [2, 0, 1])]
    other = [Judged([H, L], [0, 1]), Judged([H, L, M], [2, 0, 1])]
    found = compare("all", {"first": first, "other": other})
    assert (found.queries, found.candidates, found.high) == (2, 5, 2)
    best, worse = found.systems
    assert best.measures["ndcg"].value == 1
    assert best.measures["ndcg"].interval == (1, 1)
    assert best.first_ahead.value == 0
    gap = 1 - 1 / math.log2(3)
    assert worse.first_ahead.value == pytest.approx(gap / 2)
    assert worse.first_ahead.interval == pytest.approx((0, gap))


def test_one_query_has_no_interval() -> None:
    found = compare("one", {"first": [Judged([H, L], [1, 0])]})
    assert found.systems[0].measures["map_at_3"].interval is None
