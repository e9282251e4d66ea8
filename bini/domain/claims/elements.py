"""The elements of one claim: what each is, how deep it is nested, and what a Markush group may be."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bini.domain.claims.citations import narrows
from bini.domain.claims.english import EN_MARKUSH, EN_WHEREIN
from bini.domain.claims.korean import PREAMBLE, is_clause, subject_place, topic_end
from bini.domain.claims.korean_lists import MARKUSH
from bini.domain.claims.mask import Span, pieces_between
from bini.domain.claims.splitting import Cuts, cut_claim, transition_span
from bini.errors import InputError

CLAIM_CHARS = 200_000
"""Longest claim that is read; the longest of the 4,946 claims that the parser was measured on has 90,767 characters."""


class Role(StrEnum):
    """What an element does in its claim."""

    PREAMBLE = "preamble"  # '로봇에 있어서'
    REFERENCE = "reference"  # '제1항에 있어서', 'The cup of claim 1'
    TRANSITION = "transition"  # a transition that excludes: '만으로 이루어진', 'consisting of'
    LIMITATION = "limitation"
    STEP = "step"  # a step of a method
    WHEREIN = "wherein"  # a clause of its own: 'wherein …', '상기 층의 두께는 …'
    SUBJECT = "subject"  # the thing claimed: 'A cup', '로봇'


class Openness(StrEnum):
    """What a claim's transition says about things that the claim does not name."""

    OPEN = "open"
    UNCLEAR = "unclear"  # '로 이루어진', 'having', 'composed of': the description decides
    ESSENTIALLY = "consisting essentially of"
    CLOSED = "closed"


