"""A claim's mask: a copy of the same length in which what cuts nothing is blotted out.

Brackets and inner commas of numbers and names become blots, list markers become semicolons. So no rule needs to count
brackets, and every offset found in the mask is an offset into the claim.

Rules look back and ahead over a bounded window (`WINDOW`), so that time grows with the length of the claim.
"""

import re

Span = tuple[int, int]

WINDOW = 400
"""How far a rule looks back or ahead, in characters."""

_BLOT = "○"
_WIDE = str.maketrans("，；：\r", ",;:\n")  # full-width punctuation
_BLANK = re.compile(r"\s{60,}")
_PARTICLE = re.compile(r"\s?(?:으로|로|을|를|의|이|가|은|는)\s")
# A line broken inside a phrase of running English text.
_WRAPPED = re.compile(
    r"(?<=\bof|\bin|\bto|\bby|\ban)\n(?=\s{0,60}\w)|(?<=\bwherein)\n|\n(?=[ \t]{0,60}(?:claims?\s\d|comprising\b))"
)
_HEADING = re.compile(r"\[\s?(?:화학|일반|구조|수학)식\s?[^\[\]]{0,10}\](?=\s*(?:[\[(]\s*)?(?:상기|위의?|식)\s?)")
_REFERRED = re.compile(r"((?:항|청구항\s?\d{1,4})\s?에\s?있어서?)\s")
_MARKER = re.compile(
    r"(?:^|(?<=[;:,\n\t])|(?<=및)|(?<=\band)|(?<=그리고))(?P<gap>[ \t]{0,60})"
    r"(?P<mark>\((?:\d{1,2}|[a-zA-Z가나다라마바사아자차카타파하]|[ivxIVX]{1,4}|S\d{1,2})\)|(?:\d{1,2}|[a-zA-Z가나다라마바사아자차카타파하]|[ivx]{1,4})\)"
    r"|(?:\d{1,2}|[ivx]{1,4})\.(?!\d)(?=[\s가-힣])|[-–•·*](?=\s))"
    r"|(?<!상기)(?<!상기 )(?<!내지)(?<!내지 )(?P<circled>[①-⑳㉠-㉻ⓐ-ⓩ]\.?)(?!\s*(?:내지|단계의|단계에))"
)
_INNER_COMMA = re.compile(r"(?<=\d),(?=\s*\d)|(?<=[A-Za-z]),(?=[A-Za-z\d])|(?<=\d),(?=[A-Za-z])")
_LEAD = re.compile(r"[\s,;:.·•*]+|[-–](?=\s)|(?:및|그리고)(?=[\s,상]|\Z)|and\b(?!/)", re.IGNORECASE)
_TRAIL = re.compile(r"(?:[\s,;:.·•*]+|(?<=[\s,;])(?:및|그리고|and))\Z", re.IGNORECASE)
_LEADING_AND = re.compile(r"(?<=[;\n])\s{0,60}(?:및|그리고)(?!/)")

# What a formula's letters stand for: '상기 화학식 1에서,', '[식 중,'
FORMULA = re.compile(
    r"[(\[{〔]?\s*(?:(?:상기|위의?)\s?)?\[?(?:화학|일반|구조)?식\]?\s?"
    r"(?:(?![에중])[\wⅠ-Ⅹ'-]{1,6}?\s?"
    r"(?:(?:및|또는)\s[\wⅠ-Ⅹ'-]{1,6}?\s?)?|\([^()]{1,8}\)\s?)?(?:에서|중|에 있어서)(?=[\s,])"
)


def mask_claim(claim: str, begin: int) -> str:
    """The mask of a claim.

    Parameters
    ----------
    claim
        The text of one claim.
    begin
        Where it begins, after its number.
    """
    chars = list(claim.translate(_WIDE))
    headings = {heading.start() for heading in _HEADING.finditer(claim, begin)}
    found = _MARKER.finditer(claim, begin)
    markers = dict(m.span("mark") if m["mark"] else m.span("circled") for m in found)
    for start, end in _brackets(claim, begin, markers):
        if start in headings:
            chars[start:end] = ";" * (end - start)
        elif FORMULA.match(claim, start, end) and not _PARTICLE.match(claim, end):
            chars[start], chars[end - 1] = ";", ";"
        else:
            chars[start:end] = _BLOT * (end - start)
    for start, end in markers.items():
        if chars[start] != _BLOT:
            chars[start:end] = ";" * (end - start)
    text = _INNER_COMMA.sub(_BLOT, "".join(chars))
    text = _WRAPPED.sub(lambda m: " " * len(m[0]), text)
    text = _REFERRED.sub(r"\1,", text)
    text = _BLANK.sub(lambda m: ";" * len(m[0]), text)
    return _LEADING_AND.sub(lambda m: ";" * len(m[0]), text)


def _brackets(claim: str, begin: int, markers: dict[int, int]) -> list[Span]:
    """The outermost pairs of brackets; a list marker inside one that is never closed is no bracket."""
    pairs: list[Span] = []
    opened: list[int] = []
    position = begin
    while position < len(claim):
        start, position = position, position + 1
        if start in markers and (not opened or claim[start] == "("):
            position = markers[start]
        elif claim[start] in "([{（【「〔":
            opened.append(start)
        elif claim[start] in ")]}）】」〕" and opened:
            first = opened.pop()
            while pairs and pairs[-1][0] > first:
                pairs.pop()
            pairs.append((first, position))
    return pairs


def trim(mask: str, span: Span) -> Span:
    """Shrink a span past white space, punctuation and conjunctions at its ends."""
    start, end = span
    while start < end and (lead := _LEAD.match(mask, start, end)):
        start = lead.end()
    while start < end and (trail := _TRAIL.search(mask[max(start, end - 12) : end])):
        end -= trail.end() - trail.start()
    return start, end


def pieces_between(pattern: re.Pattern[str], mask: str, span: Span) -> list[Span]:
    """The pieces of a span between the matches of a pattern."""
    pieces, start = [], span[0]
    for found in pattern.finditer(mask, *span):
        pieces.append((start, found.start()))
        start = found.end()
    return [*pieces, (start, span[1])]


def before(mask: str, start: int, end: int) -> str:
    """What stands before an offset, as far as the window reaches."""
    return mask[max(start, end - WINDOW) : end]
