"""One number of a text with its unit."""

import math
import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, replace

from bini.domain.measures.limits import REACH
from bini.domain.measures.masks import BLOT, sentence_ends
from bini.domain.measures.units import CELSIUS, DEGREE, PLAIN, SHARES, SpelledUnit, Unit, read_unit

_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]{1,15}(?![0-9]))(?:\.[0-9]{1,15}(?![0-9]))?"
_KOREAN = {
    **{"하나": 1, "둘": 2, "셋": 3, "넷": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9},
    **{"한": 1, "두": 2, "세": 3, "네": 4, "열": 10, "스무": 20, "백": 100, "천": 1000, "백만": 1_000_000},
}
_DETERMINERS = frozenset({"한", "두", "세", "네", "열", "스무", "백", "천", "백만"})
"""Korean numerals that say nothing without a counter (두 개; 열 alone is heat)."""

_ENGLISH = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10},
    **{"eleven": 11, "twelve": 12},
}
_TIMES = {
    **{"백": 1e2, "천": 1e3, "만": 1e4, "십만": 1e5, "백만": 1e6, "천만": 1e7, "억": 1e8},
    **{"thousand": 1e3, "million": 1e6, "billion": 1e9},
}
_RAISED = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")
_NUMBER = re.compile(
    rf"""
    (?P<korean>(?<![가-힣])(?:{"|".join(sorted(_KOREAN, key=len, reverse=True))})(?!\s?[A-Za-z0-9]))
    | \b(?P<english>(?i:{"|".join(_ENGLISH)}))\b
    | (?P<below>(?<![가-힣])(?:영하|마이너스)\s?|(?i:(?<!or\s)\bminus\s))?
      (?<![0-9])(?<![0-9][.,])(?<!\s\.)(?:(?<![A-Za-z])(?<![A-Za-z]\.)|(?<=[pP][hH]))
      (?:
        (?:(?P<whole>[0-9]{{1,6}})[ -])?(?P<over>[0-9]{{1,4}})\s?/\s?(?P<under>[1-9][0-9]{{0,4}})(?![0-9./])
        | (?P<denominator>[1-9][0-9]{{0,4}})\s?분의\s?(?P<numerator>[0-9]{{1,4}})(?![0-9])
        | (?P<before>[0-9]{{1,6}})?\s?(?P<vulgar>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞])
        | 10(?:\^\s?(?P<power>-?[0-9]{{1,2}})|(?P<raised>[⁻⁺]?[⁰¹²³⁴-⁹]{{1,2}}))(?![0-9])
        | (?P<first>{_DIGITS})\s?:\s?(?P<second>{_DIGITS})
        | (?P<decimal>{_DIGITS}|(?<![\w.])\.[0-9]{{1,15}}(?![0-9]))
          (?: \s?[×xX*·]\s?10(?:\^\s?(?P<exponent>[-+]?[0-9]{{1,2}})|(?P<small>[⁻⁺]?[⁰¹²³⁴-⁹]{{1,2}}))(?![0-9])
            | [eE](?P<e>[-+]?[0-9]{{1,2}})(?![0-9A-Za-z]) )?
          (?: \s?(?P<times>십만|백만|천만|만(?![큼일약에으을이은])|억|천(?![연정이을의])|백(?![색금분이을의])
                |(?i:thousand|million|billion)\b) )?
      )
    """,
    re.VERBOSE,
)
RATIO = "a:b read as a/b"
_CLAUSE_END = re.compile(r"[.!?](?=\s|\Z)|[;\n,]")
_EACH = re.compile(r"\s?당(?=[\s0-9가-힣])(?!뇨|류|근|사|시|초|해|일)")
_EACH_TIME = {"초당": "second", "초속": "second", "분당": "minute", "분속": "minute", "시간당": "hour", "시속": "hour"}
_TIME_EACH = re.compile(rf"(?<![가-힣])({'|'.join(_EACH_TIME)})\s?\Z")
_WHOLE_AFTER = re.compile(r"\s?(?:에\s?대(?:하여|해|한)|[를을]?\s?기준)")
_HUNDRED_PARTS_AFTER = re.compile(r"\s?에는?\s")
_WHOLE_BEFORE = re.compile(r"\b(?i:based\son|relative\sto|with\srespect\sto|per)\s\Z")
_SPACED = frozenset({"K", "M", "d"})
"""Units that are names when they touch the number: 4K, 5M, 3d."""

