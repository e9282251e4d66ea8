"""Where an English claim is cut: preamble first, then the transition, then limitations."""

import re
from collections.abc import Iterator, Sequence

from bini.domain.claims.mask import WINDOW, Span, before, pieces_between, trim

_TRANSITION = re.compile(
    r"(?P<closed>(?<!group )(?<!group\n)\bconsist(?:ing|s)\s+(?:essentially\s+)?of\b)"
    r"|(?:,\s*)?\b(?:which\s+|that\s+|further\s+){0,3}(?:compris(?:ing|es|e)|(?P<told>characteri[sz]ed\s+(?:in\s+that|by)))\b"
    r"(?:\s+(?:(?:the|an?)\s+)?(?:following\s+)?(?:steps?|acts?|operations?)(?:\s+of\b|(?=\s*:))"
    r"|,\s(?:as|in|by|on|based|relative)\b[^,;:\n]{1,80}[,:])?"  # 'comprising, in mol%:'
    r"|(?P<weak>\b(?:including|includes|having|composed\s+of)\b|(?<=\bin\scombination)[,:])",
    re.IGNORECASE,
)
_LIST = re.compile(r"[:;\n]")
_IMPROVED = re.compile(r"in\s+(?:an?|the)\s", re.IGNORECASE)
"""How a Jepson claim begins: what is known may itself comprise things, and the transition is the last."""

_AGAIN = re.compile(
    r",\s*(?:wherein\s+)?(?:the\s+improvement|(?:the|said|which|this|such)\s+(?:[\w-]+\s+){0,5}?(?P<noun>[\w-]+))\s*\Z"
    r"|\s+(?:which|that)\s*\Z",
    re.IGNORECASE,
)
_WHEREIN = r"(?:wherein|whereby|(?<=,\s)in\s+which)"
_HARD = re.compile(
    rf"(?:,\s*|\s)(?:and\s+)?\b(?:wherein|whereby)\s*:|[;\n]|:(?=\s*[;\n])|[,\s](?=\s*(?:and\s+)?{_WHEREIN}\b)"
    r"|,\s*(?:and\s+)?(?:the|said)\s+(?:[\w-]+\s+){1,5}further\s+comprising\s*:"
    # a colon of a list that semicolons divide: 'cause the processor to: receive a word; …'
    r"|(?:(?<=\bto)|(?<=\bby)|(?<=steps)|(?<=\bacts)|(?<=operations)|(?<=prises)|(?<=ludes)|(?<=\wing)):(?=[^:;\n]{1,4000};)",
    re.IGNORECASE,
)
# 'A ladder with two rails joined by rungs, each rung being welded'
_HARD_OR_ABSOLUTE = re.compile(
    rf"{_HARD.pattern}|,(?=\s*(?:and\s+)?(?:each|said|the)\s[^,;:\n]{{1,120}}\bbeing\b)", re.IGNORECASE
)
# 'characterized in that A is B, C, and that D is E': a sentence, whose commas divide no list
_TOLD = re.compile(rf"{_HARD.pattern}|,?\s+and\s+that\b", re.IGNORECASE)
EN_WHEREIN = re.compile(rf"\b{_WHEREIN}\b", re.IGNORECASE)
EN_MARKUSH = re.compile(
    r"\b(?:selected|chosen)\s+from\b[^;]{0,4000}?\b(?:and|or)\b[^,;]*|\bgroup\s+consisting\s+of\b[^;]{0,4000}?\b(?:and|or)\b[^,;]*",
    re.IGNORECASE,
)
# A group whose last member, with its 'and' or 'or', is still to come.
_OPEN_GROUP = re.compile(
    r"\b(?:group\s+consisting\s+of|selected\s+from)\b(?!.{0,4000}?\b(?:and|or)\b)", re.IGNORECASE | re.DOTALL
)
_CONJUNCTION = re.compile(r"\b(?:and|or)\b", re.IGNORECASE)
_ARTICLE = r"(?:an?|at\s+least|one\s+or\s+more|\d[\d○.,]*)(?=\s)"
_SEPARATOR = re.compile(
    r",?\s+and\s+further\s+compris(?:ing|es)\s+"
    r"|,(?P<series>\s*and\b)?(?!\s*+(?:which|that|where|when|such|for|to|in|on|at|with|by|of|from|or|each|is|are|as|thereby"
    r"|\w+[^\We]ed)\b)"
    rf"|\s(?P<bare>and)\s+(?P<article>(?={_ARTICLE}))?",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"(?:or\s+)?the\s", re.IGNORECASE)
