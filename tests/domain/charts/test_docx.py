"""The Word document: page, styles, tables and properties."""

import io

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from bini.domain.charts.docx import to_docx
from bini.domain.charts.words import WORDS

TABLE_SETTINGS = ["tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook"]
"""The order that Word insists on (ECMA-376 part 1, CT_TblPr)."""


def test_the_document_is_set_up(cases, lang: str) -> None:
    document = docx.Document(io.BytesIO(to_docx(cases, lang)))
    page = document.sections[0]
    assert (page.orientation, page.page_width.mm, page.page_height.mm) == (
        WD_ORIENT.LANDSCAPE,
        pytest.approx(297, abs=0.1),
        pytest.approx(210, abs=0.1),
    )
    assert (document.core_properties.title, document.core_properties.author) == (WORDS[lang]["title"], "Bini")
    foot = page.footer.paragraphs[0]
    assert foot.text.startswith(WORDS[lang]["disclaimer"])
    assert [field.get(qn("w:instr")) for field in foot._p.iter(qn("w:fldSimple"))] == ["PAGE"]
    headings = [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == ["Heading 1", *["Heading 2", "Heading 3", "Heading 3"] * 3]
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3"):
        fonts = document.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Malgun Gothic"
        assert fonts.get(qn("w:eastAsiaTheme")) is None
    language = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert (language.get(qn("w:val")), language.get(qn("w:eastAsia"))) == ("en-US", "ko-KR")
    for table in document.tables:
        order = [element.tag.rpartition("}")[2] for element in table._tbl.tblPr]
        assert order == [name for name in TABLE_SETTINGS if name in order]
        header, *others = table.rows
        assert header._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:tblHeader")) is None for row in others)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_every_chart_but_a_first_begins_a_page(cases, patent) -> None:
    def breaks(charted) -> list[bool]:
        paragraphs = docx.Document(io.BytesIO(to_docx(charted, "ko"))).paragraphs
        return [bool(p.paragraph_format.page_break_before) for p in paragraphs if p.style.name == "Heading 2"]

    assert breaks(cases) == [False, True, True]
    assert breaks(patent) == [False, True, True, True]


def test_columns_fill_the_page(patent) -> None:
    document = docx.Document(io.BytesIO(to_docx(patent, "en")))
    page = document.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    for table in document.tables:
        assert sum(column.width for column in table.columns) == pytest.approx(room, rel=0.001)
