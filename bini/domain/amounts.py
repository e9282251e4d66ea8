"""Find amounts in a text: values, ranges and limits with their units.

Everything is found by rules, on a *mask*: a copy of the text of the same length in which look-alike characters are one
character and what only looks like an amount (claim numbers, CAS numbers, dates, reference signs) is blotted out. First
single values are read, each with its unit. Then two values become a range if the words between them say so. Then words
such as 이상 or "at most" say which bounds are meant.
"""

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bini.domain.units import (
    CELSIUS,
    COUNT,
    DEGREE,
    MOLECULAR_WEIGHT,
    PH,
    PLAIN,
    SHARES,
    SpelledUnit,
    Unit,
    comparable,
    convert,
    per,
    read_unit,
)

_BLOT = "○"
_ALIKE = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("〜∼～", "~"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000", " "),
        "µ": "μ",
        "≦": "≤",
        "≧": "≥",
        "＇": "'",
    }
)
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?)"
)
_NOT_AMOUNTS = re.compile(
    r"(?<![가-힣])(?:제|청구항|도|(?:화학|수학|반응)?식|표|실시예|비교예|제조예|실험예|시험예|서열번호|단계)\s?[0-9]{1,4}[a-z]?[항호]?"
    r"|\b(?i:claims?|figs?\.?|figures?|tables?|examples?|formulas?|steps?|seq\s?id\s?nos?[.:]?|no\.|type|grade|ver(?:sion|\.))"
    r"\s?[0-9]{1,6}\b(?!\s?[%℃°])"
    r"|(?<![0-9])[0-9]+(?:-[0-9]+){2,}(?![0-9])"  # CAS and telephone numbers, dates, grades of fertiliser
    r"|(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}(?![0-9])"  # versions, dates
    r"|(?<![0-9/])[0-9]+(?:/[0-9]+){2,}(?![0-9])"
    r"|(?<![0-9])(?:19|20)[0-9]{2}(?:\s?년|s\b)(?:\s?[0-9]{1,2}\s?월)?(?:\s?[0-9]{1,2}\s?일)?"
    r"|(?<![0-9])[0-9]{1,2}\s?월(?:\s?[0-9]{1,2}\s?일)?"
    rf"|\b{_MONTH}\.?\s[0-9]{{1,2}}\b(?:,\s[0-9]{{4}})?"
    r"|(?:오전|오후)\s?[0-9]{1,2}(?::[0-9]{2}|시(?:\s?[0-9]{1,2}\s?분)?)"
    r"|(?<![0-9:.])(?:[0-9]{1,2}:[0-9]{2}\s?(?i:am|pm)\b|0[0-9]:[0-5][0-9](?![0-9]))"
    r"|(?<![0-9.:])[0-9.]{1,12}(?:\s?:\s?[0-9.]{1,12}){2,}(?![0-9:])"  # ratios of three, times with seconds
    r"|(?<=[\w)])\s?\([1-9][0-9]{0,3}[a-e']?\)"  # reference signs
    r"|(?m:^[ \t]*(?:\([0-9]{1,2}\)|[0-9]{1,2}[.)])(?=[\s가-힣]))|(?<=[;,])\s?\(?[0-9]{1,2}\)"  # list markers
    r"|(?<![0-9.,-])[0-9]{1,2}(?:,[0-9]{1,2}'?)*'?-(?=[가-힣])(?!층|겹|개|단|종)"  # locants: 1,2-헥산디올
)

# Numbers -----------------------------------------------------------------------------------------
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

# Words around a number ---------------------------------------------------------------------------
_OF_LARGE = "(?:more|greater|higher|larger|longer|thicker|wider|heavier)"
_OF_SMALL = "(?:less|lower|fewer|smaller|shorter|thinner|narrower|lighter)"
_ABOUT = (
    r"(?:(?<![가-힣])(?:약|대략|거의)|\b(?i:about|approximately|approx\.?|around|circa|ca\.|roughly|nearly|some)|[≈≒])"
)
_VARIABLE = r"\s?[A-Za-z가-힣]+(?:\s[A-Za-z가-힣]+){0,4}(?=\s?[<≤>≥])|(?<=[<≤>≥])\s?(?=[A-Za-z가-힣])"
"""What is measured, in 5 mm < thickness ≤ 10 mm."""

