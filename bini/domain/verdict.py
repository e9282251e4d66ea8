"""The verdict on one product under one claim: what of a chart is needed to sort and rank."""

from pydantic import BaseModel, ConfigDict

from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Assessment, Provenance


class ElementVerdict(BaseModel):
    """One element's match and the model's probability of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patent_element: str
    match: Match
    probabilities: dict[Match, float]


class Verdict(BaseModel):
    """Levels, matches and probabilities; fields as in `Assessment`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparisons: tuple[ElementVerdict, ...]
    level: RiskLevel
    risk_level: RiskLevel
    probabilities: dict[RiskLevel, float]
    rule_level: RiskLevel
    provenance: Provenance

    @classmethod
    def of(cls, assessment: Assessment) -> "Verdict":
        """What an assessment comes down to."""
        rows = tuple(
            ElementVerdict(patent_element=row.patent_element, match=row.match, probabilities=row.probabilities)
            for row in assessment.comparisons
        )
        kept = {name: getattr(assessment, name) for name in cls.model_fields if name != "comparisons"}
        return cls(comparisons=rows, **kept)
