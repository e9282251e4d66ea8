"""Near-duplicates of training rows are found, and honest suites raise no alarm."""

import pytest

from bini.domain.cases import Case, load_cases
from bini.evaluation.contamination import near_duplicates
from bini.resources import TRAINING, resource
from bini.training.rows import held_out

CLAIM = "아세틸트리부틸시트레이트를 유효성분으로 함유하는 피부 미백용 화장료 조성물."
PRODUCT = "아세틸트리부틸시트레이트 2%를 유효성분으로 넣은 미백 크림입니다. 정제수와 글리세린을 베이스로 합니다."


def case(product: str, claim: str = CLAIM, name: str = "x") -> Case:
    label = {"comparisons": [{"patent_element": claim, "user_product_element": None, "match": "판단불가"}]}
    return Case.model_validate(
        {"case_id": name, "regit_num": "1", "claim_text": claim, "user_query": product, "label": label}
    )


@pytest.mark.parametrize(
    "product",
    [
        PRODUCT,
        PRODUCT.replace(". ", ".\n\n"),
        PRODUCT.replace("2%", "3%"),
        "[사내용] " + PRODUCT,
    ],
)
def test_a_row_copied_with_small_changes_is_found(product: str) -> None:
    trained = [case("선크림을 만들었습니다.", name="other"), case(PRODUCT, name="the one")]
    copy = case(product)
    assert near_duplicates([copy], trained) == {copy.key: "the one"}


@pytest.mark.parametrize(
    "other",
    [
        case("알부틴과 나이아신아마이드를 넣은 미백 앰플을 개발하고 있습니다. 시트레이트는 쓰지 않습니다."),
        case(PRODUCT, claim="기판 위에 배치된 발광층과, 상기 발광층을 덮는 봉지층을 포함하는 표시 장치."),
    ],
)
def test_another_product_or_another_claim_is_a_new_question(other: Case) -> None:
    assert near_duplicates([other], [case(PRODUCT)]) == {}


def test_nothing_repeats_nothing() -> None:
    assert near_duplicates([], [case(PRODUCT)]) == {} == near_duplicates([case(PRODUCT)], [])


def test_no_shipped_suite_repeats_what_is_trained_on() -> None:
    trained = [row for source in TRAINING for row in load_cases(resource(source))]
    for path in held_out():
        assert near_duplicates(load_cases(path), trained) == {}, path.name
