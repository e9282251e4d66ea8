"""Which other claims a claim cites: '제1항 내지 제3항 중 어느 한 항', 'any one of claims 1 to 3'."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# 항체 and 항원 are no claims, and neither is the paragraph of a statute (제42조 제8항).
_ITEM = r"\s?항(?=에|의|내지|또는|및|,|중|과|와|으로|은|을|인|까지|기재|이나|[\s.:;)\]~∼-]|\Z)(?!\s[체원암균])"
_HEAD = re.compile(
    rf"(?<!조)(?<!조\s)(?:(?:(?P<word>청구항)\s?제?|제)\s{{0,2}}(?P<ko>\d{{1,4}})(?!\d)(?P<item>{_ITEM})?"
    rf"|(?<![\w.,])(?P<bare>\d{{1,4}})(?={_ITEM})(?P<bare_item>\s?항))"
    r"|\bclaim(?P<plural>s)?\s{1,3}(?P<en>\d{1,4})(?![\d%]|\.\d)"
    r"|(?P<earlier>(?:선행|앞선|전술한|전)\s?(?:청구)?항(?:들)?(?=[\s에의중])"
    r"|\b(?:preceding|previous|above|foregoing|prior)\s{1,3}claims?\b)",
    re.IGNORECASE,
)
_KO_NEXT = re.compile(
    r"\s{0,3}(?P<join>내지|또는|및|,|~|∼|-|–|과|와|이나|혹은|부터)\s{0,3}(?:(?:또는|및)\s{0,3})?(?:청구항\s?)?제?\s{0,2}"
    rf"(?P<number>\d{{1,4}})(?!\d|\.\d|\s?(?:중량|몰|[%℃]))(?P<item>{_ITEM})?"
)
_EN_NEXT = re.compile(
    r"\s{0,3}(?P<join>,\s{0,3}(?:and/or|and|or)|,|and/or|and|or|to|through|thru|-|–|—|~)\s{0,3}"
    r"(?:any\s{1,3}(?:one\s{1,3})?of\s{1,3})?(?:claims?\s{1,3})?(?P<number>\d{1,4})(?![\d%]|\.\d)",
    re.IGNORECASE,
)
_TO = ("내지", "부터", "~", "∼", "-", "–", "—", "to", "through", "thru")
# A head that goes on with one of these names another thing, in which the cited one is used.
_OTHER_THING = re.compile(
    r"\b(?:compris|mak|us(?:e|ing)|produc|obtain|contain|includ|having|perform|manufactur|configur|prepar|carry|encod|express"
    r"|implement|execut|treat|administ|deliver|adapted|stor|caus)\w*|\bmade\b"
    r"|\b(?!(?:claimed|recited|defined|described|specified|stated)\b)\w+ed\s+(?:by|from|with|in)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Citation:
    """One citation of other claims.

    Parameters
    ----------
    start, end
        Its offsets.
    numbers
        The claims it names, any one of which is meant; none where it names all claims before ('any preceding claim').
    """

    start: int
    end: int
    numbers: tuple[range, ...]


def find_citations(text: str) -> Iterator[Citation]:
    """Find the citations in a text, in order.

    Parameters
    ----------
    text
        A claim or a part of one.
    """
    position = 0
    while head := _HEAD.search(text, position):
        citation = _citation(text, head)
        if citation:
            yield citation
        position = citation.end if citation else head.end()


def _citation(text: str, head: re.Match[str]) -> Citation | None:
    """The list of numbers that a head begins, as far as it is one."""
    if head["earlier"]:
        return Citation(*head.span(), ())
    english = head["en"] is not None
    first = int(head["en"] or head["ko"] or head["bare"])
    numbers = [range(first, first + 1)]
    end = head.end()
    # A list ends at its last 항, and after a single 'claim' at its last conjunction: what follows is no claim number.
    sure = (len(numbers), end) if english or head["word"] or head["item"] or head["bare"] else (0, end)
    while following := (_EN_NEXT if english else _KO_NEXT).match(text, end):
        number, end = int(following["number"]), following.end()
        if following["join"].lower() in _TO:
            low = numbers.pop().start
            numbers.append(range(min(low, number), max(low, number) + 1))
        else:
            numbers.append(range(number, number + 1))
        if (head["plural"] or following["join"] != ",") if english else (head["word"] or following["item"]):
            sure = (len(numbers), end)
    return Citation(head.start(), sure[1], tuple(numbers[: sure[0]])) if sure[0] else None


def narrows(subject: str, korean: bool) -> bool:
    """Whether a thing claimed is the cited thing itself, rather than another that uses it.

    'The cup of claim 1' and '제1항에 따른 컵' are; 'A kit comprising the cup of claim 1' is not.

    Parameters
    ----------
    subject
        The thing claimed, as the claim names it.
    korean
        Whether the citation stands before the noun (Korean) or after it (English).
    """
    cited = next(find_citations(subject), None)
    if cited is None:
        return False
    if korean:
        rest = _KO_LINK.sub("", subject[cited.end :])
        return not subject[: cited.start].strip() and not _KO_MODIFIED.search(rest)
    before = subject[: cited.start]
    return before[:4].lower() == "the " or not _OTHER_THING.search(before)


_KO_LINK = re.compile(
    r"\A\s*(?:중\s*)?(?:어느\s*)?(?:한|하나의?)?\s*(?:항)?\s*"
    r"(?:의|에\s?(?:따른|의한|따라|기재된|기재한|있어서의?|정의된)|기재의)?\s*"
)
_KO_MODIFIED = re.compile(r"[가-힣](?:는|한|된|인|진|위한|[을를로])\s")
