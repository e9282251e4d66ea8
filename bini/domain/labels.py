"""The labels of the rubric and the roll-up from elements to a risk level."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from math import prod


class RiskLevel(StrEnum):
    """Infringement risk of a product under a claim, riskiest first."""

    HIGH = "높음"
    AMBIGUOUS = "애매"
    LOW = "낮음"

    @property
    def rank(self) -> int:
        """How risky: 0 for 낮음, 2 for 높음."""
        return len(RiskLevel) - 1 - list(RiskLevel).index(self)


class Match(StrEnum):
    """Whether a claim element is found in the product."""

    YES = "대응"
    NO = "미대응"
    UNKNOWN = "판단불가"


DECIDING = {RiskLevel.HIGH: Match.YES, RiskLevel.AMBIGUOUS: Match.UNKNOWN, RiskLevel.LOW: Match.NO}
"""The match of the elements that make a level."""


class Basis(StrEnum):
    """The finer ground of a match, kept in the data and never shown to the model."""

    LITERAL = "literal"
    ABSENT = "absent"
    SILENT = "silent"
    PARTIAL = "partial"
    EQUIVALENT = "equivalent"

    @property
    def match(self) -> Match:
        """The match that this basis belongs to (the rubric's first table)."""
        if self is Basis.LITERAL:
            return Match.YES
        return Match.NO if self is Basis.ABSENT else Match.UNKNOWN


def roll_up(matches: Iterable[Match]) -> RiskLevel:
    """Apply the all-elements rule: any 미대응 is 낮음, else any 판단불가 is 애매, else 높음.

    Parameters
    ----------
    matches
        One match per claim element, in any order.

    Raises
    ------
    ValueError
        If there is no match at all: an empty chart has no risk level.
    """
    found = set(matches)
    if not found:
        raise ValueError("a risk level needs at least one element")
    if Match.NO in found:
        return RiskLevel.LOW
    return RiskLevel.AMBIGUOUS if Match.UNKNOWN in found else RiskLevel.HIGH


def level_probabilities(elements: Sequence[Mapping[Match, float]]) -> dict[RiskLevel, float]:
    """Probability of each level under the all-elements rule, the elements taken as independent of one another.

    Parameters
    ----------
    elements
        For each claim element the probability of each match, summing to 1.
    """
    high = prod(element[Match.YES] for element in elements)
    not_low = prod(element[Match.YES] + element[Match.UNKNOWN] for element in elements)
    # sums of rounded shares may come out a hair over 1
    return {RiskLevel.HIGH: high, RiskLevel.AMBIGUOUS: max(not_low - high, 0.0), RiskLevel.LOW: max(1 - not_low, 0.0)}


class RangeCheck(StrEnum):
    """How a product's quantity lies to the claimed one."""

    IN = "in"
    EDGE = "edge"  # in, exactly on a limit that is included
    STRADDLE = "straddle"
    OUT = "out"
    NEAR = "near"  # out, but within the triage margin
    NOT_GIVEN = "not_given"


def match_of_numbers(results: Sequence[RangeCheck]) -> Match | None:
    """The match that an element's numbers alone would give, or None where they leave it open."""
    found = set(results)
    if RangeCheck.OUT in found:
        return Match.NO
    if found & {RangeCheck.STRADDLE, RangeCheck.NEAR}:
        return Match.UNKNOWN
    return Match.YES if found and RangeCheck.NOT_GIVEN not in found else None
