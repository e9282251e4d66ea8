"""The ranking suite: what it promises of itself, and what its loader refuses."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bini.domain.bench import load_bench
from bini.domain.cases import load_cases
from bini.domain.labels import RiskLevel
from bini.domain.ranking_suite import Query, load_suite, refuse_ranked
from bini.errors import DataError

ROOT = Path(__file__).parents[2]
CANDIDATE = {"id": "a", "level": "높음", "decided_by": [], "reason": "r", "near": True, "source": "written"}
PRODUCTS = [
    CANDIDATE | {"product": "컵"},
    CANDIDATE | {"id": "b", "product": "병", "level": "낮음", "decided_by": [1]},
]
BY_CLAIM = {"id": "q", "claim": "덮개를 포함하는 컵", "elements": ["덮개", "컵"], "candidates": PRODUCTS}
BY_PRODUCT = {
    "id": "p",
    "product": "컵",
    "candidates": [
        CANDIDATE | {"claim": "컵", "elements": ["컵"]},
        CANDIDATE | {"id": "b", "claim": "병", "elements": ["병"], "level": "애매", "decided_by": [1]},
    ],
}


@pytest.fixture(scope="module")
def suite() -> list[Query]:
    return load_suite(ROOT / "eval/ranking")


def test_the_suite_has_the_size_it_promises(suite: list[Query]) -> None:
    assert sum(query.claim is not None for query in suite) >= 6
    assert sum(query.product is not None for query in suite) >= 6
    for query in suite:
        assert len(query.candidates) >= 20
        misses = [c for c in query.candidates if c.near and c.level is not RiskLevel.HIGH]
        assert len(misses) >= 6, query.id
        assert {c.level for c in query.candidates if c.near} == set(RiskLevel), query.id


def test_what_comes_from_the_case_set_stands_there_word_for_word(suite: list[Query]) -> None:
    patents = load_bench(ROOT / "data/raw/binibench")["test"]
    claims = {patent.claim: patent for patent in patents}
    products = {case.product: (patent, case) for patent in patents for case in patent.cases}
    for query in suite:
        for candidate in query.candidates:
            claim, product = (query, candidate) if query.claim else (candidate, query)
            patent, case = products[product.text]
            if candidate.source == "written":
                assert claim.text not in claims
                continue
            assert claims[claim.text].elements == claim.elements
            own = claims[claim.text] is patent
            assert candidate.source == ("binibench" if own else "read"), (query.id, candidate.id)
            if own:
                decisive = {"높음": [], "애매": ["판단불가"], "낮음": ["미대응"]}[case.level]
                decided_by = [n for n, row in enumerate(case.comparisons, start=1) if row.match in decisive]
                assert (candidate.level, list(candidate.decided_by)) == (case.level, decided_by), candidate.id


def save(folder: Path, *queries: dict[str, Any] | str) -> Path:
    for number, query in enumerate(queries):
        text = query if isinstance(query, str) else yaml.safe_dump(query, allow_unicode=True)
        (folder / f"{number}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_both_kinds_of_query_are_read(tmp_path: Path) -> None:
    by_claim, by_product = load_suite(save(tmp_path, BY_CLAIM, BY_PRODUCT))
    assert (by_claim.text, by_product.text) == ("덮개를 포함하는 컵", "컵")
    assert [c.text for c in by_product.candidates] == ["컵", "병"]


def without(query: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The query with its last candidate changed."""
    *others, last = query["candidates"]
    return query | {"candidates": [*others, last | changes]}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("a: [", "not valid YAML"),
        (BY_CLAIM | {"elements": ["뚜껑"]}, "q: an element is no piece"),
        (BY_CLAIM | {"elements": []}, "q: neither a product nor a claim with its elements"),
        (BY_CLAIM | {"product": "x"}, "q: neither a product nor a claim"),
        (BY_CLAIM | {"candidates": PRODUCTS[:1]}, "candidates"),
        (BY_CLAIM | {"candidates": BY_PRODUCT["candidates"]}, "a: a claim ranks products"),
        (without(BY_CLAIM, decided_by=[]), "b: elements decide a level exactly when"),
        (without(BY_CLAIM, decided_by=[3]), "b: decided_by names an element"),
        (without(BY_CLAIM, decided_by=[0]), "b: decided_by names an element"),
        (without(BY_PRODUCT, decided_by=[2]), "b: decided_by names an element"),
        (without(BY_CLAIM, level="높음"), "b: elements decide a level exactly when"),
        (without(BY_CLAIM, level="중간"), "level"),
        (without(BY_CLAIM, id="a"), "an id of a candidate"),
        (BY_CLAIM | {"candidates": [PRODUCTS[1], PRODUCTS[1] | {"id": "c"}]}, "no candidate is 높음"),
        (BY_CLAIM | {"id": "p"}, "'p' stands more than once"),
    ],
)
def test_bad_queries_are_refused(tmp_path: Path, query: dict[str, Any] | str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        load_suite(save(tmp_path, query, BY_PRODUCT))
    assert caught.value.hint


def test_a_folder_of_one_query_is_no_suite(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fewer than two"):
        load_suite(save(tmp_path, BY_CLAIM))


def test_a_claim_of_the_suite_is_not_trained_on_and_others_are(suite: list[Query]) -> None:
    folder, [case, *_] = ROOT / "eval/ranking", load_cases(ROOT / "data/raw/seeds/seed_cases.json")
    refuse_ranked([case], folder)
    written = next(c for query in suite for c in query.candidates if c.claim and c.source == "written")
    with pytest.raises(DataError, match=f"{case.case_id} stands in the ranking suite"):
        refuse_ranked([case, case.model_copy(update={"claim_text": written.claim})], folder)
