"""Assessments as the assessor makes them, without a model."""

from collections.abc import Callable, Sequence

import pytest

from bini.domain.labels import Match, RiskLevel
from bini.domain.measures import check_element
from bini.domain.rule_packs import pack_for
from bini.domain.rules import rule
from bini.domain.schema import AssessedElement, Assessment, NumberCheck, Provenance

Row = tuple[str, str | None, Match]
Ruled = Callable[..., Assessment]


def assessed(element: str, quote: str | None, match: Match, product: str, probabilities: Sequence[float]):
    start = product.index(quote) if quote else None
    return AssessedElement(
        patent_element=element,
        user_product_element=quote,
        match=match,
        quote_start=start,
        quote_end=start + len(quote) if quote and start is not None else None,
        probabilities=dict(zip(Match, probabilities, strict=True)),
        numbers=tuple(
            NumberCheck(
                claimed=found.claimed.text,
                said=found.said.text if found.said else None,
                said_start=found.said.start if found.said else None,
                said_end=found.said.end if found.said else None,
                result=found.result,
            )
            for found in check_element(element, product, quote)
        ),
    )


@pytest.fixture(scope="session")
def ruled() -> Ruled:
    """Makes an assessment of rows (element, quote, match), with probabilities of 대응, 미대응, 판단불가 by element."""

    def make(
        product: str,
        rows: Sequence[Row],
        level: RiskLevel,
        chances: dict[int, Sequence[float]] | None = None,
        possible: tuple[RiskLevel, ...] | None = None,
    ):
        elements = [
            assessed(*row, product, (chances or {}).get(n, (0.2, 0.2, 0.6))) for n, row in enumerate(rows, start=1)
        ]
        pack = pack_for([row[0] for row in rows])
        return Assessment(
            product=product,
            comparisons=tuple(elements),
            decision_reason="이유",
            risk_level=level,
            probabilities=dict.fromkeys(RiskLevel, 1 / 3),
            **rule(elements, level, pack, possible or ())._asdict(),
            possible_levels=possible,
            provenance=Provenance(
                model="bini-test",
                model_fingerprint="f",
                adapter=None,
                adapter_sha256=None,
                prompt_sha256="p",
                schema_sha256="s",
                rules=pack.name,
                bini_version="0",
            ),
        )

    return make
