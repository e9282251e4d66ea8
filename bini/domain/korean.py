"""Korean particles that agree with the sound before them, and how much of a text is Korean."""

import re

_FOLLOWS_VOWEL = {"을": "를", "이": "가", "은": "는", "와": "과", "로": "로"}
_FINAL_SOUND = frozenset("013678LMNRlmnr")
_RIEUL_SOUND = frozenset("178LRlr")
_RIEUL = 8

_MARKS = {
    "을": "을",
    "를": "을",
    "이": "이",
    "가": "이",
    "은": "은",
    "는": "은",
    "와": "와",
    "과": "와",
    "으로": "로",
    "로": "로",
}
"""Particles that follow a name, by the mark that `josa` reads."""


def final_sound(char: str) -> int:
    """The consonant that a character ends in, as Koreans read it: Unicode's number of it (8 is ㄹ), or 0 for none."""
    code = ord(char) - 0xAC00
    if 0 <= code < 11172:
        return code % 28
    return _RIEUL if char in _RIEUL_SOUND else int(char in _FINAL_SOUND)


def josa(text: str) -> str:
    """Replace `[을]`-style marks by the particle that agrees with the sound before them."""

    def agree(match: re.Match[str]) -> str:
        before = text[: match.start()].rstrip("»)\"'”’% ")
        final = final_sound(re.sub(r"\[.\]$", "", before)[-1:] or "가")
        particle = match.group(1)
        if particle == "로":
            return "로" if final in (0, _RIEUL) else "으로"
        if particle == "와":
            return "과" if final else "와"
        return particle if final else _FOLLOWS_VOWEL[particle]

    return re.sub(r"\[([을이은와로])\]", agree, text)


def with_particle(name: str, particle: str) -> str:
    """`name` with a particle of another name's (을, 가, 으로 …) made to agree with it."""
    return josa(f"{name}[{_MARKS[particle]}]")


PARTICLE = f"(?:{'|'.join(_MARKS)})(?![가-힣])"
"""Pattern of a particle that `with_particle` takes."""


def exchange(text: str, name: str, other: str) -> str:
    """`text` with `other` for every `name`, and the particle after it made to agree."""

    def agree(match: re.Match[str]) -> str:
        return with_particle(other, match[1]) if match[1] else other

    return re.sub(rf"{re.escape(name)}({PARTICLE})?", agree, text)


def korean_share(text: str) -> float:
    """Share of the letters of a text (NFC) that are Hangul syllables; 0 if it has no letters."""
    letters = [char for char in text if char.isalpha()]
    return sum("가" <= char <= "힣" for char in letters) / max(len(letters), 1)
