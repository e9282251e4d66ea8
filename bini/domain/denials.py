"""What a product text says it lacks, by name: "진공 단열재는 전부 빼고", "no metering valve".

As NegEx finds it in clinical texts (Chapman et al. 2001): a name, and words around it that deny it. Only what leaves
little doubt counts, for it overrules a verdict: the name is the element's own, every mention of it is denied, and none
speaks of an earlier product or of another maker's.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bini.domain.korean import korean_share
from bini.domain.labels import Match
from bini.domain.nouns import content_words

NEAR = 60
"""Characters around a name in which the words that deny it are looked for."""

_ALTERNATIVES = re.compile(
    r"군에서|중에서|중 ?(?:하나|어느|적어도)|또는|혹은|중 1종|\bor\b|selected from|at least one|one of", re.IGNORECASE
)
"""An element with alternatives is met by one of them: to deny another says nothing."""
_EXCLUDES = re.compile(
    r"없|않|아니|미포함|무첨가|무함유|만으로|외에|이외|제외|배제|\b(?:no|not|without|free|only|none|absen\w+|consist\w*)\b",
    re.IGNORECASE,
)
"""An element that itself says what shall not be there."""
_ELSEWHERE = re.compile(
    r"종전|기존|이전|예전|과거|구형|경쟁|타사|다른 회사|"
    r"\b(?:earlier|previous|former|formerly|old|older|used to|competitor\w*|rival\w*|predecessor)\b",
    re.IGNORECASE,
)
"""A sentence that may speak of another product."""
_SENTENCE = re.compile(r"[.!?。]\s|\n")

_NAMELESS = frozenset({
    "가지", "각각", "경우", "공정", "구성", "구조", "기기", "내부", "다수", "단계", "단위", "대상", "면적", "물질",
    "방법", "방식", "범위", "복수", "본체", "부재", "부분", "사용", "상기", "상면", "상부", "상태", "성분", "수단",
    "시스템", "외부", "요소", "위치", "이상", "이하", "일단", "일면", "장치", "재료", "제품", "조성물", "표면",
    "하나", "하면", "하부", "형성", "형태", "효과",
    "apparatus", "article", "component", "composition", "device", "element", "first", "material", "means", "member",
    "method", "one", "part", "portion", "process", "product", "second", "side", "step", "structure", "surface",
    "system", "unit",
})  # fmt: skip
"""Words of claims that name no thing of their own."""
_LINKS = frozenset({
    "above", "adapted", "along", "around", "arranged", "based", "being", "below", "between", "comprising", "configured",
    "containing", "disposed", "during", "each", "formed", "having", "including", "located", "made", "onto", "provided",
    "relative", "response", "said", "such", "there", "therebetween", "through", "using", "wherein", "whose", "within",
})  # fmt: skip
"""English words between the names of a claim."""

_PARTICLE = r"(?:\s?(?:자체|성분|물질|원료|소재))?(?:에는|에서는|으로|까지|[은는이가을를도로과와])?\s*"
_ADVERBS = "전혀|일절|일체|전부|모두|아예|따로|별도로|이번에?는|이번엔|더 ?이상|더는|하나도|절대|굳이|완전히|애초에"
_WHOLLY = rf"(?:(?:{_ADVERBS})\s*)*"
_HAVING = (
    r"(?:(?:사용|포함|함유|배합|적용|장착|구비|탑재|첨가|도입|설치|채용|채택|내장|부착|제공|실시|수행|지원|형성|배치|구성|투입)?"
    r"(?:하|되)|쓰|넣|들어가|들어 ?있|들|갖추|달|두|있|붙이|만들|거치|섞|바르|담|싣|심|끼우|씌우|감|대)지(?:는|도)?\s*"
)
_LACKING = (
    r"(?:없(?:는|다|음|이|고|으며|으므로|습니다|어요|었|지만)|없앴|없앤|뺐|뺀|뺍니다|빼고(?!는)|빠졌|빠져 ?있|"
    r"제외(?!한|하면|하고는)|삭제|생략|배제|제거|"
    r"아니(?:라|고|며|다|에요|므로|지만)|아닙|아님|아닌|"
    r"안 ?(?:들어|씁|써|쓴|쓰|넣|답|달|합|하|했|해|되|돼|됩|씌|둡|두|붙|박|끼)|"
    r"미(?:적용|사용|포함|함유|도입|장착|탑재|채택|첨가|배합|구비|부착|설치)|불(?:포함|사용)|무(?:첨가|배합|함유))"
)
_INSTEAD_AFTER = re.compile(rf"{_PARTICLE}(?:대신(?!할|하는)|말고(?!는|도|\s*(?:다른|또|더)))")
_DENIED_AFTER = re.compile(
    rf"{_PARTICLE}{_WHOLLY}(?:{_LACKING}|{_HAVING}(?:않(?!을|도록|으면|는지)|못(?!할)))[가-힣]*"
    r"|(?:s|es)?(?:-free\b|: none\b|\s+(?:is|are|was|were|has been|have been)\s+"
    r"(?:absent|omitted|removed|dropped|left out|not\s+(?:present|used|included|provided|there|fitted|applied|"
    r"contained|installed|mounted|part of)))",
    re.IGNORECASE,
)
_INSTEAD_BEFORE = re.compile(r"\b(?:instead of|in place of)\s+(?:(?:an?|any|the)\s+)?$", re.IGNORECASE)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|without|lacks?|lacking|free (?:of|from)|rather than|neither|nor|"
    r"(?:does|do|has|have|is|are) not (?:use|include|contain|have|a part of))\s+(?:(?:an?|any|the)\s+)?$",
    re.IGNORECASE,
)
_NAME_BEGINS = re.compile(
    r"(?:^|[^\w\s]\s*|\n\s*|\b(?:an?|the|any|this|its|our|their|and|or|but|that)\s+"
    r"|(?:[은는이가을를에도의로과와서며고만]|지만|이번|그|본|및|현재)\s+)$",
    re.IGNORECASE,
)
"""A name does not begin earlier: "보조 전극 없음" and "the backup battery is not included" deny something else."""
_NAME_ENDS = re.compile(
    r"(?:s|es)?(?=\s*(?:$|[.,;:!?)/\n가-힣—–]|(?:and|or|nor|in|on|at|of|to|is|are|was|were|here|either|anywhere|inside|"
    r"at all|we|it|" + "|".join(sorted(_LINKS)) + r")\b))",
    re.IGNORECASE,
)
"""An English name does not go on: "no coolant leak" denies no coolant."""
_BESIDE = 3
"""Most of an element's other words that may stand on either side of a word, as parts of one name."""


