"""The one definition of what a judgement looks like: model, JSON text and JSON Schema."""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import jsonschema
from pydantic import BaseModel, ConfigDict

from bini.domain.labels import Match, RangeCheck, RiskLevel, match_of_numbers, roll_up
from bini.domain.wording import Sentence

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

    @property
    def supported(self) -> Match:
        """The match, but no 대응 and no 미대응 without words of the product: silence is 판단불가."""
        return self.match if self.user_product_element else Match.UNKNOWN


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
    rules
        A pack of `bini.domain.rules.RULE_PACKS`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    model: str
    model_fingerprint: str
    adapter: str | None
    adapter_sha256: str | None
    forced: tuple[str, ...] = ()
    prompt_sha256: str
    schema_sha256: str
    calibration_sha256: str | None = None
    rules: str
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
        How they relate; see `bini.domain.measures`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claimed: str
    said: str | None
    said_start: int | None
    said_end: int | None
    result: RangeCheck


class Denied(BaseModel):
    """Words of the product that deny an element by name; see `bini.domain.denials`.

    Parameters
    ----------
    said
        The words.
    said_start, said_end
        Their offsets in the product text as assessed.
    match
        What they make of the element.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    said: str
    said_start: int
    said_end: int
    match: Match


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
    denied
        Words by which the product says that it lacks the element, found by code as well.
    answer
        What someone who knows the product answered to the question about this element.
    answered_match
        The match that the answer alone decides; None where there is no answer or the model had to read it.
    """

    quote_start: int | None
    quote_end: int | None
    probabilities: dict[Match, float]
    numbers: tuple[NumberCheck, ...] = ()
    denied: Denied | None = None
    answer: str | None = None
    answered_match: Match | None = None

    @property
    def believed(self) -> Match:
        """What the answer says, else the model where it has words of the product."""
        return self.answered_match or self.supported

    @property
    def computed(self) -> Match | None:
        """What code makes of the element's numbers and of words that deny it; None where neither tells."""
        found = {match_of_numbers([number.result for number in self.numbers]), self.denied and self.denied.match}
        return next((match for match in (Match.NO, Match.UNKNOWN, Match.YES) if match in found), None)

    @property
    def verdict(self) -> Match:
        """The match that the rules go by: the answer's, else the model's, but no 대응 against what code finds."""
        overruled = not self.answered_match and self.supported is Match.YES
        return self.computed if self.computed and overruled else self.believed


def level_to_read(rows: Sequence[AssessedElement], written: RiskLevel) -> RiskLevel:
    """The level that the model wrote, or the rule's where code overrules a match that it rests on."""
    overruled = any(row.verdict is not row.believed for row in rows)
    return roll_up(row.verdict for row in rows) if overruled else written


class Ground(StrEnum):
    """Why an assessment needs review."""

    LEVEL = "level"  # the model's level is not the one its matches roll up to
    LIKELIER = "likelier"  # the elements' probabilities together speak for another level
    POSSIBLE = "possible"  # the calibration leaves more than one level possible
    NO_WORDS = "no_words"  # 대응 or 미대응 without any words of the product
    NUMBERS = "numbers"  # the match contradicts the numbers as computed
    DENIED = "denied"  # the product says by name that it lacks an element that is 대응


class Review(BaseModel):
    """One reason to have an assessment reviewed.

    Parameters
    ----------
    elements
        Numbers of the elements that it is about, as charts count them, from 1; none where it is about the level alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ground: Ground
    elements: tuple[int, ...]
    words: Sentence


class Question(BaseModel):
    """What to ask about an element that is 판단불가, and what the answer would do.

    Parameters
    ----------
    element
        The element's number, from 1.
    if_yes, if_no
        The level that the matches roll up to if the element turns out as 대응 or as 미대응.
    movement
        By how many levels an answer is expected to move the risk: each of the two weighted by the model's probability
        of it, as a share of both.
    effect
        The same in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    element: int
    question: Sentence
    if_yes: RiskLevel
    if_no: RiskLevel
    movement: float
    effect: Sentence


class Equivalents(BaseModel):
    """What a lawyer asks where the product has something else in an element's place; no verdict follows from it here.

    Parameters
    ----------
    elements
        Numbers of the elements, from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    elements: tuple[int, ...]
    questions: tuple[Sentence, ...]


class Change(BaseModel):
    """An element whose verdict an answer changed, or that was answered and stayed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    element: int
    before: Match
    after: Match


class Changes(BaseModel):
    """What answers changed; the levels are those of the rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level_before: RiskLevel
    level_after: RiskLevel
    elements: tuple[Change, ...]


class Assessment(BaseModel):
    """The public result: what the model wrote, and what code adds to it.

    Parameters
    ----------
    product
        The product text that was assessed; quote offsets count in it.
    risk_level
        The level that the model wrote.
    probabilities
        Probability of each level; see `bini.domain.rules.likely_levels`.
    rule_level
        The level that the rubric's roll-up gives to the verdicts on the elements.
    review
        Why a person should look at it again.
    questions
        What would settle the elements that are 판단불가, the answer that would move the risk most first.
    equivalents
        The questions of the doctrine of equivalents, where something else stands in an element's place.
    changes
        What answers changed, if there were any; the judgement is the model's all the same.
    calibrated
        The same probabilities, calibrated; None for an adapter without a calibration.
    possible_levels
        The levels that the calibration does not rule out, riskiest first; `bini.domain.calibration` says what that
        promises. None without a calibration.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: str
    comparisons: tuple[AssessedElement, ...]
    decision_reason: str
    risk_level: RiskLevel
    probabilities: dict[RiskLevel, float]
    rule_level: RiskLevel
    review: tuple[Review, ...] = ()
    questions: tuple[Question, ...] = ()
    equivalents: Equivalents | None = None
    changes: Changes | None = None
    provenance: Provenance
    calibrated: dict[RiskLevel, float] | None = None
    possible_levels: tuple[RiskLevel, ...] | None = None

    @property
    def level(self) -> RiskLevel:
        """The level to read first: `level_to_read` or, once there are answers, which no model has seen, the rule's."""
        return self.rule_level if self.changes else level_to_read(self.comparisons, self.risk_level)

    @property
    def confidence(self) -> float:
        """Probability of the level, calibrated where the adapter has a calibration."""
        return (self.calibrated or self.probabilities)[self.level]

    @property
    def agrees(self) -> bool:
        """Whether the level is the one that the verdicts on the elements roll up to."""
        return self.level is self.rule_level

    @property
    def needs_review(self) -> bool:
        """Whether there is any reason to review it."""
        return bool(self.review)

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
            "minItems": len(elements),
            "maxItems": len(elements),  # not `items: false`, over which llama.cpp forgets prefixItems
        },
        decision_reason={"type": "string", "minLength": 1, "maxLength": REASON_CHARS},
        risk_level={"enum": [level.value for level in RiskLevel]},
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def parse_judgement(text: str, elements: Sequence[str]) -> Judgement:
    """The judgement that an answer on these claim elements holds.

    Raises
    ------
    ValueError
        If the text is not JSON of `judgement_schema`.
    """
    try:
        jsonschema.validate(json.loads(text), judgement_schema(elements))
    except (RecursionError, jsonschema.ValidationError) as error:
        raise ValueError("the text is no judgement on these elements") from error
    return Judgement.model_validate_json(text)


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
