"""Where one patent claim (Korean or US English) is cut into elements.

All rules run on a *mask*: a copy of the claim of the same length in which brackets, inner commas of
numbers and names, and list markers are blotted out. So no rule needs to count brackets, and every
offset found in the mask is an offset into the claim.

Rules look back and ahead over a bounded window (`_WINDOW`), so that time grows with the length of the claim.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]

_BLOT = "○"
_WINDOW = 400
_WIDE = str.maketrans("，；：\r", ",;:\n")  # full-width punctuation
_BLANK = re.compile(r"\s{60,}")
_PARTICLE = re.compile(r"\s?(?:으로|로|을|를|의|이|가|은|는)\s")
# A line broken inside a phrase of running English text.
_WRAPPED = re.compile(r"(?<=\bof|\bin|\bto|\bby|\ban)\n(?=\s{0,60}\w)|\n(?=[ \t]{0,60}claims?\s\d)")
_HEADING = re.compile(r"\[\s?(?:화학|일반|구조|수학)식\s?[^\[\]]{0,10}\](?=\s*(?:[\[(]\s*)?(?:상기|위의?|식)\s?)")
_REFERRED = re.compile(r"((?:항|청구항\s?\d{1,4})\s?에\s?있어서?)\s")
_NUMBER = re.compile(
    r"\s*(?:(?:what\s+is\s+claimed\s+is|(?:i|we)\s+claim|청구\s*범위|특허청구범위)\s*:?\s*)?"
    r"(?:[\[【]\s*(?:청구항|claim)\s*\d+\s*[\]】][\s.:]*|(?:청구항|claim)\s*\d+\s*(?:[.:)][\s.:]*|\n\s*|\s+(?![가-힣]*"
    r"(?:또는|내지|및|중|의|에|항))(?!or\b|to\b|and\b))|\d{1,3}\s*[.:]\s*(?=[^\W\d]))?",
    re.IGNORECASE,
)
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
_DELETED = re.compile(r"(?:삭제|deleted|cancell?ed)", re.IGNORECASE)

# Korean ------------------------------------------------------------------------------------------
_ROLE = r"(?:유효|주|활성|주요)\s*성분(?:으로|로)서?\s*(?:(?:포함|함유)(?=[하한된되])|(?=하는|하고|하며|하되))"
_MADE = r"(?:이루어지는|이루어진|구성되는|구성된)"
_SET = r"\s*(?:군|그룹|집단|집합|목록)(?=[\s가-힣])"
_VERB = r"(?:포함|구비|함유)"
_MORE = r"(?:(?:더|더욱|추가로|함께|각각)\s+){0,3}"
_FEATURE = r"(?:(?:것|점|(?<=[함됨음짐]))을\s*(?:그\s*)?특징으로\s*(?:하는|한)|것이\s*특징인|것인)"
_TRANSITION = re.compile(
    rf"(?:(?P<kept>{_ROLE}(?:하는|한|된|되는)|{_VERB}(?:하|되)지\s*(?:않는|않은|아니하는|아니한))"
    rf"|(?P<closed>(?:만으로|(?:으로|로)만|(?:으로|로)\s*(?:본질적|필수적|실질적)으로)\s*{_MADE})"
    rf"|(?P<open>[을를과와이가]?\s*{_MORE}{_VERB}(?:하는|한|되는|된|하고\s*있는|하여\s*(?:{_MADE}|되는|된))|(?:으로|로)\s*{_MADE})"
    rf"|(?P<weak>[을를]?\s*(?:가지는|갖는|갖춘))|(?P<feature>{_FEATURE}))"
    rf"(?!{_SET})(?P<more>\s*{_FEATURE})?(?P<comma>\s*,)?(?=[\s,○]|\Z)"
)
_CONJOINED = re.compile(
    rf"(?:(?P<role>{_ROLE}(?:하고|하며|하되|하여))|[을를과와]?\s*(?:{_MORE}{_VERB}(?:하고|하며|하되|하여|하면서)|갖고|가지고|가지며|갖추고)"
    r"|(?:으로|로)\s*(?:이루어지|구성되)(?:고|며))\Z"
)
_CONJOINED_INSIDE = re.compile(rf"[을를]\s*{_MORE}{_VERB}하(?:고|며|여|되)\s(?!있|이루|구성)")
_TOLD = re.compile(
    r"(?:식|구조|서열|[\d)○])(?:\s?[\wⅠ-Ⅹ○'-]{1,8})?\s?(?:으로|로)\s*(?:표시|나타내어|표현|정의)(?:되는|된|지는|진)"
    r"|(?:식|구조|[)○A-Z\d])\s?(?:으로|로)?\s나타내는"
    r"|(?:\d\s?항|청구항\s?\d)[^,;]{1,300}?(?:(?:코딩|암호화|발현|함유|이용|사용|생산|제조)하는"
    r"|(?:[가-힣](?<!가능)한|[가-힣](?<!기재)(?<!정의)된|위한))(?=\s)(?!\s항)"
)
_SENTENCE = re.compile(r"(?:[이한된]다|(?<!프레)(?<!타)임|함|됨)\Z")
_COMMA = re.compile(",")
_HARD = re.compile(r"[;\n]|:(?=\s*(?:[;\n]|여기|식\s*중|상기))|\.(?=\s*상기\s식)")
_PREAMBLE = re.compile(r"에서?\s?있어서?\Z|으?로서\Z")
# What a formula's letters stand for: '상기 화학식 1에서,', '[식 중,'
FORMULA = re.compile(
    r"[(\[{〔]?\s*(?:(?:상기|위의?)\s?)?\[?(?:화학|일반|구조)?식\]?\s?"
    r"(?:(?![에중])[\wⅠ-Ⅹ'-]{1,6}?\s?"
    r"(?:(?:및|또는)\s[\wⅠ-Ⅹ'-]{1,6}?\s?)?|\([^()]{1,8}\)\s?)?(?:에서|중|에 있어서)(?=[\s,])"
)
ASIDE = re.compile(rf"여기에?서|이\s?때|상기\s식|식\s중|단,|{FORMULA.pattern}")
_OPEN_END = re.compile(rf"(?:{_VERB}하는|{_MADE})\Z")
_STEP_COMMA = re.compile(r"(?:(?<=하여)|(?<=되어)|(?<=하고)|(?<=[한된] 후)|(?<=다음)),")
_TOPIC = re.compile(
    r"(?:[^\s,]+\s+){0,5}?(?<![을를]\s)[^\s,]+(?:(?<![하되지키있없않갖주받르이오나우리또])(?<!\s[도가쓰싸자타])는|(?<![않같높낮얻작얇많적놓깊넓좁])은)(?=[\s,:])"
)
_SUBJECT = re.compile(r"(?:상기\s*(?:[^\s,]+\s+){0,5}?|(?:[^\s,]+\s+){0,2}?)[^\s,]+(?<![길높깊추첨평증부])[이가]\s")
_COPULA = re.compile(r"(?<![직보높줄붙쓰섞쌓끓먹울모조죽녹짝덮])(?:이고|이며)\Z")
_ADNOMINAL = re.compile(r"(?<=[^\s,])(?:는|한|된|인|진|않은)(?=[\s,])")
_SEPARATOR = re.compile(
    r",\s*(?:(?:및(?!/)|그리고)\s*)?|(?<=\s)(?:및(?!/)|그리고)(?=[\s상])\s*|(?<=[가-힣])(?P<with>[과와])\s+"
)
_NOT_NOUN = re.compile(
    r"(?:[하되지이][고며면]|하여|되어|으로|에서|에|는|거나|도록|따라|통해|[위의]해|[한된]|후|다음|때)\Z"
)
_CASE = re.compile(r"(?:에|에서|으로|[을를의이가과와은])\Z")
_QUANTIFIER = re.compile(r"(?:복수|다수|하나|이상|한\s?쌍|잔량|나머지|잔부|소정|별도)의\Z")
_AMOUNT = re.compile(r"(?:[\d%○gLM]|중량부|몰|이상|이하|미만|초과)\Z")
_STEP = re.compile(r"(?:단계|공정|과정)[○\s]*\Z")
MARKUSH = re.compile(rf"(?:으로|로)\s*{_MADE}{_SET}|(?:중에서|중|로부터|에서)\s*선택")
_WITH_NOUNS = ("결과", "통과", "경과", "성과", "안과", "석과", "약과", "산과")

# English -----------------------------------------------------------------------------------------
_EN_TRANSITION = re.compile(
    r"(?P<closed>(?<!group )(?<!group\n)\bconsist(?:ing|s)\s+(?:essentially\s+)?of\b)"
    r"|(?:,\s*)?\b(?:which\s+|that\s+|further\s+){0,3}(?:compris(?:ing|es|e)|characteri[sz]ed\s+(?:in\s+that|by))\b(?:\s+the\s+steps?\s+of\b)?"
    r"|(?P<weak>\b(?:including|includes|having)\b)",
    re.IGNORECASE,
)
_EN_AGAIN = re.compile(
    r",\s*(?:wherein\s+)?(?:the|said|which|this|such)\s+(?:[\w-]+\s+){0,5}?(?P<noun>[\w-]+)\s*\Z", re.IGNORECASE
)
_EN_HARD = re.compile(r"[;\n]|:(?=\s*[;\n])|,(?=\s*(?:and\s+)?(?:wherein|whereby)\b)", re.IGNORECASE)
EN_WHEREIN = re.compile(r"\b(?:wherein|whereby)\b", re.IGNORECASE)
EN_MARKUSH = re.compile(
    r"\b(?:selected|chosen)\s+from\b[^;]{0,4000}?\b(?:and|or)\b[^,;]*|\bgroup\s+consisting\s+of\b[^;]{0,4000}?\b(?:and|or)\b[^,;]*",
    re.IGNORECASE,
)
_EN_ARTICLE = r"(?:an?|at\s+least|one\s+or\s+more|\d)\b"
_EN_SEPARATOR = re.compile(
    rf",\s*(?:and\s+)?(?!(?:which|that|where|when|such|for|to|in|on|at|with|by|of|from|or|each|\w+ed|\w+ing)\b)"
    rf"|\s(?P<bare>and)\s+(?P<article>(?={_EN_ARTICLE}))?",
    re.IGNORECASE,
)
_EN_VERBAL = re.compile(
    r"\b(?:between|both|to|that|which|of|in|on|with|for|from|by|the|said|\w+ing|\w+ed)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Cuts:
    """A claim's mask and the spans of its elements.

    Parameters
    ----------
    mask
        The claim with brackets, inner commas and list markers blotted out; as long as the claim.
    korean
        Whether the claim is read as Korean (head-final) or as English.
    spans
        Start and end of every element, in order and without overlap.
    """

    mask: str
    korean: bool
    spans: tuple[Span, ...]


def cut_claim(claim: str) -> Cuts:
    """Find the elements of one claim; a claim number at its start is passed over.

    Parameters
    ----------
    claim
        The text of one claim.
    """
    number = _NUMBER.match(claim)
    begin = number.end() if number else 0
    mask = _mask(claim, begin)
    korean = 5 * len(re.findall("[가-힣]", claim)) > len(re.findall("[A-Za-z]", claim))
    spans = _korean(mask, begin) if korean else _english(mask, begin)
    trimmed = (_trim(mask, span) for span in spans)
    return Cuts(mask, korean, tuple((a, b) for a, b in trimmed if _is_element(claim[a:b])))


def _is_element(text: str) -> bool:
    return any(c.isalnum() for c in text) and not _DELETED.fullmatch(text)


def _mask(claim: str, begin: int) -> str:
    """Blot out brackets and inner commas; list markers become semicolons."""
    chars = list(claim.translate(_WIDE))
    for heading in _HEADING.finditer(claim, begin):
        chars[slice(*heading.span())] = ";" * len(heading[0])
    found = _MARKER.finditer(claim, begin)
    markers = dict(m.span("mark") if m["mark"] else m.span("circled") for m in found)
    for start, end in _brackets(claim, begin, markers):
        if FORMULA.match(claim, start, end) and not _PARTICLE.match(claim, end):
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


def _trim(mask: str, span: Span) -> Span:
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


def _korean(mask: str, begin: int) -> Iterator[Span]:
    """Head-final: a list of things, then clauses, then the transition and the thing claimed."""
    pieces = [p for p in (_trim(mask, p) for p in pieces_between(_HARD, mask, (begin, len(mask)))) if p[0] < p[1]]
    in_list = after = False  # in a list that semicolons divide; after a conjoined transition
    for n, piece in enumerate(pieces):
        parts = list(_parts(mask, piece, after))
        for k, part in enumerate(parts):
            text = mask[slice(*part)]
            closes_piece, last = k == len(parts) - 1, n == len(pieces) - 1
            joined = bool(_CONJOINED.search(text) or _PREAMBLE.search(text))
            clause = is_clause(text, after)
            listed = in_list or (closes_piece and not last and not joined)
            yield from _part(mask, part, listed, clause, closes_piece and last)
            in_list = closes_piece and not joined and not clause
            after = after or joined or clause


def _parts(mask: str, piece: Span, after: bool) -> Iterator[Span]:
    """Cut a piece at the commas that end a preamble, a conjoined transition or a clause."""
    start, end = piece
    for found in _COMMA.finditer(mask, start, end):
        comma = found.start()
        text = mask[max(start, comma - 40) : comma].rstrip()
        rest = mask[comma + 1 : comma + 120].lstrip()
        joined = _PREAMBLE.search(text) or _CONJOINED.search(text)
        clause = text.endswith(("고", "며")) and is_clause(mask[start : start + 120].lstrip(" ,"), after)
        if joined or clause or ASIDE.match(rest) or (_OPEN_END.search(text) and is_clause(rest, False)):
            yield _trim(mask, (start, comma))
            start, after = comma + 1, True
    yield _trim(mask, (start, end))


def is_clause(text: str, after: bool) -> bool:
    """Whether a text has a topic of its own ('상기 층의 두께는 …'), so that its verb belongs to it."""
    head = text[:120]
    named = (after or head.startswith("상기")) and (_TOPIC.match(head) or (after and _SUBJECT.match(head)))
    return bool(ASIDE.match(head) or named)


def _part(mask: str, part: Span, listed: bool, clause: bool, final: bool) -> Iterator[Span]:
    """Split one part: things listed, a clause, or (if final) what precedes the head and the head."""
    start, end = part
    text = mask[start:end]
    conjoined = _CONJOINED.search(text)
    if text.endswith("있어서") or (clause and _SENTENCE.search(text)):
        yield part
    elif conjoined:
        whole = clause or conjoined["role"]
        yield from [part] if whole else _things(mask, (start, start + conjoined.start()), listed)
    elif text.endswith("방법으로서") and not re.search(rf"(?:단계|공정|것|함|○)[을를]?\s*{_VERB}", text):
        yield part
    elif final or _PREAMBLE.search(text):
        yield from _headed(mask, part, listed, clause)
    elif (ending := _last_transition(mask, part, True)) and ending.end() >= end and ending["open"]:
        yield from _things(mask, (start, ending.start()), listed)
    else:
        copula = _COPULA.search(text)
        yield from _things(mask, (start, start + copula.start() if copula else end), True)


def _headed(mask: str, part: Span, listed: bool, clause: bool) -> Iterator[Span]:
    """Split '(things) (transition) (thing claimed)'."""
    start, end = part
    found = _last_transition(mask, (start, end - 1), listed or clause)
    marks = [m.end() for m in _ADNOMINAL.finditer(mask, start, end)]
    commas = [m for m in marks if mask[m] == ","]
    late = bool(found and commas and commas[-1] > found.end())
    if found is None or (late and (clause or mask[commas[-1] : end].endswith("방법"))):
        copulas = [m for m in marks if mask[m - 1] == "인"]
        marks = commas or (copulas or marks if clause else _modified(mask, part))
        yield from [(start, marks[-1]), (marks[-1], end)] if marks else pieces_between(_STEP_COMMA, mask, part)
        return
    kind = next(k for k in ("kept", "closed", "open", "weak", "feature") if found[k])
    if kind == "kept" or (clause and kind in ("open", "weak")):
        yield start, found.end(kind)
    elif kind == "feature":
        inner = None if clause else _CONJOINED_INSIDE.search(mask, start, found.start())
        if inner:
            yield from _things(mask, (start, inner.start()), listed)
        yield inner.end() if inner else start, found.start()
    else:
        yield from _things(mask, (start, found.start()), listed)
        if kind == "closed":
            yield found.span("closed")
    yield found.end(), end


def _modified(mask: str, part: Span) -> list[int]:
    """Where the name of a thing begins that is told by a formula or by another claim."""
    told = _TOLD.search(mask, *part)
    return [told.end()] if told and told.end() < part[1] else []


def _last_transition(mask: str, span: Span, any_kind: bool) -> re.Match[str] | None:
    """The transition before the thing claimed; 'having' counts only where nothing stronger stands."""
    found = list(_TRANSITION.finditer(mask, *span))
    strong = [m for m in found if not m["weak"] or m["more"] or m["comma"]]
    chosen = found if any_kind or not strong else strong
    featured = [m for m in found if m["feature"] or m["more"]]
    return next(reversed(featured or chosen), None)


def _things(mask: str, span: Span, listed: bool) -> Iterator[Span]:
    """The things that a list names; one thing if semicolons already divide the list."""
    start, end = _trim(mask, span)
    for cut in [] if listed else _list_cuts(mask, (start, end)):
        yield start, _without_particle(mask, start, cut[0])
        start = cut[1]
    yield start, _without_particle(mask, start, end)


def _without_particle(mask: str, start: int, end: int) -> int:
    """The end of a thing without the particle of a list ('하우징과, 커버와')."""
    return end - 1 if mask[start:end].endswith(("과", "와")) and _is_particle(mask, end - 1) else end


def _list_cuts(mask: str, span: Span) -> list[Span]:
    start, end = span
    text = mask[start:end]
    if "또는" in text and not re.search("및|그리고", text):
        return []  # alternatives are one element
    protected = max((m.end() for m in MARKUSH.finditer(mask, start, end)), default=start)
    cuts: list[Span] = []
    for found in _SEPARATOR.finditer(mask, start, end):
        begin = cuts[-1][1] if cuts else start
        left = _before(mask, begin, found.start()).rstrip()
        right = mask[found.end() : min(end, found.end() + _WINDOW)]
        bare = "," not in found[0]
        if found.start() < protected and not (found[0].startswith(",") and _AMOUNT.search(left)):
            continue
        if _separates(left, right, found):
            cuts.append((found.start(), found.end()))
        elif bare and not found["with"]:  # '및' inside a modifier: the bare nouns before it are its list
            while cuts and not _ends_item(_before(mask, start, cuts[-1][0])) and len(left.split()) < 4:
                left = _before(mask, cuts[-2][1] if len(cuts) > 1 else start, cuts.pop()[0])
    if _STEP.search(text):
        cuts = [c for c in cuts if _STEP.search(_before(mask, start, c[0]))]
    return cuts


def _before(mask: str, start: int, end: int) -> str:
    """What stands before an offset, as far as the window reaches."""
    return mask[max(start, end - _WINDOW) : end]


def _separates(left: str, right: str, found: re.Match[str]) -> bool:
    """Whether a comma, '및' or '와' stands between two things of the list itself."""
    if re.search(r"\d\s*항\Z", left) and re.match(r"(?:제|청구항)?\s*\d", right):
        return False  # 'the thing of claims 1, 2 and 4'
    if not left or not right or right.startswith(("또는", "혹은")) or (left[-1].isdigit() and right[0].isdigit()):
        return False
    if found["with"]:
        plain = not any(_CASE.search(w) or re.search(r"[는된한]\Z", w) for w in f"{left} {right}".split())
        return plain and _is_particle(found.string, found.start())
    if _NOT_NOUN.search(left):
        return False
    return "," in found[0] or _ends_item(left) or _is_new_thing(left, right)


def _ends_item(left: str) -> bool:
    """Whether a text ends as only a whole item of a list does: with an amount or as a step."""
    return bool(_AMOUNT.search(left) or _STEP.search(left))


def _is_new_thing(left: str, right: str) -> bool:
    """Whether what follows '및' runs to the end of the list, and is no mere partner inside a modifier."""
    words = right.split()
    if words[0].startswith("상기"):
        return not left.startswith("상기")
    for word in words[:-1]:
        if re.search(r"[는된한진]\Z", word):
            return True
        if _CASE.search(word) and not _QUANTIFIER.search(word):
            return False
    return True


def _is_particle(mask: str, at: int) -> bool:
    """Whether 과/와 at an offset is the particle: 과 follows a final consonant, 와 a vowel."""
    before = ord(mask[at - 1]) - 0xAC00
    closed = 0 <= before < 11172 and before % 28 > 0
    return (mask[at] == "과") == closed and mask[at - 1 : at + 1] not in _WITH_NOUNS


def _english(mask: str, begin: int) -> Iterator[Span]:
    """Preamble first, then the transition, then limitations."""
    transition, wherein = _en_transition(mask, begin), EN_WHEREIN.search(mask, begin)
    body = begin
    if transition:
        yield begin, _preamble_end(mask, begin, transition.start())
        if transition["closed"]:
            yield transition.span("closed")
        body = transition.end()
    elif wherein:
        yield begin, wherein.start()
        body = wherein.start()
    pieces = [_trim(mask, p) for p in pieces_between(_EN_HARD, mask, (body, len(mask)))]
    things = [p for p in pieces if p[0] < p[1] and not EN_WHEREIN.match(mask, p[0])]
    for piece in pieces:
        flat = len(things) == 1 and piece in things and body > begin
        yield from _en_things(mask, piece) if flat else [piece]


def _en_transition(mask: str, begin: int) -> re.Match[str] | None:
    """The first transition before any 'wherein'; 'having' counts only where nothing stronger stands."""
    wherein = EN_WHEREIN.search(mask, begin)
    found = list(_EN_TRANSITION.finditer(mask, begin))
    chosen = next((m for m in found if not m["weak"]), found[0] if found else None)
    return None if chosen is None or (wherein and wherein.start() < chosen.start()) else chosen


def topic_end(mask: str, start: int, end: int) -> int:
    """Where a clause goes on after its topic ('상기 금속은 '); its start if it has none."""
    topic = _TOPIC.match(mask[start : min(end, start + 120)])
    return start + topic.end() if topic else start


def transition_span(cuts: Cuts, subject: int) -> Span:
    """Where the transition stands; an empty span where the claim has none.

    Parameters
    ----------
    cuts
        The claim as `cut_claim` read it.
    subject
        Where a Korean claim names the thing claimed: its transition stands before.
    """
    if cuts.korean:
        found = _last_transition(cuts.mask, (cuts.spans[0][0], subject), False)
    else:
        found = _en_transition(cuts.mask, cuts.spans[0][0])
    return found.span() if found else (0, 0)


def _preamble_end(mask: str, begin: int, end: int) -> int:
    """The end of the preamble without a noun said again ('A method of X, the method comprising')."""
    again = _EN_AGAIN.search(mask, max(begin, end - _WINDOW), end)
    return again.start() if again and re.search(rf"\b{again['noun']}\b", mask[begin : again.start()], re.I) else end


def _en_things(mask: str, piece: Span) -> Iterator[Span]:
    """The limitations of a list that only commas and 'and' divide."""
    start, end = piece
    groups = iter([*(m.span() for m in EN_MARKUSH.finditer(mask, start, end)), (end, end)])
    group = next(groups)
    for found in _EN_SEPARATOR.finditer(mask, *piece):
        while group[1] <= found.start():
            group = next(groups)
        left, right = _before(mask, start, found.start()), mask[found.end() : min(end, found.end() + _WINDOW)]
        bare = found["bare"] and (_EN_VERBAL.search(left) or (found["article"] is None and _EN_VERBAL.search(right)))
        digits = left[-1:].isdigit() and right[:1].isdigit()
        if bare or digits or group[0] <= found.start():
            continue
        yield start, found.start()
        start = found.end()
    yield start, end