_WORDS_BEFORE = {
    "both": r"±|\b(?i:plus or minus)",
    "le": rf"\b(?i:(?:no|not) {_OF_LARGE} than|not (?:to )?exceed(?:ing)?|not above|not over|at (?:the )?most|up to|within|nmt"
    rf"|(?:a )?max(?:imum|\.)?(?: of)?|{_OF_SMALL} than or equal to|equal to or {_OF_SMALL} than)|(?<![가-힣])최대|≤|<=|=<",
    "ge": rf"\b(?i:(?:no|not) {_OF_SMALL} than|not below|not under|at (?:the )?least|nlt"
    rf"|(?:a )?min(?:imum|\.)(?: of)?|{_OF_LARGE} than or equal to|equal to or {_OF_LARGE} than)|(?<![가-힣])(?:최소한?|적어도)|≥|>=|=>",
    "lt": rf"\b(?i:{_OF_SMALL} than|below|under)|<",
    "gt": rf"\b(?i:{_OF_LARGE} than|above|exceed(?:s|ing)?|beyond|past|pass(?:es)?)|>",
    "over": r"\b(?i:over)",
    "between": r"\b(?i:between)",
    "from": r"\b(?i:from)",
}
_WORDS_AFTER = {
    "le": rf"이하|이내|까지|(?:초과|넘지?)(?:하지)?\s?(?:않|아니|못)|\b(?i:or|and) (?i:{_OF_SMALL}|below|under|younger)\b(?! than)"
    rf"|(?i:at most|max(?:imum)?\b)|≥{_VARIABLE}",
    "lt": rf"미만|보다\s?(?:더 )?(?:작|낮|얇|짧|적|가벼|좁|느리)|안\s?(?:되|돼)|못\s?(?:미치|되)|>{_VARIABLE}",
    "ge": rf"이상|\b(?i:or|and) (?i:{_OF_LARGE}|above|over|older)\b(?! than)|(?i:at least|min(?:imum|\.)(?!\w))|≤{_VARIABLE}",
    "gt": rf"초과|넘[는은어게고을으긴]|보다\s?(?:더 )?(?:크|큰|높|두꺼|두껍|길|긴|많|무거|무겁|넓|빠르)|<{_VARIABLE}",
    "from": "부터",
}


def _one_of(words: dict[str, str]) -> str:
    """The pattern of any of the words, as groups named by sign."""
    return "|".join(f"(?P<{sign}>{pattern})" for sign, pattern in words.items()).replace(" ", r"\s")


_BEFORE = re.compile(rf"(?:(?:{_one_of(_WORDS_BEFORE)})(?:\s(?i:of|a|an|the)\b)?)?\s*(?P<about>{_ABOUT})?\s*\Z")
_AFTER = re.compile(
    r"(?P<about>\s?(?:정도|가량|안팎|내외|쯤|남짓|전후)(?:[의로이]|으로)?|\s(?i:or\sso|approximately)\b)?"
    rf"(?:\s?\)?\s?(?:[을를이가은는로에]|으로)?\s?(?:{_one_of(_WORDS_AFTER)}))?"
    r"(?P<amid>\s?(?:의\s)?사이)?"
)
_LOWER = frozenset({"ge", "gt", "over", "from"})
_UPPER = frozenset({"le", "lt"})
_RANGE = re.compile(r"(?i:~|-|내지|에서|에서부터|to|through|up to)")
_CONJUNCTION = re.compile(r"(?i:,?\s?(?:and|but|및|그리고|이고|이며|이면서|이되|고|며|하고|하며)|,|)")
_PAIR = re.compile("(?i:and|와|과|,)")
_TOLERANCE = re.compile(r"[,(]?\s?(?i:(?:with a )?tolerance|공차|허용\s?오차|오차)?\s?(?i:of)?")
LISTED = re.compile(r"(?i:,?\s?(?:and|or|및|또는|와|과)\s?|,\s?|\s?[x×/]\s?)")
"""What stands between two values of which each is meant by itself."""

RATIO = "a:b read as a/b"
_REACH = 48
"""How many characters of words may stand between the two ends of a range, or before a number."""

