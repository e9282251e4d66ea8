"""Compare the amounts that a claim element asks for with those that a product states.

For each claimed amount the statement that answers it is looked for, and the two are compared (`ranges`).

Refused, so that `check_element` says NOT_GIVEN, with a note where the text holds something close:

- 중량부 against 중량%, weight percent against volume percent or mg/mL: that takes the whole recipe or a density. A bare
  % answers any of them, as people write it.
- Parts by weight of another basis than 100 parts; ratios of three and more; an amount per piece or per dose.
- A ratio whose things stand in the other order in the product.
- A bare number, unless a counted noun follows, it is a limit (0.5 이상), or it follows a word that takes numbers
  without units (pH, 비, 지수, 분자량).
- A share of something else in the same mixture (수분 10% 이하의 분말 against 분말에 단백질 40%).
- A thing in other words or in another language; only the measured property is known in both languages.
- Two statements of the product that fit equally well and disagree, and what the product says is not so (5 mm가 아니라).

Known to go wrong: where the mixture stands right before the number, as in English, another component's share is taken
for the claimed one (a powder with at most 10% moisture, a powder with 40% protein: OUT).

The tolerance of 약 and about is a share of the limit as written, in °C for temperatures; a limit of zero has none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bini.domain.labels import RangeCheck
from bini.domain.measures.amounts import Quantity
from bini.domain.measures.ranges import check, unit_of
from bini.domain.measures.statements import Statement, claimed_statements, statements_of
from bini.domain.measures.units import needs_recipe
from bini.domain.measures.values import RATIO
from bini.errors import InputError


@dataclass(frozen=True)
class ElementCheck:
    """One quantity of a claim element against the product.

    Parameters
    ----------
    claimed
        The quantity of the element; offsets count in the element.
    said
        The quantity of the product that answers it, or None; offsets count in the product.
    result
        How they relate.
    note
        Why nothing answers it, or what little the choice rests on.
    """

    claimed: Quantity
    said: Quantity | None
    result: RangeCheck
    note: str = ""


def check_element(
    element: str, product: str, quote: str | None = None, *, about: float = 0.05, near: float = 0.0
) -> list[ElementCheck]:
    """Check every quantity that a claim element claims against what the product says.

    What answers it is of the same dimension and measures no other property (두께 is no 길이). In the quote the
    statement with the nearest words in common is taken, a sole one even without any; in the rest of the product words
    in common are needed: the thing named, or the property measured. "At least one" is checked where the product counts,
    and is no open question where it does not.

    Parameters
    ----------
    element
        The text of one claim element.
    product
        The product description.
    quote
        The verbatim piece of the product that was named as the element's counterpart.
    about, near
        Margins, as in `check`.

    Raises
    ------
    InputError
        If the quote is no piece of the product.
    """
    start = product.find(quote) if quote else 0
    if start < 0:
        raise InputError("the quote is no piece of the product", "quote the product verbatim")
    said = statements_of(product)
    quoted = [s for s in said if quote and s.quantity.start < start + len(quote) and start < s.quantity.end]
    found = [_answer(claim, quoted, said, about, near) for claim in claimed_statements(element)]
    return [check for check in found if check.said or not _at_least_one(check.claimed)]


def _at_least_one(claimed: Quantity) -> bool:
    """Whether a count asks for no more than that the thing is there, which is the element's own question."""
    return claimed.dimension == "count" and claimed.low == 1 and claimed.low_included and claimed.high is None


def _answer(
    claim: Statement, quoted: Sequence[Statement], said: Sequence[Statement], about: float, near: float
) -> ElementCheck:
    """The check of one claimed quantity against its best answer: in the quote, or else anywhere."""
    found = [(claim.evidence(s), s) for s in quoted if claim.answered_by(s)]
    found = found or [(e, s) for s in said if claim.answered_by(s) and (e := claim.evidence(s)) > 0]
    if not found:
        return ElementCheck(claim.quantity, None, RangeCheck.NOT_GIVEN, _why_not(claim, quoted or said))
    most = max(evidence for evidence, _ in found)
    best = [statement for evidence, statement in found if math.isclose(evidence, most)]
    results = {check(claim.quantity, statement.quantity, about, near) for statement in best}
    if len(results) > 1:
        return ElementCheck(claim.quantity, None, RangeCheck.NOT_GIVEN, "the product's statements disagree")
    if any(_turned(claim, statement) for statement in best):
        return ElementCheck(claim.quantity, None, RangeCheck.NOT_GIVEN, "the ratio's things stand in another order")
    return ElementCheck(claim.quantity, best[0].quantity, results.pop(), _ground(claim, best[0]))


def _ground(claim: Statement, said: Statement) -> str:
    """A note on an answer that rests on less than words in common."""
    if claim.words.keys() & said.words.keys():
        return ""
    return "by the property alone" if claim.measured and said.measured else "by the unit alone"


def _turned(claim: Statement, said: Statement) -> bool:
    """Whether two ratios name the same things in opposite order."""
    if RATIO not in claim.quantity.note or RATIO not in said.quantity.note:
        return False
    shared = sorted((claim.words[word], said.words[word]) for word in claim.words.keys() & said.words.keys())
    return any(one[0] < other[0] and one[1] > other[1] for one, other in pairwise(shared))


def _why_not(claim: Statement, said: Sequence[Statement]) -> str:
    """A note on a quantity that would answer the claim if only it could be converted."""
    for statement in said:
        if needs_recipe(unit_of(claim.quantity), unit_of(statement.quantity)) and claim.evidence(statement) > 0:
            one, other = claim.quantity.dimension, statement.quantity.dimension
            return f"{other} cannot be converted to {one} without the whole recipe or a density"
    return ""