_STEP = re.compile(r"\s*(?:\w+ly\s+)?\w+ing\b", re.IGNORECASE)
_CITED = re.compile(r"\bclaims?\s\d+\Z", re.IGNORECASE)
_VERBAL = re.compile(
    r"\b(?:between|both|to|that|which|of|in|on|with|for|from|by|the|said|\w+ing|\w+[^\We]ed)\b",
    re.IGNORECASE,
)


def cut_english(mask: str, begin: int) -> Iterator[Span]:
    """Preamble first, then the transition, then limitations."""
    transition = english_transition(mask, begin)
    body, told = begin, False
    if transition:
        yield begin, _preamble_end(mask, begin, transition.start(), "further" in transition[0].lower())
        if transition["closed"]:
            yield transition.span("closed")
        body = transition.end()
        told = bool(transition["told"])
    stops = _TOLD if told else _HARD if transition else _HARD_OR_ABSOLUTE
    pieces = _joined(mask, [trim(mask, p) for p in pieces_between(stops, mask, (body, len(mask)))])
    flat = _only_thing(mask, [p for p in pieces if p[0] < p[1]]) if transition and not told else None
    for piece in pieces:
        yield from _things(mask, piece) if piece == flat else [piece]


def _only_thing(mask: str, pieces: Sequence[Span]) -> Span | None:
    """The piece in which commas divide the list, because nothing else does; what a 'wherein …:' lists is no thing."""
    things: list[Span] = []
    for piece in pieces:
        if not EN_WHEREIN.match(mask, piece[0]):
            things += [] if things and _DEFINITE.match(mask, piece[0]) else [piece]
        elif mask[piece[1] : piece[1] + WINDOW].lstrip()[:1] == ":":
            break
    return things[0] if len(things) == 1 else None


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
    strong = [m for m in found if not m["weak"]]
    if strong and _IMPROVED.match(mask, begin):
        stop = _LIST.search(mask, strong[0].end())
        strong = [m for m in strong if m is strong[0] or not stop or m.start() < stop.start()][-1:]
    chosen = next(iter(strong or found), None)
    return None if chosen is None or (wherein and wherein.start() < chosen.start()) else chosen


def _preamble_end(mask: str, begin: int, end: int, further: bool) -> int:
    """The end of the preamble without a noun said again ('A method of X, the method comprising')."""
    again = _AGAIN.search(mask, max(begin, end - WINDOW), end)
    if again is None:
        return end
    noun = again["noun"]
    known = further or not noun or noun.isupper() or re.search(rf"\b{noun}\b", mask[begin : again.start()], re.I)
    return again.start() if known else end


def _things(mask: str, piece: Span) -> Iterator[Span]:
    """The limitations of a list that only commas and 'and' divide."""
    start, end = piece
    steps = bool(_STEP.match(mask, start, end))
    groups = iter([*(m.span() for m in EN_MARKUSH.finditer(mask, start, end)), (end, end)])
    group = next(groups)
    found = list(_SEPARATOR.finditer(mask, *piece))
    last = _last_and(found)
    for cut in found:
        while group[1] <= cut.start():
            group = next(groups)
        left, right = before(mask, start, cut.start()), mask[cut.end() : min(end, cut.end() + WINDOW)]
        if group[0] <= cut.start() or not (cut is last or _divides(left, right, cut, steps)):
            continue
        yield start, cut.start()
        start = cut.end()
    yield start, end


def _last_and(found: Sequence[re.Match[str]]) -> re.Match[str] | None:
    """The 'and' before the last thing of a list that has commas but none before its 'and'."""
    commas = [n for n, cut in enumerate(found) if cut[0].startswith(",")]
    if not commas or any(cut["series"] for cut in found):
        return None
    return next((cut for cut in reversed(found[commas[-1] :]) if cut["bare"] and cut["article"] is not None), None)


def _divides(left: str, right: str, cut: re.Match[str], steps: bool) -> bool:
    """Whether a comma or 'and' stands between two things of the list itself."""
    if cut["bare"]:
        if cut["article"] is not None and _CITED.search(left):
            return True
        return not (_VERBAL.search(left) or (cut["article"] is None and _VERBAL.search(right)))
    if left[-1:].isdigit() and right.lstrip()[:1].isdigit():
        return False
    return bool(_STEP.match(right)) == steps