# What a number measures --------------------------------------------------------------------------
_SENTENCE_END = re.compile(r"[.!?](?=\s|\Z)|[;\n]")
_CLAUSE_END = re.compile(r"[.!?](?=\s|\Z)|[;\n,]")
_EACH = re.compile(r"\s?당(?=[\s0-9가-힣])(?!뇨|류|근|사|시|초|해|일)")
_EACH_TIME = {"초당": "second", "초속": "second", "분당": "minute", "분속": "minute", "시간당": "hour", "시속": "hour"}
_TIME_EACH = re.compile(rf"(?<![가-힣])({'|'.join(_EACH_TIME)})\s?\Z")
_PER = frozenset(
    {"mass", "volume", "time", "area", "length", "energy", "count", "count of times", "amount of substance"}
)
"""Dimensions that amounts per another are told in."""

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
_HEADER = re.compile(r"[(\[]\s?(?P<unit>[^()\[\]]{1,16})[)\]]\s{0,2}[:=]?\s{0,2}\Z")
_BARE_WORDS = re.compile(
    r"(?P<ph>(?i:(?<![a-z])ph(?![a-z]))|수소\s?이온\s?(?:농도|지수))"
    r"|(?P<weight>분자량|(?i:molecular weight)|\bM[wn]\b)"
    r"|(?P<count>개수|갯수|(?i:number of))"
    r"|(?P<plain>(?<![가-힣])비(?=[가는\s])|(?:중량|질량|몰|부피|체적|두께|길이|면적|혼합|배합|직경|크기|압축|폭|높이|종횡)\s?비"
    r"|비율|비중|지수|계수|굴절률|유사도|점수|경도"
    r"|\b(?i:ratio|index|indices|coefficient|factor|similarity|score|hardness|specific gravity|value|number)\b)"
)
_BARE_UNITS = {"ph": PH, "weight": MOLECULAR_WEIGHT, "count": COUNT, "plain": PLAIN}
_OTHER_UNIT = re.compile(r"[A-Za-z]|-[A-Za-z가-힣]|\s?(?:원|달러|유로|엔)(?![가-힣]{2})|\s[A-Za-z]{1,6}/[A-Za-z]")
"""What makes a number without a known unit part of a name, a price or an amount in another unit."""

_OTHER_COUNTER = re.compile(r"(?!(?:[의인로를을이가은는]|으로|에서|까지)(?![가-힣]))[가-힣]")
_COUNTED = re.compile(r"\s(?:[a-z-]+ ){0,2}?[a-z]{2,}s\b(?<!ss)(?!\s?/|\sper\b)")
_BEFORE_COUNT = re.compile(
    r"(?:\A|[,;:(\n]|\b(?i:with|has|have|having|of|and|or|the|said|by|into|includ\w+|compris\w+|contain\w*|than|least|most|to|in"
    r"|on|only|all|are|is|us(?:es|ing)|from|between|for|its|each|these|those|exactly|a|total))\s*\Z"
)


@dataclass(frozen=True)
class Quantity:
    """A value, a range or a limit in a text: `text` is the text's `[start:end]`, words such as 이상 included.

    Parameters
    ----------
    low, high
        The bounds, in `unit`; None where there is no bound, equal for a single value.
    low_included, high_included
        Whether the bound itself belongs to the range; False where there is no bound.
    about
        Whether the text says 약, about or the like.
    unit
        The unit as a pint expression.
    dimension
        What is measured, finer than pint's dimensions ("mass share", "angle", "count of layers").
    note
        What was normalised in reading, separated by semicolons.
    """

    text: str
    start: int
    end: int
    low: float | None
    high: float | None
    low_included: bool
    high_included: bool
    about: bool
    unit: str
    dimension: str
    note: str = ""


@dataclass(frozen=True)
class _Value:
    """One number as written, with its unit if it has one.

    `antecedent` is the a of a ratio a:b; `basis` is the 100 mL of '100 mL당 10 mg'.
    """

    start: int
    end: int
    number: float
    unit: Unit | None
    word: bool = False
    antecedent: float | None = None
    basis: "_Value | None" = None
    note: str = ""


@dataclass(frozen=True)
class _Words:
    """What the words on one side of a number say, and where they begin or end.

    `sign` is a key of the tables of words, or empty; `amid` says that a 사이 follows.
    """

    edge: int
    sign: str
    about: bool
    amid: bool = False


_Bound = tuple[float, bool]  # a number, and whether it belongs to the range
_Ends = tuple[Unit | None, _Bound, _Bound]


@dataclass(frozen=True)
class _Draft:
    """A quantity whose unit may still have to be told from the words before it."""

    start: int
    end: int
    low: _Bound | None
    high: _Bound | None
    about: bool
    unit: Unit | None
    basis: _Value | None
    word: bool
    limited: bool  # by 이상, at most and the like
    note: str


