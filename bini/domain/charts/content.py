"""What every chart says of an assessment, before it is laid out: text, highlights, colours."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from bini.domain.charts.words import WORDS
from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import AssessedElement, Assessment, Changes, Provenance

HASH_CHARS = 16
"""As much of a SHA-256 as a reader compares by eye; the spreadsheet holds the whole of it."""

# What XML 1.0 forbids, and the control characters and noncharacters that it discourages (section 2.2).
_UNPRINTABLE = re.compile(r"[^\t\n\r -~\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


class Tone(NamedTuple):
    """A colour: its name in a terminal and, as RRGGBB, its ink and its paper."""

    name: str
    ink: str
    paper: str


FONT = "Malgun Gothic"
"""맑은 고딕, which every Office that shows Korean has."""

INK, LINE, HEADER_PAPER = "1A1C1E", "C9CCD1", "EEF0F3"

RED = Tone("red", "8C1D18", "FDE7E4")
YELLOW = Tone("yellow", "6B4600", "FFF1C9")
GREEN = Tone("green", "1B5E20", "E6F4E7")
WARNING = Tone("magenta", "6A1B6A", "F7E4F7")
TONES: dict[RiskLevel | Match, Tone] = {
    RiskLevel.HIGH: RED,
    RiskLevel.AMBIGUOUS: YELLOW,
    RiskLevel.LOW: GREEN,
    Match.YES: RED,
    Match.UNKNOWN: YELLOW,
    Match.NO: GREEN,
}


class Piece(NamedTuple):
    """A stretch of the product text, and whether a row of the chart quotes it."""

    text: str
    quoted: bool


class Note(NamedTuple):
    """A list under the chart."""

    title: str
    lines: list[str]


def printable(text: str) -> str:
    r"""`text` without control characters that files cannot hold, every line break as ``\n``."""
    return _UNPRINTABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def pieces(assessment: Assessment) -> list[Piece]:
    """The product text cut where quotes begin and end; quotes that overlap or touch are one piece."""
    quoted = {
        position
        for row in assessment.comparisons
        if row.quote_start is not None and row.quote_end is not None
        for position in range(row.quote_start, row.quote_end)
    }
    characters = [(c, n in quoted) for n, c in enumerate(assessment.product) if not _UNPRINTABLE.match(c)]
    return [
        Piece(printable("".join(c for c, _ in run)), is_quoted)
        for is_quoted, run in groupby(characters, key=itemgetter(1))
    ]


def heading(number: int, assessment: Assessment, lang: str) -> str:
    """The number of a case and its risk level."""
    words = WORDS[lang]
    level = f"{words['case']} {number}. {words['risk']}: {words[assessment.level]}"
    return f"{level} ({words['answered']})" if assessment.changes else level


def warnings(assessment: Assessment, lang: str) -> list[str]:
    """Every reason to review the assessment, in a sentence."""
    return [reason.words.within(lang) for reason in assessment.review]


def facts(assessment: Assessment, lang: str) -> dict[str, str]:
    """What stands at the top of a case, by label: probabilities, the rule's level, provenance."""
    words, origin = WORDS[lang], assessment.provenance
    return {
        words["confidence"]: _shares(assessment.probabilities, lang),
        **({words["calibrated"]: _shares(assessment.calibrated, lang)} if assessment.calibrated else {}),
        **({words["possible"]: levels} if (levels := possible(assessment, lang)) else {}),
        words["rule"]: words[assessment.rule_level],
        words["model"]: _named(origin.model, origin.model_fingerprint),
        words["adapter"]: ", ".join(filter(None, (_adapter(origin, words), forced(origin, words)))),
        words["rules"]: origin.rules,
        "Bini": origin.bini_version,
    }


def possible(assessment: Assessment, lang: str) -> str:
    """The levels that the calibration does not rule out; empty without one, or after answers, which it has not seen."""
    levels = None if assessment.changes else assessment.possible_levels
    return ", ".join(WORDS[lang][level] for level in levels or ())


def numbers(row: AssessedElement, lang: str) -> str:
    """What code found for the quantities of an element, a line each; empty where it claims none."""
    words = WORDS[lang]
    return "\n".join(
        f"{words[found.result]}: {found.said}" if found.said else words[found.result] for found in row.numbers
    )


def forced(origin: Provenance, words: Mapping[str, str]) -> str:
    """Which failed checks of the adapter were overridden; empty where none were."""
    return words["forced"].format(checks=", ".join(origin.forced)) if origin.forced else ""


def _adapter(origin: Provenance, words: Mapping[str, str]) -> str:
    return _named(origin.adapter, origin.adapter_sha256) if origin.adapter else words["no_adapter"]


def match(row: AssessedElement) -> Match:
    """The match to show: what an answer decided, else what the model wrote."""
    return row.answered_match or row.match


def confidence(row: AssessedElement, lang: str) -> str:
    """The model's probability of the match it wrote, or the answer that decided the match instead."""
    return f"{WORDS[lang]['answer']}: {row.answer}" if row.answered_match else f"{row.probabilities[row.match]:.0%}"


def notes(assessment: Assessment, lang: str) -> list[Note]:
    """What stands under the chart: what answers changed, what would settle it, what to ask about equivalents."""
    words, changes, equivalents = WORDS[lang], assessment.changes, assessment.equivalents
    made: list[Note] = []
    if changes:
        level = f"{words['rule']}: {words[changes.level_before]} → {words[changes.level_after]}"
        made.append(Note(words["changes"], [level, *_changed(assessment, changes, lang)]))
    if assessment.questions:
        lines = [
            f"{words['element']} {asked.element}: {asked.question.within(lang)} — {asked.effect.within(lang)}"
            for asked in assessment.questions
        ]
        made.append(Note(words["questions"], lines))
    if equivalents:
        title = f"{words['equivalents']} ({words['element']} {', '.join(map(str, equivalents.elements))})"
        made.append(Note(title, [question.within(lang) for question in equivalents.questions]))
    return made


def _changed(assessment: Assessment, changes: Changes, lang: str) -> Iterator[str]:
    words = WORDS[lang]
    for change in changes.elements:
        line = f"{words['element']} {change.element}: {words[change.before]} → {words[change.after]}"
        answer = assessment.comparisons[change.element - 1].answer
        yield f"{line} ({words['answer']}: {answer})" if answer else line


def _shares(probabilities: Mapping[RiskLevel, float], lang: str) -> str:
    return ", ".join(f"{WORDS[lang][level]} {probabilities[level]:.0%}" for level in RiskLevel)


def _named(name: str, sha256: str | None) -> str:
    return f"{name} (SHA-256 {sha256[:HASH_CHARS]})" if sha256 else name
