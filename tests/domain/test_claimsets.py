"""Claim sets: claims, citations, lineages, and nothing lost."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.claims import Category, ClaimSet, Openness, Role, parse_claims, pieces, split_claim
from bini.errors import InputError

KOREAN = """【청구범위】
【청구항 1】
물 90중량%; 및 은, 구리 및 금으로 이루어진 군에서 선택되는 하나 이상의 금속을 포함하는 잉크.
【청구항 2】
삭제
【청구항 3】
제1항 또는 제2항에 있어서, 상기 물은 경수인 잉크.
【청구항 4】
제1항 내지 제3항 중 어느 한 항의 잉크를 제조하는 방법에 있어서,
물을 끓이는 단계; 및 금속을 섞는 단계를 포함하는 잉크의 제조 방법.
[Claim 5] A kit comprising the ink of claim 1 or claim 3, and a bottle.
Claim 6. The kit of claim 5, wherein the bottle is glass.
【요약서】
1. 잉크에 관한 것이다.
"""

ENGLISH = """What is claimed is:
1. A method of making tea, the method comprising the steps of:
    (a) heating water, comprising:
        (i) filling a pot; and
        (ii) boiling; and
    (b) adding a leaf selected from the group consisting of green tea, black tea and mint;
    wherein the water is hard.
