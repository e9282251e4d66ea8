"""The one definition of what a judgement looks like: model, JSON text and JSON Schema."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from bini.domain.labels import Match, RangeCheck, RiskLevel

REASON_CHARS = 300
"""Longest decision_reason, in characters."""

QUOTE_CHARS = 120
"""Longest user_product_element, in characters."""


class Comparison(BaseModel):
    """One row of the claim chart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patent_element: str
    user_product_element: str | None
    match: Match


class Judgement(BaseModel):
    """What the model writes: reasons first, so that the verdict can rest on them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    comparisons: tuple[Comparison, ...]
    decision_reason: str
    risk_level: RiskLevel

    def to_json(self) -> str:
        """The canonical text: fixed key order, `", "` and `": "` as separators, no escapes but JSON's own."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False)


class Provenance(BaseModel):
    """What a result depends on, so that it can be told apart from every other result.

    Hashes are SHA-256 in hex.

    Parameters
    ----------
    forced
        Checks that the adapter fails and that were overridden with --force; see `bini adapters check`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str
    model_fingerprint: str
    adapter: str | None
    adapter_sha256: str | None
    forced: tuple[str, ...] = ()
    prompt_sha256: str
    schema_sha256: str
    bini_version: str


class NumberCheck(BaseModel):
    """One quantity that an element claims beside what the product says, compared by code.

    Parameters
    ----------
    claimed
        The claimed quantity, as the element writes it.
    said
        The product's, as it writes it; None where nothing answers.
    said_start, said_end
        Offsets of `said` in the product text as assessed, or None.
    result
        How they relate; see `bini.domain.quantities`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claimed: str
    said: str | None
    said_start: int | None
    said_end: int | None
    result: RangeCheck


class AssessedElement(Comparison):
    """A row of the chart with where the quote stands and how sure the model is.

    Parameters
    ----------
    quote_start, quote_end
        Offsets of the quote's first occurrence in the product text as assessed (NFC, stripped), or None.
    probabilities
        The model's probability of each match.
    numbers
        The element's quantities against the product's, one entry each; the model has no part in them.
    """

    quote_start: int | None
    quote_end: int | None
    probabilities: dict[Match, float]
    numbers: tuple[NumberCheck, ...] = ()


class Assessment(BaseModel):
    """The public result: what the model wrote, and what code adds to it.

    Parameters
    ----------
    product
        The product text that was assessed; quote offsets count in it.
    risk_level
        The model's own level.
    probabilities
        The model's probability of each level. Not calibrated yet.
    rule_level
        The level that the rubric's roll-up gives to the model's matches.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    comparisons: tuple[AssessedElement, ...]
    decision_reason: str
    risk_level: RiskLevel
    probabilities: dict[RiskLevel, float]
    rule_level: RiskLevel
    provenance: Provenance

    @property
    def confidence(self) -> float:
        """The model's probability of the level it chose."""
        return self.probabilities[self.risk_level]

    @property
    def agrees(self) -> bool:
        """Whether the model's level is the one that its own matches roll up to."""
        return self.risk_level is self.rule_level

    @property
    def judgement(self) -> Judgement:
        """Just what the model wrote."""
        rows = tuple(
            Comparison.model_validate(row.model_dump(include=set(Comparison.model_fields))) for row in self.comparisons
        )
        return Judgement(comparisons=rows, decision_reason=self.decision_reason, risk_level=self.risk_level)

    def to_json(self) -> str:
        """The judgement in the canonical JSON of the output schema."""
        return self.judgement.to_json()


def judgement_schema(elements: Sequence[str]) -> dict[str, Any]:
    """JSON Schema of a judgement on these claim elements.

    Parameters
    ----------
    elements
        The claim's elements, verbatim, in the order of the claim.

    Returns
    -------
    dict
        A draft 2020-12 schema in which each `patent_element` is a constant. That a quote
        is a piece of the product is beyond JSON Schema; `bini.inference.grammar` adds it.
    """

    def row(element: str) -> dict[str, Any]:
        return _object(
            patent_element={"const": element},
            user_product_element={
                "anyOf": [{"type": "string", "minLength": 1, "maxLength": QUOTE_CHARS}, {"type": "null"}]
            },
            match={"enum": [m.value for m in Match]},
        )

    schema = _object(
        comparisons={
            "type": "array",
            "prefixItems": [row(element) for element in elements],
            "items": False,
            "minItems": len(elements),
        },
        decision_reason={"type": "string", "minLength": 1, "maxLength": REASON_CHARS},
        risk_level={"enum": [level.value for level in RiskLevel]},
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
