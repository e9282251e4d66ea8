"""What code adds to a model's verdict on an element: where its quote stands, its numbers, and words that deny it."""

from collections.abc import Mapping, Sequence

from bini.domain.denials import denial
from bini.domain.labels import Match
from bini.domain.measures import ElementCheck, check_element
from bini.domain.schema import QUOTE_CHARS, AssessedElement, Comparison, Denied, NumberCheck
from bini.domain.spacing import Evened


def with_evidence(
    row: Comparison, elements: Sequence[str], product: Evened, probabilities: Mapping[str, float]
) -> AssessedElement:
    """A row of the chart: the quote in the words as they were given, and what code finds beside the model's verdict.

    Parameters
    ----------
    row
        What the model wrote on an element; its quote is a piece of the text as the model read it.
    elements
        All elements of the claim.
    product
        The product text.
    probabilities
        Of each match, by its Korean name.
    """
    element = row.patent_element
    found = product.find(row.user_product_element) if row.user_product_element is not None else None
    words = product.given[slice(*found)] if found else None
    if words and len(words) > QUOTE_CHARS:  # with more white space than the model saw
        words = words[:QUOTE_CHARS].rstrip()
    return AssessedElement(
        patent_element=element,
        user_product_element=words,
        match=row.match,
        quote_start=found[0] if found else None,
        quote_end=found[0] + len(words) if found and words else None,
        probabilities={Match(k): v for k, v in probabilities.items()},
        numbers=tuple(_number(check) for check in check_element(element, product.given, words)),
        denied=_denied(element, elements, product.given),
    )


def _denied(element: str, elements: Sequence[str], product: str) -> Denied | None:
    found = denial(element, [other for other in elements if other != element], product)
    if not found:
        return None
    said = product[found.start : found.end]
    return Denied(said=said, said_start=found.start, said_end=found.end, match=found.match)


def _number(found: ElementCheck) -> NumberCheck:
    return NumberCheck(
        claimed=found.claimed.text,
        said=found.said.text if found.said else None,
        said_start=found.said.start if found.said else None,
        said_end=found.said.end if found.said else None,
        result=found.result,
    )
