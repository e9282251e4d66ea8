"""What every chart says of an assessment, before it is laid out: text, highlights, colours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from bini.domain.charts.words import WORDS
from bini.domain.labels import Match, RiskLevel
from bini.domain.patents import AssessedClaim, PatentAssessment
from bini.domain.schema import AssessedElement, Assessment, Ground, Provenance

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


class Chart(NamedTuple):
    """One chart of a file.

    Parameters
    ----------
    number
        Of the case, or of the claim of a patent.
    title
        What it is and its risk level, in words.
    level
        The level to read first: of a claim of a patent with all that it cites.
    remarks
        What stands under the title, a sentence each.
    """

    number: int
    title: str
    level: RiskLevel
    remarks: list[str]
    assessment: Assessment


class ClaimLine(NamedTuple):
    """What a patent's overview says of a claim."""

    number: int
    parents: str
    own: RiskLevel
    risk: str
    level: RiskLevel
    held_down_by: str
    review: list[str]


class Overview(NamedTuple):
    """What stands above the charts of a patent: its level, whose it is, and a line per claim."""

    title: str
    level: RiskLevel
    remark: str
    labels: list[str]
    lines: list[ClaimLine]


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


Charted = Sequence[Assessment] | PatentAssessment
"""What a file shows: cases, numbered in their order, or the claims of a patent."""


def charts(charted: Charted, lang: str) -> list[Chart]:
    """The charts of a file, in their order."""
    if isinstance(charted, PatentAssessment):
        return [_of_claim(claim, lang) for claim in charted.claims]
    return [_of_case(n, assessment, len(charted) > 1, lang) for n, assessment in enumerate(charted, start=1)]


def _of_case(number: int, assessment: Assessment, many: bool, lang: str) -> Chart:
    words = WORDS[lang]
    title = f"{words['risk']}: {words[assessment.level]}"
    if assessment.changes:
        title = f"{title} ({words['answered']})"
    remarks = [words["agrees"]] if assessment.agrees else []
    return Chart(number, f"{words['case']} {number}. {title}" if many else title, assessment.level, remarks, assessment)


def _of_claim(claim: AssessedClaim, lang: str) -> Chart:
    words, assessment = WORDS[lang], claim.assessment
    title = f"{words['claim']} {claim.number}. {words['risk']}: {words[claim.level]}"
    if assessment.changes:
        title = f"{title} ({words['answered']})"
    remarks = [words["adds"].format(parents=_listed(claim.parents))] if claim.parents else []
    if claim.held_down_by:
        levels = {"own": words[assessment.rule_level], "level": words[claim.level]}
        remarks.append(words["with_parents"].format(parents=_listed(claim.held_down_by), **levels))
    elif assessment.agrees:
        remarks.append(words["agrees"])
    return Chart(claim.number, title, claim.level, remarks, assessment)


def overview(patent: PatentAssessment, lang: str) -> Overview:
    """What stands above the charts of a patent."""
    words = WORDS[lang]
    title = f"{words['patent_risk']}: {_moved(patent, lang)}"
    return Overview(
        title=f"{title} ({words['answered']})" if patent.level_before else title,
        level=patent.level,
        remark=words["riskiest"].format(claims=_listed(claim.number for claim in patent.riskiest)),
        labels=[words[key] for key in ("claim", "parents", "own", "risk", "held", "review")],
        lines=[
            ClaimLine(
                number=claim.number,
                parents=_listed(claim.parents),
                own=claim.assessment.rule_level,
                risk=_moved(claim, lang),
                level=claim.level,
                held_down_by=_listed(claim.held_down_by),
                review=warnings(claim.assessment, lang),
            )
            for claim in patent.claims
        ],
    )


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _moved(judged: AssessedClaim | PatentAssessment, lang: str) -> str:
    """A level by the rule, after the one without the answers where they moved it."""
    words, before = WORDS[lang], judged.level_before
    return words[judged.level] if before in (None, judged.level) else f"{words[before]} → {words[judged.level]}"


def warnings(assessment: Assessment, lang: str) -> list[str]:
    """Every reason to review the assessment, in a sentence."""
    return [reason.words.within(lang) for reason in assessment.review]


