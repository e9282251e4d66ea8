"""Find amounts in a text: values, ranges and limits with their units.

Everything is found by rules, on a mask. First single values are read, each with its unit (`values`). Then two values
become a range if the words between them say so. Then words such as 이상 or "at most" say which bounds are meant
(`limits`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bini.domain.measures.limits import LOWER, REACH, UPPER, BoundWords, words_after, words_before
from bini.domain.measures.masks import mask_of
from bini.domain.measures.units import (
    COUNT,
    MOLECULAR_WEIGHT,
    PERCENT,
    PERCENT_BY_VOLUME,
    PH,
    PLAIN,
    Unit,
    comparable,
    convert,
    per,
    read_unit,
)
from bini.domain.measures.values import Value, read_values

_RANGE = re.compile(r"(?i:~|-|내지|에서|에서부터|to|through|up to)")
_CONJUNCTION = re.compile(r"(?i:,?\s?(?:and|but|및|그리고|이고|이며|이면서|이되|고|며|하고|하며)|,|)")
_PAIR = re.compile("(?i:and|와|과|,)")
_TOLERANCE = re.compile(r"[,(]?\s?(?i:(?:with a )?tolerance|공차|허용\s?오차|오차)?\s?(?i:of)?")
LISTED = re.compile(r"(?i:,?\s?(?:and|or|및|또는|와|과)\s?|,\s?|\s?[x×/]\s?)")
"""What stands between two values of which each is meant by itself."""

_PER = frozenset(
    {"mass", "volume", "time", "area", "length", "energy", "count", "count of times", "amount of substance"}
)
"""Dimensions that amounts per another are told in."""

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
    basis: Value | None
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
    values = read_values(mask)
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


def _joined(mask: str, floor: int, first: Value, second: Value) -> _Draft | None:
    """Two values as one range, if the words between and around them say so."""
    if second.start - first.end > REACH:
        return None
    opening, after = words_before(mask, floor, first.start), words_after(mask, first.end)
    before, closing = words_before(mask, after.edge, second.start), words_after(mask, second.end)
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
        limited=bool({w.sign for w in (opening, after, before, closing)} & (LOWER | UPPER)),
        note=_notes(
            first.note,
            second.note,
            "units made one" if first.unit and second.unit and first.unit != second.unit else "",
            "bounds swapped" if swapped and not first.antecedent else "",
        ),
    )


def _start(floor: int, opening: BoundWords, value: Value) -> int:
    """Where a quantity starts: at the words of its bound, or at what it is an amount per."""
    start = min(opening.edge, value.start)
    return min(start, value.basis.start) if value.basis and value.basis.start >= floor else start


def _notes(*notes: str) -> str:
    return "; ".join(dict.fromkeys(filter(None, notes)))


def _ends(
    common: tuple[Unit | None, float, float],
    opening: BoundWords,
    after: BoundWords,
    middle: str,
    before: BoundWords,
    closing: BoundWords,
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
    if signs[0] in LOWER and signs[1] in UPPER and one < other:
        return unit, (one, signs[0] not in ("gt", "over")), (other, signs[1] != "lt")
    if signs[0] in UPPER and signs[1] in LOWER and other < one:
        return unit, (other, signs[1] not in ("gt", "over")), (one, signs[0] != "lt")
    return None


def _tolerance(first: Value, second: Value) -> _Ends | None:
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


def _common(mask: str, first: Value, second: Value) -> tuple[Unit | None, float, float] | None:
    """The unit that two values share and both numbers in it, or None if they cannot be the ends of one range."""
    one, other = first.unit, second.unit
    if other is None:
        strange = _OTHER_COUNTER.match(mask, second.end) and not words_after(mask, second.end).sign
        if one is not None and (strange or _COUNTED.match(mask, second.end)):
            return None  # 5 mm to 3 holes, 두 곳에서 3반복
        number = first.antecedent / second.number if first.antecedent and second.number else second.number
        return one, first.number, number
    if one is None or one == other:
        return other, first.number, second.number
    if one == PERCENT and other == PERCENT_BY_VOLUME:
        return other, first.number, second.number  # 0.1% to 0.3% (w/v): said once of both
    if not comparable(one, other):
        return None
    unit = one if other.dimension in ("share", "count") else other
    return unit, convert(first.number, one, unit), convert(second.number, other, unit)


def _alone(mask: str, floor: int, value: Value) -> _Draft:
    """One value with its limit words."""
    opening, closing = words_before(mask, floor, value.start), words_after(mask, value.end)
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
    elif sign in UPPER:
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


def _unit_of_list(mask: str, values: Sequence[Value]) -> Unit | None:
    """The unit that a bare number borrows from the end of its list ('15, 20 및 30 mm')."""
    for one, other in pairwise(values):
        if other.start - one.end > 8 or not LISTED.fullmatch(mask, one.end, other.start):
            return None
        if other.unit:
            return other.unit
    return None
