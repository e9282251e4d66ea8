"""Amounts in claims and products, and how they relate."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bini.domain.labels import RangeCheck
from bini.domain.measures import Quantity, check, check_element, quantities
from bini.domain.measures.spellings import TABLE
from bini.domain.measures.units import Unit, convert
from bini.errors import InputError

with (Path(__file__).parent / "quantities.tsv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def one(text: str) -> Quantity:
    [quantity] = quantities(text)
    return quantity


def relation(claimed: str, said: str, about: float = 0.05, near: float = 0.0) -> RangeCheck:
    return check(one(claimed), one(said), about, near)


@pytest.mark.parametrize("row", ROWS, ids=[f"{n}-{row['topic']}" for n, row in enumerate(ROWS, start=2)])
def test_table(row: dict[str, str]) -> None:
    found = check_element(row["element"], row["product"])
    assert " ".join(c.result for c in found) == row["expected"], [(c.claimed.text, c.said, c.note) for c in found]
    for c in found:
        assert row["element"][c.claimed.start : c.claimed.end] == c.claimed.text
        assert c.said is None or row["product"][c.said.start : c.said.end] == c.said.text
        assert (c.said is None) == (c.result is RangeCheck.NOT_GIVEN)


# text -> text of the quantity, low, high; a bound in () is excluded, in [] included
READ = [
    ("약 5 내지 10 중량% 미만", "약 5 내지 10 중량% 미만", "[5, 10)", "mass share"),
    ("at least about 70 °C", "at least about 70 °C", "[70, inf)", "temperature"),
    ("영하 12도 내지 영하 6도로", "영하 12도 내지 영하 6도", "[-12, -6]", "temperature"),
    ("from -15 to -8 °C", "from -15 to -8 °C", "[-15, -8]", "temperature"),
    ("-12℃~-6℃", "-12℃~-6℃", "[-12, -6]", "temperature"),
    ("heated to 80 degrees", "80 degrees", "[80, 80]", "temperature"),
    ("tapered by 5 degrees", "5 degrees", "[5, 5]", "angle"),
    ("10 ± 0.5 mm", "10 ± 0.5 mm", "[9.5, 10.5]", "length"),
    ("200 V ±5%", "200 V ±5%", "[190, 210]", "voltage"),
    ("50 µm, tolerance plus or minus 1 µm", "50 µm, tolerance plus or minus 1 µm", "[49, 51]", "length"),
    ("greater than 5 mm and less than 10 mm", "greater than 5 mm and less than 10 mm", "(5, 10)", "length"),
    ("5 mm 초과, 10 mm 이하", "5 mm 초과, 10 mm 이하", "(5, 10]", "length"),
    ("10 mm or less and 5 mm or more", "10 mm or less and 5 mm or more", "[5, 10]", "length"),
    ("5 ≤ x ≤ 10 mm", "5 ≤ x ≤ 10 mm", "[5, 10]", "length"),
    ("80 내지 40 kPa", "80 내지 40 kPa", "[40, 80]", "pressure"),
    ("500 nm 내지 2 ㎛", "500 nm 내지 2 ㎛", "[0.5, 2]", "length"),
    ("1 1/2 inch", "1 1/2 inch", "[1.5, 1.5]", "length"),
    ("½ inch", "½ inch", "[0.5, 0.5]", "length"),
    (".5 mm 이상", ".5 mm 이상", "[0.5, inf)", "length"),
    ("4,500 rpm", "4,500 rpm", "[4500, 4500]", "frequency"),
    ("1.5×10⁵ Pa", "1.5×10⁵ Pa", "[150000, 150000]", "pressure"),
    ("2e3 Hz", "2e3 Hz", "[2000, 2000]", "frequency"),
    ("10^-6 Pa 이하", "10^-6 Pa 이하", "(-inf, 1e-06]", "pressure"),
    ("3만 개", "3만 개", "[30000, 30000]", "count"),
    ("2.5 million bits", "2.5 million bits", "[2500000, 2500000]", "data"),
    ("７５ ㎜", "７５ ㎜", "[75, 75]", "length"),
    ("100 mL당 10 mg 이하", "100 mL당 10 mg 이하", "(-inf, 0.1]", "density"),
    ("10 mg/100 mL", "10 mg/100 mL", "[0.1, 0.1]", "density"),
    ("분당 20리터", "분당 20리터", "[20, 20]", "flow rate"),
    ("시속 60 km", "시속 60 km", "[60, 60]", "speed"),
    ("5 °C/min", "5 °C/min", "[5, 5]", "[temperature] / [time]"),
    ("pH는 3.2", "3.2", "[3.2, 3.2]", "pH"),
    ("분자량이 1,000 내지 5,000인", "1,000 내지 5,000", "[1000, 5000]", "molecular weight"),
    ("중량비 1:0.5~1:2", "1:0.5~1:2", "[0.5, 2]", "plain"),
    ("두께 비 0.5", "0.5", "[0.5, 0.5]", "plain"),
    ("두께(mm): 5", "5", "[5, 5]", "length"),
    ("세 겹", "세 겹", "[3, 3]", "count of layers"),
    ("at least 3 days", "at least 3 days", "[3, inf)", "time"),
    ("적어도 하나", "적어도 하나", "[1, inf)", "count"),
    ("up to four times", "up to four times", "(-inf, 4]", "count of times"),
    ("over ten minutes", "over ten minutes", "[10, 10]", "time"),
]


@pytest.mark.parametrize(("text", "verbatim", "bounds", "dimension"), READ, ids=[row[0] for row in READ])
def test_reading(text: str, verbatim: str, bounds: str, dimension: str) -> None:
    found = one(text)
    low, high = bounds[1:-1].split(", ")
    assert (found.text, found.dimension) == (verbatim, dimension)
    assert (found.low_included, found.high_included) == (bounds[0] == "[", bounds[-1] == "]")
    assert found.low == (None if low == "-inf" else pytest.approx(float(low)))
    assert found.high == (None if high == "inf" else pytest.approx(float(high)))


@pytest.mark.parametrize(
    "text",
    [
        "제1항 내지 제3항 중 어느 한 항에 있어서",
        "청구항 1 내지 3",
        "The device of any of claims 1 to 3",
        "FIG. 2 shows lines",
        "센서(10), 모터(20a)",
        "the sensor (12)",
        "CAS 77-90-7",
        "2021년 3월 5일",
        "2024-05-03",
        "since March 10, 2024",
        "02-1234-5678",
        "오전 9:30",
        "at 07:30",
        "모델 TX-900, MK-7, SUS304, C18H38",
        "Bluetooth 5.3, IP67, version 1.2.3",
        "3D 프린터, 4K 영상, 5G 통신",
        "1,2-헥산디올",
        "2-phenoxyethanol",
        "폴리소르베이트 20",
        "5 초안",
        "3만원 이상",
        "에지 링을 둘러싼 열 장치",
        "1. 하우징\n2) 커버",
        "단계 3, 실시예 2, 표 1",
        "4.6 °Bx",
        "전단 속도 10 s-1에서",
        "10 s⁻¹",
    ],
)
def test_not_an_amount(text: str) -> None:
    assert quantities(text) == []


def test_each_item_of_a_list_is_read_in_its_unit() -> None:
    assert [q.low for q in quantities("두께 15, 20 또는 30 mm")] == [15, 20, 30]


RELATION = [
    ("10 mm 이하", "10 mm", RangeCheck.EDGE),
    ("10 mm 미만", "10 mm", RangeCheck.OUT),
    ("10 mm", "10 mm", RangeCheck.IN),
    ("5 내지 10 mm", "5 내지 10 mm", RangeCheck.IN),
    ("10 mm 이하", "10~20 mm", RangeCheck.STRADDLE),
    ("10 mm 미만", "10~20 mm", RangeCheck.OUT),
    ("10 mm 초과", "10 mm 이상", RangeCheck.STRADDLE),
    ("5~10 mm", "5 mm 이상", RangeCheck.STRADDLE),
    ("20~50 nm", "0.05 µm", RangeCheck.EDGE),
    ("15~20 °C", "68 °F", RangeCheck.EDGE),
    ("50% 이하", "50 wt%", RangeCheck.EDGE),
    ("60 Hz", "3,600 rpm", RangeCheck.IN),
    ("0 °C 이하", "약 0.01 °C", RangeCheck.OUT),  # a limit of zero has no margin
]


@pytest.mark.parametrize(("claimed", "said", "expected"), RELATION)
def test_relation(claimed: str, said: str, expected: RangeCheck) -> None:
    assert relation(claimed, said) is expected


def test_margins_are_configurable() -> None:
    assert relation("약 10 mm", "10.8 mm") is RangeCheck.OUT
    assert relation("약 10 mm", "10.8 mm", about=0.1) is RangeCheck.IN
    assert relation("10 mm 이하", "10.1 mm", near=0.02) is RangeCheck.NEAR
    assert relation("10 mm 미만", "10 mm", near=0.02) is RangeCheck.NEAR
    assert relation("10 mm 이하", "10.3 mm", near=0.02) is RangeCheck.OUT
    [found] = check_element("두께 10 mm 이하의 판", "판 두께 10.1 mm", near=0.02)
    assert found.result is RangeCheck.NEAR


@pytest.mark.parametrize(
    ("claimed", "said"), [("5 mm", "5 g"), ("5 중량%", "5 부피%"), ("5 중량부", "5%"), ("5°", "5%")]
)
def test_different_things_cannot_be_checked(claimed: str, said: str) -> None:
    with pytest.raises(ValueError, match="cannot be checked"):
        relation(claimed, said)


@pytest.mark.parametrize("dimension", TABLE)
def test_all_units_of_a_dimension_convert_into_each_other(dimension: str) -> None:
    first, *others = [Unit(expression, dimension) for expression in TABLE[dimension]]
    for other in others:
        there = convert(3.0, first, other)
        assert convert(there, other, first) == pytest.approx(3.0)


def test_a_mil_is_a_thousandth_of_an_inch() -> None:
    assert relation("20 to 30 μm", "1 mil") is RangeCheck.IN


def test_quote_comes_first() -> None:
    product = "덮개 두께 8 mm, 판 두께 3 mm. 판은 알루미늄이다."
    assert check_element("판 두께 2~4 mm", product)[0].result is RangeCheck.IN
    assert check_element("판 두께 2~4 mm", product, "덮개 두께 8 mm")[0].result is RangeCheck.OUT
    assert check_element("판 두께 2~4 mm", product, "알루미늄")[0].result is RangeCheck.IN


def test_sole_amount_of_the_quote_needs_no_common_words() -> None:
    element, product = "레티놀 0.1 내지 1 중량%", "vitamin A alcohol 0.5%, glycerin 5%"
    assert check_element(element, product)[0].result is RangeCheck.NOT_GIVEN
    [found] = check_element(element, product, "vitamin A alcohol 0.5%")
    assert (found.result, found.note) == (RangeCheck.IN, "by the unit alone")


def test_quote_must_stand_in_the_product() -> None:
    with pytest.raises(InputError):
        check_element("두께 5 mm", "두께 5 mm", "두께 6 mm")


@pytest.mark.parametrize(
    ("element", "product", "note"),
    [
        ("경화제 5 중량% 이하", "경화제 3 중량부", "cannot be converted"),
        ("경화제 5 mg/mL 이하", "경화제 3 중량%", "cannot be converted"),
        ("필름 두께 5 mm 이하", "필름 두께 3 mm, 필름 두께 9 mm", "disagree"),
        ("물과 기름의 비 1:2 내지 1:3", "기름과 물의 비 2:1", "another order"),
        ("필름 두께 5 mm 이하", "얇은 필름", ""),
    ],
)
def test_not_given_says_why(element: str, product: str, note: str) -> None:
    [found] = check_element(element, product)
    assert found.result is RangeCheck.NOT_GIVEN
    assert note in found.note
    assert bool(note) == bool(found.note)


# Properties ---------------------------------------------------------------------------------------

SCRAPS = """\
두께|약|이상|이하|초과|미만|내지|~|-|±|5|10|0.5|1/2|1:2|3만|½|10⁵|mm|㎛|%|중량%|중량부|℃|도|°|pH|mPa·s|/mL|당|개|두|층|,|.|;|(|)
|at least|not more than|between|and|to|from|or less|about|of the|two|100 mL|layers|에 대하여|보다 큰|
"""
SCRAP = st.sampled_from(SCRAPS.split("|"))
PROSE = st.one_of(st.text(), st.lists(SCRAP).map(" ".join), st.lists(SCRAP).map("".join))


@settings(max_examples=400, deadline=None)
@given(PROSE)
def test_offsets_give_back_the_text(text: str) -> None:
    end = 0
    for quantity in quantities(text):
        assert end <= quantity.start < quantity.end <= len(text)
        assert quantity.text == text[quantity.start : quantity.end]
        assert quantity.low is not None or quantity.high is not None
        assert quantity.low is None or quantity.high is None or quantity.low <= quantity.high
        end = quantity.end


@settings(max_examples=200, deadline=None)
@given(PROSE, PROSE)
def test_any_texts_can_be_checked(element: str, product: str) -> None:
    checks = check_element(element, product)
    assert [c.claimed for c in checks] == quantities(element)
    assert checks == check_element(element, product, product)[: len(checks)] or product


SCALES = [
    {"nm": "1000000", "㎛": "1000", "mm": "1", "cm": "0.1", "미터": "0.001"},
    {"mg": "1000", "g": "1", "킬로그램": "0.001"},
    {"mPa·s": "1", "cP": "1", "Pa·s": "0.001"},
    {"Pa": "100000", "kPa": "100", "bar": "1", "MPa": "0.1"},
    {"초": "3600", "분": "60", "h": "1"},
    {"ppm": "10000", "%": "1"},
    {"mg/mL": "10", "g/L": "10", "% (w/v)": "1"},
    {"rpm": "60", "Hz": "1", "kHz": "0.001"},
]
NUMBERS = st.decimals("0.01", "5000", places=2)


@st.composite
def two_spellings(draw: st.DrawFn) -> tuple[str, str, str, str]:
    """A unit, a number in it, and the same in another unit of the same dimension."""
    scale = draw(st.sampled_from(SCALES))
    one_unit, other = draw(st.sampled_from([*scale])), draw(st.sampled_from([*scale]))
    number = draw(NUMBERS)
    converted = number * Decimal(scale[other]) / Decimal(scale[one_unit])
    assume(converted == round(converted, 12) and converted < 10**12)
    return one_unit, f"{number:f} {one_unit}", f"{converted:f} {other}", other


@settings(max_examples=300, deadline=None)
@given(two_spellings(), NUMBERS, NUMBERS, st.sampled_from(["{} 이하", "{} 미만", "{} 이상", "{} 초과", "약 {}"]))
def test_unit_conversion_does_not_change_the_check(
    spellings: tuple[str, str, str, str], low: Decimal, width: Decimal, limit: str
) -> None:
    unit, said, converted, _ = spellings
    for claimed in (f"{low:f} 내지 {low + width:f} {unit}", limit.format(f"{low:f} {unit}"), limit.format(said)):
        assert relation(claimed, said, near=0.01) is relation(claimed, converted, near=0.01)
        assert relation(said, claimed) is relation(converted, claimed)


@settings(max_examples=100, deadline=None)
@given(st.integers(-200, 2000), st.integers(-200, 2000), st.integers(0, 500), st.booleans())
def test_temperature_scales_do_not_change_the_check(value: int, low: int, width: int, about: bool) -> None:
    word = "약 " if about else ""
    claims = (
        f"{word}{low} ℃ 내지 {low + width} ℃",
        f"{word}{low * 9 / 5 + 32:.1f} °F ~ {(low + width) * 9 / 5 + 32:.1f} °F",
    )
    said = (f"{value} ℃", f"{value * 9 / 5 + 32:.1f} °F", f"{value + 273.15:.2f} K")
    assert len({relation(c, s) for c in claims for s in said}) == 1


@settings(max_examples=200, deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "약 "]), st.sampled_from(["이하", "미만"]))
def test_what_is_inside_stays_inside_when_the_range_grows(
    low: Decimal, width: Decimal, value: Decimal, less: Decimal, more: Decimal, word: str, end: str
) -> None:
    inside = (RangeCheck.IN, RangeCheck.EDGE)
    said = f"{value:f} mm"
    if relation(f"{word}{low:f} mm 이상 {low + width:f} mm {end}", said) in inside:
        grown = f"{word}{low - min(less, low):f} mm 이상 {low + width + more:f} mm {end}"
        assert relation(grown, said) in inside


@pytest.mark.parametrize("piece", ["1", "1,", "1.", "1-", "1/", "1:", "111,", "10^", "5(", "중량", "㎛", "a-", " "])
def test_long_texts_end(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    assert isinstance(quantities(text), list)
    assert check_element("두께 5 mm 이하의 필름", text)[0].result is RangeCheck.NOT_GIVEN


def test_the_table_is_large_and_in_both_languages() -> None:
    korean = [row for row in ROWS if any("가" <= c <= "힣" for c in row["element"])]
    assert len({(row["element"], row["product"]) for row in ROWS}) == len(ROWS) >= 250
    assert min(len(korean), len(ROWS) - len(korean)) >= 80


@pytest.mark.parametrize(
    "element",
    ["구아검 및 잔탄검으로 이루어진 군에서 선택되는 하나 이상의 증점제", "at least one sensor", "one or more lenses"],
)
def test_at_least_one_is_no_open_number(element: str) -> None:
    assert check_element(element, "구아검을 넣었고, 렌즈와 sensor가 있습니다.") == []
    [found] = check_element("둘 이상의 센서", "센서가 있습니다.")
    assert found.result is RangeCheck.NOT_GIVEN
