"""Units as people write them in claims and product texts, read as pint expressions.

A unit belongs to a *dimension*, which is finer than pint's: weight percent, angle, pH and a count are all
dimensionless to pint, yet no one is an answer to the other. The names of the dimensions are for people.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bini.domain.measures.spellings import NOT_BEFORE, TABLE

if TYPE_CHECKING:
    import pint


@dataclass(frozen=True)
class Unit:
    """A unit: `expression` as pint writes it, and the dimension that it measures."""

    expression: str
    dimension: str


PLAIN = Unit("dimensionless", "plain")
COUNT = Unit("dimensionless", "count")
PERCENT = Unit("percent", "share")
PERCENT_BY_VOLUME = Unit("gram/deciliter", "density")  # % (w/v)
PH = Unit("dimensionless", "pH")
CELSIUS = Unit("degC", "temperature")
DEGREE = Unit("degree", "angle")
MOLECULAR_WEIGHT = Unit("gram / mole", "molecular weight")
SHARES = frozenset({"mass share", "volume share", "mole share"})
"""Shares that say what they are shares of."""

_RECIPE = SHARES | {"parts by weight", "density", "molar concentration", "share"}


def _variants(spelling: str) -> list[str]:
    """A spelling with its British form and its plural."""
    forms = [spelling]
    for american, british in (("meter", "metre"), ("liter", "litre")):
        forms += [form.replace(american, british) for form in forms if american in form]
    return forms + [f"{form}s" for form in forms if re.search(r"[a-z]{4}\Z", form) and not form.endswith("s")]


_SPELLED = {
    form: Unit(expression, dimension)
    for dimension, units in TABLE.items()
    for expression, spellings in units.items()
    for spelling in filter(None, spellings.split(", "))
    for form in _variants(spelling.strip())
}


def _pattern(spelling: str) -> str:
    """The regular expression of one spelling, white space optional."""
    pattern = r"\s?".join(map(re.escape, spelling.replace("%", " % ").split()))
    if re.search(r"[A-Za-zμ]\Z", spelling):
        pattern += r"(?![A-Za-zμ]|⁻|-[12](?![0-9.,]|\s?[A-Za-zμ%℃]))"  # s-1 is no second
    if re.fullmatch(r"[A-Za-z .-]{4,}", spelling):
        pattern = f"(?i:{pattern})"
    return f"{pattern}(?!{NOT_BEFORE[spelling]})" if spelling in NOT_BEFORE else pattern


_EXACT = {re.sub(r"\s", "", spelling): unit for spelling, unit in _SPELLED.items()}
_ANY_CASE = {key.lower(): unit for key, unit in _EXACT.items() if len(key) > 3}
_POWER = re.compile(r"(?:(?<=[A-Za-z])\^?(?P<digit>[23])(?![0-9.,]*[0-9])|(?P<raised>[²³]))?")
_JOIN = re.compile(r"(?:(?P<divides>\s?/\s?|\s+per\s+)|[·⋅])(?:(?P<number>10{0,2}|1,?000)\s?(?![0-9.,]))?")


@dataclass(frozen=True)
class SpelledUnit:
    """A unit in a text: it ends at `end`, and a number before it counts as `number / divisor` of `unit`."""

    unit: Unit
    end: int
    divisor: float
    spelling: str


def read_unit(text: str, start: int) -> SpelledUnit | None:
    """The longest unit that stands at an offset, alone or compound (`mg/100 mL`, `g/cm3`), or None."""
    found = _factor(text, start)
    if not found:
        return None
    unit, power, end = found
    expression, dimensions = _difference(unit) + power, [unit.dimension]
    operator, divisor = "*", 1.0
    while len(dimensions) < 3 and (join := _JOIN.match(text, end)) and (found := _factor(text, join.end())):
        operator = "/" if join["divides"] else operator
        expression += f" {operator} {_difference(found[0])}{found[1]}"
        dimensions.append(found[0].dimension)
        divisor *= float((join["number"] or "1").replace(",", ""))
        end = found[2]
    if power or len(dimensions) > 1:
        unit = _compound(expression, tuple(dimensions))
    return SpelledUnit(unit, end, divisor, text[start:end])


def per(unit: Unit, basis: Unit) -> Unit:
    """The unit of an amount per another (`100 mL당 10 mg`)."""
    return _compound(f"({_difference(unit)}) / ({_difference(basis)})", (unit.dimension, basis.dimension))


def _factor(text: str, start: int) -> tuple[Unit, str, int] | None:
    """One spelled unit with its power as pint writes it, and where they end."""
    atom = _atom().match(text, start)
    power = atom and _POWER.match(text, atom.end())
    if not atom or not power:
        return None
    exponent = power["digit"] or {"²": "2", "³": "3"}.get(power["raised"])
    return _lookup(atom[0]), f"**{exponent}" if exponent else "", power.end()


@cache
def _atom() -> re.Pattern[str]:
    """Any spelling, the longest first; made on first use, because that takes a sixth of a second."""
    return re.compile("|".join(_pattern(s) for s in sorted(_SPELLED, key=len, reverse=True)))


def _lookup(spelling: str) -> Unit:
    key = re.sub(r"\s", "", spelling)
    return _EXACT.get(key) or _ANY_CASE[key.lower()]


def _difference(unit: Unit) -> str:
    """The expression of a unit inside a compound, where a temperature is a difference (°C/min)."""
    return f"delta_{unit.expression}" if unit.expression in ("degC", "degF") else unit.expression


@cache
def registry() -> "pint.UnitRegistry[float]":
    """The pint registry, made on first use: that alone takes half a second."""
    import pint

    units: pint.UnitRegistry[float] = pint.UnitRegistry()
    units.define("ppb = 1e-9")
    return units


@cache
def _compound(expression: str, parts: tuple[str, ...]) -> Unit:
    unit = registry().Unit(expression)
    if len(parts) == 2 and parts[0] == parts[1] and str(unit.dimensionality) == "dimensionless":
        named = {"mass": "mass share", "volume": "volume share", "amount of substance": "mole share"}
        return Unit(str(unit), named.get(parts[0], "plain"))
    return Unit(str(unit), _dimensions().get(str(unit.dimensionality), str(unit.dimensionality)))


@cache
def _dimensions() -> dict[str, str]:
    """Pint's dimensionality -> the dimension's name, where the first determines the second."""
    names: dict[str, str] = {}
    for dimension, units in TABLE.items():
        for expression in units:
            names.setdefault(str(registry().Unit(expression).dimensionality), dimension)
    return {**names, "dimensionless": "plain"}


def convert(number: float, unit: Unit, to: Unit) -> float:
    """`number` of one unit in another of the same pint dimensionality."""
    if unit.expression == to.expression:
        return number
    return float(registry().Quantity(number, unit.expression).to(to.expression).magnitude)


def comparable(one: Unit, other: Unit) -> bool:
    """Whether a number of the one can answer a question in the other; a bare % answers every kind of share."""
    if one.dimension == other.dimension:
        return True
    pair = {one.dimension, other.dimension}
    bare_share = "share" in pair and bool(pair & (SHARES | {"plain"}))
    bare_count = "count" in pair and all(d.startswith("count") for d in pair)
    return bare_share or bare_count


def needs_recipe(one: Unit, other: Unit) -> bool:
    """Whether two units both tell an amount in a mixture, yet only its whole recipe or density could convert them."""
    return not comparable(one, other) and {one.dimension, other.dimension} <= _RECIPE
