"""Lists of things in Korean claims: which commas, '및' and '과' divide them."""

import re
from collections.abc import Iterator

from bini.domain.claims.mask import WINDOW, Span, before, trim

MADE = r"(?:이루어지는|이루어진|구성되는|구성된)"
SET = r"\s*(?:군|그룹|집단|집합|목록)(?=[\s가-힣])"
_SEPARATOR = re.compile(
    r",\s*(?:(?:및(?!/)|그리고)\s*)?|(?<=\s)(?:및(?!/)|그리고)(?=[\s상])\s*|(?<=[가-힣])(?P<with>[과와])\s+"
)
_NOT_NOUN = re.compile(
    r"(?:[하되지이][고며면]|하여|되어|으로|에서|에|는|거나|도록|따라|통해|[위의]해|[한된]|후|다음|때)\Z"
)
_CASE = re.compile(r"(?:에|에서|으로|[을를의이가과와은])\Z")
_QUANTIFIER = re.compile(r"(?:복수|다수|하나|이상|한\s?쌍|잔량|나머지|잔부|소정|별도)의\Z")
_AMOUNT = re.compile(r"(?:[\d%○gLM]|중량부|몰|이상|이하|미만|초과)\Z")
_QUANTITY = re.compile(
    r"\d\s*(?:%|ppm|[mkμ]?[gLM]|(?:중량|몰|부피)?부|(?:중량|몰|부피)\s?%)\s*(?:이상|이하|미만|초과)?\Z"
)
_BARE_AMOUNT = re.compile(
    r"(?:약\s)?[\d○.]+\s?(?:(?:내지|~|-)\s?[\d○.]+\s?)?[^\s,\d]{0,5}\s?(?:이상|이하|미만|초과)?\s*(?:,|\Z)"
)
_EXAMPLE = re.compile(r"(?:\A|[\s,])(?:예를\s?들어|예컨대|가령|이를테면|즉)(?:[\s,]|\Z)")
_STEP = re.compile(r"(?:단계|공정|과정)[○\s]*\Z")
MARKUSH = re.compile(rf"(?:으로|로)\s*{MADE}{SET}|(?:중에서|중|로부터|에서)\s*선택")
_OR_LAST = re.compile(r";\s*(?:또는|혹은)")
_WITH_NOUNS = ("결과", "통과", "경과", "성과", "안과", "석과", "약과", "산과")


def things(mask: str, span: Span, listed: bool) -> Iterator[Span]:
    """The things that a list names; one thing if semicolons already divide the list."""
    start, end = trim(mask, span)
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
    if ("또는" in text and not re.search("및|그리고", text)) or _OR_LAST.search(text):
        return []  # alternatives are one element
    protected = max((m.end() for m in MARKUSH.finditer(mask, start, end)), default=mask.rfind(";", start, end))
    cuts: list[Span] = []
    for found in _SEPARATOR.finditer(mask, start, end):
        begin = cuts[-1][1] if cuts else start
        left = before(mask, begin, found.start()).rstrip()
        right = mask[found.end() : min(end, found.end() + WINDOW)]
        bare = "," not in found[0]
        if found.start() < protected and not (found[0].startswith(",") and _QUANTITY.search(left)):
            continue
        if _separates(left, right, found):
            cuts.append((found.start(), found.end()))
        elif bare and not found["with"]:  # '및' inside a modifier: the bare nouns before it are its list
            while cuts and not _ends_item(before(mask, start, cuts[-1][0])) and len(left.split()) < 4:
                left = before(mask, cuts[-2][1] if len(cuts) > 1 else start, cuts.pop()[0])
    if _STEP.search(text):
        cuts = [c for c in cuts if _STEP.search(before(mask, start, c[0]))]
    return cuts


def _separates(left: str, right: str, found: re.Match[str]) -> bool:
    """Whether a comma, '및' or '와' stands between two things of the list itself."""
    if re.search(r"\d\s*항\Z", left) and re.match(r"(?:제|청구항)?\s*\d", right):
        return False  # 'the thing of claims 1, 2 and 4'
    if not left or not right or right.startswith(("또는", "혹은")) or (left[-1].isdigit() and right[0].isdigit()):
        return False
    if _EXAMPLE.match(right) or (_EXAMPLE.search(left) and not _ends_item(left)):
        return False  # 'a salt, for example sodium chloride, potassium chloride'
    if _BARE_AMOUNT.match(left) or _BARE_AMOUNT.match(right):
        return False  # '0.5% or less, 0.4% or less'
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