def quantities(text: str) -> list[Quantity]:
    """Every quantity or range in a text, in order and without overlap.

    Parameters
    ----------
    text
        A claim element or a product description, in Korean or English.
    """
    mask = mask_of(text)
    values = _values(mask)
    found: list[Quantity] = []
    floor = position = 0
    while position < len(values):
        first, second = values[position], next(iter(values[position + 1 : position + 2]), None)
        joined = _joined(mask, floor, first, second) if second else None
        draft = joined or _alone(mask, floor, first)
        if not draft.unit:
            draft = replace(
                draft, unit=_unit_of_bare(mask, draft) or _unit_of_list(mask, values[position : position + 9])
            )
        if quantity := _quantity(text, draft):
            found.append(quantity)
        floor = draft.end
        position += 2 if joined else 1
    return found


def mask_of(text: str) -> str:
    """The text with look-alike characters made one, and without what only looks like an amount."""
    alike = text.translate(_ALIKE).replace("+/-", "  ±").replace("+-", " ±")
    return _NOT_AMOUNTS.sub(lambda m: _BLOT * len(m[0]), alike)


# One value ---------------------------------------------------------------------------------------


def _values(mask: str) -> list[_Value]:
    """The numbers of a text with their units; a number that belongs to a name or a unit is left out."""
    values: list[_Value] = []
    foreign: set[int] = set()  # sentences whose parts by weight are of another basis than 100 parts
    stops = sentence_ends(mask)
    basis: _Value | None = None
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


def sentence_ends(mask: str) -> list[int]:
    """Where the sentences of a text end."""
    return [m.start() for m in _SENTENCE_END.finditer(mask)]


def _is_parts(value: _Value) -> bool:
    return value.unit is not None and value.unit.dimension == "parts by weight"


def _is_whole(mask: str, value: _Value, unit: Unit) -> bool:
    """Whether a value is what amounts are counted against ('수지 100 중량부에 대하여')."""
    if unit.dimension not in SHARES | {"share", "parts by weight"}:
        return False
    if _is_parts(value) and value.number == 100 and _HUNDRED_PARTS_AFTER.match(mask, value.end):
        return True
    start = value.start
    return bool(_WHOLE_AFTER.match(mask, value.end) or _WHOLE_BEFORE.search(mask, max(0, start - 20), start))


def _basis(mask: str, basis: _Value | None, value: _Value) -> _Value | None:
    """What a value is an amount per: '100 mL당' or '분당' before it in the same clause."""
    each = _TIME_EACH.search(mask, max(0, value.start - 5), value.start)
    if each:
        return _Value(*each.span(), 1.0, Unit(_EACH_TIME[each[1]], "time"))
    if basis and value.start - basis.end <= _REACH and not _CLAUSE_END.search(mask, basis.end, value.start):
        return basis
    return None


def _value(mask: str, found: re.Match[str], previous_end: int) -> _Value | None:
    """The number that was found, signed and with its unit, or None if it belongs to a name."""
    start, end = found.span()
    number = _number(found)
    hyphen = mask[start - 1 : start] == "-"
    joins = previous_end > 0 and not mask[previous_end : start - 1].strip()
    if hyphen and not joins:
        if start > 1 and (mask[start - 2].isalnum() or mask[start - 2] in f"){_BLOT}"):
            return None  # MK-7
        start, number = start - 1, -number
    if not math.isfinite(number):
        return None
    if found["first"]:
        return _Value(start, end, number, PLAIN, antecedent=_plain(found["first"]), note=RATIO)
    spelled = _unit_after(mask, end, abs(number))
    note = "number word" if found["korean"] or found["english"] else ""
    if found["korean"] and spelled and not spelled.unit.dimension.startswith(("count", "time")):
        spelled = None
    if spelled is None:
        named = _OTHER_UNIT.match(mask, end) or found["korean"] in _DETERMINERS
        return None if named else _Value(start, end, number, None, bool(note), note=note)
    unit = spelled.unit
    if unit.dimension == "degrees":
        unit, note = _degrees(mask, start, spelled.end, below=bool(found["below"]))
    return _Value(start, spelled.end, number / spelled.divisor, unit, note=note)


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


# Values and words to quantities ------------------------------------------------------------------


