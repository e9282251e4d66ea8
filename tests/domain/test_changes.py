"""Changes leave the meaning as it is: each keeps all but what it is about, and does nothing where it cannot know."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.changes.endings import restyle
from bini.domain.changes.kinds import Kind, changed
from bini.domain.changes.sentences import reorder
from bini.domain.changes.spaces import respace
from bini.domain.changes.synonyms import rename
from bini.domain.changes.units import convert_units
from bini.domain.glossary import Concept, Glossary
from bini.domain.measures import Quantity, quantities
from bini.domain.measures.units import Unit, convert

GLOSSARY = Glossary(
    {
        concept.id: concept
        for concept in (
            Concept("pe", "f", "material", "폴리에틸렌", "polyethylene", ("에틸렌 중합체",), ("polythene",), ("PE",)),
            Concept("thermistor", "f", "component", "서미스터", "thermistor", ("열감지 저항",), ("thermal resistor",)),
            Concept("board", "f", "component", "보드판", "board", ("회로 기판",), ("circuit board",)),
            Concept("other", "f", "component", "회로 기판", "other board", ("기판 회로",), ("printed board",)),
            Concept("charge", "f", "process", "급속 충전", "fast charging", ("빠르게 배터리를 충전",)),
        )
    }
)

PIECES = """
센서가 본체는 두께는 폭이 3 mm 0.5 12 kg이다. 포함합니다. 했어요. 있음 없다. 그것은 이때 약 10~20 중량% 25℃ 폴리에틸렌을
the A it is 5 μm 1,200 MHz. 30분간 : - 1. 서미스터로 polyethylene, 분당 8 L 이상 미만 x 4/5 영하 2시간 The lid is flat.
"""
WORDS = st.sampled_from([*PIECES.split(), "\n"])
TEXTS = st.one_of(st.lists(WORDS, max_size=30).map(" ".join), st.text(max_size=80))
SEEDS = st.integers(0, 5)


@settings(deadline=None)
@given(TEXTS, SEEDS, st.sampled_from(Kind))
def test_a_change_changes_something_and_is_repeatable(text: str, seed: int, kind: Kind) -> None:
    made = changed(text, kind, GLOSSARY, seed)
    assert made == changed(text, kind, GLOSSARY, seed)
    assert made != text


@settings(deadline=None)
@given(TEXTS, SEEDS)
def test_white_space_is_all_that_respacing_changes(text: str, seed: int) -> None:
    made = respace(text, seed)
    if made is not None:
        assert made.split() == text.split()
        assert made.count("\n") == text.count("\n")


@settings(deadline=None)
@given(TEXTS, SEEDS)
def test_reordering_keeps_every_character_in_its_sentence(text: str, seed: int) -> None:
    made = reorder(text, seed)
    if made is not None:
        assert sorted(re.split(r"(?<=[.!])\s+|\n", made)) == sorted(re.split(r"(?<=[.!])\s+|\n", text))


def amounts(text: str) -> list[tuple[object, ...]]:
    """What a text states in numbers, each amount in the basic unit of its dimension."""
    return [
        (q.dimension, *map(base(q), (q.low, q.high)), q.low_included, q.high_included, q.about)
        for q in quantities(text)
    ]


def base(quantity: Quantity):
    smallest = {
        "length": "nanometer",
        "mass": "microgram",
        "volume": "microliter",
        "time": "second",
        "frequency": "hertz",
        "voltage": "millivolt",
        "current": "milliampere",
        "power": "milliwatt",
        "pressure": "pascal",
        "viscosity": "millipascal*second",
        "molecular weight": "gram/mole",
    }
    unit = Unit(quantity.unit, quantity.dimension)
    to = Unit(smallest.get(quantity.dimension, quantity.unit), quantity.dimension)
    return lambda bound: None if bound is None else pytest.approx(convert(bound, unit, to), rel=1e-9)


@settings(deadline=None)
@given(TEXTS, SEEDS)
def test_amounts_stay_what_they_are(text: str, seed: int) -> None:
    made = convert_units(text, seed)
    if made is not None:
        assert amounts(made) == amounts(text)


@settings(deadline=None)
@given(
    st.integers(1, 9999),
    st.sampled_from(["mm", "μm", "cm", "mg", "kg", "mL", "초", "분", "MHz", "kPa"]),
    st.sampled_from(["", " 이상", " 미만"]),
    SEEDS,
)
def test_a_converted_number_is_exact(number: int, unit: str, limit: str, seed: int) -> None:
    text = f"부품의 폭은 {number / 100} {unit}{limit}."
    made = convert_units(text, seed)
    if made is not None:
        [one], [other] = quantities(text), quantities(made)
        there = convert(1.0, Unit(other.unit, other.dimension), Unit(one.unit, one.dimension))
        pairs = [(a, b) for a, b in ((one.low, other.low), (one.high, other.high)) if a is not None and b is not None]
        assert pairs
        assert all(math.isclose(a, b * there, rel_tol=1e-12) for a, b in pairs)


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("두께 3 mm의 판", {"두께 0.3 cm의 판", "두께 3000 μm의 판"}),
        ("폭 10~20 mm", {"폭 1~2 cm", "폭 0.01~0.02 m", "폭 10000~20000 μm"}),
        ("무게 1,500 g 이하", {"무게 1.5 kg 이하"}),
        ("2시간 동안", {"120분 동안", "7200초 동안"}),
        ("3분을 넘지 않게", {"180초를 넘지 않게", "0.05시간을 넘지 않게"}),
        ("28,000 MHz band", {"28 GHz band"}),
        ("0.25 mm thick", {"250 μm thick", "0.025 cm thick"}),
        ("섕크는 10 mm와 12 mm입니다", {"섕크는 1 cm와 1.2 cm입니다"}),
    ],
)
def test_units_exchanged(text: str, possible: set[str]) -> None:
    made = {convert_units(text, seed) for seed in range(40)} - {None}
    assert made & possible
    assert all(amounts(one) == amounts(text) for one in made if one)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "판이다",
        "25℃에서 굳힌다",  # another scale, not another unit
        "분당 8 L의 유량",
        "1분 30초 가열",
        "함량 10 중량%",
        "특허 제3 mm호",
        "모델 MK-7 m",
        "두께 1/2 mm",
        "폭 0.3 nm",
    ],
)
def test_amounts_left_alone(text: str) -> None:
    assert {convert_units(text, seed) for seed in range(20)} == {None}


ALONE = "본체는 알루미늄이다. 덮개는 유리이다. 무게는 3 kg이다."


def test_sentences_change_places() -> None:
    made = {reorder(ALONE, seed) for seed in range(40)}
    assert len(made) == 5
    assert ALONE not in made


def test_sentences_stay_in_their_paragraph() -> None:
    made = reorder("제품 소개\n본체는 알루미늄이다. 덮개는 유리이다.\n무게는 3 kg이다. 폭은 2 m이다.", 0)
    assert made == "제품 소개\n덮개는 유리이다. 본체는 알루미늄이다.\n폭은 2 m이다. 무게는 3 kg이다."


def test_items_and_labels_change_places_in_their_list() -> None:
    assert reorder("구성\n- 유리 덮개\n- 본체\n이상", 0) == "구성\n- 본체\n- 유리 덮개\n이상"
    assert reorder("Cover: glass\nBody: steel", 0) == "Body: steel\nCover: glass"


@pytest.mark.parametrize(
    "second",
    [
        "그것은 유리이다.",
        "이때 덮개는 유리이다.",
        "또한 덮개는 유리이다.",
        "이를 덮개가 누른다.",
        "다만 덮개는 유리이다.",
        "그리고 덮개는 유리이다.",
        "덮개는 이 본체에 붙는다.",
        "덮개도 알루미늄이다.",
        "덮개는 같은 재질이다.",
        "덮개는 이후 닫힌다.",
        "덮개는 본체를 가열한 뒤 닫힌다.",
        "구형 제품은 덮개가 없다.",
        "재질이 유리인 덮개가 있습니까?",
        "유리로 덮는다.",  # who does?
        "덮개: 유리.",
        "덮개는 유리이다",
    ],
)
def test_a_paragraph_that_depends_on_its_order_keeps_it(second: str) -> None:
    assert reorder(f"본체는 알루미늄이다. {second}", 0) is None
    assert reorder(f"{second} 본체는 알루미늄이다.", 0) is None


@pytest.mark.parametrize(
    "second", ["It is flat.", "This is flat.", "Then the lid closes.", "The lid covers it.", "Its lid is flat."]
)
def test_an_english_paragraph_that_depends_on_its_order_keeps_it(second: str) -> None:
    assert reorder("The body is steel. The lid is glass.", 0) == "The lid is glass. The body is steel."
    assert reorder(f"The body is steel. {second}", 0) is None


def test_steps_keep_their_order() -> None:
    assert reorder("- 물을 가열한다\n- 분말을 넣는다", 0) is None
    assert reorder("1. 물을 붓는다\n2. 분말을 넣는다", 0) is None


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("센서를 달았습니다.", {"센서를 달았어요.", "센서를 달았다."}),
        ("센서를 달았어", {"센서를 달았어요", "센서를 달았습니다", "센서를 달았다"}),
        ("센서가 있다. 팔은 없다.", {"센서가 있어요. 팔은 없어요.", "센서가 있습니다. 팔은 없습니다."}),
        ("유리로 구성된다.", {"유리로 구성됩니다.", "유리로 구성돼요."}),
        ("물을 포함합니다.", {"물을 포함해요."}),
        ("물을 포함한다.", {"물을 포함해요.", "물을 포함합니다."}),
        ("로봇입니다.", {"로봇이에요.", "로봇이다."}),
        ("기계입니다!", {"기계예요!", "기계이다!"}),
        ("폭은 3 mm입니다.", {"폭은 3 mm이다."}),
        ("로봇이 아닙니다.", {"로봇이 아니에요.", "로봇이 아니다."}),
        ("물을 쓰지 않는다.", {"물을 쓰지 않아요.", "물을 쓰지 않습니다."}),
        ("첨가물 없음", {"첨가물 없어요", "첨가물 없습니다", "첨가물 없다"}),
        ("방수가 가능합니다.", {"방수가 가능해요."}),
    ],
)
def test_endings_exchanged(text: str, possible: set[str]) -> None:
    made = {restyle(text, seed) for seed in range(60)}
    assert made == possible


@pytest.mark.parametrize(
    "text",
    ["", "로봇", "가능한 로봇", "입니다만 로봇", "센서가 있습니까?", "했습니다만", "The lid is flat.", "있다면 로봇"],
)
def test_endings_left_alone(text: str) -> None:
    assert restyle(text, 0) is None


@settings(deadline=None)
@given(TEXTS, SEEDS)
def test_endings_change_no_amount(text: str, seed: int) -> None:
    made = restyle(text, seed)
    if made is not None:
        assert amounts(made) == amounts(text)
        assert len(made.splitlines()) == len(text.splitlines())


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("폴리에틸렌을 쓴다", "에틸렌 중합체를 쓴다"),
        ("본체와 폴리에틸렌으로 된다", "본체와 에틸렌 중합체로 된다"),
        ("서미스터, 서미스터는 둘", "열감지 저항, 열감지 저항은 둘"),
        ("a sheet of polyethylene.", "a sheet of polythene."),
        ("Polyethylene is used", "Polythene is used"),
        ("with a thermistor on it", "with a thermal resistor on it"),
    ],
)
def test_names_exchanged(text: str, made: str) -> None:
    assert rename(text, 0, GLOSSARY) == made


@pytest.mark.parametrize(
    "text",
    [
        "폴리에틸렌 글리콜을 쓴다",  # another substance
        "개질 폴리에틸렌을 쓴다",
        "polyethylene glycol is used",
        "modified polyethylene is used",
        "PE를 쓴다",  # an abbreviation
        "회로 기판을 쓴다",  # a name of two things
        "급속 충전을 한다",  # no thing
        "폴리에틸렌(에틸렌 중합체)을 쓴다",  # both names stand there
        "",
    ],
)
def test_names_left_alone(text: str) -> None:
    assert rename(text, 0, GLOSSARY) is None
