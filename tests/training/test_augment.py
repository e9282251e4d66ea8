"""Strangers: products of other fields under each claim, labelled as the rubric would label them."""

import random
from pathlib import Path

import pytest

from bini.domain.cases import Case, load_cases
from bini.domain.labels import Match, RiskLevel
from bini.resources import BENCH_ROWS, SOURCE
from bini.training.augment import strangers

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> list[Case]:
    return load_cases(ROOT / BENCH_ROWS.format(split="train"))


def test_every_claim_gets_products_of_other_fields(bench: list[Case]) -> None:
    made = strangers(bench, 2, seed=1)
    fields = {case.user_query: case.patent_field for case in bench}
    assert {case.claim_text for case in made} == {case.claim_text for case in bench}
    assert len(made) == 2 * len({case.claim_text for case in bench})
    assert all(fields[case.user_query] != case.patent_field for case in made)
    assert len({case.case_id for case in made}) == len(made)


def test_the_product_is_another_thing_and_silent_on_all_else(bench: list[Case]) -> None:
    for case in strangers(bench, 2, seed=1):
        assert case.label.level is RiskLevel.LOW
        told = [row for row in case.label.comparisons if row.match is not Match.UNKNOWN]
        assert [row.match for row in told] == [Match.NO]
        assert told[0].user_product_element in case.user_query
        assert all(row.user_product_element is None for row in case.label.comparisons if row is not told[0])


def test_what_is_claimed_as_a_whole_is_what_differs(bench: list[Case]) -> None:
    made = {case.claim_text: case for case in strangers(bench, 1, seed=1)}
    told = {row.patent_element for case in made.values() for row in case.label.comparisons if row.match is Match.NO}
    assert {"가열식 가습기", "리튬 이차전지", "A cooking appliance", "A barrier film"} <= told
    assert "태양광 발전부, 배터리 및 전력변환장치를 구비한 에너지 저장 시스템의 운전 방법에 있어서" in told


def test_no_product_that_shares_a_word_with_the_claim_is_a_stranger(bench: list[Case]) -> None:
    sharing = [
        case.model_copy(update={"user_query": f"{case.user_query} {word}"})
        for case in bench
        for word in ["제어부", "온도", "조성물", "장치", "방법", "composition", "device"]
    ]
    rng = random.Random(0)
    for case in strangers(rng.sample(sharing, 200), 3, seed=2):
        words = [w.lower() for element in case.elements for w in element.split()]
        shared = case.user_query.split()[-1]
        assert len(shared) < 3 or not any(w.startswith(shared[:3]) for w in words), (case.case_id, shared)


def test_cases_without_a_field_are_left_out() -> None:
    assert strangers(load_cases(ROOT / SOURCE), 3, seed=1) == []


def test_the_seed_alone_decides(bench: list[Case]) -> None:
    assert strangers(bench, 2, seed=1) == strangers(bench, 2, seed=1) != strangers(bench, 2, seed=2)
