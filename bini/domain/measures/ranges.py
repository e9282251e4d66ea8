"""How a stated amount relates to a claimed one."""

import math
from dataclasses import dataclass, replace

from bini.domain.labels import RangeCheck
from bini.domain.measures.amounts import Quantity
from bini.domain.measures.units import CELSIUS, Unit, comparable, convert


def check(claimed: Quantity, said: Quantity, about: float = 0.05, near: float = 0.0) -> RangeCheck:
    """How what a product says relates to what is claimed.

    Parameters
    ----------
    claimed, said
        The quantity of the claim and that of the product.
    about
        Share of each limit by which the claimed range widens if either says 약 or about.
    near
        Share of each limit within which a product just outside is NEAR; a triage margin, not law.

    Returns
    -------
    RangeCheck
        A single value on an included limit of a claimed range is EDGE; a claimed single value has no edge.

    Raises
    ------
    ValueError
        If the two measure different things.
    """
    if not comparable(unit_of(claimed), unit_of(said)):
        raise ValueError(f"{said.dimension} cannot be checked against {claimed.dimension}")
    scale = CELSIUS if claimed.dimension == "temperature" else unit_of(claimed)
    wanted, given = _Interval.of(claimed, scale), _Interval.of(said, scale)
    if _same(given.low, given.high) and wanted.has_edge_at(given.low):
        return RangeCheck.EDGE
    if claimed.about or said.about:
        wanted = wanted.widened(about)
    if wanted.holds(given):
        return RangeCheck.IN
    if wanted.meets(given):
        return RangeCheck.STRADDLE
    return RangeCheck.NEAR if near and wanted.widened(near).closed().meets(given) else RangeCheck.OUT


def unit_of(quantity: Quantity) -> Unit:
    """The unit of a quantity with its dimension."""
    return Unit(quantity.unit, quantity.dimension)


def _same(one: float, other: float) -> bool:
    """Equal but for what unit conversion rounds off."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


@dataclass(frozen=True)
class _Interval:
    """A range on one scale; a missing bound is infinite."""

    low: float
    high: float
    low_included: bool
    high_included: bool

    @classmethod
    def of(cls, quantity: Quantity, scale: Unit) -> "_Interval":
        unit = unit_of(quantity)
        low = -math.inf if quantity.low is None else convert(quantity.low, unit, scale)
        high = math.inf if quantity.high is None else convert(quantity.high, unit, scale)
        return cls(low, high, quantity.low_included, quantity.high_included)

    def has_edge_at(self, value: float) -> bool:
        """Whether a value lies on a limit that belongs to the range."""
        on_low = self.low_included and _same(value, self.low)
        on_high = self.high_included and _same(value, self.high)
        return (on_low or on_high) and not _same(self.low, self.high)

    def widened(self, share: float) -> "_Interval":
        return replace(self, low=self.low - share * abs(self.low), high=self.high + share * abs(self.high))

    def closed(self) -> "_Interval":
        return replace(self, low_included=True, high_included=True)

    def holds(self, other: "_Interval") -> bool:
        """Whether all of the other lies inside."""
        low_fits, high_fits = other.low > self.low, other.high < self.high
        if _same(other.low, self.low):
            low_fits = self.low_included or not other.low_included
        if _same(other.high, self.high):
            high_fits = self.high_included or not other.high_included
        return low_fits and high_fits

    def meets(self, other: "_Interval") -> bool:
        """Whether any of the other lies inside."""
        return self._begins_by_the_end_of(other) and other._begins_by_the_end_of(self)

    def _begins_by_the_end_of(self, other: "_Interval") -> bool:
        if _same(self.low, other.high):
            return self.low_included and other.high_included
        return self.low < other.high
