"""What labels are called, and sentences, in the two languages that people read."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from bini.domain.labels import Match, RangeCheck, RiskLevel

NAMES: dict[str, dict[str, str]] = {
    "ko": {
        **{label: label.value for label in (*RiskLevel, *Match)},
        RangeCheck.IN: "범위 안",
        RangeCheck.EDGE: "범위의 경계",
        RangeCheck.STRADDLE: "범위에 걸침",
        RangeCheck.OUT: "범위 밖",
        RangeCheck.NEAR: "범위에 가까움",
        RangeCheck.NOT_GIVEN: "값 없음",
    },
    "en": {
        RiskLevel.HIGH: "high",
        RiskLevel.AMBIGUOUS: "ambiguous",
        RiskLevel.LOW: "low",
        Match.YES: "corresponds",
        Match.NO: "does not correspond",
        Match.UNKNOWN: "cannot be told",
        RangeCheck.IN: "in range",
        RangeCheck.EDGE: "on the limit",
        RangeCheck.STRADDLE: "partly in range",
        RangeCheck.OUT: "out of range",
        RangeCheck.NEAR: "near the range",
        RangeCheck.NOT_GIVEN: "no value given",
    },
}


class Sentence(BaseModel):
    """One sentence in Korean and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ko: str
    en: str

    def within(self, lang: str) -> str:
        """The sentence in "ko" or "en"."""
        return self.ko if lang == "ko" else self.en

    def filled(self, **values: "Sentence | StrEnum | str | Iterable[int | StrEnum]") -> "Sentence":
        """The sentence with its gaps filled: labels and sentences in its own language, numbers and labels listed."""
        made = {
            lang: self.within(lang).format_map({name: _told(value, lang) for name, value in values.items()})
            for lang in NAMES
        }
        return Sentence(ko=made["ko"], en=made["en"])


def _told(value: Sentence | StrEnum | str | int | Iterable[int | StrEnum], lang: str) -> str:
    match value:
        case Sentence():
            return value.within(lang)
        case StrEnum():
            return NAMES[lang][value]
        case str() | int():
            return str(value)
        case _:
            return ", ".join(_told(each, lang) for each in value)
