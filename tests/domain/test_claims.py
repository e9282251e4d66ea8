"""Splitting a claim into its elements."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.claims import split_claim
from bini.errors import InputError

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "data/raw/seeds/seed_cases.json"
HELDOUT = ROOT / "eval/suites/heldout.jsonl"


def texts(claim: str) -> list[str]:
    elements = split_claim(claim)
    ends = [0, *(e.end for e in elements)]
    for before, element in zip(ends, elements, strict=False):
        assert before <= element.start < element.end <= len(claim)
        assert element.text == claim[element.start : element.end]
    return [e.text for e in elements]


def gold(path: Path) -> dict[str, list[str]]:
    text = path.read_text(encoding="utf-8")
    cases = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    return {c["claim_text"]: [e["patent_element"] for e in c["label"]["comparisons"]] for c in cases}


@pytest.mark.parametrize("path", [SEEDS, HELDOUT], ids=["seeds", "heldout"])
def test_gold_claims_are_exact(path: Path) -> None:
    for claim, elements in gold(path).items():
        assert texts(claim) == elements


KOREAN = {
    "head is last, transition is dropped": ("센서; 및 제어부를 구비하는 로봇", ["센서", "제어부", "로봇"]),
    "role phrase stays whole": (
        "감초, 녹차 및 인삼 추출물을 활성성분으로 포함하는 화장료",
        ["감초, 녹차 및 인삼 추출물을 활성성분으로 포함하는", "화장료"],
    ),
    "closed transition": (
        "물 90중량% 및 소금만으로 이루어진 음료",
        ["물 90중량%", "소금", "만으로 이루어진", "음료"],
    ),
    "open transition made of": ("면과 나일론으로 이루어지는 직물", ["면", "나일론", "직물"]),
    "characterised": ("센서를 포함하는 것을 특징으로 하는 로봇", ["센서", "로봇"]),
    "markush": (
        "은, 구리 및 금으로 이루어진 군에서 선택되는 하나 이상을 포함하는 잉크",
        ["은, 구리 및 금으로 이루어진 군에서 선택되는 하나 이상", "잉크"],
    ),
    "markush after an amount": (
        "물 50중량%, 은 및 금으로 이루어진 군에서 선택되는 금속을 포함하는 잉크",
        ["물 50중량%", "은 및 금으로 이루어진 군에서 선택되는 금속", "잉크"],
    ),
    "alternatives": ("감초 또는 녹차를 포함하는 음료", ["감초 또는 녹차", "음료"]),
    "brackets": ("금속(은, 구리 및 금)을 포함하는 잉크", ["금속(은, 구리 및 금)", "잉크"]),
    "numbers": ("글리세린 1,000ppm 및 정제수를 포함하는 크림", ["글리세린 1,000ppm", "정제수", "크림"]),
    "및 in a modifier": (
        "본체의 상면 및 저면에 결합된 유닛을 포함하는 로봇",
        ["본체의 상면 및 저면에 결합된 유닛", "로봇"],
    ),
    "commas in a modifier": (
        "외면에 형성되고, 내부에 홈을 갖는 본체; 뚜껑을 포함하는 용기",
        ["외면에 형성되고, 내부에 홈을 갖는 본체", "뚜껑", "용기"],
    ),
    "clauses": (
        "A층을 포함하고, 상기 A층의 두께는 5㎛이며; 상기 A층은 빛을 막고,\n상기 A층은 투명한 것을 특징으로 하는 필름.",
        ["A층", "상기 A층의 두께는 5㎛", "상기 A층은 빛을 막고", "상기 A층은 투명한", "필름"],
    ),
    "negative limitation": ("물을 포함하고, 알코올을 포함하지 않는 토너", ["물", "알코올을 포함하지 않는", "토너"]),
    "having inside the head": ("물을 포함하는 향을 갖는 토너", ["물", "향을 갖는 토너"]),
    "particles of a list": (
        "하우징과, 상기 하우징에 결합된 커버와, 손잡이를 구비하는 청소기",
        ["하우징", "상기 하우징에 결합된 커버", "손잡이", "청소기"],
    ),
    "nouns that end like particles": ("사과 추출물을 포함하는 음료", ["사과 추출물", "음료"]),
    "steps": (
        "물을 끓이는 단계, 쌀 및 콩을 씻는 단계 및 쌀을 찌는 단계를 포함하는 조리 방법",
        ["물을 끓이는 단계", "쌀 및 콩을 씻는 단계", "쌀을 찌는 단계", "조리 방법"],
    ),
    "preamble": ("로봇에 있어서, 센서; 및 모터를 포함하는 로봇", ["로봇에 있어서", "센서", "모터", "로봇"]),
    "dependent": (
        "제1항 또는 제2항에 있어서, 상기 물은 경수인 음료.",
        ["제1항 또는 제2항에 있어서", "상기 물은 경수인", "음료"],
    ),
    "claims referred to": (
        "제1항, 제2항 및 제4항 중 어느 한 항의 분말을 포함하는 음료",
        ["제1항, 제2항 및 제4항 중 어느 한 항의 분말", "음료"],
    ),
    "deleted item": ("몸체;\n삭제\n덮개를 포함하는\n물통.", ["몸체", "덮개", "물통"]),
    "no transition": ("무정형 실리카 분말", ["무정형 실리카 분말"]),
    "markush of semicolons": (
        "R1은 수소; 할로겐; 및 알킬로 이루어진 군에서 선택되고; R2는 염소인 것을 특징으로 하는 화합물",
        ["R1은 수소; 할로겐; 및 알킬로 이루어진 군에서 선택되고", "R2는 염소인", "화합물"],
    ),
    "markush of semicolons without topic": (
        "은; 구리; 및 금으로 이루어진 군에서 선택되는 금속을 포함하는 잉크",
        ["은; 구리; 및 금으로 이루어진 군에서 선택되는 금속", "잉크"],
    ),
    "alternatives of semicolons": ("몸체; 또는 덮개를 포함하는 컵", ["몸체; 또는 덮개", "컵"]),
    "examples": (
        "염, 예를 들어 염화나트륨, 염화칼륨을 포함하는 용액",
        ["염, 예를 들어 염화나트륨, 염화칼륨", "용액"],
    ),
    "amounts again": (
        "0.5중량% 이하, 0.4중량% 이하, 또는 0.3중량%의 소금을 포함하는 물",
        ["0.5중량% 이하, 0.4중량% 이하, 또는 0.3중량%의 소금", "물"],
    ),
    "definitions after a caption": (
        "화학식 1로 표시되는 화합물을 포함하는 크림:[화학식 1]상기 화학식 1에서, R1은 수소이고, R2는 염소이다.",
        ["화학식 1로 표시되는 화합물", "크림", "상기 화학식 1에서, R1은 수소", "R2는 염소이다"],
    ),
    "definitions after a full stop": (
        "화학식 1의 화합물. 상기 화학식 1에서 R1은 수소이고, R2는 염소이다.",
        ["화학식 1의 화합물", "상기 화학식 1에서 R1은 수소", "R2는 염소이다"],
    ),
    "steps told by verbs": (
        "물을 가열하고, 쌀을 섞으며, 죽을 식히는 것을 특징으로 하는 조리 방법",
        ["물을 가열하고", "쌀을 섞으며", "죽을 식히는", "조리 방법"],
    ),
    "verbs that modify a thing": (
        "열을 흡수하고, 빛을 내는 판이 도는 것을 특징으로 하는 등",
        ["열을 흡수하고, 빛을 내는 판이 도는", "등"],
    ),
    "preamble by 에서": (
        "소금을 포함하는 조성물에서, 상기 소금은 희고, 상기 소금은 고운 것을 특징으로 하는 조성물",
        ["소금", "조성물에서", "상기 소금은 희고", "상기 소금은 고운", "조성물"],
    ),
    "transition before a clause of the head": (
        "항체를 투여하는 것을 포함하는, 사람에게 면역을 제공하는, 방법",
        ["항체를 투여하는 것", "사람에게 면역을 제공하는", "방법"],
    ),
}

ENGLISH = {
    "preamble first": ("A cup comprising: a body; and a lid.", ["A cup", "a body", "a lid"]),
    "commas": (
        "A fan, comprising a hub, a motor disposed in the hub, and a blade driven by the motor.",
        ["A fan", "a hub", "a motor disposed in the hub", "a blade driven by the motor"],
    ),
    "bare list": ("A lotion comprising water and glycerin", ["A lotion", "water", "glycerin"]),
    "including": ("A lamp including a base and a shade", ["A lamp", "a base", "a shade"]),
    "closed transition": ("A mix consisting of salt and water.", ["A mix", "consisting of", "salt", "water"]),
    "numbers": ("A lotion comprising 1,000 ppm zinc, and water", ["A lotion", "1,000 ppm zinc", "water"]),
    "markush": (
        "An ink comprising a metal selected from the group consisting of silver, copper and gold, and a solvent",
        ["An ink", "a metal selected from the group consisting of silver, copper and gold", "a solvent"],
    ),
    "brackets": (
        "A kit comprising a tool (a saw, a file and a rasp); and a box",
        ["A kit", "a tool (a saw, a file and a rasp)", "a box"],
    ),
    "wherein": (
        "A cup comprising a body; wherein the body is glass, and wherein the glass is blue",
        ["A cup", "a body", "wherein the body is glass", "wherein the glass is blue"],
    ),
    "steps": (
        "A method comprising the steps of: (a) heating water; and (b) adding tea.",
        ["A method", "heating water", "adding tea"],
    ),
    "dependent": ("The cup of claim 1, wherein the lid is red.", ["The cup of claim 1", "wherein the lid is red"]),
    "markush of semicolons": (
        "An ink comprising: a metal selected from the group consisting of: tin; lead; and zinc; and a solvent",
        ["An ink", "a metal selected from the group consisting of: tin; lead; and zinc", "a solvent"],
    ),
    "characterized": ("A cup characterized in that the lid is red", ["A cup", "the lid is red"]),
}


@pytest.mark.parametrize(("claim", "elements"), [*KOREAN.values(), *ENGLISH.values()], ids=[*KOREAN, *ENGLISH])
def test_conventions(claim: str, elements: list[str]) -> None:
    assert texts(claim) == elements


@pytest.mark.parametrize("marks", ["①②", ("a)", "b)"), ("(1)", "(2)"), ("(가)", "(나)"), ("1.", "2."), ("-", "-")])
def test_list_markers_belong_to_no_element(marks: tuple[str, str]) -> None:
    first, second = marks
    assert texts(f"{first} 몸체; 및 {second} 덮개를 포함하는 물통") == ["몸체", "덮개", "물통"]
    assert texts(f"{first} 몸체\n{second} 덮개를 포함하는 물통") == ["몸체", "덮개", "물통"]


@pytest.mark.parametrize("number", ["청구항 1. ", "[청구항 1] ", "【청구항 1】\n", "1. ", "청구항 1\n"])
def test_korean_claim_number(number: str) -> None:
    assert texts(f"{number}몸체; 및 덮개를 포함하는 물통.") == ["몸체", "덮개", "물통"]


@pytest.mark.parametrize("number", ["1. ", "Claim 1. ", "What is claimed is: 1. ", "What is claimed is:\n1. "])
def test_english_claim_number(number: str) -> None:
    assert texts(f"{number}A cup comprising: a body; and a lid.") == ["A cup", "a body", "a lid"]


@pytest.mark.parametrize("claim", ["", " \n\t", ".,;:", "1. ", "① ; ②", "()", "및", "삭제"])
def test_nothing_to_split_is_an_input_error(claim: str) -> None:
    with pytest.raises(InputError) as caught:
        split_claim(claim)
    assert caught.value.hint


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("가나 상기는은을를와과및고며인,.;:\n()[]①1a%-이포함하는"))
    | st.lists(
        st.sampled_from(
            ["a cup", "the lid", "각각의 컵", " ", "\n", ", ", "; ", ": ", " and ", " or ", "comprising",
             " consisting of", " having ", "wherein", "in which ", "characterized in that ",
             "and that ", " to:", "(a) ", "heating water",
             " further comprising", "the improvement ", "In combination, ", "selected from", "claim 1", "을 포함하는 "]
        ),
        max_size=20,
    ).map("".join)
    | st.text()
)  # fmt: skip
def test_free_text_is_cut_verbatim_and_in_order(text: str) -> None:
    try:
        elements = split_claim(text)
    except InputError:
        return
    ends = [0, *(e.end for e in elements)]
    assert all(end <= e.start and text[e.start : e.end] == e.text for end, e in zip(ends, elements, strict=False))
    found = [e.text for e in elements]
    assert all(t and t == t.strip(" \t\n,;:.") and any(c.isalnum() for c in t) for t in found)


KO_THINGS = [
    "센서",
    "물 5 내지 10중량%",
    "본체에 결합된 덮개",
    "상기 센서를 움직이는 모터(10)",
    "1,000rpm 이하로 도는 날개",
]
EN_THINGS = ["a sensor", "5 to 10 wt% water", "a lid attached to a body", "a motor (10) that turns the sensor"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(KO_THINGS), min_size=2, max_size=6),
    st.sampled_from([";", "; ", ";\n", "\n"]),
    st.sampled_from(
        ["를 포함하는", "를 구비하는 것을 특징으로 하는", "를 포함하여 이루어진", "로 이루어지는", "를 포함하는,"]
    ),
    st.sampled_from(["로봇", "가정용 청소 로봇"]),
    st.booleans(),
)
def test_known_korean_parts_come_back(things: list[str], stop: str, verb: str, head: str, marked: bool) -> None:
    rows = [f"({n}) {t}" if marked else t for n, t in enumerate(things, 1)]
    assert texts(f"{stop.join(rows[:-1])}{stop}및 {rows[-1]}{verb} {head}.") == [*things, head]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(EN_THINGS), min_size=2, max_size=6), st.sampled_from([";", "; ", ";\n", "\n"]))
def test_known_english_parts_come_back(things: list[str], stop: str) -> None:
    claim = f"1. A robot comprising: {stop.join(things[:-1])}{stop}and {things[-1]}."
    assert texts(claim) == ["A robot", *things]


@pytest.mark.parametrize(
    "unit", ["상기 ", ",", "(", "및 ", "A, ", "상기 층은 희고, ", "을 포함하는 ", "a and ", "selected from a, ",
             "comprising a: ", "wherein a, ", "wherein: ", "to: a; ", "comprising, in a: ", ", the a further ",
             " and that ", ", each a ", "in a ", ", a and a 1 "]
)  # fmt: skip
def test_long_input_takes_no_long_time(unit: str) -> None:
    start = time.process_time()
    split_claim("물 " + unit * (20_000 // len(unit)) + "물")
    assert time.process_time() - start < 5
