"""From the levels of single claims to the levels of a claim set and of the patent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from bini.domain.labels import RiskLevel


@dataclass(frozen=True)
class OwnLevel:
    """A claim by itself.

    Parameters
    ----------
    level
        What the elements that it adds roll up to, its parents' left aside.
    parents
        The claims it takes the rest from: of every group one, whichever is chosen; empty for an independent claim.
    """

    level: RiskLevel
    parents: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class ClaimLevel:
    """A claim with all it holds.

    Parameters
    ----------
    level
        The level of its own elements and its parents' together.
    held_down_by
        The parents that are less risky than its own elements: for each group whose riskiest claim is, that claim.
    """

    level: RiskLevel
    held_down_by: tuple[int, ...] = ()


def claim_levels(claims: Mapping[int, OwnLevel]) -> dict[int, ClaimLevel]:
    """The level of every claim with what it takes from its parents.

    The all-elements roll-up takes the least risky element, so a claim with its parents is as risky as the less risky of
    the two: never riskier than a parent. Where it may rest on any of several claims, the riskiest choice counts.

    Parameters
    ----------
    claims
        Claims in force by their numbers. Parents that are not among them are a KeyError, a circle is a CycleError; a
        parsed claim set has neither.
    """
    order = TopologicalSorter({n: [p for group in claim.parents for p in group] for n, claim in claims.items()})
    levels: dict[int, ClaimLevel] = {}
    for number in order.static_order():
        own = claims[number]
        riskiest = [max(group, key=lambda parent: levels[parent].level.rank) for group in own.parents]
        level = min((own.level, *(levels[parent].level for parent in riskiest)), key=lambda level: level.rank)
        lower = (parent for parent in riskiest if levels[parent].level.rank < own.level.rank)
        levels[number] = ClaimLevel(level, tuple(lower))
    return {number: levels[number] for number in claims}


def patent_level(levels: Mapping[int, ClaimLevel], independent: Sequence[int]) -> RiskLevel:
    """The level of a patent: that of its riskiest independent claim.

    Parameters
    ----------
    levels
        As `claim_levels` gives them.
    independent
        The numbers of the independent claims in force.

    Raises
    ------
    ValueError
        If no independent claim is given.
    """
    return max((levels[number].level for number in independent), key=lambda level: level.rank)
