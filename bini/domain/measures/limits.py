"""The words beside a number that say which bounds are meant: 이상, "at most", ~, ±."""

import re
from dataclasses import dataclass

_OF_LARGE = "(?:more|greater|higher|larger|longer|thicker|wider|heavier)"
_OF_SMALL = "(?:less|lower|fewer|smaller|shorter|thinner|narrower|lighter)"
_ABOUT = (
    r"(?:(?<![가-힣])(?:약|대략|거의)|\b(?i:about|approximately|approx\.?|around|circa|ca\.|roughly|nearly|some)|[≈≒])"
)
_VARIABLE = r"\s?[A-Za-z가-힣]+(?:\s[A-Za-z가-힣]+){0,4}(?=\s?[<≤>≥])|(?<=[<≤>≥])\s?(?=[A-Za-z가-힣])"
"""What is measured, in 5 mm < thickness ≤ 10 mm."""

_WORDS_BEFORE = {
    "both": r"±|\b(?i:plus or minus)",
    "le": rf"\b(?i:(?:no|not) {_OF_LARGE} than|not (?:to )?exceed(?:ing)?|not above|not over|at (?:the )?most|up to|within|nmt"
    rf"|(?:a )?max(?:imum|\.)?(?: of)?|{_OF_SMALL} than or equal to|equal to or {_OF_SMALL} than)|(?<![가-힣])최대|≤|<=|=<",
    "ge": rf"\b(?i:(?:no|not) {_OF_SMALL} than|not below|not under|at (?:the )?least|nlt"
    rf"|(?:a )?min(?:imum|\.)(?: of)?|{_OF_LARGE} than or equal to|equal to or {_OF_LARGE} than)|(?<![가-힣])(?:최소한?|적어도)|≥|>=|=>",
    "lt": rf"\b(?i:{_OF_SMALL} than|below|under)|<",
    "gt": rf"\b(?i:{_OF_LARGE} than|above|exceed(?:s|ing)?|beyond|past|pass(?:es)?)|>",
    "over": r"\b(?i:over)",
    "between": r"\b(?i:between)",
    "from": r"\b(?i:from)",
}
_WORDS_AFTER = {
    "le": rf"이하|이내|까지|(?:초과|넘지?)(?:하지)?\s?(?:않|아니|못)|\b(?i:or|and) (?i:{_OF_SMALL}|below|under|younger)\b(?! than)"
    rf"|(?i:at most|max(?:imum)?\b)|≥{_VARIABLE}",
    "lt": rf"미만|보다\s?(?:더 )?(?:작|낮|얇|짧|적|가벼|좁|느리)|안\s?(?:되|돼)|못\s?(?:미치|되)|>{_VARIABLE}",
    "ge": rf"이상|\b(?i:or|and) (?i:{_OF_LARGE}|above|over|older)\b(?! than)|(?i:at least|min(?:imum|\.)(?!\w))|≤{_VARIABLE}",
    "gt": rf"초과|넘[는은어게고을으긴]|보다\s?(?:더 )?(?:크|큰|높|두꺼|두껍|길|긴|많|무거|무겁|넓|빠르)|<{_VARIABLE}",
    "from": "부터",
}


def _one_of(words: dict[str, str]) -> str:
    """The pattern of any of the words, as groups named by sign."""
    return "|".join(f"(?P<{sign}>{pattern})" for sign, pattern in words.items()).replace(" ", r"\s")


_BEFORE = re.compile(rf"(?:(?:{_one_of(_WORDS_BEFORE)})(?:\s(?i:of|a|an|the)\b)?)?\s*(?P<about>{_ABOUT})?\s*\Z")
_AFTER = re.compile(
    r"(?P<about>\s?(?:정도|가량|안팎|내외|쯤|남짓|전후)(?:[의로이]|으로)?|\s(?i:or\sso|approximately)\b)?"
    rf"(?:\s?\)?\s?(?:[을를이가은는로에]|으로)?\s?(?:{_one_of(_WORDS_AFTER)}))?"
    r"(?P<amid>\s?(?:의\s)?사이)?"
)
LOWER = frozenset({"ge", "gt", "over", "from"})
UPPER = frozenset({"le", "lt"})
REACH = 48
"""How many characters of words may stand between the two ends of a range, or before a number."""


@dataclass(frozen=True)
class BoundWords:
    """What the words on one side of a number say, and where they begin or end.

    `sign` is a key of the tables of words, or empty; `amid` says that a 사이 follows.
    """

    edge: int
    sign: str
    about: bool
    amid: bool = False


def words_before(mask: str, floor: int, start: int) -> BoundWords:
    """The words of a bound that end where a number starts."""
    found = _BEFORE.search(mask, max(floor, start - REACH), start)
    if not found:  # never: the pattern also matches nothing at all
        return BoundWords(start, "", about=False)
    blank = len(found[0]) - len(found[0].lstrip())
    return BoundWords(found.start() + blank, _sign(found, _WORDS_BEFORE), bool(found["about"]))


def words_after(mask: str, end: int) -> BoundWords:
    """The words of a bound that begin where a value ends."""
    found = _AFTER.match(mask, end)
    if not found:  # never, likewise
        return BoundWords(end, "", about=False)
    return BoundWords(found.end(), _sign(found, _WORDS_AFTER), bool(found["about"]), bool(found["amid"]))


def _sign(found: re.Match[str], words: dict[str, str]) -> str:
    return next((sign for sign in words if found[sign]), "")
