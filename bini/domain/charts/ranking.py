"""A ranking as people read it: a table in the terminal, CSV, an Excel workbook."""

import csv
import io
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import TONES, WARNING, printable
from bini.domain.charts.files import chosen_form
from bini.domain.charts.words import WORDS
from bini.domain.charts.xlsx import Value, workbook
from bini.domain.labels import RiskLevel
from bini.domain.ranking import RankedRow, Ranking
from bini.files import write_bytes

COLUMNS = (
    "rank",
    "id",
    "name",
    "claim",
    "score",
    "risk",
    "rule",
    "confidence",
    "deciding",
    "reason",
    "review",
    "problem",
)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may read as the beginning of a formula (OWASP, CSV injection), full-width forms included."""


def terminal_ranking(ranking: Ranking, lang: str) -> RenderableType:
    """The ranking for a rich console; what decides a row is one line, cut where the width ends.

    Parameters
    ----------
    ranking
        What to show.
    lang
        "ko" or "en": the language of headings and labels.
    """
    words = WORDS[lang]
    table = Table(header_style="bold", expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(words["id"], ratio=1, overflow="fold")
    table.add_column(words["score"], justify="right", no_wrap=True)
    table.add_column(words["risk"], no_wrap=True)
    table.add_column(words["rules"], no_wrap=True)
    table.add_column(words["deciding"], ratio=2, overflow="ellipsis", no_wrap=True)
    for row in ranking.rows:
        name = " ".join(part for part in (row.id, row.title, row.claim and f"({words['claim']} {row.claim})") if part)
        table.add_row(str(row.rank or "–"), Text(printable(name)), *_verdict(row, lang))
    marked = f"! {words['review']}. " if any(row.needs_review for row in ranking.rows) else ""
    return Group(table, Text(f"{marked}{words['disclaimer']} ({ranking.system})", "dim"))


def _verdict(row: RankedRow, lang: str) -> tuple[Text | str, ...]:
    words = WORDS[lang]
    line = Text(_one_line(row.deciding.within(lang))) if row.deciding else Text()
    if row.problem:
        line = Text(_one_line(row.problem), WARNING.name)
    if row.score is None or row.level is None or row.rule_level is None:
        return "", "", "", line
    level = Text(words[row.level], f"bold {TONES[row.level].name}")
    if row.needs_review:
        level.append(" !", f"bold {WARNING.name}")
    return f"{row.score:.2f}", level, words[row.rule_level], line


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())


def _cells(row: RankedRow, lang: str) -> list[Value]:
    return [
        row.rank or "",
        row.id,
        row.title,
        row.claim or "",
        "" if row.score is None else Decimal(f"{row.score:.4f}"),
        row.level or "",
        row.rule_level or "",
        "" if row.confidence is None else row.confidence,
        row.deciding.within(lang) if row.deciding else "",
        row.reason,
        "\n".join(reason.within(lang) for reason in row.review),
        row.problem or "",
    ]


def to_csv(ranking: Ranking, lang: str) -> bytes:
    """The ranking as CSV in UTF-8 with the mark by which Excel knows it.

    What a spreadsheet would take for a formula stands behind an apostrophe.
    """
    words = WORDS[lang]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(words[column] for column in COLUMNS)
    writer.writerows([_safe(value, words) for value in _cells(row, lang)] for row in ranking.rows)
    return buffer.getvalue().encode("utf-8-sig")


def _safe(value: Value, words: Mapping[str, str]) -> str:
    match value:
        case RiskLevel():
            return words[value]
        case float():
            return f"{value:.4f}"
    text = printable(str(value))
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def ranking_workbook(ranking: Ranking, lang: str) -> bytes:
    """The ranking as an XLSX file of one sheet, with filters and a frozen header; formulas are text."""
    words = WORDS[lang]
    labels = [words[column] for column in COLUMNS]
    return workbook(words["ranking"], {"ranking": (labels, (_cells(row, lang) for row in ranking.rows))}, words)


FORMS: dict[str, Callable[[Ranking, str], bytes]] = {".csv": to_csv, ".xlsx": ranking_workbook}


def ranking_form(path: Path) -> Callable[[Ranking, str], bytes]:
    """The form of a ranking that a file's suffix stands for; raises as `chosen_form`."""
    return chosen_form(FORMS, path, "ranking")


def write_ranking(path: Path, ranking: Ranking, lang: str) -> None:
    """Write a ranking whole or not at all, in the form of its suffix."""
    write_bytes(path, ranking_form(path)(ranking, lang))
