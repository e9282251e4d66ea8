"""What is logged of one request: no word of product or claim, unless that was asked for."""

import unicodedata
from collections import Counter
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, computed_field

from bini.domain.korean import korean_share
from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Assessment, Ground


def _utc(at: datetime) -> datetime:
    if at.utcoffset():
        raise ValueError("not in UTC")
    return at


Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(max_length=1_000)]
Count = Annotated[NonNegativeInt, Field(le=10**9)]
"""Bounded, because a log is a file that anyone may have written to."""


class LogRecord(BaseModel):
    """One request: a line of the log.

    Fields that are not known are passed over, so that a log outlives the version that wrote it.

    Parameters
    ----------
    at
        When it ended, UTC.
    model, adapter
        As provenance names them.
    error
        What kind of error it ended with, the name of its class; None if it was answered.
    level
        The model's level; None if it was not answered, and so for the fields that follow.
    rule_level
        The level that its verdicts roll up to.
    probabilities
        The model's probability of each level.
    confidence
        Probability of the level it chose.
    grounds
        Why it needs review.
    matches
        How many elements the model gave each match; their sum is the number of elements.
    product_chars
        Length of the product description, in characters.
    korean
        Share of the product description's letters that are Hangul.
    seconds
        Wall time; None where several were made together.
    product, claim
        The texts, only where that was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, protected_namespaces=())

    at: Annotated[AwareDatetime, AfterValidator(_utc)]
    model: Name
    adapter: Name | None
    error: Name | None = None
    level: RiskLevel | None = None
    rule_level: RiskLevel | None = None
    probabilities: dict[RiskLevel, Share] = {}
    confidence: Share | None = None
    grounds: tuple[Ground, ...] = ()
    matches: dict[Match, Count] = {}
    product_chars: Count
    korean: Share
    seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    product: str | None = None
    claim: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def elements(self) -> int:
        """Number of the claim's elements."""
        return sum(self.matches.values())

    @computed_field  # type: ignore[prop-decorator]
    @property
    def needs_review(self) -> bool:
        """Whether there is any reason to review it."""
        return bool(self.grounds)


def answered(
    assessment: Assessment, at: datetime, seconds: float | None, claim: str | None = None, with_text: bool = False
) -> LogRecord:
    """The record of an assessment.

    Parameters
    ----------
    claim
        The claim as asked; by default the elements that were judged.
    with_text
        Whether to keep product and claim.
    """
    made_by, rows = assessment.provenance, assessment.comparisons
    return LogRecord(
        at=at,
        model=made_by.model,
        adapter=made_by.adapter,
        level=assessment.risk_level,
        rule_level=assessment.rule_level,
        probabilities=assessment.probabilities,
        confidence=assessment.confidence,
        grounds=tuple(review.ground for review in assessment.review),
        matches=Counter(row.match for row in rows),
        product_chars=len(assessment.product),
        korean=korean_share(assessment.product),
        seconds=seconds,
        product=assessment.product if with_text else None,
        claim=(claim or "; ".join(row.patent_element for row in rows)) if with_text else None,
    )


def failed(
    error: Exception,
    model: str,
    adapter: str | None,
    product: str,
    claim: str | None,
    at: datetime,
    with_text: bool = False,
) -> LogRecord:
    """The record of a request that ended with an error: its kind, not its message, which may quote the product."""
    product = unicodedata.normalize("NFC", product)
    return LogRecord(
        at=at,
        model=model,
        adapter=adapter,
        error=type(error).__name__,
        product_chars=len(product),
        korean=korean_share(product),
        product=_valid(product) if with_text else None,
        claim=_valid(claim) if with_text and claim else None,
    )


def _valid(text: str) -> str:
    """`text` with ? for what is no Unicode character: a request may have failed because of it."""
    return text.encode(errors="replace").decode()