_ANGLE_WORDS = re.compile(
    r"각(?=[이은도을의\s])|각도|경사|기울|회전|비틀|테이퍼|쐐기|헬릭스|나선|방위|구부|꺾"
    r"|(?i:taper|angle|tilt|inclin|rotat|helix|pitch|slope|bevel|wedge|bent)"
)
_HEAT_WORDS = re.compile(
    r"온도|가열|냉각|융점|녹는점|끓는점|유리전이|예열|건조|열처리"
    r"|(?i:temperature|heat|cool|melt|boil|warm|oven|thermal|freez|ambient)"
)
_OTHER_UNIT = re.compile(r"[A-Za-z]|-[A-Za-z가-힣]|\s?(?:원|달러|유로|엔)(?![가-힣]{2})|\s[A-Za-z]{1,6}/[A-Za-z]")
"""What makes a number without a known unit part of a name, a price or an amount in another unit."""


@dataclass(frozen=True)
class Value:
    """One number as written, with its unit if it has one.

    `antecedent` is the a of a ratio a:b; `basis` is the 100 mL of '100 mL당 10 mg'.
    """

    start: int
    end: int
    number: float
    unit: Unit | None
    word: bool = False
    antecedent: float | None = None
    basis: "Value | None" = None
    note: str = ""


def read_values(mask: str) -> list[Value]:
    """The numbers of a text with their units; a number that belongs to a name or a unit is left out."""
    values: list[Value] = []
    foreign: set[int] = set()  # sentences whose parts by weight are of another basis than 100 parts
    stops = sentence_ends(mask)
    basis: Value | None = None
    end = 0
    for found in _NUMBER.finditer(mask):
        value = _value(mask, found, end) if found.start() >= end else None
        if not value:
            continue
        end = value.end
        if _EACH.match(mask, end):
            basis = value
        elif value.unit and _is_whole(mask, value, value.unit):
            if value.unit.dimension == "parts by weight" and value.number != 100:
                foreign.add(bisect_left(stops, value.start))
        else:
            values.append(replace(value, basis=_basis(mask, basis, value)))
    return [v for v in values if not (_is_parts(v) and foreign and bisect_left(stops, v.start) in foreign)]


def _is_parts(value: Value) -> bool:
    return value.unit is not None and value.unit.dimension == "parts by weight"


def _is_whole(mask: str, value: Value, unit: Unit) -> bool:
    """Whether a value is what amounts are counted against ('수지 100 중량부에 대하여')."""
    if unit.dimension not in SHARES | {"share", "parts by weight"}:
        return False
    if _is_parts(value) and value.number == 100 and _HUNDRED_PARTS_AFTER.match(mask, value.end):
        return True
    start = value.start
    return bool(_WHOLE_AFTER.match(mask, value.end) or _WHOLE_BEFORE.search(mask, max(0, start - 20), start))


def _basis(mask: str, basis: Value | None, value: Value) -> Value | None:
    """What a value is an amount per: '100 mL당' or '분당' before it in the same clause."""
    each = _TIME_EACH.search(mask, max(0, value.start - 5), value.start)
    if each:
        return Value(*each.span(), 1.0, Unit(_EACH_TIME[each[1]], "time"))
    if basis and value.start - basis.end <= REACH and not _CLAUSE_END.search(mask, basis.end, value.start):
        return basis
    return None