def _before(mask: str, floor: int, start: int) -> _Words:
    """The words of a bound that end where a number starts."""
    found = _BEFORE.search(mask, max(floor, start - _REACH), start)
    if not found:  # never: the pattern also matches nothing at all
        return _Words(start, "", about=False)
    blank = len(found[0]) - len(found[0].lstrip())
    return _Words(found.start() + blank, _sign(found, _WORDS_BEFORE), bool(found["about"]))


def _after(mask: str, end: int) -> _Words:
    """The words of a bound that begin where a value ends."""
    found = _AFTER.match(mask, end)
    if not found:  # never, likewise
        return _Words(end, "", about=False)
    return _Words(found.end(), _sign(found, _WORDS_AFTER), bool(found["about"]), bool(found["amid"]))


def _sign(found: re.Match[str], words: dict[str, str]) -> str:
    return next((sign for sign in words if found[sign]), "")


def _joined(mask: str, floor: int, first: _Value, second: _Value) -> _Draft | None:
    """Two values as one range, if the words between and around them say so."""
    if second.start - first.end > _REACH:
        return None
    opening, after = _before(mask, floor, first.start), _after(mask, first.end)
    before, closing = _before(mask, after.edge, second.start), _after(mask, second.end)
    middle = mask[after.edge : before.edge].strip()
    ends: _Ends | None = None
    if before.sign == "both" and _TOLERANCE.fullmatch(middle):
        ends = _tolerance(first, second)
    elif common := _common(mask, first, second):
        ends = _ends(common, opening, after, middle, before, closing)
    if ends is None:
        return None
    unit, low, high = ends
    swapped = low[0] > high[0]
    end = max(closing.edge, second.end)
    return _Draft(
        start=_start(floor, opening, first),
        end=end + 1 if "(" in middle and mask[end : end + 1] == ")" else end,
        low=high if swapped else low,
        high=low if swapped else high,
        about=any(words.about for words in (opening, after, before, closing)),
        unit=unit,
        basis=first.basis or second.basis,
        word=first.word or second.word,
        limited=bool({w.sign for w in (opening, after, before, closing)} & (_LOWER | _UPPER)),
        note=_notes(
            first.note,
            second.note,
            "units made one" if first.unit and second.unit and first.unit != second.unit else "",
            "bounds swapped" if swapped and not first.antecedent else "",
        ),
    )


def _start(floor: int, opening: _Words, value: _Value) -> int:
    """Where a quantity starts: at the words of its bound, or at what it is an amount per."""
    start = min(opening.edge, value.start)
    return min(start, value.basis.start) if value.basis and value.basis.start >= floor else start


def _notes(*notes: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, notes)))


def _ends(
    common: tuple[Unit | None, float, float],
    opening: _Words,
    after: _Words,
    middle: str,
    before: _Words,
    closing: _Words,
) -> _Ends | None:
    """The unit and the two bounds that the words around two values make of them, if any."""
    unit, one, other = common
    signs = after.sign or opening.sign, closing.sign or before.sign
    paired = (opening.sign == "between" or closing.amid) and _PAIR.fullmatch(middle)
    if paired or _RANGE.fullmatch(middle) or (after.sign == "from" and not middle):
        low_included = not {after.sign, opening.sign} & {"gt", "over"}
        return unit, (one, low_included), (other, "lt" not in (before.sign, closing.sign))
    if not _CONJUNCTION.fullmatch(middle):
        return None
    if signs[0] in _LOWER and signs[1] in _UPPER and one < other:
        return unit, (one, signs[0] not in ("gt", "over")), (other, signs[1] != "lt")
    if signs[0] in _UPPER and signs[1] in _LOWER and other < one:
        return unit, (other, signs[1] not in ("gt", "over")), (one, signs[0] != "lt")
    return None


def _tolerance(first: _Value, second: _Value) -> _Ends | None:
    """10 ± 0.5 mm, or ± a percentage of something that is no percentage itself."""
    unit, centre = second.unit, first.number
    if first.unit and unit and unit.dimension == "share" and not comparable(first.unit, unit):
        unit, deviation = first.unit, abs(centre) * convert(second.number, unit, PLAIN)
    elif first.unit is None or unit is None or first.unit == unit:
        unit, deviation = unit or first.unit, abs(second.number)
    elif comparable(first.unit, unit) and unit.dimension != "temperature":
        centre, deviation = convert(centre, first.unit, unit), abs(second.number)
    else:
        return None
    return unit, (centre - deviation, True), (centre + deviation, True)


