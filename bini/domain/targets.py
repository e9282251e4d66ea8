"""The answer that a model should write on a labelled case."""

from collections.abc import Sequence

from bini.domain.cases import Case
from bini.domain.labels import Match
from bini.domain.schema import QUOTE_CHARS, REASON_CHARS, Comparison, Judgement
from bini.domain.spacing import even


def target(case: Case) -> Judgement:
    """The labelled answer of a case: only what constrained decoding could write.

    A quote that is no piece of the product, or is too long to be written, becomes null; `dropped_quotes` counts
    them. A label without a reason gets one that lists its matches.
    """
    rows = tuple(
        Comparison(
            patent_element=c.patent_element, user_product_element=_writable(c.user_product_element, case), match=c.match
        )
        for c in case.label.comparisons
    )
    reason = case.label.decision_reason or _plain_reason(case)
    return Judgement(comparisons=rows, decision_reason=reason[:REASON_CHARS], risk_level=case.label.level)


def dropped_quotes(cases: Sequence[Case]) -> int:
    """How many labelled quotes of `cases` are no writable piece of their product text."""
    quotes = [
        (c.user_product_element, case) for case in cases for c in case.label.comparisons if c.user_product_element
    ]
    return sum(_writable(quote, case) is None for quote, case in quotes)


def _writable(quote: str | None, case: Case) -> str | None:
    """The quote as a model reads it."""
    words = even(quote) if quote else ""
    return words if words and words in even(case.user_query) and len(words) <= QUOTE_CHARS else None


def _plain_reason(case: Case) -> str:
    groups = {match: [c.patent_element for c in case.label.comparisons if c.match is match] for match in Match}
    return " ".join(f"{match}: {', '.join(elements)}." for match, elements in groups.items() if elements)
