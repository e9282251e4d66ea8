"""Where a Korean claim is cut: it lists things, then come clauses, the transition and last the thing claimed."""

import re
from collections.abc import Iterator, Sequence

from bini.domain.claims.korean_lists import MADE, MARKUSH, SET, things
from bini.domain.claims.mask import FORMULA, Span, pieces_between, trim

_ROLE = r"(?:유효|주|활성|주요)\s*성분(?:으로|로)서?\s*(?:(?:포함|함유)(?=[하한된되])|(?=하는|하고|하며|하되))"
_VERB = r"(?:포함|구비|함유)"
_MORE = r"(?:(?:더|더욱|추가로|함께|각각)\s+){0,3}"
_FEATURE = r"(?:(?:것|점|(?<=[함됨음짐]))을\s*(?:그\s*)?특징으로\s*(?:하는|한)|것이\s*특징인|것인)"
_TRANSITION = re.compile(
    rf"(?:(?P<kept>{_ROLE}(?:하는|한|된|되는)|{_VERB}(?:하|되)지\s*(?:않는|않은|아니하는|아니한))"
    rf"|(?P<closed>(?:만으로|(?:으로|로)만|(?:으로|로)\s*(?:본질적|필수적|실질적)으로)\s*{MADE})"
    rf"|(?P<open>[을를과와이가]?\s*{_MORE}{_VERB}(?:하는|한|되는|된|하고\s*있는|하여\s*(?:{MADE}|되는|된))|(?:으로|로)\s*{MADE})"
    rf"|(?P<weak>[을를]?\s*(?:가지는|갖는|갖춘))|(?P<feature>{_FEATURE}))"
    rf"(?!{SET})(?P<more>\s*{_FEATURE})?(?P<comma>\s*,)?(?=[\s,○]|\Z)"
)
_CONJOINED = re.compile(
    rf"(?:(?P<role>{_ROLE}(?:하고|하며|하되|하여))|[을를과와]?\s*(?:{_MORE}{_VERB}(?:하고|하며|하되|하여|하면서)|갖고|가지고|가지며|갖추고)"
    r"|(?:으로|로)\s*(?:이루어지|구성되)(?:고|며))\Z"
)
_CONJOINED_INSIDE = re.compile(rf"[을를]\s*{_MORE}{_VERB}하(?:고|며|여|되)\s(?!있|이루|구성)")
# '제1항의 항체를 코딩하는 핵산': another thing, told by the one of a claim that is cited.
_TOLD = re.compile(
    r"(?:\d\s?항|청구항\s?\d)[^,;]{1,300}?(?:(?:코딩|암호화|발현|함유|이용|사용|생산|제조)하는"
    r"|(?:[가-힣](?<!가능)한|[가-힣](?<!기재)(?<!정의)된|위한))(?=\s)(?!\s항)"
)
_SENTENCE = re.compile(r"(?:[이한된]다|(?<!프레)(?<!타)임|함|됨)\Z")
_COMMA = re.compile(",")
_CLOSED = re.compile(
    r"(?:[가-힣][고며되]|하여|[이한된]다|[임함됨]|단계|공정|과정|있어서|로서|(?:포함|구비|함유)(?:하는|한)"
    r"|특징으로 하는)[\s○]*\Z"
)
_MEMBERS = re.compile(r",|(?:및|또는|[과와])\s")
PREAMBLE = re.compile(
    r"(?:에서?\s?있어서?|으?로서|(?<=조성물)(?:에서|로)|(?<=방법)(?:에서|으로)|(?<=장치)(?:에서|로)|(?<=제제)(?:에서|로))\Z"
)
ASIDE = re.compile(rf"여기에?서|이\s?때|상기\s식|식\s중|단,|{FORMULA.pattern}")
_HARD = re.compile(
    rf"[;\n]|:(?=\s*(?:[;\n]|여기|식\s*중|상기))|\.(?=\s*(?:{ASIDE.pattern}))|(?=상기\s(?:화학|일반|구조)식[^,]{{0,12}}에서,)"
)
_OPEN_END = re.compile(rf"(?:{_VERB}하는|{MADE})\Z")
_STEP_COMMA = re.compile(r"(?:(?<=하여)|(?<=되어)|(?<=[하되키]고)|(?<=[하되키으]며)|(?<=[한된] 후)|(?<=다음)),")
_METHOD = re.compile(r"(?:방법|공정|[재배양요제]법)[\s.]*\Z")
_TOPIC = re.compile(
    r"(?:[^\s,]+\s+){0,5}?(?<![을를]\s)[^\s,]+(?:(?<![하되지키있없않갖주받르이오나우리또])(?<!\s[도가쓰싸자타])는|(?<![않같높낮얻작얇많적놓깊넓좁])은)(?=[\s,:])"
)
_SUBJECT = re.compile(r"(?:상기\s*(?:[^\s,]+\s+){0,5}?|(?:[^\s,]+\s+){0,2}?)[^\s,]+(?<![길높깊추첨평증부])[이가]\s")
_COPULA = re.compile(r"(?<![직보높줄붙쓰섞쌓끓먹울모조죽녹짝덮])(?:이고|이며)\Z")
_ADNOMINAL = re.compile(r"(?<=[^\s,])(?:는|한|된|인|진|않은)(?=[\s,])")