def _value(mask: str, found: re.Match[str], previous_end: int) -> Value | None:
    """The number that was found, signed and with its unit, or None if it belongs to a name."""
    start, end = found.span()
    number = _number(found)
    hyphen = mask[start - 1 : start] == "-"
    joins = previous_end > 0 and not mask[previous_end : start - 1].strip()
    if hyphen and not joins:
        if start > 1 and (mask[start - 2].isalnum() or mask[start - 2] in f"){BLOT}"):
            return None  # MK-7
        start, number = start - 1, -number
    if not math.isfinite(number):
        return None
    if found["first"]:
        return Value(start, end, number, PLAIN, antecedent=_plain(found["first"]), note=RATIO)
    spelled = _unit_after(mask, end, abs(number))
    note = "number word" if found["korean"] or found["english"] else ""
    if found["korean"] and spelled and not spelled.unit.dimension.startswith(("count", "time")):
        spelled = None
    if spelled is None:
        named = _OTHER_UNIT.match(mask, end) or found["korean"] in _DETERMINERS
        return None if named else Value(start, end, number, None, bool(note), note=note)
    unit = spelled.unit
    if unit.dimension == "degrees":
        unit, note = _degrees(mask, start, spelled.end, below=bool(found["below"]))
    return Value(start, spelled.end, number / spelled.divisor, unit, note=note)


def _number(found: re.Match[str]) -> float:
    """The value of a number, however it is written; infinite if a float cannot hold it."""
    if word := found["korean"] or found["english"]:
        return float(_KOREAN.get(word) or _ENGLISH[word.lower()])
    if found["over"]:
        number = float(found["whole"] or 0) + float(found["over"]) / float(found["under"])
    elif found["denominator"]:
        number = float(found["numerator"]) / float(found["denominator"])
    elif found["vulgar"]:
        number = float(found["before"] or 0) + unicodedata.numeric(found["vulgar"])
    elif found["first"]:
        second = _plain(found["second"])
        number = _plain(found["first"]) / second if second else math.inf
    elif power := found["power"] or found["raised"]:
        number = 10.0 ** int(power.translate(_RAISED))
    else:
        exponent = found["exponent"] or found["small"] or found["e"] or "0"
        number = _plain(found["decimal"]) * 10.0 ** int(exponent.translate(_RAISED))
        number *= _TIMES[found["times"].lower()] if found["times"] else 1
    return -number if found["below"] else number


def _plain(digits: str) -> float:
    return float(digits.replace(",", ""))


def _unit_after(mask: str, end: int, number: float) -> SpelledUnit | None:
    """The unit right after a number, after white space or, if it is no single letter, after a hyphen."""
    start = end
    while mask[start : start + 1] == " " and start < end + 2:
        start += 1
    spelled = read_unit(mask, start)
    if spelled is None and mask[end : end + 1] == "-":
        spelled = read_unit(mask, end + 1)
        return spelled if spelled and len(spelled.spelling) > 1 else None
    if spelled is None or (start == end and spelled.spelling in _SPACED) or (spelled.spelling == "C" and number < 10):
        return None  # 4K, 3D and 5M are names, 2C a charging rate
    return spelled


def _degrees(mask: str, start: int, end: int, *, below: bool) -> tuple[Unit, str]:
    """The unit of 도, ° and degrees: of temperature or of an angle, as the words nearest to it say."""
    before, after = mask[max(0, start - 40) : start], re.split(r"[,.;\n0-9]", mask[end : end + 25])[0]
    heat, angle = (max((m.end() for m in words.finditer(before)), default=-1) for words in (_HEAT_WORDS, _ANGLE_WORDS))
    if heat == angle:
        heat, angle = (-m.start() if (m := words.search(after)) else -99 for words in (_HEAT_WORDS, _ANGLE_WORDS))
    is_heat = below or (heat > angle if heat != angle else mask[end - 1] == "도")
    return (CELSIUS, "degrees read as °C") if is_heat else (DEGREE, "")
