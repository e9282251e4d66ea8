"""From single claims to the levels of a claim set and of the patent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bini.domain.claims import Claim, ClaimSet, Role
from bini.domain.labels import RiskLevel
from bini.domain.schema import Assessment, Provenance


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


class AssessedClaim(BaseModel):
    """One claim of an assessed patent.

    Parameters
    ----------
    dependent
        Whether it narrows another claim.
    parents
        The claims that it cites.
    assessment
        Of what it adds to them; an independent claim adds everything.
    level
        Of all that it holds, by the rule.
    held_down_by
        The cited claims that are less risky than what it adds.
    level_before
        The level without the answers, where the patent has been answered about.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    dependent: bool
    parents: tuple[int, ...]
    assessment: Assessment
    level: RiskLevel
    held_down_by: tuple[int, ...]
    level_before: RiskLevel | None = None


class PatentAssessment(BaseModel):
    """A product under every claim in force of a patent.

    Parameters
    ----------
    claims
        In the order of the claim set.
    level
        The level of the riskiest independent claim, by the rule.
    level_before
        The level without the answers, if there were any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: Annotated[tuple[AssessedClaim, ...], Field(min_length=1)]
    level: RiskLevel
    level_before: RiskLevel | None = None

    @property
    def riskiest(self) -> tuple[AssessedClaim, ...]:
        """The independent claims that give the patent its level."""
        return tuple(claim for claim in self.claims if claim.level is self.level and not claim.dependent)

    @property
    def provenance(self) -> Provenance:
        """What the assessments depend on; one assessor made them all."""
        return self.claims[0].assessment.provenance

    def to_json(self) -> str:
        """Everything, as one line."""
        return self.model_dump_json()


def own_elements(claim: Claim) -> list[str]:
    """What a claim adds to the claims it narrows: its elements but the citation."""
    return [e.text for e in claim.elements if e.role is not Role.REFERENCE] or [e.text for e in claim.elements]


def assemble_patent(
    claims: ClaimSet, assessments: Mapping[int, Assessment], before: PatentAssessment | None = None
) -> PatentAssessment:
    """Put the assessments of single claims together.

    A claim that only uses the thing of another ('the cup of claim 1 and a lid') needs that thing too, so it is never
    riskier either.

    Parameters
    ----------
    claims
        The claim set.
    assessments
        For every claim in force, by number, the assessment of its `own_elements`.
    before
        The same without the answers, where some of the assessments have them.
    """
    in_force = claims.in_force()
    levels_before = {claim.number: claim.level for claim in before.claims} if before else {}
    levels = claim_levels({c.number: OwnLevel(assessments[c.number].rule_level, c.citations) for c in in_force})
    return PatentAssessment(
        claims=tuple(
            AssessedClaim(
                number=claim.number,
                dependent=claim.dependent,
                parents=claim.parents,
                assessment=assessments[claim.number],
                level=levels[claim.number].level,
                held_down_by=levels[claim.number].held_down_by,
                level_before=levels_before.get(claim.number),
            )
            for claim in in_force
        ),
        level=patent_level(levels, [claim.number for claim in claims.independent()]),
        level_before=before.level if before else None,
    )
