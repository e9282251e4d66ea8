"""Claims, claim sets, and all that a dependent claim holds."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from graphlib import TopologicalSorter
from itertools import product

from bini.domain.claims.elements import Element, Openness, Role
from bini.errors import InputError


class Kind(StrEnum):
    """What is claimed: a thing or something done."""

    PRODUCT = "product"
    METHOD = "method"


class Category(StrEnum):
    """The categories of Article 2(3) of the Korean Patent Act: a thing, a method, a method of producing a thing."""

    PRODUCT = "product"
    METHOD = "method"
    PRODUCTION = "method of producing a product"


@dataclass(frozen=True)
class Claim:
    """One claim of a set.

    Parameters
    ----------
    number
        Its number in the set.
    text, start, end
        What it says, verbatim and without its number, and the offsets in the text that was read.
    cancelled
        Whether it was deleted (삭제, canceled); such a claim has no elements.
    citations
        The claims it cites: one alternative of every group holds, whichever is chosen.
    dependent
        Whether it narrows the cited claim ('제1항에 있어서'), rather than using it in another thing ('제1항의 분말을
        포함하는 음료').
    category
        Product, method, or method of producing a product.
    transition, openness
        The transition, verbatim, and whether things that the claim does not name are excluded by it.
    elements
        Its elements, in order and without overlap.
    """

    number: int
    text: str
    start: int
    end: int
    cancelled: bool = False
    citations: tuple[tuple[int, ...], ...] = ()
    dependent: bool = False
    category: Category = Category.PRODUCT
    transition: str = ""
    openness: Openness = Openness.OPEN
    elements: tuple[Element, ...] = ()

    @property
    def kind(self) -> Kind:
        """Product or method."""
        return Kind.PRODUCT if self.category is Category.PRODUCT else Kind.METHOD

    @property
    def parents(self) -> tuple[int, ...]:
        """Every claim that it cites, in order of number."""
        return tuple(sorted({number for group in self.citations for number in group}))

    @property
    def preamble(self) -> str:
        """What introduces the claim: '…에 있어서', 'A cup'; in Korean without such a phrase, the thing claimed."""
        roles = (Role.PREAMBLE, Role.REFERENCE)
        chosen = [e for e in self.elements if e.role in roles] or [e for e in self.elements if e.role is Role.SUBJECT]
        return chosen[0].text if chosen else ""


Way = tuple[frozenset[int], tuple[int, ...]]
"""Claims taken together, and those of them whose own parents are still to be chosen."""


@dataclass(frozen=True)
class Lineage:
    """One way to read a dependent claim.

    Parameters
    ----------
    claims
        The numbers of the claims taken together, parents before children.
    elements
        Their elements in that order, without the citations, and without a thing claimed that is named again.
    """

    claims: tuple[int, ...]
    elements: tuple[Element, ...]


@dataclass(frozen=True)
class ClaimSet:
    """The claims of one patent.

    Parameters
    ----------
    text
        The text that was read.
    claims
        Its claims, in the order of the text.
    """

    text: str
    claims: tuple[Claim, ...]

    def __getitem__(self, number: int) -> Claim:
        """The claim of a number.

        Raises
        ------
        InputError
            If the set has no such claim.
        """
        for claim in self.claims:
            if claim.number == number:
                return claim
        raise InputError(f"there is no claim {number}", f"the set has {listed([c.number for c in self.claims])}")

    def to_json(self) -> str:
        """The set as one line of JSON; every offset is one into its `text`."""
        rows = [asdict(claim) | {"parents": claim.parents, "preamble": claim.preamble} for claim in self.claims]
        return json.dumps({"text": self.text, "claims": rows}, ensure_ascii=False)

    def in_force(self) -> tuple[Claim, ...]:
        """The claims that are not cancelled."""
        return tuple(claim for claim in self.claims if not claim.cancelled)

    def independent(self) -> tuple[Claim, ...]:
        """The claims in force that narrow no other claim.

        A claim to another thing or method that only uses a cited one stands on its own and is among them.
        """
        return tuple(claim for claim in self.in_force() if not claim.dependent)

    def lineage(self, number: int) -> Iterator[Lineage]:
        """A claim with all it takes from the claims it cites, one lineage for every choice among its parents.

        Lineages come one by one: claims that each cite any claim before them have exponentially many.

        Parameters
        ----------
        number
            The claim.

        Raises
        ------
        InputError
            If the set has no such claim, or it is cancelled.
        """
        if self[number].cancelled:
            raise InputError(f"claim {number} is cancelled", "choose a claim that is in force")
        claims = {claim.number: claim for claim in self.claims}
        order = {claim.number: k for k, claim in enumerate(parents_first(self.claims))}
        ways: list[Iterator[Way]] = [iter([(frozenset([number]), (number,))])]
        while ways:
            way = next(ways[-1], None)
            if way is None:
                ways.pop()
                continue
            chosen, open_ends = way
            if open_ends:
                ways.append(_choices(claims[open_ends[0]], chosen, open_ends[1:]))
            else:
                yield _lineage([claims[n] for n in sorted(chosen, key=order.__getitem__)])


def _choices(claim: Claim, chosen: frozenset[int], open_ends: tuple[int, ...]) -> Iterator[Way]:
    """Every way to choose the parents of a claim."""
    for way in product(*claim.citations):
        yield chosen.union(way), open_ends + tuple(set(way) - chosen)


def _lineage(claims: Sequence[Claim]) -> Lineage:
    elements: dict[tuple[str, int], Element] = {}
    for element in (e for claim in claims for e in claim.elements if e.role is not Role.REFERENCE):
        elements.setdefault((element.text, -1 if element.role is Role.SUBJECT else element.start), element)
    return Lineage(tuple(c.number for c in claims), tuple(elements.values()))


def pieces(claim: Claim) -> Iterator[str | Element]:
    """The elements of a claim and the text between them; together they are the claim, character for character.

    Parameters
    ----------
    claim
        A claim of a set.
    """
    position = claim.start
    for element in claim.elements:
        if position < element.start:
            yield claim.text[position - claim.start : element.start - claim.start]
        yield element
        position = element.end
    if position < claim.end:
        yield claim.text[position - claim.start :]


def parents_first(claims: Sequence[Claim]) -> list[Claim]:
    """Claims so ordered that each comes after those it cites; graphlib.CycleError if there is no such order."""
    named = {claim.number: claim for claim in claims}
    order = TopologicalSorter({claim.number: claim.parents for claim in claims}).static_order()
    return [named[number] for number in order]


def listed(numbers: Sequence[int]) -> str:
    """Claim numbers as a message names them."""
    shown = ", ".join(map(str, numbers[:20]))
    return f"claims {shown}{', …' if len(numbers) > 20 else ''}"
