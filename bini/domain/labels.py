"""The labels of the rubric and the roll-up from elements to a risk level."""

from collections.abc import Iterable
from enum import StrEnum


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


class RangeCheck(StrEnum):
    """How a product's quantity lies to the claimed one."""

    IN = "in"
    EDGE = "edge"  # in, exactly on a limit that is included
    STRADDLE = "straddle"
    OUT = "out"
    NEAR = "near"  # out, but within the triage margin
    NOT_GIVEN = "not_given"