def facts(assessment: Assessment, lang: str) -> dict[str, str]:
    """What stands at the top of a chart, by label: probabilities, and the levels that the model and the rule give."""
    words = WORDS[lang]
    return {
        words["confidence"]: _shares(assessment.probabilities, lang),
        **({words["calibrated"]: _shares(assessment.calibrated, lang)} if assessment.calibrated else {}),
        **({words["possible"]: levels} if (levels := left_possible(assessment, lang)) else {}),
        words["written"]: words[assessment.risk_level],
        words["rule"]: words[assessment.rule_level],
    }


def origin(assessment: Assessment, lang: str) -> dict[str, str]:
    """What stands at the end of a chart, by label: what the assessment depends on."""
    words, made = WORDS[lang], assessment.provenance
    return {
        words["model"]: _named(made.model, made.model_fingerprint),
        words["adapter"]: ", ".join(filter(None, (_adapter(made, words), forced(made, words)))),
        words["rules"]: made.rules,
        "Bini": made.bini_version,
    }


def possible(assessment: Assessment, lang: str) -> str:
    """The levels that the calibration does not rule out; empty without one, or after answers, which it has not seen."""
    levels = None if assessment.changes else assessment.possible_levels
    return ", ".join(WORDS[lang][level] for level in levels or ())


def left_possible(assessment: Assessment, lang: str) -> str:
    """`possible`, unless a reason to review names these levels already."""
    named = any(reason.ground is Ground.POSSIBLE for reason in assessment.review)
    return "" if named else possible(assessment, lang)


def numbers(row: AssessedElement, lang: str) -> str:
    """What code found for the quantities of an element, a line each; empty where it claims none."""
    words = WORDS[lang]
    lines = [f"{words[found.result]}: {found.said}" if found.said else words[found.result] for found in row.numbers]
    if len(lines) > 1:  # of several, each says which it is about
        lines = [f"{line} ({found.claimed})" for line, found in zip(lines, row.numbers, strict=True)]
    return "\n".join(lines)


def forced(origin: Provenance, words: Mapping[str, str]) -> str:
    """Which failed checks of the adapter were overridden; empty where none were."""
    return words["forced"].format(checks=", ".join(origin.forced)) if origin.forced else ""


def _adapter(origin: Provenance, words: Mapping[str, str]) -> str:
    return _named(origin.adapter, origin.adapter_sha256) if origin.adapter else words["no_adapter"]


def match(row: AssessedElement) -> Match:
    """The match to show: what an answer decided, else what the model wrote."""
    return row.answered_match or row.match


def confidence(row: AssessedElement, lang: str) -> str:
    """The model's probability of the match it wrote, or that an answer decided the match instead."""
    return WORDS[lang]["by_answer"] if row.answered_match else f"{row.probabilities[row.match]:.0%}"


def notes(assessment: Assessment, lang: str) -> list[Note]:
    """What stands under the chart: what answers changed, what would settle it, what to ask about equivalents."""
    words = WORDS[lang]
    asked = [
        f"{words['element']} {asked.element}: {asked.question.within(lang)} — {asked.effect.within(lang)}"
        for asked in assessment.questions
    ]
    title = words["equivalents"]
    if assessment.equivalents:
        title = f"{title} ({words['element']} {_listed(assessment.equivalents.elements)})"
    found = (
        Note(words["changes"], changed(assessment, lang)),
        Note(words["questions"], asked),
        Note(title, equivalents(assessment, lang)),
    )
    return [note for note in found if note.lines]


def changed(assessment: Assessment, lang: str) -> list[str]:
    """What answers changed, the level first."""
    words, changes = WORDS[lang], assessment.changes
    if not changes:
        return []
    lines = [f"{words['rule']}: {words[changes.level_before]} → {words[changes.level_after]}"]
    for change in changes.elements:
        line = f"{words['element']} {change.element}: {words[change.before]} → {words[change.after]}"
        answer = assessment.comparisons[change.element - 1].answer
        lines.append(f"{line} ({words['answer']}: {answer})" if answer else line)
    return lines


def equivalents(assessment: Assessment, lang: str) -> list[str]:
    """The questions of the doctrine of equivalents, where there are any to ask."""
    return [asked.within(lang) for asked in assessment.equivalents.questions] if assessment.equivalents else []


def _shares(probabilities: Mapping[RiskLevel, float], lang: str) -> str:
    return ", ".join(f"{WORDS[lang][level]} {probabilities[level]:.0%}" for level in RiskLevel)


def _named(name: str, sha256: str | None) -> str:
    return f"{name} (SHA-256 {sha256[:HASH_CHARS]})" if sha256 else name
