"""From the text of a claim set to its claims, and from a claim to all that it holds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from itertools import product

from bini.domain.claims.citations import Citation, find_citations, narrows
from bini.domain.claims.elements import (
    CLAIM_CHARS,
    Element,
    Openness,
    Role,
    is_method,
    is_production,
    read_parts,
)
from bini.errors import InputError

CITED_MAX = 1_000_000
"""Most citations, taken one by one, that a claim set may hold: bounds the time that a hostile text can take."""


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
        raise InputError(f"there is no claim {number}", f"the set has {_listed([c.number for c in self.claims])}")

    def independent(self) -> tuple[Claim, ...]:
        """The claims in force that narrow no other claim.

        A claim to another thing or method that only uses a cited one stands on its own and is among them.
        """
        return tuple(claim for claim in self.claims if not claim.cancelled and not claim.dependent)

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
        order = {n: k for k, n in enumerate(_parents_first(self.claims))}
        waiting: list[tuple[frozenset[int], tuple[int, ...]]] = [(frozenset([number]), (number,))]
        while waiting:
            chosen, open_ends = waiting.pop()
            if not open_ends:
                yield _lineage([claims[n] for n in sorted(chosen, key=order.__getitem__)])
                continue
            ways = [(chosen | set(way), tuple(set(way) - chosen)) for way in product(*claims[open_ends[0]].citations)]
            waiting.extend((together, open_ends[1:] + new) for together, new in reversed(ways))


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


# From text to claims -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Numbered:
    """Where one claim, or a run of cancelled ones ('2-5. (canceled)'), stands in a text, without its number."""

    numbers: range
    start: int
    end: int


_TITLE = re.compile(
    r"^[^\S\r\n]*[#*【\[(]*[^\S\r\n]*(?:(?:특허\s?)?청구(?:의)?\s?범위|(?:patent\s)?claims|listing\sof\sclaims)[】\])*:]*[^\S\r\n]*$"
    r"|\bwhat\s(?:is|we|i)\sclaim(?:ed)?(?:\sis)?\b:?|\b(?:i|we)\sclaim\b:?",
    re.IGNORECASE | re.MULTILINE,
)
_AFTER = re.compile(
    r"^[^\S\r\n]*[#*【\[]+[^\S\r\n]*(?:요약서?|발명의\s?(?:설명|상세한\s?설명)|도면|abstract|description)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
# Headers stand at the start of a line; 【청구항 2】 anywhere, and '2. The' and '청구항 2.' also after a full stop.
_HEADER = re.compile(
    r"(?:(?:\A|(?<=[\r\n]))[^\S\r\n]{0,60}[#*>]{0,6}[^\S\r\n]{0,4}|(?=【)"
    r"|(?<=[.。]\s)(?=\d{1,4}\s?\.\s+(?:(?-i:An?|The)\s|제\s?\d)|청구항\s?\d{1,4}\s?[.:]))"
    r"(?P<open>[【\[<(〔])?\s?(?P<word>청구항|claims?)?\s?제?(?P<first>\d{1,4})(?!\d)"
    r"(?:\s?\.?\s?(?:-|–|~|내지|to)\s?제?(?P<last>\d{1,4})(?!\d))?(?:[^\S\r\n]?항(?!에|의))?[^\S\r\n]?(?P<close>[】\]>)〕])?"
    r"(?P<stop>[^\S\r\n]{0,4}(?:\\?\.(?!\d)|[:)])?\**)",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"\s*[(\[](?:currently\s+amended|previously\s+(?:presented|amended)|original|amended|new|withdrawn|정정|보정)"
    r"[^)\]\r\n]{0,60}[)\]][ .:]*",
    re.IGNORECASE,
)
_CANCELLED = re.compile(r"\W*(?:삭제|deleted|cancell?ed)(?:\s?(?:됨|without\s+prejudice))?\W*", re.IGNORECASE)
_CITES_FIRST = re.compile(
    r"\s*(?:제?\s?\d{1,4}\s?항|청구항\s?\d|(?:an?|the)\s[^,;.]{1,120}?\sclaims?\s\d)", re.IGNORECASE
)
_TELLS = re.compile(r"(?:다|요|까)[\s.!?]*\Z|[a-z)][.!?]\s+[A-Z]")
_HINT = "give the claims with their numbers, each at the start of a line: '1. …', '청구항 1. …' or 'Claim 1. …'"


def parse_claims(text: str) -> ClaimSet:
    """Read a claim set, Korean, US English or both.

    Claims are told by their numbers: 【청구항 1】, '청구항 1.', 'Claim 1.', or '1.' after the end of a sentence.
    A text without any number is one claim if it has a transition and does not read like prose.

    Parameters
    ----------
    text
        The claims; what stands before '청구범위' or 'What is claimed is' is passed over.

    Raises
    ------
    InputError
        If there is no claim; if a number comes twice; if a claim is empty, cites itself, a claim that is not there or
        only cancelled ones, or takes part in a circle of citations.
    """
    title, after = _TITLE.search(text), None
    start = title.end() if title else 0
    after = _AFTER.search(text, start)
    end = after.start() if after else len(text)
    found = list(_numbered(text, start, end)) or _unnumbered(text, start, end)
    return build_claims(text, found)


def _numbered(text: str, start: int, end: int) -> Iterator[Numbered]:
    """The claims that a header begins."""
    headers: list[re.Match[str]] = []
    for header in _HEADER.finditer(text, start, end):
        if _is_header(text, header, headers, start):
            headers.append(header)
    stops = [header.start() for header in headers[1:]]
    for header, stop in zip(headers, [*stops, end], strict=False):
        first, last = int(header["first"]), int(header["last"] or header["first"])
        status = _STATUS.match(text, header.end(), stop)
        yield Numbered(range(first, last + 1), *_stripped(text, status.end() if status else header.end(), stop))


def _is_header(text: str, header: re.Match[str], headers: Sequence[re.Match[str]], begin: int) -> bool:
    """Whether a number begins a claim, rather than an item of a list or a line broken before 'claim 1'."""
    word, bracketed, last = header["word"], bool(header["open"] and header["close"]), None
    if bracketed:
        return bool(word)
    if header["open"] or (header["close"] and header["close"] != ")"):
        return False
    following = text[header.end() : header.end() + 200]
    stopped = bool(header["stop"].strip() or header["close"] or following[:1] in ("", "\r", "\n"))
    if headers:
        last = int(headers[-1]["last"] or headers[-1]["first"])
        begin = headers[-1].end()
    before = text[begin : header.start()]
    ended = not headers or bool(_ENDED.search(before[-200:]) or _CANCELLED.fullmatch(before[:200]))
    if word == "청구항":
        return stopped or bool(_FREE.match(following))
    if word:
        return ended and (stopped or bool(_CAPITAL.match(following)))
    if header["stop"].strip()[-1:] not in (".", ":") and not header["last"]:
        return False
    if headers and (headers[0]["word"] or not ended):
        return int(header["first"]) == (last or 0) + 1 and (ended or bool(_CITES_FIRST.match(following)))
    return ended


_ENDED = re.compile(r"(?:[.。][\s)\]*\"”]*|(?:\n|\r\n?)[^\S\r\n]*(?:\n|\r\n?)\s*)\Z")
_FREE = re.compile(r"[^\S\r\n]+(?!(?:또는|내지|및|중|의|에|항)|[은는을를이가와과]\s)")
_CAPITAL = re.compile(r"\s+[A-Z가-힣(]")


def _unnumbered(text: str, start: int, end: int) -> list[Numbered]:
    """One claim without a number."""
    start, end = _stripped(text, start, end)
    if not any(c.isalnum() for c in text[start:end]) or _TELLS.search(text[start:end]):
        raise InputError("there is no claim in the text", _HINT)
    if len(text[start:end]) <= CLAIM_CHARS and not read_parts(text[start:end]).transition:
        raise InputError("there is no claim in the text", _HINT)
    return [Numbered(range(1, 2), start, end)]


def leading_number(claim: str) -> tuple[range | None, int]:
    """The number, or run of numbers, that a claim's own text begins with, and where the text goes on.

    Parameters
    ----------
    claim
        The text of one claim of a file that holds claims one by one.
    """
    header = _HEADER.match(claim)
    if header is None or not _is_header(claim, header, (), 0):
        return None, 0
    first, last = int(header["first"]), int(header["last"] or header["first"])
    status = _STATUS.match(claim, header.end())
    return range(first, last + 1), status.end() if status else header.end()


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    return end - len(body.lstrip()), start + len(body.rstrip()) if body.strip() else end


# From claims to a set ----------------------------------------------------------------------------
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
        if _CANCELLED.fullmatch(text[part.start : part.end][:200]):
            cancelled.update(part.numbers)
        elif len(part.numbers) > 1:
            raise InputError(f"claim {part.numbers.start} has more than one number", "number every claim by itself")
    if not found:
        raise InputError("there is no claim in the text", _HINT)
    cited = _Cited(seen, cancelled)
    claims = [_claim(text, part, number, cited) for part in found for number in part.numbers]
    try:
        _parents_first(claims)
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
            raise InputError(
                f"claim {number} cites claim {min(missing)}, which is not there", "give the whole claim set"
            )
        alternatives = (named & self.numbers) - self.cancelled
        if not alternatives:
            told = (
                f"only cancelled claims ({_listed(sorted(named))})"
                if named
                else "the claims before it, of which there are none"
            )
            raise InputError(f"claim {number} cites {told}", "correct the number that it cites")
        return alternatives


def _parents_first(claims: Sequence[Claim]) -> list[int]:
    return list(TopologicalSorter({claim.number: claim.parents for claim in claims}).static_order())


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return f"claims {shown}{', …' if len(numbers) > 20 else ''}"
