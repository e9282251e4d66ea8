"""Claim charts as a Word document."""

import io
from collections.abc import Sequence

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.run import Run

from bini.domain.archive import NO_DATE, undated
from bini.domain.charts.content import (
    FONT,
    HEADER_PAPER,
    INK,
    TONES,
    WARNING,
    Tone,
    confidence,
    facts,
    heading,
    match,
    notes,
    numbers,
    pieces,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.schema import Assessment

MARGIN = Mm(15)
WIDTHS = (Mm(11), Mm(92), Mm(74), Mm(26), Mm(22), Mm(42))
"""Widths of the chart's columns: A4 across (297 mm) without the margins."""

AFTER = Pt(6)
"""Space under a heading or a paragraph."""

CELL_MARGIN = Mm(1)
"""Above and below the text of a cell; Word's own margin is nothing."""


def to_docx(assessments: Sequence[Assessment], lang: str) -> bytes:
    """Claim charts as one DOCX file, A4 landscape.

    Parameters
    ----------
    assessments
        One or many, numbered in this order; each begins a page.
    lang
        "ko" or "en": the language of headings and labels.

    Returns
    -------
    bytes
        The file; the same bytes for the same charts.
    """
    words = WORDS[lang]
    document = Document()
    _set_up(document, words["title"], lang)
    document.add_heading(words["title"], 1)
    for number, assessment in enumerate(assessments, start=1):
        _add_case(document, number, assessment, lang)
    document.add_paragraph().add_run(words["disclaimer"]).italic = True
    buffer = io.BytesIO()
    document.save(buffer)
    return undated(buffer.getvalue())


def _set_up(document: WordDocument, title: str, lang: str) -> None:
    """Properties, page, fonts and language of an empty document."""
    properties = document.core_properties
    properties.title, properties.author, properties.comments, properties.language = title, "Bini", "", lang
    properties.created = properties.modified = NO_DATE
    page = document.sections[0]
    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    styles = document.styles
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3"):
        styles[name].font.color.rgb = RGBColor.from_string(INK)
        fonts = styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()  # theme fonts would win over named ones
        for script in ("ascii", "hAnsi", "eastAsia"):
            fonts.set(qn(f"w:{script}"), FONT)
        styles[name].paragraph_format.space_after = AFTER
    styles["Normal"].font.size = Pt(10)
    language = styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    language.set(qn("w:val"), "en-US")  # of Latin letters: as Korean, their words would break anywhere
    language.set(qn("w:eastAsia"), "ko-KR")


def _add_case(document: WordDocument, number: int, assessment: Assessment, lang: str) -> None:
    words = WORDS[lang]
    title = document.add_heading(heading(number, assessment, lang), 2)
    title.paragraph_format.page_break_before = number > 1
    _ink(title.runs[0], TONES[assessment.level])
    if assessment.agrees:
        document.add_paragraph(words["agrees"])
    for warning in warnings(assessment, lang):
        _add_warning(document, f"{words['warning']}: {printable(warning)}")
    top = document.add_paragraph()
    for line, (label, value) in enumerate(facts(assessment, lang).items()):
        top.add_run(f"\n{label}: " if line else f"{label}: ").bold = True
        top.add_run(printable(value))
    _add_table(document, assessment, lang)
    document.add_heading(words["reason"], 3)
    document.add_paragraph(printable(assessment.decision_reason))
    for note in notes(assessment, lang):
        document.add_heading(note.title, 3)
        for item in note.lines:
            document.add_paragraph(printable(item), "List Bullet")
    document.add_heading(words["description"], 3)
    product = document.add_paragraph()
    for piece in pieces(assessment):
        run = product.add_run(piece.text)
        if piece.quoted:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _add_warning(document: WordDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph._p.get_or_add_pPr().append(_shading(WARNING.paper))
    run = paragraph.add_run(text)
    run.bold = True
    _ink(run, WARNING)


def _add_table(document: WordDocument, assessment: Assessment, lang: str) -> None:
    words = WORDS[lang]
    table = document.add_table(rows=1, cols=len(WIDTHS), style="Table Grid")
    table.autofit = False
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(_cell_margins())  # where the schema wants it
    header = table.rows[0]
    labels = ("#", words["element"], words["product"], words["match"], words["confidence"], words["numbers"])
    for cell, label in zip(header.cells, labels, strict=True):
        _write(cell, label).bold = True
        _shade(cell, HEADER_PAPER)
    header._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for n, row in enumerate(assessment.comparisons, start=1):
        number, element, quote, judged, probability, amounts = table.add_row().cells
        _write(number, str(n))
        _write(element, row.patent_element)
        _write(quote, row.user_product_element or words["none"]).italic = not row.user_product_element
        verdict = _write(judged, words[match(row)])
        verdict.bold = True
        _ink(verdict, TONES[match(row)])
        _shade(judged, TONES[match(row)].paper)
        _write(probability, confidence(row, lang))
        _write(amounts, numbers(row, lang))
    for line in table.rows:
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(line.cells, WIDTHS, strict=True):
            cell.width = width
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = width


def _write(cell: _Cell, text: str) -> Run:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = 0
    run: Run = paragraph.add_run(printable(text))
    return run


def _ink(run: Run, tone: Tone) -> None:
    run.font.color.rgb = RGBColor.from_string(tone.ink)


def _shade(cell: _Cell, paper: str) -> None:
    cell._tc.get_or_add_tcPr().append(_shading(paper))


def _cell_margins() -> BaseOxmlElement:
    margins = OxmlElement("w:tblCellMar")
    for side in ("top", "bottom"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(CELL_MARGIN.twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins


def _shading(paper: str) -> BaseOxmlElement:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", paper)):
        shading.set(qn(f"w:{name}"), value)
    return shading
