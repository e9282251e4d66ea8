"""Counterfactual copies: one thing changed, the labels that follow, everything else as it was."""

import random
from collections import Counter
from pathlib import Path

import pytest

from bini.domain.cases import Case, Label, LabelledComparison, load_cases
from bini.domain.labels import Basis, Match, roll_up
from bini.resources import BENCH_ROWS
from bini.training.counterfactual import renamed, turned

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> list[Case]:
    return load_cases(ROOT / BENCH_ROWS.format(split="train"))


@pytest.fixture(scope="module")
def pairs(bench: list[Case]) -> list[tuple[Case, Case]]:
    """Each case with its turned copy."""
    origins = {case.case_id: case for case in bench}
    return [(origins[copy.case_id.partition("~")[0]], copy) for copy in turned(bench, 1, seed=1)]


def case(claim: tuple[str, ...], product: str, quotes: tuple[str | None, ...]) -> Case:
    rows = [
        LabelledComparison(patent_element=element, user_product_element=quote, match=Match.YES if quote else Match.NO)
        for element, quote in zip(claim, quotes, strict=True)
    ]
    return Case(case_id="a", claim_text="; ".join(claim), user_query=product, label=Label(comparisons=tuple(rows)))


def test_one_element_that_corresponded_no_longer_does(pairs: list[tuple[Case, Case]]) -> None:
    assert len(pairs) > 250
    for origin, copy in pairs:
        assert copy.claim_text == origin.claim_text
        before, after = origin.label.comparisons, copy.label.comparisons
        changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
        assert [(one.match, other.match is Match.YES) for one, other in changed] == [(Match.YES, False)]
        assert copy.label.level is roll_up(row.match for row in after)


def test_what_a_turned_copy_quotes_stands_in_its_product(pairs: list[tuple[Case, Case]]) -> None:
    for origin, copy in pairs:
        for row in copy.label.comparisons:
            # the seeds and BiniBench quote a product's own words, a copy must as well
            assert row.user_product_element is None or row.user_product_element in copy.user_query, copy.case_id
        assert copy.user_query != origin.user_query


def test_half_of_the_turned_copies_deny_and_some_are_silent(pairs: list[tuple[Case, Case]]) -> None:
    new = Counter(
        other.basis
        for origin, copy in pairs
        for one, other in zip(origin.label.comparisons, copy.label.comparisons, strict=True)
        if one != other
    )
    assert set(new) == {Basis.ABSENT, Basis.PARTIAL, Basis.SILENT}
    assert 0.4 < new[Basis.ABSENT] / new.total() < 0.7


def test_copies_of_a_case_turn_different_elements(bench: list[Case]) -> None:
    copies: dict[str, list[tuple[Match, ...]]] = {}
    for copy in turned(bench, 3, seed=2):
        copies.setdefault(copy.case_id.partition("~")[0], []).append(tuple(r.match for r in copy.label.comparisons))
    assert max(map(len, copies.values())) == 3
    assert all(len(found) <= 3 for found in copies.values())


@pytest.mark.parametrize("element", ["파라벤을 포함하지 않는", "만으로 이루어진", "free of any module housing"])
def test_an_element_that_excludes_is_not_denied(element: str) -> None:
    product = "물티슈다.\n보존제 무첨가 제품이다.\n100매 들이."
    assert turned([case((element,), product, ("보존제 무첨가",))], 1, seed=1) == []


def test_a_sentence_with_another_quote_is_not_cut() -> None:
    product = "손잡이와 뚜껑이 있다.\n무게 2 kg."
    assert turned([case(("손잡이", "뚜껑"), product, ("손잡이", "뚜껑"))], 2, seed=1) == []


def test_a_text_of_one_sentence_is_not_turned_into_nothing() -> None:
    assert turned([case(("손잡이",), "손잡이가 있다.", ("손잡이",))], 1, seed=1) == []


def test_claim_and_product_call_things_by_the_same_new_names() -> None:
    origin = case(("로듐 도금층",), "겉에 로듐 도금층을 입혔다.", ("로듐 도금층을 입혔다",))
    for seed in range(20):
        (copy,) = renamed([origin], 1, seed)
        assert copy.claim_text == copy.elements[0] != origin.claim_text
        assert copy.elements[0].split()[0] in copy.user_query
        assert copy.label.comparisons[0].match is Match.YES
        assert copy.label.comparisons[0].user_product_element in copy.user_query


def test_renaming_keeps_the_labels(bench: list[Case]) -> None:
    origins = {case.case_id: case for case in bench}
    made = renamed(bench, 2, seed=3)
    assert len(made) > len(bench)
    for copy in made:
        before = origins[copy.case_id.partition("~")[0]].label.comparisons
        after = copy.label.comparisons
        assert [(r.match, r.basis) for r in after] == [(r.match, r.basis) for r in before]
        assert [bool(r.user_product_element) for r in after] == [bool(r.user_product_element) for r in before]
        assert all(r.user_product_element is None or r.user_product_element in copy.user_query for r in after)


def test_a_case_in_two_languages_is_not_renamed() -> None:
    assert renamed([case(("손잡이 LED",), "A bag with an LED.", ("an LED",))], 1, seed=1) == []


def test_the_seed_alone_decides(bench: list[Case]) -> None:
    some = random.Random(0).sample(bench, 40)
    for make in (turned, renamed):
        assert make(some, 1, 5) == make(some, 1, 5) != make(some, 1, 6)
        ids = [copy.case_id for copy in make(some, 2, 5)]
        assert len(set(ids)) == len(ids)
