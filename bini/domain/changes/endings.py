"""Sentence-final endings of another speech level: 했습니다, 했어요, 했다.

The level says how the writer stands to the reader and nothing of the product. Only endings are changed whose other
form follows from their letters alone. 가능합니다 stays out of the plain style, since an adjective in 하다 has another
plain form than a verb.
"""

import random
import re

from bini.domain.korean import final_sound

STYLES = ("합니다", "해요", "한다")
"""Formal polite, informal polite, plain."""

_DOUBLE_S = "".join(chr(code) for code in range(0xAC00 + 20, 0xD7A4, 28)) + "없"
"""Syllables that end in ㅆ (past, 겠, 있), and 없: their endings depend on nothing else."""

_ENDINGS = (
    (rf"(?<=[{_DOUBLE_S}])(?:습니다|어요|다|어|음)", ("습니다", "어요", "다")),
    ("됩니다|돼요|된다", ("됩니다", "돼요", "된다")),
    ("아닙니다|아니에요|아니다", ("아닙니다", "아니에요", "아니다")),
    ("않습니다|않아요", ("않습니다", "않아요", None)),
    ("않는다", ("않습니다", "않아요", "않는다")),
    ("합니다|해요", ("합니다", "해요", None)),
    ("한다", ("합니다", "해요", "한다")),
    (r"(?<=[가-힣])(?<![거높보쓰줄붙])(?:입니다|이에요|예요|이다)", ("입니다", "이에요", "이다")),
    (r"(?<=[A-Za-z0-9%℃)])(?:입니다|이다)", ("입니다", None, "이다")),  # 이에요 or 예요: as the symbol is read
)
"""Endings of a kind, and their form in each of `STYLES`; None where the letters do not tell it."""

_ENDING = re.compile("|".join(f"(?P<e{n}>{endings})" for n, (endings, _) in enumerate(_ENDINGS)))
_FINAL = re.compile(rf"(?:{_ENDING.pattern})(?=[.!]+(?:[\s”’\"')]|\Z)|[^\S\n]*(?:\n|\Z))")


def restyle(text: str, seed: int) -> str | None:
    """`text` with its sentences in another speech level, or None where none has an ending of the table."""
    others = [changed for style in range(len(STYLES)) if (changed := _in_style(text, style)) != text]
    return random.Random(f"{seed} {text}").choice(others) if others else None


def _in_style(text: str, style: int) -> str:
    def other(match: re.Match[str]) -> str:
        forms = next(forms for n, (_, forms) in enumerate(_ENDINGS) if match[f"e{n}"])
        form = forms[style] or match[0]
        if form == "이에요" and not final_sound(text[match.start() - 1]):
            return "예요"
        return form

    return _FINAL.sub(other, text)