def _common(mask: str, first: _Value, second: _Value) -> tuple[Unit | None, float, float] | None:
    """The unit that two values share and both numbers in it, or None if they cannot be the ends of one range."""
    one, other = first.unit, second.unit
    if other is None:
        strange = _OTHER_COUNTER.match(mask, second.end) and not _after(mask, second.end).sign
        if one is not None and (strange or _COUNTED.match(mask, second.end)):
            return None  # 5 mm to 3 holes, 두 곳에서 3반복
        number = first.antecedent / second.number if first.antecedent and second.number else second.number
        return one, first.number, number
    if one is None or one == other:
        return other, first.number, second.number
    if not comparable(one, other):
        return None
    unit = one if other.dimension in ("share", "count") else other
    return unit, convert(first.number, one, unit), convert(second.number, other, unit)


def _alone(mask: str, floor: int, value: _Value) -> _Draft:
    """One value with its limit words."""
    opening, closing = _before(mask, floor, value.start), _after(mask, value.end)
    sign = closing.sign or opening.sign
    if sign == "over" and value.unit and value.unit.dimension == "time":
        sign = ""  # over ten minutes: for as long as that
    start, about, note = _start(floor, opening, value), opening.about or closing.about, value.note
    low: _Bound | None = (value.number, True)
    high: _Bound | None = (value.number, True)
    if sign == "both":
        low, high = (-abs(value.number), True), (abs(value.number), True)
    elif sign in ("ge", "gt", "over") or closing.sign == "from":
        low, high = (value.number, sign not in ("gt", "over")), None
    elif sign in _UPPER:
        low, high = None, (value.number, sign != "lt")
    elif start > floor and mask[start - 1] == "~":
        start, about, note = start - 1, True, _notes(note, "~ read as about")
    end = max(closing.edge, value.end)
    return _Draft(start, end, low, high, about, value.unit, value.basis, value.word, low != high, note)


def _quantity(text: str, draft: _Draft) -> Quantity | None:
    """The finished quantity, or None if it is a bare number that measures nothing."""
    unit, start, end = draft.unit, draft.start, draft.end
    if unit is None:
        return None
    divisor, note, basis = 1.0, draft.note, draft.basis
    if basis and basis.unit and basis.number and {unit.dimension, basis.unit.dimension} <= _PER:
        unit, divisor = per(unit, basis.unit), basis.number
        note = _notes(note, f"per {basis.number:g} {basis.unit.expression}")
    return Quantity(
        text=text[start:end],
        start=start,
        end=end,
        low=draft.low[0] / divisor if draft.low else None,
        high=draft.high[0] / divisor if draft.high else None,
        low_included=bool(draft.low and draft.low[1]),
        high_included=bool(draft.high and draft.high[1]),
        about=draft.about,
        unit=unit.expression,
        dimension=unit.dimension,
        note=note,
    )


def _unit_of_bare(mask: str, draft: _Draft) -> Unit | None:
    """What a number without a unit measures, from the words around it."""
    head = re.split(r"[0-9;\n]|,\s", mask[max(0, draft.start - 32) : draft.start])[-1]
    header = _HEADER.search(head)
    spelled = read_unit(header["unit"], 0) if header else None
    if header and spelled and spelled.end == len(header["unit"]):
        return spelled.unit
    words = list(_BARE_WORDS.finditer(head))
    if words and len(head) - words[-1].end() <= 20:
        return _BARE_UNITS[next(name for name in _BARE_UNITS if words[-1][name])]
    one = draft.word and not draft.limited and draft.low == draft.high == (1.0, True)
    opened = draft.limited or draft.word or _BEFORE_COUNT.search(mask, max(0, draft.start - 16), draft.start)
    if _COUNTED.match(mask, draft.end) and opened and not one:
        return COUNT
    if not draft.limited:
        return None
    return COUNT if draft.word else PLAIN


def _unit_of_list(mask: str, values: Sequence[_Value]) -> Unit | None:
    """The unit that a bare number borrows from the end of its list ('15, 20 및 30 mm')."""
    for one, other in pairwise(values):
        if other.start - one.end > 8 or not LISTED.fullmatch(mask, one.end, other.start):
            return None
        if other.unit:
            return other.unit
    return None
