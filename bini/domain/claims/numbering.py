"""Where the claims of a text begin and end, told by their numbers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bini.domain.claims.citations import find_citations
from bini.domain.claims.elements import CLAIM_CHARS, read_parts
from bini.errors import InputError


@dataclass(frozen=True)
class Numbered:
    """Where one claim, or a run of cancelled ones ('2-5. (canceled)'), stands in a text, without its number."""

    numbers: range
    start: int
    end: int


_TITLE = re.compile(
    r"^[^\S\r\n]{0,60}[#*【\[(]{0,6}[^\S\r\n]{0,4}(?:(?:특허\s?)?청구(?:의)?\s?범위|(?:patent\s)?claims|listing\sof\sclaims)[】\])*:]{0,6}[^\S\r\n]{0,60}$"
    r"|\bwhat\s(?:is|we|i)\sclaim(?:ed)?(?:\sis)?\b:?|\b(?:i|we)\sclaim\b:?",
    re.IGNORECASE | re.MULTILINE,
)
_AFTER = re.compile(
    r"^[^\S\r\n]{0,60}[#*【\[]{1,6}[^\S\r\n]{0,4}(?:요약서?|발명의\s?(?:설명|상세한\s?설명)|도면|abstract|description)\b.*$",
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
_ENDED = re.compile(r"(?:[.。][\s)\]*\"”]*|(?:\n|\r\n?)[^\S\r\n]*(?:\n|\r\n?)\s*)\Z")
_FREE = re.compile(r"[^\S\r\n]+(?!(?:또는|내지|및|중|의|에|항)|[은는을를이가와과]\s)")
_CAPITAL = re.compile(r"\s+[A-Z가-힣(]")
_TELLS = re.compile(r"(?:다|요|까)[\s.!?]*\Z|[a-z)][.!?]\s+[A-Z]")
HINT = "give the claims with their numbers, each at the start of a line: '1. …', '청구항 1. …' or 'Claim 1. …'"


CLAIMS_MAX = 9_999
"""Most claims that a set may have: numbers have up to four digits."""

TEXT_CHARS = 5_000_000
"""Longest text in which claims are looked for: bounds the time that a hostile text can take."""

ALONE = "give the whole claim set with its numbers; `bini assess` takes one claim alone"


def find_claims(text: str) -> list[Numbered]:
    """Where the claims of a text stand, in order; one claim where it has no number but reads like one.

    Parameters
    ----------
    text
        A claim set, which may have a title before and other parts of the patent after it.

    Raises
    ------
    InputError
        If there is no claim, or the text is far longer than any patent.
    """
    if len(text) > TEXT_CHARS:
        raise InputError(f"more than {TEXT_CHARS:,} characters are not read", "give the claims alone")
    title = _TITLE.search(text)
    start = title.end() if title else 0
    after = _AFTER.search(text, start)
    end = after.start() if after else len(text)
    return list(_numbered(text, start, end)) or _unnumbered(text, start, end)


def is_cancelled(claim: str) -> bool:
    """Whether a claim says only that it was deleted."""
    return bool(_CANCELLED.fullmatch(claim[:200]))


def _numbered(text: str, start: int, end: int) -> Iterator[Numbered]:
    """The claims that a header begins."""
    headers: list[re.Match[str]] = []
    for header in _HEADER.finditer(text, start, end):
        if _is_header(text, header, headers, start):
            headers.append(header)
        if len(headers) > CLAIMS_MAX:
            raise InputError(f"there are more than {CLAIMS_MAX:,} claims", "give the claims of one patent")
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
    stop = header.start()
    ended = not headers or bool(
        _ENDED.search(text[max(begin, stop - 200) : stop]) or is_cancelled(text[begin : min(begin + 200, stop)])
    )
    if word == "청구항":
        return stopped or bool(_FREE.match(following))
    if word:
        return ended and (stopped or bool(_CAPITAL.match(following)))
    if header["stop"].strip()[-1:] not in (".", ":") and not header["last"]:
        return False
    if headers and (headers[0]["word"] or not ended):
        return int(header["first"]) == (last or 0) + 1 and (ended or bool(_CITES_FIRST.match(following)))
    return ended


def _unnumbered(text: str, start: int, end: int) -> list[Numbered]:
    """One claim without a number."""
    start, end = _stripped(text, start, end)
    if not any(c.isalnum() for c in text[start:end]) or _TELLS.search(text[start:end]):
        raise InputError("there is no claim in the text", HINT)
    cited = next(find_citations(text[start:end]), None)
    if cited:
        words = text[start:end][cited.start : cited.end]
        raise InputError(f"a claim without a number cites “{words}”, and there is no other claim", ALONE)
    if len(text[start:end]) <= CLAIM_CHARS and not read_parts(text[start:end]).transition:
        raise InputError("there is no claim in the text", HINT)
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
