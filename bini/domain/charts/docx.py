"""Claim charts as a Word document."""

import io
from collections.abc import Mapping, Sequence

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.run import Run

from bini.domain.archive import NO_DATE, undated
from bini.domain.charts.content import (
    FONT,
    HEADER_PAPER,
    INK,
    TONES,
    WARNING,
    Chart,
    Charted,
    Overview,
    Tone,
    charts,
    confidence,
    facts,
    match,
    notes,
    numbers,
    origin,
    overview,
    pieces,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.patents import PatentAssessment
from bini.domain.schema import Assessment

MARGIN, FOOT = Mm(15), Mm(20)
WIDTHS = (Mm(11), Mm(84), Mm(68), Mm(34), Mm(28), Mm(42))
"""Widths of the chart's columns: A4 across (297 mm) without the margins. So are those of a patent's overview."""

OVERVIEW_WIDTHS = (Mm(26), Mm(44), Mm(44), Mm(65), Mm(44), Mm(44))

AFTER = Pt(6)
"""Space under a heading or a paragraph."""

CELL_MARGIN = Mm(1)
"""Above and below the text of a cell; Word's own margin is nothing."""


def to_docx(charted: Charted, lang: str) -> bytes:
    """Claim charts as one DOCX file, A4 landscape.

    Parameters
    ----------
    charted
        Assessments, numbered in this order, or a patent's; each chart begins a page.
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
    _add_footer(document, words["disclaimer"])
    document.add_heading(words["title"], 1)
    if isinstance(charted, PatentAssessment):
        _add_overview(document, overview(charted, lang), lang)
    for chart in charts(charted, lang):
        _add_case(document, chart, lang, new_page=bool(document.tables))
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
    page.left_margin = page.right_margin = page.top_margin = MARGIN
    page.bottom_margin, page.footer_distance = FOOT, Mm(10)
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


def _add_footer(document: WordDocument, disclaimer: str) -> None:
    """The disclaimer and the page's number at the foot of every page."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{disclaimer}  ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _add_overview(document: WordDocument, above: Overview, lang: str) -> None:
    title = document.add_heading(above.title, 2)
    _ink(title.runs[0], TONES[above.level])
    document.add_paragraph(above.remark)
    rows = _add_table(document, above.labels, OVERVIEW_WIDTHS, len(above.lines))
    for cells, line in zip(rows, above.lines, strict=True):
        number, parents, own, risk, held, review = cells
        _write(number, str(line.number))
        _write(parents, line.parents)
        _write(own, WORDS[lang][line.own])
        _write_label(risk, line.risk, TONES[line.level])
        _write(held, line.held_down_by)
        _write(review, str(len(line.review) or ""))


def _add_case(document: WordDocument, chart: Chart, lang: str, new_page: bool) -> None:
    words, assessment = WORDS[lang], chart.assessment
    title = document.add_heading(chart.title, 2)
    title.paragraph_format.page_break_before = new_page
    _ink(title.runs[0], TONES[chart.level])
    for remark in chart.remarks:
        document.add_paragraph(remark)
    for warning in warnings(assessment, lang):
        _add_warning(document, f"{words['warning']}: {printable(warning)}")
    _add_labelled(document, facts(assessment, lang))
    _add_elements(document, assessment, lang)
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
    _add_labelled(document, origin(assessment, lang))


def _add_labelled(document: WordDocument, values: Mapping[str, str]) -> None:
    paragraph = document.add_paragraph()
    for line, (label, value) in enumerate(values.items()):
        paragraph.add_run(f"\n{label}: " if line else f"{label}: ").bold = True
        paragraph.add_run(printable(value))


def _add_warning(document: WordDocument, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph._p.get_or_add_pPr().append(_shading(WARNING.paper))
    run = paragraph.add_run(text)
    run.bold = True
    _ink(run, WARNING)


def _add_elements(document: WordDocument, assessment: Assessment, lang: str) -> None:
    words = WORDS[lang]
    labels = ["#", *(words[key] for key in ("element", "product", "match", "confidence", "numbers"))]
    rows = _add_table(document, labels, WIDTHS, len(assessment.comparisons))
    for n, (cells, row) in enumerate(zip(rows, assessment.comparisons, strict=True), start=1):
        number, element, quote, judged, probability, amounts = cells
        _write(number, str(n))
        _write(element, row.patent_element)
        _write(quote, row.user_product_element or words["none"]).italic = not row.user_product_element
        _write_label(judged, words[match(row)], TONES[match(row)])
        _write(probability, confidence(row, lang))
        _write(amounts, numbers(row, lang))


def _add_table(
    document: WordDocument, labels: Sequence[str], widths: Sequence[Length], count: int
) -> list[tuple[_Cell, ...]]:
    """A table whose header repeats on every page and whose rows stay whole; the cells of its `count` empty rows."""
    table = document.add_table(rows=1 + count, cols=len(widths), style="Table Grid")
    table.autofit = False
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(_cell_margins())  # where the schema wants it
    header, *rows = table.rows
    header._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for cell, label in zip(header.cells, labels, strict=True):
        _write(cell, label).bold = True
        _shade(cell, HEADER_PAPER)
    return [row.cells for row in rows]


def _write_label(cell: _Cell, text: str, tone: Tone) -> None:
    label = _write(cell, text)
    label.bold = True
    _ink(label, tone)
    _shade(cell, tone.paper)


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
