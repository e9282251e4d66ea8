"""From the text of a claim set to its claims, with every citation checked."""

import re
from collections.abc import Sequence
from dataclasses import replace
from graphlib import CycleError

from bini.domain.claims.citations import Citation, find_citations, narrows
from bini.domain.claims.claim_set import Category, Claim, ClaimSet, listed, parents_first
from bini.domain.claims.elements import Role, is_method, is_production, read_parts
from bini.domain.claims.numbering import ALONE, HINT, Numbered, find_claims, is_cancelled
from bini.errors import InputError

_JAMO = re.compile("[\u1100-\u11ff]")
CITED_MAX = 1_000_000
"""Most citations, taken one by one, that a claim set may hold: bounds the time that a hostile text can take."""


def parse_claims(text: str) -> ClaimSet:
    """Read a claim set, Korean, US English or both.

    Claims are told by their numbers: 【청구항 1】, '청구항 1.', 'Claim 1.', or '1.' after the end of a sentence.
    A text without any number is one claim if it has a transition, cites no other claim and does not read like prose.
    A set must hold every claim that is cited; `split_claim` divides one claim alone, whatever it cites.

    Parameters
    ----------
    text
        The claims, in Unicode's composed form (NFC); what stands before '청구범위' or 'What is claimed is' is passed
        over.

    Raises
    ------
    InputError
        If there is no claim or the text is not composed; if a number comes twice; if a claim is empty, cites itself,
        a claim that is not there or only cancelled ones, or takes part in a circle of citations.
    """
    jamo = _JAMO.search(text)
    if jamo:
        raise InputError(
            f"character {jamo.start() + 1:,} is a part of a Hangul syllable",
            'give the text in composed form: unicodedata.normalize("NFC", text)',
        )
    return build_claims(text, find_claims(text))


def build_claims(text: str, found: Sequence[Numbered]) -> ClaimSet:
    """Read claims whose places in a text are known; raises what `parse_claims` raises.

    Parameters
    ----------
    text
        The text that they stand in.
    found
        Their numbers and places, in order.
    """
    seen: set[int] = set()
    cancelled: set[int] = set()
    for part in found:
        repeated = seen.intersection(part.numbers)
        if repeated:
            raise InputError(f"claim {min(repeated)} comes twice", "give every claim once, with a number of its own")
        seen.update(part.numbers)
        if is_cancelled(text[part.start : part.end]):
            cancelled.update(part.numbers)
        elif len(part.numbers) > 1:
            raise InputError(f"claim {part.numbers.start} has more than one number", "number every claim by itself")
    if not found:
        raise InputError("there is no claim in the text", HINT)
    cited = _Cited(seen, cancelled)
    claims = [_claim(text, part, number, cited) for part in found for number in part.numbers]
    try:
        parents_first(claims)
    except CycleError as error:
        circle = " -> ".join(str(n) for n in reversed(error.args[1]))
        raise InputError(
            f"claim {error.args[1][0]} cites itself by way of other claims: {circle}",
            "correct the numbers that it cites",
        ) from None
    return ClaimSet(text, tuple(claims))


def _claim(text: str, part: Numbered, number: int, cited: "_Cited") -> Claim:
    body = text[part.start : part.end]
    if number in cited.cancelled:
        return Claim(number, body, part.start, part.end, cancelled=True)
    try:
        parts = read_parts(body)
    except InputError as error:
        raise InputError(f"claim {number}: {error.message}", error.hint) from None
    named = [e.text for e in parts.elements if e.role in (Role.SUBJECT, Role.REFERENCE)]
    subject = (named[-1] if parts.korean else named[0]) if named else body
    dependent = any(e.role is Role.REFERENCE for e in parts.elements) or narrows(subject, parts.korean)
    return Claim(
        number,
        body,
        part.start,
        part.end,
        citations=cited.by(number, body),
        dependent=dependent,
        category=_category(subject, parts.korean),
        transition=parts.transition,
        openness=parts.openness,
        elements=tuple(replace(e, start=e.start + part.start, end=e.end + part.start) for e in parts.elements),
    )


def _category(subject: str, korean: bool) -> Category:
    if not is_method(subject, korean):
        return Category.PRODUCT
    return Category.PRODUCTION if is_production(subject, korean) else Category.METHOD


class _Cited:
    """Checks what claims cite against the claims that are there.

    Parameters
    ----------
    numbers
        The numbers of the set.
    cancelled
        Those of them that are cancelled.
    """

    def __init__(self, numbers: set[int], cancelled: set[int]) -> None:
        self.numbers = numbers
        self.cancelled = cancelled
        self.left = CITED_MAX

    def by(self, number: int, body: str) -> tuple[tuple[int, ...], ...]:
        """The claims in force that a claim cites, one group of alternatives for each citation that says more."""
        groups: list[set[int]] = []
        for citation in find_citations(body):
            alternatives = self._alternatives(number, citation)
            if not any(alternatives <= group for group in groups):
                groups.append(alternatives)
        return tuple(tuple(sorted(group)) for group in groups)

    def _alternatives(self, number: int, citation: Citation) -> set[int]:
        ranges = citation.numbers or (range(min(self.numbers), number),)
        self.left -= sum(map(len, ranges))
        if self.left < 0:
            raise InputError(f"claim {number} cites too many claims", "give the claims of one patent at a time")
        named = {n for numbers in ranges for n in numbers}
        if citation.numbers and number in named:
            raise InputError(f"claim {number} cites itself", "correct the number that it cites")
        missing = named - self.numbers
        if missing and citation.numbers:
            raise InputError(f"claim {number} cites claim {min(missing)}, which is not there", ALONE)
        alternatives = (named & self.numbers) - self.cancelled
        if not alternatives:
            told = (
                f"only cancelled claims ({listed(sorted(named))})"
                if named
                else "the claims before it, of which there are none"
            )
            raise InputError(f"claim {number} cites {told}", "correct the number that it cites")
        return alternatives
