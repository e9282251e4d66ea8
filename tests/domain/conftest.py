"""Assessments without a model: as one leaves them, and with what the rules make of them."""

from collections.abc import Callable, Sequence

import pytest

from bini.domain.evidence import with_evidence
from bini.domain.labels import Match, RiskLevel, roll_up
from bini.domain.rule_packs import pack_for
from bini.domain.rules import rule
from bini.domain.schema import AssessedElement, Assessment, Provenance
from bini.domain.spacing import Evened

Row = tuple[str, str | None, Match]
Factory = Callable[..., Assessment]


@pytest.fixture(scope="session")
def assessment() -> Factory:
    """Makes a case of rows (element, quote, match), whose quotes stand at `spans`, by default where they are found."""

    def make(
        product: str = "TBC 성분이 들어간 미백 크림",
        rows: Sequence[Row] = (("유효성분", "TBC 성분", Match.YES), ("화장료", "미백 크림", Match.YES)),
        level: RiskLevel = RiskLevel.HIGH,
        reason: str = "두 구성이 모두 있다.",
        adapter: str | None = None,
        spans: Sequence[tuple[int, int]] | None = None,
    ) -> Assessment:
        quotes = [quote for _, quote, _ in rows if quote]
        places = iter(spans or [(product.find(quote), product.find(quote) + len(quote)) for quote in quotes])
        return Assessment(
            product=product,
            comparisons=tuple(
                AssessedElement(
                    patent_element=element,
                    user_product_element=quote,
                    match=match,
                    **dict(zip(("quote_start", "quote_end"), next(places) if quote else (None, None), strict=True)),
                    probabilities={m: 0.84 if m is match else 0.08 for m in Match},
                )
                for element, quote, match in rows
            ),
            decision_reason=reason,
            risk_level=level,
            probabilities={found: 0.62 if found is level else 0.19 for found in RiskLevel},
            rule_level=roll_up(match for _, _, match in rows),
            provenance=Provenance(
                model="bini-test",
                model_fingerprint="f1" * 32,
                adapter=adapter,
                adapter_sha256="ad" * 32 if adapter else None,
                prompt_sha256="p",
                schema_sha256="s",
                rules=pack_for([row[0] for row in rows]).name,
                bini_version="0.1.0",
            ),
        )

    return make


def sure_of(match: Match) -> list[float]:
    return [0.96 if m is match else 0.02 for m in Match]


@pytest.fixture(scope="session")
def ruled(assessment: Factory) -> Factory:
    """Makes the same with what code finds, and ruled on; with probabilities of 대응, 미대응, 판단불가 by element.

    Where none are given the model is sure of what it wrote.
    """

    def make(
        product: str,
        rows: Sequence[Row],
        level: RiskLevel,
        chances: dict[int, Sequence[float]] | None = None,
        possible: tuple[RiskLevel, ...] | None = None,
    ) -> Assessment:
        plain = assessment(product, rows, level)
        claimed = [row[0] for row in rows]
        elements = [
            with_evidence(
                row,
                claimed,
                Evened.of(product),
                dict(zip(Match, (chances or {}).get(n) or sure_of(row.match), strict=True)),
            )
            for n, row in enumerate(plain.comparisons, start=1)
        ]
        ruling = rule(elements, level, pack_for(claimed), possible or ())
        update = ruling._asdict() | {"comparisons": tuple(elements), "possible_levels": possible}
        return plain.model_copy(update=update)

    return make
