"""The mask of a text: a copy of the same length in which look-alike characters are one character.

What only looks like an amount (claim numbers, CAS numbers, dates, reference signs) is blotted out of it.
"""

import re

BLOT = "○"
_ALIKE = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("〜∼～", "~"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000", " "),
        "µ": "μ",
        "≦": "≤",
        "≧": "≥",
        "＇": "'",
    }
)
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?)"
)
_NOT_AMOUNTS = re.compile(
    r"(?<![가-힣])(?:제|청구항|도|(?:화학|수학|반응)?식|표|실시예|비교예|제조예|실험예|시험예|서열번호|단계)\s?[0-9]{1,4}[a-z]?[항호]?"
    r"|\b(?i:claims?|figs?\.?|figures?|tables?|examples?|formulas?|steps?|seq\s?id\s?nos?[.:]?|no\.|type|grade|ver(?:sion|\.))"
    r"\s?[0-9]{1,6}\b(?!\s?[%℃°])"
    r"|(?<![0-9])[0-9]+(?:-[0-9]+){2,}(?![0-9])"  # CAS and telephone numbers, dates, grades of fertiliser
    r"|(?<![0-9.])[0-9]+(?:\.[0-9]+){2,}(?![0-9])"  # versions, dates
    r"|(?<![0-9/])[0-9]+(?:/[0-9]+){2,}(?![0-9])"
    r"|(?<![0-9])(?:19|20)[0-9]{2}(?:\s?년|s\b)(?:\s?[0-9]{1,2}\s?월)?(?:\s?[0-9]{1,2}\s?일)?"
    r"|(?<![0-9])[0-9]{1,2}\s?월(?:\s?[0-9]{1,2}\s?일)?"
    rf"|\b{_MONTH}\.?\s[0-9]{{1,2}}\b(?:,\s[0-9]{{4}})?"
    r"|(?:오전|오후)\s?[0-9]{1,2}(?::[0-9]{2}|시(?:\s?[0-9]{1,2}\s?분)?)"
    r"|(?<![0-9:.])(?:[0-9]{1,2}:[0-9]{2}\s?(?i:am|pm)\b|0[0-9]:[0-5][0-9](?![0-9]))"
    r"|(?<![0-9.:])[0-9.]{1,12}(?:\s?:\s?[0-9.]{1,12}){2,}(?![0-9:])"  # ratios of three, times with seconds
    r"|(?<=[\w)])\s?\([1-9][0-9]{0,3}[a-e']?\)"  # reference signs
    r"|(?m:^[ \t]*(?:\([0-9]{1,2}\)|[0-9]{1,2}[.)])(?=[\s가-힣]))|(?<=[;,])\s?\(?[0-9]{1,2}\)"  # list markers
    r"|(?<![0-9.,-])[0-9]{1,2}(?:,[0-9]{1,2}'?)*'?-(?=[가-힣])(?!층|겹|개|단|종)"  # locants: 1,2-헥산디올
)
_SENTENCE_END = re.compile(r"[.!?](?=\s|\Z)|[;\n]")


def mask_of(text: str) -> str:
    """The text with look-alike characters made one, and without what only looks like an amount."""
    alike = text.translate(_ALIKE).replace("+/-", "  ±").replace("+-", " ±")
    return _NOT_AMOUNTS.sub(lambda m: BLOT * len(m[0]), alike)


def sentence_ends(mask: str) -> list[int]:
    """Where the sentences of a text end."""
    return [m.start() for m in _SENTENCE_END.finditer(mask)]
