"""Amounts in another unit, the value exactly the same."""

import math
import random
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from bini.domain.korean import PARTICLE, with_particle
from bini.domain.measures import Quantity, quantities
from bini.domain.measures.units import SpelledUnit, Unit, convert, read_unit

_LADDERS = (
    ("nm", "μm", "mm", "cm", "m"),
    ("나노미터", "마이크로미터", "밀리미터", "센티미터", "미터"),
    ("μg", "mg", "g", "kg"),
    ("밀리그램", "그램", "킬로그램"),
    ("μL", "mL", "L"),
    ("ml", "l"),
    ("밀리리터", "리터"),
    ("ms", "s"),
    ("초", "분", "시간"),
    ("Hz", "kHz", "MHz", "GHz"),
    ("mV", "V", "kV"),
    ("mA", "A"),
    ("mW", "W", "kW"),
    ("Pa", "kPa", "MPa", "GPa"),
    ("mbar", "bar"),
    ("mPa·s", "cP"),
    ("Da", "kDa"),
)
"""Units that people write in each other's place, in one script."""

_OTHERS = {spelling: tuple(s for s in ladder if s != spelling) for ladder in _LADDERS for spelling in ladder}
_LEAST, _MOST = Fraction(1, 100), Fraction(30_000)
"""Numbers beyond these are told in another unit by nobody."""

_NUMBER = r"(?<![\d.,A-Za-z/×^-])(?:\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.\d{1,9})?(?![\d/^]|[.,]\d)"
_AMOUNT = re.compile(rf"{_NUMBER}\s?")


def convert_units(text: str, seed: int) -> str | None:
    """`text` with its amounts in other units, or None where none bears it.

    The amounts of the new text are read again: a change is made only if each of them says the same as before.
    """
    rng = random.Random(f"{seed} {text}")
    changed = text
    for place in reversed(range(len(quantities(text)))):
        before = quantities(changed)
        unit, others = _units(changed, before, place)
        for other in rng.sample(others, len(others)):
            tried = _converted(changed, before[place], unit, other)
            if tried and _same(before, quantities(tried), place):
                changed = tried
                break
    return changed if changed != text else None


def _units(text: str, found: list[Quantity], place: int) -> tuple[str, list[SpelledUnit]]:
    """The unit of an amount as it is written, and those to write instead: none if the amount does not stand alone."""
    quantity = found[place]
    gaps = [text[one.end : other.start] for one, other in pairwise(found[max(0, place - 1) : place + 2])]
    spelled = (read_unit(text, number.end()) for number in _AMOUNT.finditer(text, quantity.start, quantity.end))
    unit = next(filter(None, spelled), None)
    if not unit or unit.unit != _unit(quantity) or not all(map(str.strip, gaps)):
        return "", []  # per another amount (분당 8 L), or in two units (1분 30초)
    others = (read_unit(other, 0) for other in _OTHERS.get(unit.spelling, ()))
    return unit.spelling, list(filter(None, others))


def _unit(quantity: Quantity) -> Unit:
    return Unit(quantity.unit, quantity.dimension)


def _converted(text: str, quantity: Quantity, unit: str, target: SpelledUnit) -> str | None:
    """`text` with a quantity in another unit, or None if a number would not come out exactly or be odd to read."""
    amount = re.compile(rf"({_NUMBER})(?:(\s?){re.escape(unit)}({PARTICLE})?)?")
    pieces, start = [text[: quantity.start]], quantity.start
    for found in amount.finditer(text, quantity.start):
        if found.start() >= quantity.end:
            break
        number, gap, particle = found.groups()
        value = _times(number, _unit(quantity), target.unit)
        if value is None:
            return None
        spelling = _with(target.spelling, particle or "")
        pieces += [text[start : found.start()], value, "" if gap is None else gap + spelling]
        start = found.end()
    return "".join([*pieces, text[start:]])


def _with(unit: str, particle: str) -> str:
    """A unit with the particle of another; symbols of one ladder are read with the same last sound."""
    return with_particle(unit, particle) if particle and re.search("[가-힣]", unit) else unit + particle


def _times(number: str, unit: Unit, target: Unit) -> str | None:
    """A number of one unit in another, as a decimal without rounding."""
    factor = convert(1.0, unit, target)
    exact = Fraction(round(factor)) if factor >= 1 else Fraction(1, round(1 / factor))
    value = Fraction(number.replace(",", "")) * exact
    if not math.isclose(exact, factor, rel_tol=1e-9) or not (value == 0 or _LEAST <= value <= _MOST):
        return None
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{decimal.normalize():f}" if Fraction(decimal) == value else None


def _same(before: list[Quantity], after: list[Quantity], place: int) -> bool:
    """Whether two texts state the same amounts, where the one at `place` may stand in another unit."""
    return len(before) == len(after) and all(
        _equal(one, other) if number == place else _told(one) == _told(other)
        for number, (one, other) in enumerate(zip(before, after, strict=True))
    )


def _told(quantity: Quantity) -> Quantity:
    """A quantity wherever it stands."""
    return replace(quantity, start=0, end=0)


def _equal(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities in different units are the same one."""
    bounds = replace(other, low=one.low, high=one.high, unit=one.unit, text=one.text, note=one.note)
    return _told(bounds) == _told(one) and all(
        (a is None) == (b is None)
        and (a is None or math.isclose(a, convert(b or 0.0, _unit(other), _unit(one)), rel_tol=1e-9))
        for a, b in ((one.low, other.low), (one.high, other.high))
    )
