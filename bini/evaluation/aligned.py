"""A predicted claim chart beside the gold one, element by element."""

from collections import Counter
from collections.abc import Iterable

from bini.domain.labels import Match
from bini.domain.schema import Comparison
from bini.evaluation.prediction import Prediction

QUOTE_F1 = 0.5
"""Least character F1 at which two quotes count as the same place."""


def aligned(prediction: Prediction) -> list[tuple[Comparison, Comparison | None]]:
    """Each gold row, in order, with the predicted row on the same element or None.

    Rows belong together by the element's exact text; an element that stands twice keeps both its rows.
    """
    predicted = _by_element(prediction.comparisons)
    return [(row, predicted.get(key)) for key, row in _by_element(prediction.gold.comparisons).items()]


def match_pairs(prediction: Prediction) -> list[tuple[Match, Match | None]]:
    """The gold match of each element and the predicted one; None where the prediction lacks the element."""
    return [(gold.match, row.match if row else None) for gold, row in aligned(prediction)]


def quote_hits(prediction: Prediction) -> list[bool]:
    """For each predicted quote on an element with a gold quote, whether the two overlap."""
    pairs = [(row.user_product_element, gold.user_product_element) for gold, row in aligned(prediction) if row]
    return [quotes_overlap(quote, gold) for quote, gold in pairs if quote and gold]


def quotes_without_gold(prediction: Prediction) -> int:
    """How many elements the prediction quotes the product on and the gold does not."""
    return sum(
        bool(row and row.user_product_element and not gold.user_product_element) for gold, row in aligned(prediction)
    )


def quotes_overlap(quote: str, gold: str) -> bool:
    """Whether two quotes point at the same place: one holds the other, or character F1 >= `QUOTE_F1`.

    Character F1 is SQuAD's token F1 (Rajpurkar et al. 2016) on characters, counted with
    multiplicity, since Korean particles make words a poor unit. White space is ignored.
    It compares texts, not offsets, and a very short quote inside the gold one counts.
    """
    one, two = "".join(quote.split()), "".join(gold.split())
    if not one or not two:
        return False
    if one in two or two in one:
        return True
    common = (Counter(one) & Counter(two)).total()
    return 2 * common / (len(one) + len(two)) >= QUOTE_F1


def _by_element(comparisons: Iterable[Comparison]) -> dict[tuple[str, int], Comparison]:
    """Rows by element text and how often it came before."""
    times: Counter[str] = Counter()
    rows: dict[tuple[str, int], Comparison] = {}
    for row in comparisons:
        rows[row.patent_element, times[row.patent_element]] = row
        times[row.patent_element] += 1
    return rows