2-3. (canceled)
4. (Currently amended) The method according to any one of claims 1 to 3, further comprising adding sugar.
5. Tea made by the method of any preceding claim.
6. A cup consisting essentially of glass and clay.
"""


def check_lossless(claims: ClaimSet) -> None:
    for claim in claims.claims:
        assert claims.text[claim.start : claim.end] == claim.text
        assert "".join(p if isinstance(p, str) else p.text for p in pieces(claim)) == claim.text
        assert all(claims.text[e.start : e.end] == e.text for e in claim.elements)


def texts(claims: ClaimSet, number: int) -> list[str]:
    return [e.text for e in claims[number].elements]


def test_a_mixed_set() -> None:
    claims = parse_claims(KOREAN)
    check_lossless(claims)
    assert [c.number for c in claims.claims] == [1, 2, 3, 4, 5, 6]
    assert [c.number for c in claims.claims if c.cancelled] == [2]
    assert [c.parents for c in claims.claims] == [(), (), (1,), (1, 3), (1, 3), (5,)]
    assert [c.number for c in claims.independent()] == [1, 4, 5]
    assert claims[1].elements[1].alternatives == ("은", "구리", "금")
    assert claims[4].category is Category.PRODUCTION
    assert [e.role for e in claims[4].elements] == [Role.PREAMBLE, Role.STEP, Role.STEP, Role.SUBJECT]
    assert claims[3].preamble == "제1항 또는 제2항에 있어서"
    assert claims[1].transition == "을 포함하는"


@pytest.mark.parametrize(
    ("claim", "openness"),
    [
        ("물 및 소금을 포함하는 용액", Openness.OPEN),
        ("물 및 소금을 포함하여 이루어진 용액", Openness.OPEN),
        ("물 및 소금으로 이루어진 용액", Openness.UNCLEAR),
        ("물 및 소금으로 구성되는 것을 특징으로 하는 용액", Openness.UNCLEAR),
        ("물 및 소금만으로 이루어진 용액", Openness.CLOSED),
        ("물 및 소금으로만 구성된 용액", Openness.CLOSED),
        ("물 및 소금으로 필수적으로 이루어진 용액", Openness.ESSENTIALLY),
        ("금, 은으로 이루어진 군에서 선택된 금속을 포함하는 반지", Openness.OPEN),
        ("A mix comprising salt and water", Openness.OPEN),
        ("A mix including salt and water", Openness.OPEN),
        ("A mix having salt and water", Openness.UNCLEAR),
        ("A mix composed of salt and water", Openness.UNCLEAR),
        ("A mix consisting of salt and water", Openness.CLOSED),
        ("A mix which consists of salt and water", Openness.CLOSED),
        ("A mix consisting essentially of salt and water", Openness.ESSENTIALLY),
        ("A mix comprising a salt selected from the group consisting of table salt and sea salt", Openness.OPEN),
    ],
)
def test_openness(claim: str, openness: Openness) -> None:
    assert parse_claims(claim)[1].openness is openness


def test_an_english_set() -> None:
    claims = parse_claims(ENGLISH)
    check_lossless(claims)
    assert [(c.number, c.cancelled) for c in claims.claims] == [
        (1, False), (2, True), (3, True), (4, False), (5, False), (6, False)
    ]  # fmt: skip
    body = claims[1].elements
    assert [e.depth for e in body] == [0, 0, 1, 1, 0, 0]
    assert [e.role for e in body] == [Role.SUBJECT, *[Role.STEP] * 4, Role.WHEREIN]
    assert body[4].alternatives == ("green tea", "black tea", "mint")
    assert claims[1].preamble == "A method of making tea"
    assert (claims[4].parents, claims[5].parents) == ((1,), (1, 4))
    assert [c.number for c in claims.independent()] == [1, 5, 6]
    assert claims[6].openness is Openness.ESSENTIALLY


def test_a_lineage_holds_what_the_parents_hold() -> None:
    claims = parse_claims(KOREAN)
    (three,) = claims.lineage(3)
    assert [e.text for e in three.elements] == [*texts(claims, 1), "상기 물은 경수인"]
    assert [way.claims for way in claims.lineage(4)] == [(1, 4), (1, 3, 4)]
    assert [way.claims for way in claims.lineage(6)] == [(1, 5, 6), (1, 3, 5, 6)]
    with pytest.raises(InputError, match="claim 2"):
        next(claims.lineage(2))


def test_citations_of_several_claims_hold_together() -> None:
    claims = parse_claims(
        "1. 물을 포함하는 분말.\n2. 유리를 포함하는 병.\n3. 제1항의 분말 및 제2항의 병을 포함하는 키트."
    )
    assert [way.claims for way in claims.lineage(3)] == [(1, 2, 3)]


def test_a_claim_of_very_many_lineages_gives_the_first_at_once() -> None:
    rows = [f"{n}. 뚜껑 {n}개를 포함하는 컵." for n in range(1, 161)]
    cited = " 및 ".join(f"제{n}항 내지 제{n + 7}항 중 어느 한 항의 컵" for n in range(1, 160, 8))
    claims = parse_claims("\n".join([*rows, f"161. {cited}을 포함하는 상자."]))
    assert len(next(claims.lineage(161)).claims) == 21


def test_lineages_come_one_by_one() -> None:
    rows = [f"{n}. The cup of any preceding claim, wherein it is {n} mm high." for n in range(2, 60)]
    claims = parse_claims("\n".join(["1. A cup comprising a lid.", *rows]))
    assert next(claims.lineage(59)).claims == (1, 59)


CITED = {
    "제1항에 있어서, 물을 포함하는 컵": (1,),
    "제 1 항 내지 제 3 항 중 어느 한 항에 있어서, 물을 포함하는 컵": (1, 2, 3),
    "제1항 또는 제3항에 있어서, 물을 포함하는 컵": (1, 3),
    "제1항, 제2항 및 제4항 중 어느 한 항의 컵": (1, 2, 4),
    "제1항, 제3항 내지 제5항 중 어느 한 항에 따른 컵": (1, 3, 4, 5),
    "제1 내지 3항 중 어느 한 항에 있어서, 물을 포함하는 컵": (1, 2, 3),
    "청구항 2에 있어서, 물을 포함하는 컵": (2,),
    "청구항 1 내지 청구항 3 중 어느 한 항에 있어서, 물을 포함하는 컵": (1, 2, 3),
    "청구항 1-3 중 어느 한 항의 컵": (1, 2, 3),
    "제2항에 있어서, 5 내지 10중량%의 물을 포함하는 컵": (2,),
    "제1 항체 및 제2 항원을 포함하는 키트": (),
    "특허법 제42조 제8항에 따라 물을 포함하는 컵": (),
    "The cup of claim 1, wherein 2 lids are red": (1,),
    "The cup according to claim 1 or 2, wherein it is red": (1, 2),
    "The cup as claimed in any one of claims 1 to 3, wherein it is red": (1, 2, 3),
    "The cup of any of claims 1, 3-5 or 7, wherein it is red": (1, 3, 4, 5, 7),
    "The cup of claim 1, 2 or 4, wherein it is red": (1, 2, 4),
    "The cup of any preceding claim, wherein it is red": (1, 2, 3, 4, 5, 6, 7),
}


@pytest.mark.parametrize("claim", CITED)
def test_cited_claims(claim: str) -> None:
    before = "".join(f"{n}. 뚜껑 {n}개를 포함하는 컵.\n" for n in range(1, 8))
    assert parse_claims(f"{before}8. {claim}.")[8].parents == CITED[claim]


@pytest.mark.parametrize(
    "text",
    [
        "1. 물을 포함하는 컵.\n2. 제1항에 있어서, 물은 경수인 컵.",
        "1. 물을 포함하는 컵\n2. 제1항에 있어서, 물은 경수인 컵",
        "청구항 1\n물을 포함하는 컵\n청구항 2\n제1항에 있어서, 물은 경수인 컵",
        "청구항 1. 물을 포함하는 컵. 청구항 2. 제1항에 있어서, 물은 경수인 컵.",
        "【청구항 1】물을 포함하는 컵.【청구항 2】제1항에 있어서, 물은 경수인 컵.",
        "## 청구항 1\n물을 포함하는 컵.\n\n## 청구항 2\n제1항에 있어서, 물은 경수인 컵.",
        "1. 다음을 포함하는 컵:\n1. 몸체;\n2. 덮개.\n2. 제1항에 있어서, 덮개는 빨간 컵.",
        "Claim 1: A cup comprising a lid.\nClaim 2: The cup of\nclaim 1, wherein the lid is red.",
        "CLAIMS\r\n1. A cup comprising a lid.\r\n\r\n2. The cup of claim 1, wherein the lid is red.",
        "1. A cup comprising a lid. 2. The cup of claim 1, wherein the lid is red.",
        "We claim:\n1 . A cup comprising:\n1. a body; and\n2. a lid.\n2 . The cup of\nclaim 1.",
    ],
)
def test_numbers_as_people_write_them(text: str) -> None:
    claims = parse_claims(text)
    assert [c.number for c in claims.claims] == [1, 2]
    assert claims[2].dependent
    check_lossless(claims)


def test_a_claim_without_number() -> None:
    assert [c.number for c in parse_claims("A cup comprising a lid.").claims] == [1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no claim"),
        ("hello", "no claim"),
        ("본 제품은 글리세린을 포함하는 크림입니다.", "no claim"),
        ("1. A cup comprising the lid of claim 1.", "claim 1 cites itself"),
        ("1. A cup comprising a lid.\n1. A hat comprising a lid.", "claim 1 comes twice"),
        ("1. The cup of claim 2, wherein red.\n2. The cup of claim 1, wherein red.", "claim [12] cites itself"),
        ("1. A cup comprising a lid.\n2. The cup of claim 7, wherein it is red.", "claim 2 cites claim 7"),
        ("제1항에 있어서, 물을 포함하는 컵.", "without a number cites “제1항”"),
        (unicodedata.normalize("NFD", "1. 물을 포함하는 컵."), "part of a Hangul syllable"),
        ("1. A cup comprising a lid.\n" + "\n".join("1. a." for _ in range(10_000)), "more than 9,999"),
        ("1. (canceled)\n2. The cup of claim 1, wherein it is red.", "claim 2 cites only cancelled"),
        ("청구항 1. 물을 포함하는 컵.\n청구항 2.\n청구항 3. 물을 포함하는 병.", "claim 2"),
    ],
)  # fmt: skip
def test_unsound_sets(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        parse_claims(text)
    assert caught.value.hint


@pytest.mark.parametrize("unit", [" ", "\n", "# ", "[1] ", "1", "청구항 ", "1. x\n", "Claim ", "(", "다 "])
def test_one_thing_said_very_often_is_refused(unit: str) -> None:
    with pytest.raises(InputError):
        parse_claims(unit * 500_000)


@pytest.mark.parametrize(
    ("claim", "elements"),
    [
        ("제1항에 있어서, 엔피를 함유하고, 물을 포함하는 크림", ["제1항에 있어서", "엔피", "물", "크림"]),
        ("제1항에 있어서 엔피를 함유하고, 물을 포함하는 크림", ["제1항에 있어서", "엔피", "물", "크림"]),
        ("제1항에 있어서， 엔피를 함유하고， 물을 포함하는 크림", ["제1항에 있어서", "엔피", "물", "크림"]),
        ("A method of making tea, the method comprising: heating water", ["A method of making tea", "heating water"]),
        (
            "화학식 1로 표시되는 화합물:[식 중, A는 수소이고; B는 염소임]",
            ["화학식 1로 표시되는 화합물", "식 중, A는 수소", "B는 염소임"],
        ),
    ],
)  # fmt: skip
def test_elements(claim: str, elements: list[str]) -> None:
    assert [e.text for e in split_claim(claim)] == elements


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["1. ", "2. ", "청구항 1. ", "【청구항 2】", "Claim 3. ", "\n", ".\n", " ", "제1항", "에 있어서, ",
             "claim 2", "A cup ", "comprising ", "물", "을 포함하는 ", "; ", "(a) ", "(", "]", "삭제", "wherein ", "\r",
             "①", "selected from a, b and c"]
        ),
        max_size=25,
    ).map("".join)
    | st.text()
)  # fmt: skip
def test_any_text_is_refused_or_kept_whole(text: str) -> None:
    try:
        claims = parse_claims(text)
    except InputError:
        return
    assert claims.claims
    check_lossless(claims)
