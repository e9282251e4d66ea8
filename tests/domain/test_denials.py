"""Denials: a product that says by name that it lacks an element, and everything that only looks like it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bini.domain.denials import denial
from bini.domain.labels import Match
from bini.resources import BENCH_ROWS

ROOT = Path(__file__).parents[2]
PANEL = "진공 단열재로 둘러싸인 제빙실"
VALVE = "a metering valve releasing a dose"


def said(element: str, product: str, others: tuple[str, ...] = ()) -> tuple[str, Match] | None:
    found = denial(element, others, product)
    return (product[found.start : found.end], found.match) if found else None


@pytest.mark.parametrize(
    ("element", "product", "words"),
    [
        (PANEL, "진공 단열재는 전부 빼고 스티로폼을 둘렀다.", "진공 단열재는 전부 빼고"),
        (PANEL, "이번 모델에는 제빙실이 없습니다.", "제빙실이 없습니다"),
        (PANEL, "원가 절감: 제빙실 미적용", "제빙실 미적용"),
        ("나이아신아마이드", "나이아신아마이드 성분 없이 만든 크림", "나이아신아마이드 성분 없이"),
        ("지문 센서", "지문 센서는 사용하지 않는다", "지문 센서는 사용하지 않는다"),
        ("지문 센서", "지문 센서를 아예 안 넣었어요", "지문 센서를 아예 안 넣었어요"),
        ("국물용 액상 소스", "가루이며 액상 소스가 아닙니다", "액상 소스가 아닙니다"),
        (VALVE, "There is no metering valve.", "no metering valve"),
        (VALVE, "A spray without a metering valve, sold in cans", "without a metering valve"),
        (VALVE, "Metering valve: none", "Metering valve: none"),
        (VALVE, "The metering valve was removed to save cost", "metering valve was removed"),
        ("an RFIC coupled to the radiators", "RFIC 없음, 안테나만 판매", "RFIC 없음"),
    ],
)
def test_what_denies_an_element(element: str, product: str, words: str) -> None:
    assert said(element, product) == (words, Match.NO)


@pytest.mark.parametrize(
    ("element", "product", "words"),
    [
        ("카메라로 작물을 촬영하는 단계", "카메라 대신 초분광 스캐너를 쓴다", "카메라 대신"),
        (
            "a carbon fiber plate",
            "In place of the carbon fiber plate it has basalt",
            "In place of the carbon fiber plate",
        ),
    ],
)
def test_what_stands_in_its_place_may_be_equivalent(element: str, product: str, words: str) -> None:
    assert said(element, product) == (words, Match.UNKNOWN)


@pytest.mark.parametrize(
    ("element", "product"),
    [
        ("지문 센서", "지문 센서가 있다"),
        ("지문 센서", "지문 센서 외에는 아무것도 없다"),
        ("지문 센서", "지문 센서뿐 아니라 홍채 센서도 있다"),
        ("지문 센서", "지문 센서 말고 다른 센서는 없다"),
        ("지문 센서", "지문 센서를 넣지 않을지 검토 중"),
        ("지문 센서", "종전 모델에는 지문 센서가 없었다. 새 모델은 생체 인식을 쓴다."),
        ("지문 센서", "시제품에는 지문 센서가 없습니다. 양산품에는 지문 센서를 답니다."),
        ("지문 센서", "지문 센서가 젖어도 오류 없이 동작한다"),
        ("파라벤을 포함하지 않는", "파라벤은 넣지 않았다"),
        ("토크로만 구성된, 세 가지 성분만으로 이루어진", "토크 없음"),
        ("밀랍 및 카나우바왁스로 이루어진 군에서 선택되는 하나 이상의 왁스", "카나우바왁스는 쓰지 않음"),
        ("a coolant pump", "runs with no coolant leak and a coolant pump"),
        ("a coolant pump", "no coolant leaks"),
        ("전극을 갖는 셀", "보조 전극 없음"),
        ("전극을 갖는 셀", "보조전극 없음"),
        ("a battery pack", "The backup battery is not included."),
        ("a metering valve", "Earlier versions had no metering valve."),
        ("a metering valve", "not only a metering valve but also a spacer"),
        ("a metering valve or a dropper", "without a dropper"),
        ("a metering valve", "The metering valve is not limited to brass."),
    ],
)
def test_what_only_looks_like_a_denial(element: str, product: str) -> None:
    assert denial(element, (), product) is None


def test_a_word_that_another_element_has_as_well_denies_neither() -> None:
    assert said("제빙실의 온도를 재는 센서", "제빙실은 없다", (PANEL,)) is None
    assert said(PANEL, "제빙실은 없다", ("제빙실의 온도를 재는 센서",)) is None
    assert said(PANEL, "단열재는 없다", ("제빙실의 온도를 재는 센서",)) == ("단열재는 없다", Match.NO)


def test_labelled_correspondences_are_not_denied() -> None:
    """Of the elements that BiniBench's training and validation splits label 대응, none is called denied."""
    for split in ("train", "validation"):
        found = 0
        for line in (ROOT / BENCH_ROWS.format(split=split)).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            elements = [each["patent_element"] for each in row["label"]["comparisons"]]
            for place, each in enumerate(row["label"]["comparisons"]):
                others = elements[:place] + elements[place + 1 :]
                denied = denial(elements[place], others, row["user_query"])
                assert not denied or each["match"] != Match.YES, (row["case_id"], elements[place])
                found += denied is not None
        assert found >= 5


WORDS = st.sampled_from(
    ["지문", "센서", "없다", "no", "valve", "without", "대신", "\n", "가", "?", "a", "ㄱ", "\u200b"]
)
TEXT = st.text(max_size=60) | st.lists(WORDS, max_size=40).map(" ".join)


@given(TEXT, st.lists(TEXT, max_size=3), TEXT)
def test_any_text_is_read(element: str, others: list[str], product: str) -> None:
    found = denial(element, others, product)
    assert found is None or 0 <= found.start < found.end <= len(product)