class Denial(NamedTuple):
    """Words of a product that deny an element.

    Parameters
    ----------
    start, end
        Where they stand in the product text.
    match
        미대응; 판단불가 where something else is said to stand in its place, which may be equivalent.
    """

    start: int
    end: int
    match: Match


def denial(element: str, others: Sequence[str], product: str) -> Denial | None:
    """What a product says of lacking an element by name; None where it does not say so, or not for certain.

    Parameters
    ----------
    element
        The claim element.
    others
        The claim's other elements: a word that they have as well names something else.
    product
        Product text.
    """
    if _EXCLUDES.search(element) or _ALTERNATIVES.search(element):
        return None
    words = _names(element)
    shared = {word.lower() for other in others for word in _names(other)} | _NAMELESS
    for word in words:
        if word.lower() not in shared:
            found = list(_mentions(word, words, product))
            if found and all(found):
                return found[0]
    return None


def _names(element: str) -> list[str]:
    language = "ko" if korean_share(element) else "en"
    found = dict.fromkeys(content_words(element, language))
    return [word for word in found if word.isalpha() and len(word) > 1 and word.lower() not in _LINKS]


def _mentions(word: str, words: Sequence[str], product: str) -> Iterator[Denial | None]:
    """How each mention of a word is denied; None for one that is not."""
    beside = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    name = rf"(?<![A-Za-z가-힣])(?:(?:{beside})\s?){{0,{_BESIDE}}}?{re.escape(word)}(?:\s?(?:{beside})){{0,{_BESIDE}}}"
    for found in re.finditer(name, product, re.IGNORECASE):
        start, end = found.span()
        before, after = product[max(start - NEAR, 0) : start], product[end : end + NEAR]
        sentence = _SENTENCE.split(before)[-1] + found[0] + _SENTENCE.split(after)[0]
        yield None if _ELSEWHERE.search(sentence) else _denied(start, end, before, after)


def _denied(start: int, end: int, before: str, after: str) -> Denial | None:
    """The denial of the name from `start` to `end`, if the words around it deny it."""
    opened = _NAME_BEGINS.search(before)
    for pattern, match in ((_DENIED_AFTER, Match.NO), (_INSTEAD_AFTER, Match.UNKNOWN)):
        if opened and (found := pattern.match(after)):
            return Denial(start, end + found.end(), match)
    closed = _NAME_ENDS.match(after)
    for pattern, match in ((_DENIED_BEFORE, Match.NO), (_INSTEAD_BEFORE, Match.UNKNOWN)):
        if closed and (found := pattern.search(before)):
            return Denial(start - len(found[0]), end + closed.end(), match)
    return None