def cut_korean(mask: str, begin: int) -> Iterator[Span]:
    """Head-final: a list of things, then clauses, then the transition and the thing claimed."""
    trimmed = (trim(mask, piece) for piece in pieces_between(_HARD, mask, (begin, len(mask))))
    pieces = _joined(mask, [piece for piece in trimmed if piece[0] < piece[1]])
    in_list = after = False  # in a list that semicolons divide; after a conjoined transition
    head = subject_place([mask[slice(*piece)] for piece in pieces])
    for n, piece in enumerate(pieces):
        parts = list(_parts(mask, piece, after))
        for k, part in enumerate(parts):
            text = mask[slice(*part)]
            closes_piece, last = k == len(parts) - 1, n in (head, len(pieces) - 1)
            joined = bool(_CONJOINED.search(text) or PREAMBLE.search(text))
            clause = is_clause(text, after)
            listed = in_list or (closes_piece and not last and not joined)
            yield from _part(mask, part, listed, clause, closes_piece and last)
            in_list = closes_piece and not joined and not clause
            after = after or joined or clause


def _joined(mask: str, pieces: Sequence[Span]) -> list[Span]:
    """Pieces without the cuts between alternatives ('R1은 수소; 할로겐; 및 알킬로 이루어진 군에서 선택되고')."""
    joined: list[Span] = []
    first, named = 0, False  # where the list begins that a group may end, and whether it has a topic
    for start, end in pieces:
        text = mask[start:end]
        topic = bool(_TOPIC.match(text[:120]) or ASIDE.match(text))
        if first < len(joined) and not topic and _ends_alternatives(text, named):
            start = joined[first][0]
            del joined[first:]
        joined.append((start, end))
        if _CLOSED.search(text[-20:]):
            first, named = len(joined), False
        elif topic:
            first, named = len(joined) - 1, True
    return joined


def _ends_alternatives(text: str, named: bool) -> bool:
    """Whether a piece is the last member of a list of alternatives that semicolons or lines divide."""
    if text.startswith(("또는", "혹은")):
        return True
    group = MARKUSH.search(text)
    alone = group is not None and "군" in group[0] and not _MEMBERS.search(text[: group.start()])
    return group is not None and (named or alone)


def subject_place(texts: Sequence[str]) -> int:
    """The index of the text that names the thing claimed.

    It is the last, unless definitions follow it ('… 화합물; 상기 식에서, R1은 …').

    Parameters
    ----------
    texts
        A claim in pieces or in elements.
    """
    first = next((n for n, text in enumerate(texts) if n and ASIDE.match(text)), None)
    if first is not None and (FORMULA.match(texts[first]) or _SENTENCE.search(texts[-1])):
        return first - 1
    return len(texts) - 1


def _parts(mask: str, piece: Span, after: bool) -> Iterator[Span]:
    """Cut a piece at the commas that end a preamble, a conjoined transition or a clause."""
    start, end = piece
    for found in _COMMA.finditer(mask, start, end):
        comma = found.start()
        text = mask[max(start, comma - 40) : comma].rstrip()
        rest = mask[comma + 1 : comma + 120].lstrip()
        joined = PREAMBLE.search(text) or _CONJOINED.search(text)
        told = is_clause(rest, False) or is_clause(mask[start : start + 120].lstrip(" ,"), after)
        clause = text.endswith(("고", "며")) and told
        if joined or clause or ASIDE.match(rest) or (_OPEN_END.search(text) and is_clause(rest, False)):
            yield trim(mask, (start, comma))
            start, after = comma + 1, True
    yield trim(mask, (start, end))


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
        yield from [part] if whole else things(mask, (start, start + conjoined.start()), listed)
    elif text.endswith("방법으로서") and not re.search(rf"(?:단계|공정|것|함|○)[을를]?\s*{_VERB}", text):
        yield part
    elif final or PREAMBLE.search(text):
        yield from _headed(mask, part, listed, clause)
    elif (ending := last_transition(mask, part, True)) and ending.end() >= end and ending["open"]:
        yield from things(mask, (start, ending.start()), listed)
    else:
        copula = _COPULA.search(text)
        yield from things(mask, (start, start + copula.start() if copula else end), True)


def _headed(mask: str, part: Span, listed: bool, clause: bool) -> Iterator[Span]:
    """Split '(things) (transition) (thing claimed)'."""
    start, end = part
    found = last_transition(mask, (start, end - 1), listed or clause)
    marks = [m.end() for m in _ADNOMINAL.finditer(mask, start, end)]
    commas = [m for m in marks if mask[m] == ","]
    late = bool(found and commas and commas[-1] > found.end())
    if late and found and found["comma"] and found["open"] and not clause:
        yield from things(mask, (start, found.start()), listed)
        yield from [(found.end(), commas[-1]), (commas[-1], end)]
        return
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
            yield from things(mask, (start, inner.start()), listed)
        rest = (inner.end() if inner else start, found.start())
        steps = not clause and _METHOD.search(mask, found.end(), end)
        yield from pieces_between(_STEP_COMMA, mask, rest) if steps else [rest]
    else:
        yield from things(mask, (start, found.start()), listed)
        if kind == "closed":
            yield found.span("closed")
    yield found.end(), end


def _modified(mask: str, part: Span) -> list[int]:
    """Where the name of a thing begins that is told by the one of another claim."""
    told = _TOLD.search(mask, *part)
    return [told.end()] if told and told.end() < part[1] else []


def last_transition(mask: str, span: Span, any_kind: bool) -> re.Match[str] | None:
    """The transition before the thing claimed; 'having' counts only where nothing stronger stands."""
    found = list(_TRANSITION.finditer(mask, *span))
    strong = [m for m in found if not m["weak"] or m["more"] or m["comma"]]
    chosen = found if any_kind or not strong else strong
    featured = [m for m in found if m["feature"] or m["more"]]
    return next(reversed(featured or chosen), None)


def topic_end(mask: str, start: int, end: int) -> int:
    """Where a clause goes on after its topic ('상기 금속은 '); its start if it has none."""
    topic = _TOPIC.match(mask[start : min(end, start + 120)])
    return start + topic.end() if topic else start
