"""Where an English claim is cut: preamble first, then the transition, then limitations."""

import re
from collections.abc import Iterator, Sequence

from bini.domain.claims.mask import WINDOW, Span, before, pieces_between, trim

_TRANSITION = re.compile(
    r"(?P<closed>(?<!group )(?<!group\n)\bconsist(?:ing|s)\s+(?:essentially\s+)?of\b)"
    r"|(?:,\s*)?\b(?:which\s+|that\s+|further\s+){0,3}(?:compris(?:ing|es|e)|characteri[sz]ed\s+(?:in\s+that|by))\b(?:\s+the\s+steps?\s+of\b)?"
    r"|(?P<weak>\b(?:including|includes|having)\b)",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r",\s*(?:wherein\s+)?(?:the|said|which|this|such)\s+(?:[\w-]+\s+){0,5}?(?P<noun>[\w-]+)\s*\Z", re.IGNORECASE
)
_HARD = re.compile(r"[;\n]|:(?=\s*[;\n])|,(?=\s*(?:and\s+)?(?:wherein|whereby)\b)", re.IGNORECASE)
EN_WHEREIN = re.compile(r"\b(?:wherein|whereby)\b", re.IGNORECASE)
EN_MARKUSH = re.compile(
    r"\b(?:selected|chosen)\s+from\b[^;]{0,4000}?\b(?:and|or)\b[^,;]*|\bgroup\s+consisting\s+of\b[^;]{0,4000}?\b(?:and|or)\b[^,;]*",
    re.IGNORECASE,
)
# A group whose last member, with its 'and' or 'or', is still to come.
_OPEN_GROUP = re.compile(
    r"\b(?:group\s+consisting\s+of|selected\s+from)\b(?!.{0,4000}?\b(?:and|or)\b)", re.IGNORECASE | re.DOTALL
)
_CONJUNCTION = re.compile(r"\b(?:and|or)\b", re.IGNORECASE)
_ARTICLE = r"(?:an?|at\s+least|one\s+or\s+more|\d)\b"
_SEPARATOR = re.compile(
    rf",\s*(?:and\s+)?(?!(?:which|that|where|when|such|for|to|in|on|at|with|by|of|from|or|each|\w+ed|\w+ing)\b)"
    rf"|\s(?P<bare>and)\s+(?P<article>(?={_ARTICLE}))?",
    re.IGNORECASE,
)
_VERBAL = re.compile(
    r"\b(?:between|both|to|that|which|of|in|on|with|for|from|by|the|said|\w+ing|\w+ed)\b", re.IGNORECASE
)


def cut_english(mask: str, begin: int) -> Iterator[Span]:
    """Preamble first, then the transition, then limitations."""
    transition, wherein = english_transition(mask, begin), EN_WHEREIN.search(mask, begin)
    body = begin
    if transition:
        yield begin, _preamble_end(mask, begin, transition.start())
        if transition["closed"]:
            yield transition.span("closed")
        body = transition.end()
    elif wherein:
        yield begin, wherein.start()
        body = wherein.start()
    pieces = _joined(mask, [trim(mask, p) for p in pieces_between(_HARD, mask, (body, len(mask)))])
    things = [p for p in pieces if p[0] < p[1] and not EN_WHEREIN.match(mask, p[0])]
    for piece in pieces:
        flat = len(things) == 1 and piece in things and body > begin
        yield from _things(mask, piece) if flat else [piece]


def _joined(mask: str, pieces: Sequence[Span]) -> list[Span]:
    """Pieces without the cuts between members of a group ('selected from the group consisting of: tin; and zinc')."""
    joined: list[Span] = []
    is_open = False
    for start, end in pieces:
        text = mask[start:end]
        is_member = is_open and not EN_WHEREIN.match(text)
        is_last = is_member and (_CONJUNCTION.search(mask[joined[-1][1] : start]) or _CONJUNCTION.match(text))
        joined.append((joined.pop()[0] if is_member else start, end))
        is_open = not is_last if is_member else bool(_OPEN_GROUP.search(text))
    return joined


def english_transition(mask: str, begin: int) -> re.Match[str] | None:
    """The first transition before any 'wherein'; 'having' counts only where nothing stronger stands."""
    wherein = EN_WHEREIN.search(mask, begin)
    found = list(_TRANSITION.finditer(mask, begin))
    chosen = next((m for m in found if not m["weak"]), found[0] if found else None)
    return None if chosen is None or (wherein and wherein.start() < chosen.start()) else chosen


def _preamble_end(mask: str, begin: int, end: int) -> int:
    """The end of the preamble without a noun said again ('A method of X, the method comprising')."""
    again = _AGAIN.search(mask, max(begin, end - WINDOW), end)
    return again.start() if again and re.search(rf"\b{again['noun']}\b", mask[begin : again.start()], re.I) else end


def _things(mask: str, piece: Span) -> Iterator[Span]:
    """The limitations of a list that only commas and 'and' divide."""
    start, end = piece
    groups = iter([*(m.span() for m in EN_MARKUSH.finditer(mask, start, end)), (end, end)])
    group = next(groups)
    for found in _SEPARATOR.finditer(mask, *piece):
        while group[1] <= found.start():
            group = next(groups)
        left, right = before(mask, start, found.start()), mask[found.end() : min(end, found.end() + WINDOW)]
        bare = found["bare"] and (_VERBAL.search(left) or (found["article"] is None and _VERBAL.search(right)))
        digits = left[-1:].isdigit() and right[:1].isdigit()
        if bare or digits or group[0] <= found.start():
            continue
        yield start, found.start()
        start = found.end()
    yield start, end