@dataclass(frozen=True)
class Element:
    """One element of a claim.

    Parameters
    ----------
    text, start, end
        The element, verbatim, and its offsets into the text that was read.
    role
        What it does in the claim.
    depth
        How deep it stands in nested lists; 0 is the outermost.
    alternatives
        The members of a Markush group in it, verbatim; empty where it holds none.
    """

    text: str
    start: int
    end: int
    role: Role = Role.LIMITATION
    depth: int = 0
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What one claim consists of.

    Parameters
    ----------
    elements
        In order and without overlap.
    transition
        The transition, verbatim ('를 포함하는', 'comprising'); empty where the claim has none.
    openness
        What the transition leaves open; a claim without one is open.
    korean
        Whether it was read as Korean or as English.
    """

    elements: tuple[Element, ...]
    transition: str
    openness: Openness
    korean: bool


def split_claim(claim: str) -> list[Element]:
    """Split one claim into its elements, verbatim, in order and without overlap.

    Parameters
    ----------
    claim
        The text of one claim; a leading claim number and a final period are allowed.

    Raises
    ------
    InputError
        If nothing in the text can be an element, or it is far longer than any claim.
    """
    return list(read_parts(claim).elements)


def read_parts(claim: str) -> Parts:
    """The elements, transition and openness of one claim; raises what `split_claim` raises."""
    if len(claim) > CLAIM_CHARS:
        raise InputError(
            f"a claim of {len(claim):,} characters is too long: at most {CLAIM_CHARS:,} are read",
            "give the text of the claims alone, one number to each",
        )
    cuts = cut_claim(claim)
    if not cuts.spans:
        raise InputError("the claim holds no element", "give the full text of one claim, in Korean or English")
    texts = [claim[a:b] for a, b in cuts.spans]
    roles = _korean_roles(texts) if cuts.korean else _english_roles(texts)
    depths = _depths(claim, cuts.spans, roles)
    elements = tuple(
        Element(text, start, end, role, depth, _alternatives(claim, cuts, (start, end)))
        for text, (start, end), role, depth in zip(texts, cuts.spans, roles, depths, strict=True)
    )
    span = transition_span(cuts, next((e.start for e in elements if e.role is Role.SUBJECT), len(claim)))
    transition = claim[slice(*span)].strip(" \t\r\n,")
    return Parts(elements, transition, _openness(elements, transition), cuts.korean)


# Kind ------------------------------------------------------------------------------------------
_KO_METHOD = re.compile(r"(?:방법|공정|프로세스|용도|방식|[재배양요]법)\s*(?:\([^()]{0,80}\))?[\s.]*\Z")
_EN_HEAD_END = re.compile(
    r"[,:(]|\b(?:of|for|to|in|on|by|that|which|according|as|wherein|using|compris\w+|compos\w+|having)\b", re.IGNORECASE
)
_EN_METHOD = re.compile(r"\b(?:method|process|procedure|use)s?\s*\Z", re.IGNORECASE)


def is_method(subject: str, korean: bool) -> bool:
    """Whether the thing claimed is something done, not something made.

    Parameters
    ----------
    subject
        The thing claimed, as the claim names it.
    korean
        Whether it is named last (Korean) or first (English).
    """
    if korean:
        return bool(_KO_METHOD.search(subject))
    return bool(_EN_METHOD.search(_EN_HEAD_END.split(subject, maxsplit=1)[0]))


_KO_PRODUCTION = re.compile(r"(?:제조|생산|제작|합성|조제|제법|형성|추출|재배|가공)\S*\s?(?:\S{1,4}\s)?(?:방법|공정)")
_EN_PRODUCTION = re.compile(
    r"(?:method|process)\s+(?:of|for|to)\s+(?:\w+ly\s+)?(?:mak|manufactur|produc|prepar|fabricat|synthesi[sz])",
    re.IGNORECASE,
)


def is_production(subject: str, korean: bool) -> bool:
    """Whether a method that is claimed produces a thing; parameters as of `is_method`."""
    return bool((_KO_PRODUCTION if korean else _EN_PRODUCTION).search(subject))


# Roles -------------------------------------------------------------------------------------------
_STEP = re.compile(r"(?:단계|공정|과정)(?:\s*[(\[][^)\]]{0,40}[)\]])?\Z")
_GERUND = re.compile(r"(?:[a-z-]+ly\s+)?[a-z-]+ing\b", re.IGNORECASE)
_NO_STEP = re.compile(r"(?:(?:an?y?|no|some)?thing|being|having|including|comprising|according)\b", re.IGNORECASE)


def _korean_roles(texts: list[str]) -> list[Role]:
    subject = subject_place(texts)
    return [_korean_role(text, n, subject) for n, text in enumerate(texts)]


def _korean_role(text: str, n: int, subject: int) -> Role:
    if PREAMBLE.search(text):
        return Role.REFERENCE if narrows(PREAMBLE.sub("", text), korean=True) else Role.PREAMBLE
    if n == subject:
        return Role.SUBJECT
    if n > subject or is_clause(text, n > 0):
        return Role.WHEREIN
    if text.endswith(("이루어진", "이루어지는", "구성된", "구성되는")) and len(text) < 20:
        return Role.TRANSITION
    return Role.STEP if _STEP.search(text) else Role.LIMITATION


def _english_roles(texts: list[str]) -> list[Role]:
    method = is_method(texts[0], korean=False)
    return [_english_role(text, n, method) for n, text in enumerate(texts)]


def _english_role(text: str, n: int, method: bool) -> Role:
    if EN_WHEREIN.match(text):
        return Role.WHEREIN
    if n == 0:
        return Role.REFERENCE if narrows(text, korean=False) else Role.SUBJECT
    if re.fullmatch(r"consist(?:ing|s)\s+(?:essentially\s+)?of", text, re.IGNORECASE):
        return Role.TRANSITION
    step = method and _GERUND.match(text) and not _NO_STEP.match(text)
    return Role.STEP if step else Role.LIMITATION


# Nesting -----------------------------------------------------------------------------------------
_ITEM = re.compile(
    r"(?P<open>\(?)(?:S?(?P<digit>\d{1,2})|(?P<letter>[a-z])|(?P<roman>[ivx]{2,4})|(?P<hangul>[가-하]))(?P<shut>[).])\s*\Z"
    r"|(?P<circled>[①-⑳㉠-㉻ⓐ-ⓩ])\.?\s*\Z|(?P<bullet>[-–•·*])\s*\Z",
    re.IGNORECASE,
)
_OUTSIDE = (Role.SUBJECT, Role.PREAMBLE, Role.REFERENCE, Role.TRANSITION)


def _depths(claim: str, spans: Sequence[Span], roles: Sequence[Role]) -> Iterator[int]:
    """Depth by list marker, or by indentation where an item has none; what opens no item stays where it is."""
    levels: list[tuple[str, int | None]] = []  # list marker, if any, and indentation
    ends = [0, *(end for _, end in spans)]
    letter = ""
    for (start, _), end, role in zip(spans, ends, roles, strict=False):
        gap = claim[end:start][-200:]
        mark = _ITEM.search(gap)
        if mark and mark["letter"] and not _is_roman(mark["letter"], letter):
            letter = mark["letter"].lower()
        style = _style(mark, letter) if mark else ""
        indent = _indent(gap[: mark.start()] if mark else gap)
        if role in _OUTSIDE:
            yield 0
            continue
        if style or indent is not None:
            same = (n for n, level in enumerate(levels) if (level[0] == style if style else level[1] == indent))
            del levels[next(same, len(levels)) :]
            while not style and levels and (levels[-1][1] or 0) > (indent or 0):
                levels.pop()
            levels.append((style, indent))
        yield max(len(levels) - 1, 0)


def _is_roman(mark: str, letter: str) -> bool:
    """Whether i, v or x is a numeral: not where the list of letters has come to it."""
    return mark.lower() in "ivx" and letter != chr(ord(mark.lower()) - 1) and letter != mark.lower()


def _style(mark: re.Match[str], letter: str) -> str:
    kind = mark.lastgroup if mark.lastgroup in ("circled", "bullet") else None
    kind = kind or next(k for k in ("digit", "letter", "roman", "hangul") if mark[k])
    if kind == "letter" and _is_roman(mark["letter"], letter):
        kind = "roman"
    return f"{mark['open'] or ''}{kind}{mark['shut'] or ''}"


def _indent(gap: str) -> int | None:
    """How far the line is indented that an element begins; None where it begins no line."""
    line = re.split(r"[\r\n]", gap)
    return len(line[-1].expandtabs(8)) if len(line) > 1 and not line[-1].strip() else None


# Markush groups ----------------------------------------------------------------------------------
_KO_MEMBER = re.compile(r"\s*,\s*(?:(?:및|또는|그리고)(?=\s))?\s*|\s+(?:및|또는|그리고|혹은)\s+|(?<=[가-힣])[과와]\s+")
_EN_MEMBER = re.compile(r"\s*,\s*(?:(?:and/or|and|or)\s)?\s*|\s+(?:and/or|and|or)\s+", re.IGNORECASE)
_EN_GROUP = re.compile(
    r".*?\bfrom\s+(?:the\s+group\s+(?:consisting|composed)\s+of\s*:?\s*|among\s+)?|.*?\bof\s*:?\s*", re.I | re.S
)


def _alternatives(claim: str, cuts: Cuts, span: Span) -> tuple[str, ...]:
    """The members of the first Markush group in an element."""
    group = (MARKUSH if cuts.korean else EN_MARKUSH).search(cuts.mask, *span)
    if group is None:
        return ()
    if cuts.korean:
        start, end, separator = topic_end(cuts.mask, span[0], group.start()), group.start(), _KO_MEMBER
    else:
        intro = _EN_GROUP.match(cuts.mask, *group.span())
        start, end, separator = intro.end() if intro else group.start(), group.end(), _EN_MEMBER
    members = tuple(
        claim[a:b].strip() for a, b in pieces_between(separator, cuts.mask, (start, end)) if claim[a:b].strip()
    )
    return members if len(members) > 1 else ()


# Transition --------------------------------------------------------------------------------------
_UNCLEAR = re.compile(r"\A(?:으로|로)\s*(?:이루어|구성)|\b(?:having|composed\s+of)\b", re.IGNORECASE)


def _openness(elements: Sequence[Element], transition: str) -> Openness:
    if re.search(r"essentially|(?:본질적|필수적|실질적)으로", transition, re.IGNORECASE):
        return Openness.ESSENTIALLY
    if any(e.role is Role.TRANSITION for e in elements):
        return Openness.CLOSED
    return Openness.UNCLEAR if _UNCLEAR.search(transition) else Openness.OPEN
