"""Claim charts as an Excel workbook: a row per element, and a row per case."""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from unicodedata import combining, east_asian_width
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from bini.domain.archive import NO_DATE, undated
from bini.domain.charts.content import (
    FONT,
    HEADER_PAPER,
    LINE,
    TONES,
    WARNING,
    Chart,
    Charted,
    Overview,
    Tone,
    changed,
    charts,
    equivalents,
    forced,
    match,
    numbers,
    overview,
    possible,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.labels import Match, RiskLevel
from bini.domain.patents import PatentAssessment

CELL_CHARS = 32_767
"""Longest text that an Excel cell holds, in UTF-16 units (Excel's specifications and limits)."""

CUT_ROOM = 60
"""Units kept free for the note that says how much was cut."""

NARROWEST, WIDEST = 6, 44
FILTER_BUTTON = 4
"""Column widths in half-width characters, which is what Excel measures in; Hangul takes two."""

LINE_POINTS, HIGHEST = 16, 409
"""Height of a line of 10-point Malgun Gothic, or of a font that stands in for it; the highest row that Excel allows."""

PAGE_WIDTH, PAGE_MARGIN = 220, 0.4
"""Column widths that an A4 page across takes in letters of about 7 points; its margins in inches."""

BORDER = Border(*[Side("thin", LINE)] * 4)

Value = RiskLevel | Match | bool | float | int | Decimal | str
Words = Mapping[str, str]
Sheet = tuple[Sequence[str], Iterable[Sequence[Value]]]
"""Its header and its rows."""


def to_xlsx(charted: Charted, lang: str) -> bytes:
    """Claim charts as one XLSX file with the sheets "chart", "cases" and "questions"; of a patent with "patent" first.

    Parameters
    ----------
    charted
        Assessments, numbered in this order, or a patent's.
    lang
        "ko" or "en": the language of headings and labels.

    Returns
    -------
    bytes
        The file; the same bytes for the same charts. What looks like a formula is stored as text.
    """
    words, shown = WORDS[lang], charts(charted, lang)
    sheets: dict[str, Sheet] = {}
    case = words["case"]
    if isinstance(charted, PatentAssessment):
        above, case = overview(charted, lang), words["claim"]
        sheets["patent"] = above.labels, _overview_rows(above, words)
    sheets["chart"] = _element_labels(case, words), _element_rows(shown, lang)
    sheets["cases"] = _case_labels(case, words), _case_rows(shown, lang)
    sheets["questions"] = _question_labels(case, words), _question_rows(shown, lang)
    return workbook(words["title"], sheets, words)


def workbook(title: str, sheets: Mapping[str, Sheet], words: Words) -> bytes:
    """An XLSX file: each sheet by its name with a header, filters and rows; see `to_xlsx`."""
    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = title, "Bini"
    book.properties.created = book.properties.modified = NO_DATE
    for name, (labels, rows) in sheets.items():
        _fill(book.create_sheet(name), labels, rows, words)
    buffer = io.BytesIO()
    ExcelWriter(book, ZipFile(buffer, "w")).save()  # `book.save` would write the time
    return undated(buffer.getvalue())


def _overview_rows(above: Overview, words: Words) -> Iterator[list[Value]]:
    """The patent, then its claims."""
    yield [words["patent"], "", "", above.level, "", above.remark]
    for line in above.lines:
        yield [line.number, line.parents, line.own, line.level, line.held_down_by, "\n".join(line.review)]


def _element_labels(case: str, words: Words) -> list[str]:
    keys = (
        "element",
        "product",
        "match",
        "confidence",
        "answer",
        "numbers",
        "risk",
    )
    return [case, "#", *(words[key] for key in keys)]


def _element_rows(shown: Sequence[Chart], lang: str) -> Iterator[list[Value]]:
    words = WORDS[lang]
    for number, _, level, _, assessment in shown:
        for n, row in enumerate(assessment.comparisons, start=1):
            yield [
                number,
                n,
                row.patent_element,
                row.user_product_element or words["none"],
                match(row),
                "" if row.answered_match else row.probabilities[row.match],
                row.answer or "",
                numbers(row, lang),
                level,
            ]


def _case_labels(case: str, words: Words) -> list[str]:
    return [
        case,
        words["risk"],
        *(f"{words['confidence']}: {words[level]}" for level in RiskLevel),
        words["possible"],
        *(
            words[key]
            for key in ("rule", "agreement", "review", "reason", "changes", "equivalents", "description", "model")
        ),
        f"{words['model']} SHA-256",
        words["adapter"],
        f"{words['adapter']} SHA-256",
        words["rules"],
        "Bini",
    ]


def _case_rows(shown: Sequence[Chart], lang: str) -> Iterator[list[Value]]:
    words = WORDS[lang]
    for number, _, level, _, assessment in shown:
        origin = assessment.provenance
        yield [
            number,
            level,
            *(assessment.probabilities[level] for level in RiskLevel),
            possible(assessment, lang),
            assessment.rule_level,
            assessment.agrees,
            "\n".join(warnings(assessment, lang)),
            assessment.decision_reason,
            "\n".join(changed(assessment, lang)),
            "\n".join(equivalents(assessment, lang)),
            assessment.product,
            origin.model,
            origin.model_fingerprint,
            ", ".join(filter(None, (origin.adapter or words["no_adapter"], forced(origin, words)))),
            origin.adapter_sha256 or "",
            origin.rules,
            origin.bini_version,
        ]


def _question_labels(case: str, words: Words) -> list[str]:
    return [case, "#", *(words[key] for key in ("element", "question", "effect", "movement"))] + [
        f"{words['effect']}: {words[answer]}" for answer in (Match.YES, Match.NO)
    ]


def _question_rows(shown: Sequence[Chart], lang: str) -> Iterator[list[Value]]:
    for chart in shown:
        assessment = chart.assessment
        for asked in assessment.questions:
            yield [
                chart.number,
                asked.element,
                assessment.comparisons[asked.element - 1].patent_element,
                asked.question.within(lang),
                asked.effect.within(lang),
                Decimal(f"{asked.movement:.2f}"),
                asked.if_yes,
                asked.if_no,
            ]


def _fill(sheet: Worksheet, labels: Sequence[str], rows: Iterable[Sequence[Value]], words: Words) -> None:
    """Write header, rows and, outside the filter, the disclaimer."""
    for column, label in enumerate(labels, start=1):
        header = sheet.cell(1, column)
        _write(header, label, words)
        header.font, header.fill = Font(name=FONT, size=10, bold=True), PatternFill("solid", fgColor=HEADER_PAPER)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            _write(sheet.cell(number, column), value, words)
    _lay_out(sheet, words["disclaimer"])
    disclaimer = sheet.cell(sheet.max_row + 2, 1, words["disclaimer"])
    disclaimer.font = Font(name=FONT, size=10, italic=True)


def _lay_out(sheet: Worksheet, disclaimer: str) -> None:
    """Fit columns and rows to their text; freeze, filter and repeat the header; pages and their foot."""
    widths: list[int] = []
    for column in sheet.iter_cols():
        header, *texts = (cell.value if isinstance(cell.value, str) else "" for cell in column)
        widest = max([_width(header) + FILTER_BUTTON, *(_width(text) + 2 for text in texts)])
        widths.append(min(max(widest, NARROWEST), WIDEST))
        sheet.column_dimensions[column[0].column_letter].width = widths[-1]
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        # Excel fits rows that have no height, LibreOffice does not and lets their lines overlap.
        lines = max(_lines(value, width) for value, width in zip(row, widths, strict=True))
        sheet.row_dimensions[number].height = min(lines * LINE_POINTS, HIGHEST)
    sheet.auto_filter.ref = sheet.dimensions
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = sheet.ORIENTATION_LANDSCAPE, sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight = True, False
    sheet.page_margins.left = sheet.page_margins.right = PAGE_MARGIN
    sheet.page_setup.fitToWidth = -(-sum(widths) // PAGE_WIDTH)
    sheet.print_title_cols = "A:A"
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = disclaimer, "&P / &N"


def _write(cell: Cell, value: Value, words: Words) -> None:
    tone = _tone(value)
    cell.font = Font(name=FONT, size=10, color=tone.ink if tone else None)
    cell.border = BORDER
    cell.alignment = Alignment(horizontal="left", vertical="top", wrap_text=True)
    if tone:
        cell.fill = PatternFill("solid", fgColor=tone.paper)
    match value:
        case RiskLevel() | Match():
            _write_text(cell, words[value])
        case bool():
            _write_text(cell, words["yes" if value else "no"])
        case str():
            _write_text(cell, _fitted(_escaped(printable(value)), words["cut"]))
        case float():
            cell.value, cell.number_format = value, "0%"
        case int() | Decimal():
            cell.value = value


def _tone(value: Value) -> Tone | None:
    if isinstance(value, RiskLevel | Match):
        return TONES[value]
    return WARNING if value is False else None


def _write_text(cell: Cell, text: str) -> None:
    """Store `text` as text, whatever it looks like; quotePrefix keeps it so when the cell is edited."""
    cell.value, cell.data_type = text, "s"
    cell.quotePrefix = text.startswith(("=", "+", "-", "@", "\t", "\n"))


def _escaped(text: str) -> str:
    """`text` in which Excel reads no `_x0041_` as a character (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _fitted(text: str, note: str) -> str:
    """`text`, or as much of it as a cell holds and how many characters are missing."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL_CHARS:
        return text
    kept = units[: 2 * (CELL_CHARS - CUT_ROOM)].decode("utf-16-le", "ignore")
    return kept + note.format(count=f"{len(text) - len(kept):,}")


def _width(text: str) -> int:
    """Columns that the longest line of `text` takes."""
    return max(map(_columns, text.split("\n")))


def _lines(value: object, width: int) -> int:
    """Lines that a value takes in a column of this width."""
    return sum(max(1, -(-_columns(line) // width)) for line in str(value).split("\n"))


def _columns(line: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)
