"""The order in which to look at patents, or at products: by risk, with what decides each in a line."""

from collections.abc import Mapping, Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Assessment
from bini.domain.wording import Sentence

_ALL_FOUND = Sentence(ko="모든 구성이 대응", en="every element corresponds")
_DECIDES = Sentence(ko="구성 {number} {match}: {element}", en="element {number} {match}: {element}")
_QUOTED = Sentence(ko="{line} (제품: “{quote}”)", en="{line} (product: “{quote}”)")


class RankedRow(BaseModel):
    """One patent or product of a ranking.

    Parameters
    ----------
    rank
        From 1; None where it could not be assessed.
    id, title
        As the list has them.
    claim
        Of a claim set, the number of the claim that the rest of the row is about: its riskiest independent one.
    score
        `risk_score`, 0 to 1.
    level, rule_level, confidence
        The level to read first, the rule's, and the probability of the first; see `Assessment`.
    deciding
        The element that decides the rule's level, in a sentence.
    reason
        The model's own words.
    review
        Why a person should look at it again; empty if there is no reason.
    problem
        Why it, or some of its independent claims, could not be assessed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int | None = None
    id: str
    title: str = ""
    claim: int | None = None
    score: float | None = None
    level: RiskLevel | None = None
    rule_level: RiskLevel | None = None
    confidence: float | None = None
    deciding: Sentence | None = None
    reason: str = ""
    review: tuple[Sentence, ...] = ()
    problem: str | None = None

    @property
    def needs_review(self) -> bool:
        """Whether there is any reason to review it."""
        return bool(self.review)

    @classmethod
    def of(cls, name: str, title: str, claim: int | None, found: Assessment) -> Self:
        """The row, without a rank, of what was assessed."""
        return cls(
            id=name,
            title=title,
            claim=claim,
            score=risk_score(found.probabilities),
            level=found.level,
            rule_level=found.rule_level,
            confidence=found.confidence,
            deciding=deciding(found),
            reason=found.decision_reason,
            review=tuple(reason.words for reason in found.review),
        )


class Ranking(BaseModel):
    """Patents for a product, or products for a claim, riskiest first; those that could not be assessed stand last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    rows: tuple[RankedRow, ...]


def risk_score(probabilities: Mapping[RiskLevel, float]) -> float:
    """The expected level as a share of 높음: the probability of 높음 and half of that of 애매, 0 to 1."""
    return probabilities[RiskLevel.HIGH] + probabilities[RiskLevel.AMBIGUOUS] / 2


def order_key(found: Assessment) -> tuple[float, float, int]:
    """What sorts assessments, larger is riskier: `risk_score`, then the probability of 높음, then the rule's level."""
    return risk_score(found.probabilities), found.probabilities[RiskLevel.HIGH], found.rule_level.rank


def deciding(found: Assessment) -> Sentence:
    """The element that decides the level, with the product's words for it.

    Of several it is the one whose match the model is surest of.
    """
    for match in (Match.NO, Match.UNKNOWN):
        rows = [
            (row.probabilities[match], -number, row)
            for number, row in enumerate(found.comparisons, start=1)
            if row.verdict is match
        ]
        if rows:
            _, number, row = max(rows, key=lambda ranked: ranked[:2])
            line = _DECIDES.filled(number=str(-number), match=match, element=row.patent_element)
            quote = row.user_product_element
            return _QUOTED.filled(line=line, quote=quote) if quote else line
    return _ALL_FOUND


def ranked(assessed: Sequence[tuple[RankedRow, Assessment | None]], system: str) -> Ranking:
    """Put rows in order and count them.

    Parameters
    ----------
    assessed
        In the order of the list, which is kept among equals; without an assessment where there is none.
    system
        Who judged.
    """
    answered = [(row, order_key(found)) for row, found in assessed if found]
    answered.sort(key=lambda pair: pair[1], reverse=True)  # stable, reversed or not
    rows = [row.model_copy(update={"rank": rank}) for rank, (row, _) in enumerate(answered, start=1)]
    return Ranking(system=system, rows=(*rows, *(row for row, found in assessed if not found)))
