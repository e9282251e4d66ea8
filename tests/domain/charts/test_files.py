"""Charts as files: what people wrote is in them as text, and quotes are marked where they stand."""

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

import docx
import lxml.html
import openpyxl
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bini.domain.answers import Answer, with_answers
from bini.domain.charts.content import pieces, printable
from bini.domain.charts.docx import to_docx
from bini.domain.charts.files import FORMS, write_charts
from bini.domain.charts.html import to_html
from bini.domain.charts.markdown import to_markdown
from bini.domain.charts.words import WORDS
from bini.domain.charts.xlsx import CELL_CHARS, to_xlsx
from bini.domain.labels import Match, RangeCheck, RiskLevel, roll_up
from bini.domain.schema import AssessedElement, Assessment, NumberCheck, Provenance
from bini.errors import InputError

Row = tuple[str, str | None, Match]
LANGUAGES = ["ko", "en"]


def assessment(
    product: str = "TBC 성분이 들어간 미백 크림",
    rows: Sequence[Row] = (("유효성분", "TBC 성분", Match.YES), ("화장료", "미백 크림", Match.YES)),
    level: RiskLevel = RiskLevel.HIGH,
    reason: str = "두 구성이 모두 있다.",
    adapter: str | None = None,
    spans: Sequence[tuple[int, int]] | None = None,
) -> Assessment:
    """A case whose quotes stand at `spans`, by default where they are found in the product."""
    quotes = [quote for _, quote, _ in rows if quote]
    places = iter(spans or [(product.find(quote), product.find(quote) + len(quote)) for quote in quotes])
    return Assessment(
        product=product,
        comparisons=tuple(
            AssessedElement(
                patent_element=element,
                user_product_element=quote,
                match=match,
                **dict(zip(("quote_start", "quote_end"), next(places) if quote else (None, None), strict=True)),
                probabilities={m: 0.84 if m is match else 0.08 for m in Match},
            )
            for element, quote, match in rows
        ),
        decision_reason=reason,
        risk_level=level,
        probabilities={found: 0.62 if found is level else 0.19 for found in RiskLevel},
        rule_level=roll_up(match for _, _, match in rows),
        provenance=Provenance(
            model="bini-test",
            model_fingerprint="f1" * 32,
            adapter=adapter,
            adapter_sha256="ad" * 32 if adapter else None,
            prompt_sha256="p",
            schema_sha256="s",
            rules="KR 1",
            bini_version="0.1.0",
        ),
    )


class Read(NamedTuple):
    """What one case of a file says when it is read again."""

    rows: list[list[str]]
    reason: str
    product: list[tuple[str, bool]]
    text: str


def in_html(element: lxml.html.HtmlElement) -> str:
    for line_break in element.iter("br"):
        line_break.text = "\n"
    return str(element.text_content())


def pieces_in_html(element: lxml.html.HtmlElement, mark: str) -> list[tuple[str, bool]]:
    found = [(element.text or "", False)]
    for child in element:
        found += [(in_html(child), child.tag == mark), (child.tail or "", False)]
    return [(text, marked) for text, marked in found if text]


def read_html(assessments: Sequence[Assessment], lang: str) -> list[Read]:
    cases = []
    for article in lxml.html.document_fromstring(to_html(assessments, lang)).iter("article"):
        rows = [[in_html(cell) for cell in row] for row in article.iterfind("table/tbody/tr")]
        reason, product = article.findall("p[@class='text']")
        cases.append(Read(rows, in_html(reason), pieces_in_html(product, "mark"), in_html(article)))
    return cases


def read_markdown(assessments: Sequence[Assessment], lang: str) -> list[Read]:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    page = reader.render(to_markdown(assessments, lang))
    cases = []
    for case in page.split("<h2>")[1:]:
        body = lxml.html.fragment_fromstring(f"<div><h2>{case}</div>")
        chart, product = body.findall("table")
        label = f"{WORDS[lang]['reason']}: "
        reasons = [in_html(p) for p in body.findall("p") if in_html(p).startswith(label)]
        assert len(reasons) == 1
        rows = [[in_html(cell) for cell in row] for row in chart.iterfind("tbody/tr")]
        marked = pieces_in_html(product.find("tbody/tr/td"), "strong")
        cases.append(Read(rows, reasons[0].removeprefix(label), merged(marked), in_html(body)))
    return cases


def merged(marked: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Text on both sides of a line break is one piece."""
    found: list[tuple[str, bool]] = []
    for text, is_marked in marked:
        if found and found[-1][1] == is_marked:
            found[-1] = (found[-1][0] + text, is_marked)
        else:
            found.append((text, is_marked))
    return found


def read_docx(assessments: Sequence[Assessment], lang: str) -> list[Read]:
    document = docx.Document(io.BytesIO(to_docx(assessments, lang)))
    chapters: list[list[docx.text.paragraph.Paragraph]] = []
    for paragraph in document.paragraphs:
        if paragraph.style.name == "Heading 2":
            chapters.append([])
        if chapters:
            chapters[-1].append(paragraph)
    cases = []
    for table, chapter in zip(document.tables, chapters, strict=True):
        titles = [n for n, p in enumerate(chapter) if p.style.name == "Heading 3"]
        reason, product = chapter[titles[0] + 1], chapter[titles[-1] + 1]
        rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
        marked = [(run.text, run.font.highlight_color == WD_COLOR_INDEX.YELLOW) for run in product.runs]
        text = "\n".join([*(p.text for p in chapter), *(cell for row in rows for cell in row)])
        cases.append(Read(rows, reason.text, marked, text))
    return cases


Reader = Callable[[Sequence[Assessment], str], list[Read]]
READERS: dict[str, Reader] = {
    "markdown": read_markdown,
    "html": read_html,
    "docx": read_docx,
}
forms = pytest.mark.parametrize("read", READERS.values(), ids=READERS)
languages = pytest.mark.parametrize("lang", LANGUAGES)


def workbook(assessments: Sequence[Assessment], lang: str = "ko") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(to_xlsx(assessments, lang)))


def values(sheet: openpyxl.worksheet.worksheet.Worksheet, count: int) -> list[tuple[object, ...]]:
    """The first `count` rows under the header."""
    return list(sheet.iter_rows(min_row=2, max_row=1 + count, values_only=True))


ROWS = [("센서", "거리 센서", Match.YES), ("제어부", None, Match.UNKNOWN), ("로봇", "청소기", Match.NO)]
CASES = [
    assessment(),
    assessment("거리 센서가 있는 청소기", ROWS, RiskLevel.HIGH, adapter="outputs/mine"),
    assessment("거리 센서가 있는 청소기", ROWS, RiskLevel.LOW),
]


@forms
@languages
def test_a_case_is_told_whole(read: Reader, lang: str) -> None:
    words = WORDS[lang]
    first, second, _ = read(CASES, lang)
    assert second.rows == [
        ["1", "센서", "거리 센서", words["대응"], "84%", ""],
        ["2", "제어부", words["none"], words["판단불가"], "84%", ""],
        ["3", "로봇", "청소기", words["미대응"], "84%", ""],
    ]
    assert second.reason == "두 구성이 모두 있다."
    assert second.product == [("거리 센서", True), ("가 있는 ", False), ("청소기", True)]
    for said in (
        f"{words['case']} 2. {words['risk']}: {words['높음']}",
        f"{words['높음']} 62%, {words['애매']} 19%, {words['낮음']} 19%",
        "bini-test (SHA-256 f1f1f1f1f1f1f1f1)",
        "outputs/mine (SHA-256 adadadadadadadad)",
        "0.1.0",
    ):
        assert said in second.text
    assert len(first.rows) == 2
    assert words["no_adapter"] in first.text


@forms
@languages
def test_an_adapter_whose_checks_were_overridden_is_named_as_such(read: Reader, lang: str) -> None:
    sound = assessment(adapter="outputs/mine")
    origin = sound.provenance.model_copy(update={"forced": ("shapes", "scale")})
    note = WORDS[lang]["forced"].format(checks="shapes, scale")
    before, after = read([sound, sound.model_copy(update={"provenance": origin})], lang)
    assert note in after.text
    assert note not in before.text


@forms
@languages
def test_what_code_found_for_the_numbers_stands_in_the_row(read: Reader, lang: str) -> None:
    words = WORDS[lang]
    plain = assessment("판텐올 7%를 넣은 크림", [("판테놀 1 내지 5%, 점도 500 cP", "판텐올 7%", Match.YES)])
    numbers = (
        NumberCheck(claimed="1 내지 5%", said="7%", said_start=4, said_end=6, result=RangeCheck.OUT),
        NumberCheck(claimed="500 cP", said=None, said_start=None, said_end=None, result=RangeCheck.NOT_GIVEN),
    )
    rows = tuple(row.model_copy(update={"numbers": numbers}) for row in plain.comparisons)
    (case,) = read([plain.model_copy(update={"comparisons": rows})], lang)
    assert case.rows[0][-1].split("\n") == [f"{words['out']}: 7%", words["not_given"]]


@forms
@pytest.mark.parametrize(
    ("lang", "warning"),
    [
        ("ko", "주의: 모델은 높음, 구성요소 완비의 원칙은 낮음 (미대응인 구성요소: 3): 검토가 필요합니다"),
        (
            "en",
            "Warning: The model says high, the all-elements rule low (elements that do not correspond: 3): needs",
        ),
    ],
)
def test_disagreement_is_a_warning(read: Reader, ruled, lang: str, warning: str) -> None:
    cases = [ruled("거리 센서가 있는 청소기", ROWS, level) for level in (RiskLevel.LOW, RiskLevel.HIGH, RiskLevel.LOW)]
    for case, agrees in zip(read(cases, lang), (True, False, True), strict=True):
        assert (warning in case.text) is not agrees
        assert (WORDS[lang]["agrees"] in case.text) is agrees


@forms
@languages
def test_calibrated_probabilities_and_possible_levels_are_told(read: Reader, lang: str) -> None:
    words = WORDS[lang]
    calibrated = dict(zip(RiskLevel, (0.5, 0.3, 0.2), strict=True))
    known = {"calibrated": calibrated, "possible_levels": (RiskLevel.HIGH, RiskLevel.LOW)}
    told, plain = read([assessment().model_copy(update=known), assessment()], lang)
    assert f"{words['높음']} 50%, {words['애매']} 30%, {words['낮음']} 20%" in told.text
    assert f"{words['높음']}, {words['낮음']}" in told.text
    for label in (words["calibrated"], words["possible"]):
        assert label in told.text
        assert label not in plain.text


@forms
@languages
def test_after_answers_no_level_is_called_possible(read: Reader, ruled, lang: str) -> None:
    """The calibration speaks of what the model answered before."""
    before = ruled("거리 센서", [("센서", "거리 센서", Match.UNKNOWN)], RiskLevel.AMBIGUOUS, possible=tuple(RiskLevel))
    told, after = read([before, with_answers(before, before, [Answer(1, "대응")])], lang)
    assert f"{WORDS[lang]['높음']}, {WORDS[lang]['애매']}, {WORDS[lang]['낮음']}" in told.text
    assert f"{WORDS[lang]['높음']}, {WORDS[lang]['애매']}, {WORDS[lang]['낮음']}" not in after.text


@pytest.fixture
def settled(ruled) -> Assessment:
    """A case in which one question is answered and another open; the answer tries to be markup."""
    rows = [("점도 5 내지 9 cP", None, Match.UNKNOWN), ("센서", "거리 센서", Match.UNKNOWN), ("로봇", None, Match.YES)]
    plain = ruled("거리 센서 <b>", rows, RiskLevel.HIGH)
    return with_answers(plain, plain, [Answer(1, "7 cP, [a](b) | *x* &amp;")])


@forms
@languages
def test_questions_answers_and_reasons_stand_in_every_form(read: Reader, settled: Assessment, lang: str) -> None:
    words, (case,) = WORDS[lang], read([settled], lang)
    text = re.sub(r"\s+", " ", case.text)
    assert f"{words['risk']}: {words['애매']} ({words['answered']})" in text
    assert case.rows[0][3:] == [words["대응"], f"{words['answer']}: 7 cP, [a](b) | *x* &amp;", f"{words['in']}: 7 cP"]
    assert f"{words['판단불가']} → {words['대응']} ({words['answer']}: 7 cP, [a](b) | *x* &amp;)" in text
    assert settled.equivalents is not None
    assert [question.element for question in settled.questions] == [2, 3]
    for told in (
        *(question.question for question in settled.questions),
        *(question.effect for question in settled.questions),
        *settled.equivalents.questions,
        *(reason.words for reason in settled.review),
    ):
        assert told.within(lang) in text


@languages
def test_questions_have_a_sheet_of_their_own(settled: Assessment, lang: str) -> None:
    words, book = WORDS[lang], workbook([settled], lang)
    first, second = values(book["questions"], 2)
    asked = settled.questions[0]
    assert first[:4] == (1, "센서", asked.question.within(lang), asked.effect.within(lang))
    assert first[4:] == (pytest.approx(asked.movement, abs=0.005), words["애매"], words["낮음"])
    assert second[1] == "로봇"
    assert values(book["chart"], 1)[0][3:7] == (words["대응"], None, "7 cP, [a](b) | *x* &amp;", f"{words['in']}: 7 cP")
    reviewed = values(book["cases"], 1)[0][8]
    assert reviewed == "\n".join(reason.words.within(lang) for reason in settled.review)


@languages
def test_every_file_ends_with_the_disclaimer(lang: str) -> None:
    legal = {"ko": "선별용 참고 자료이며 법률 의견이 아닙니다", "en": "A screening aid, not legal advice"}[lang]
    for cases in (CASES, []):
        assert legal in to_markdown(cases, lang).splitlines()[-1]
        assert legal in lxml.html.document_fromstring(to_html(cases, lang)).find("body")[-1].text_content()
        assert legal in docx.Document(io.BytesIO(to_docx(cases, lang))).paragraphs[-1].text
        assert all(legal in sheet.cell(sheet.max_row, 1).value for sheet in workbook(cases, lang))


def test_each_language_has_every_word() -> None:
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    english = to_html(CASES, "en")
    for word in ("높음", "미대응", "판단불가", "사례", "모델", "이유"):
        assert word not in english


# What people write

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "closing tags": "</td></table></style></mark>",
    "attribute": "\" onmouseover='alert(1)",
    "entity": "&lt;b&gt; &amp; &#51; &nbsp;",
    "formula": '=HYPERLINK("http://x","y")',
    "sum": "+1-1",
    "minus": "-1+1",
    "at": "@SUM(A1)",
    "error value": "#N/A",
    "excel escape": "_x0041_ _x000D_",
    "pipe": "a|b\\|c || \\",
    "newlines": "a\nb\n\nc",
    "heading and list": "x\n# a\n- b\n> c\n1. d\n---\n    e",
    "markdown": "**a** __b__ *c* `d` ~~e~~ [f](http://g) ![h](i) 5~10 20~30 $j$",
    "template": "{{ 7 * 7 }} {% raw %}",
    "emoji": "🧪👩‍🔬👍🏽",
    "rare syllable": "뷁 각",
    "right to left": "\u202eabc\u202c \u200fשלום",
    "long word": "가나다" * 60,
}


@forms
@languages
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(read: Reader, text: str, lang: str) -> None:
    [case] = read([assessment(f"{text} 뒤", [(text, text, Match.YES)], reason=text, adapter=text)], lang)
    assert case.rows == [["1", text, text, WORDS[lang]["대응"], "84%", ""]]
    assert case.reason == text
    assert case.product == [(text, True), (" 뒤", False)]
    assert f"{text} (SHA-256 " in case.text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text_in_a_spreadsheet(text: str) -> None:
    book = workbook([assessment(text, [(text, text, Match.YES)], reason=text, adapter=text)])
    stored = text.replace("_x", "_x005F_x")
    _, element, quote, *_, reason = values(book["chart"], 1)[0]
    assert [element, quote, reason] == [stored] * 3
    assert [values(book["cases"], 1)[0][n] for n in (9, 10, 13)] == [stored] * 3
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == stored):
            assert cell.data_type == "s"
            assert cell.quotePrefix is (text[0] in "=+-@")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_what_looks_like_a_formula_is_text(first: str) -> None:
    cell = workbook([assessment(reason=f"{first}1+1")])["cases"]["J2"]
    assert cell.value == printable(f"{first}1+1")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


CONTROL = "a\0b\x0bc\x1bd\x7fe\x85f\ufffeg\r\nh\ri\tj"
CLEAN = "abcdefg\nh\ni\tj"


@forms
def test_control_characters_are_dropped(read: Reader) -> None:
    case = read([assessment(f"{CONTROL} 뒤", [(CONTROL, CONTROL, Match.YES)], reason=CONTROL)], "ko")[0]
    assert case.rows[0][1:3] == [CLEAN, CLEAN]
    assert case.reason == CLEAN
    assert case.product == [(CLEAN, True), (" 뒤", False)]


def test_control_characters_are_dropped_from_a_spreadsheet() -> None:
    book = workbook([assessment(CONTROL, [(CONTROL, CONTROL, Match.YES)], reason=CONTROL)])
    assert values(book["cases"], 1)[0][9:11] == (CLEAN, CLEAN)


def test_lone_surrogates_are_dropped() -> None:
    assert printable("a\ud800b\U0001f9ea") == "ab\U0001f9ea"


# Highlights

HIGHLIGHTS: dict[str, tuple[str, list[tuple[int, int]], list[tuple[str, bool]]]] = {
    "apart": ("가나다라마", [(0, 1), (3, 4)], [("가", True), ("나다", False), ("라", True), ("마", False)]),
    "out of order": ("가나다라마", [(3, 4), (0, 1)], [("가", True), ("나다", False), ("라", True), ("마", False)]),
    "overlapping": ("가나다라마", [(0, 3), (2, 4)], [("가나다라", True), ("마", False)]),
    "nested": ("가나다라마", [(1, 4), (2, 3)], [("가", False), ("나다라", True), ("마", False)]),
    "touching": ("가나다라마", [(0, 2), (2, 4)], [("가나다라", True), ("마", False)]),
    "the same twice": ("가나다라마", [(1, 2), (1, 2)], [("가", False), ("나", True), ("다라마", False)]),
    "everything": ("가나다라마", [(0, 5)], [("가나다라마", True)]),
    "brackets before a particle": ("물(10%)을 넣음", [(1, 6)], [("물", False), ("(10%)", True), ("을 넣음", False)]),
    "symbols beside symbols": ("가*(나)*다", [(2, 5)], [("가*", False), ("(나)", True), ("*다", False)]),
    "unit before a particle": ("두께 10㎛로", [(3, 6)], [("두께 ", False), ("10㎛", True), ("로", False)]),
    "line break inside": ("가\n나다", [(0, 3)], [("가\n나", True), ("다", False)]),
    "line break at the edge": ("가\n나다", [(1, 3)], [("가", False), ("\n나", True), ("다", False)]),
    "a dropped character between": ("가\0나다", [(0, 1), (2, 3)], [("가나", True), ("다", False)]),
    "half an emoji": ("👩‍🔬 가", [(0, 1)], [("👩", True), ("\u200d🔬 가", False)]),
}


@forms
@pytest.mark.parametrize(("product", "spans", "expected"), HIGHLIGHTS.values(), ids=HIGHLIGHTS)
def test_quotes_are_marked_where_they_stand(
    read: Reader,
    product: str,
    spans: list[tuple[int, int]],
    expected: list[tuple[str, bool]],
) -> None:
    rows = [("구성", product[start:end], Match.YES) for start, end in spans]
    assert read([assessment(product, rows, spans=spans)], "ko")[0].product == expected


def test_only_the_place_of_the_offsets_is_marked() -> None:
    case = assessment("크림 크림 크림", [("구성", "크림", Match.YES)], spans=[(3, 5)])
    assert pieces(case) == [("크림 ", False), ("크림", True), (" 크림", False)]


def letters(product: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Characters with their marks; bold cannot hold white space at its ends."""
    return [(c, marked) for text, marked in product for c in text if not c.isspace()]


marks = st.text("가a1 (*_~|\\`<&>[]!#-.$㎛🧪\n\t\u3000\u2028\u200d", min_size=1) | st.text(min_size=1)


@given(data=st.data(), product=marks)
@settings(deadline=None)
def test_any_text_and_any_quotes(data: st.DataObject, product: str) -> None:
    position = st.integers(0, len(product))
    span = st.tuples(position, position).map(lambda pair: (min(pair), max(pair)))
    spans = data.draw(st.lists(span, min_size=1, max_size=4))
    case = assessment(product, [("구성", "?", Match.YES)] * len(spans), reason="x", spans=spans)
    expected = letters(pieces(case))
    assert "".join(c for c, _ in expected) == re.sub(r"\s", "", printable(product))
    for read in (read_markdown, read_html):
        assert letters(read([case], "ko")[0].product) == expected


@given(text=marks)
@settings(deadline=None)
def test_any_text_in_any_cell(text: str) -> None:
    case = assessment("제품", [(text, text, Match.YES)], reason=f"x{text}")
    for read in (read_markdown, read_html):
        [told] = read([case], "ko")
        for cell in (*told.rows[0][1:3], told.reason.removeprefix("x")):
            assert re.sub(r"\s", "", cell) == re.sub(r"\s", "", printable(text))


# Each form


def test_the_page_needs_and_allows_nothing_else() -> None:
    text = to_html(CASES, "ko")
    page = lxml.html.document_fromstring(text)
    [style] = page.iter("style")
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not {e.tag for e in page.iter()} & {"script", "link", "img", "iframe", "object", "base", "form", "a"}
    assert not {name for e in page.iter() for name in e.attrib} & {"src", "href", "style", "onclick"}
    assert "url(" not in style.text
    assert "@import" not in style.text


@languages
def test_the_page_can_be_read_aloud_and_printed(lang: str) -> None:
    page = lxml.html.document_fromstring(to_html(CASES, lang))
    assert page.get("lang") == lang
    assert page.find(".//title").text == WORDS[lang]["title"]
    assert page.find(".//meta[@name='viewport']") is not None
    assert {th.get("scope") for th in page.iterfind(".//thead//th")} == {"col"}
    css = page.find(".//style").text
    for rule in ("@page { size: A4", "@media print", "thead { display: table-header-group", "break-inside: avoid"):
        assert rule in css


TABLE_SETTINGS = ["tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook"]
"""The order that Word insists on (ECMA-376 part 1, CT_TblPr)."""


@languages
def test_the_document_is_set_up(lang: str) -> None:
    document = docx.Document(io.BytesIO(to_docx(CASES, lang)))
    page = document.sections[0]
    assert (page.orientation, page.page_width.mm, page.page_height.mm) == (
        WD_ORIENT.LANDSCAPE,
        pytest.approx(297, abs=0.1),
        pytest.approx(210, abs=0.1),
    )
    assert (document.core_properties.title, document.core_properties.author) == (WORDS[lang]["title"], "Bini")
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


@languages
def test_the_sheets_hold_a_row_per_element_and_per_case(lang: str) -> None:
    words, book = WORDS[lang], workbook(CASES, lang)
    assert book.sheetnames == ["chart", "cases", "questions"]
    high, low, reason = words["높음"], words["낮음"], "두 구성이 모두 있다."
    unknown, no = words["판단불가"], words["미대응"]
    assert values(book["chart"], 8)[1:5] == [
        (1, "화장료", "미백 크림", words["대응"], 0.84, None, None, high, high, words["yes"], reason),
        (2, "센서", "거리 센서", words["대응"], 0.84, None, None, high, low, words["no"], reason),
        (2, "제어부", words["none"], unknown, 0.84, None, None, high, low, words["no"], reason),
        (2, "로봇", "청소기", no, 0.84, None, None, high, low, words["no"], reason),
    ]
    assert values(book["cases"], 3)[1] == (
        *(2, high, 0.62, 0.19, 0.19, None, low, words["no"], None, reason, "거리 센서가 있는 청소기"),
        *("bini-test", "f1" * 32, "outputs/mine", "ad" * 32, "KR 1", "0.1.0"),
    )
    assert book["chart"]["E2"].number_format == "0%"
    assert book.properties.title == words["title"]
    assert book["chart"].auto_filter.ref == "A1:K9"
    assert book["cases"].auto_filter.ref == "A1:Q4"
    assert {sheet.freeze_panes for sheet in book} == {"A2"}


def test_columns_fit_korean_and_long_text_is_wrapped() -> None:
    rows = [("가" * 20, "a" * 20, Match.YES), ("x", "나" * 500, Match.YES)]
    sheet = workbook([assessment("제품", rows)])["chart"]
    width = {letter: sheet.column_dimensions[letter].width for letter in "ABC"}
    assert 40 <= width["B"] <= 44
    assert width["C"] == 44
    assert width["A"] < 12
    assert sheet["C3"].alignment.wrap_text
    low, high = (sheet.row_dimensions[number].height for number in (2, 3))
    assert low < 20
    assert high > 20 * low


def test_text_that_no_cell_holds_is_cut_and_the_cell_says_so() -> None:
    fits, too_long = "🧪" * (CELL_CHARS // 2), "🧪" * CELL_CHARS
    book = workbook([assessment(fits), assessment(too_long)], "en")
    kept, cut = (row[10] for row in values(book["cases"], 2))
    assert kept == fits
    found = re.fullmatch("(🧪+)… \\[([\\d,]+) characters do not fit in the cell\\]", str(cut))
    assert found
    assert len(found[1]) + int(found[2].replace(",", "")) == CELL_CHARS
    assert len(str(cut).encode("utf-16-le")) <= 2 * CELL_CHARS


@pytest.mark.parametrize("write", [to_docx, to_xlsx])
def test_the_same_charts_are_the_same_bytes(write: Callable[[Sequence[Assessment], str], bytes]) -> None:
    content = write(CASES, "ko")
    assert content == write(CASES, "ko")
    archive = ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    dates = re.findall(rb">(\d{4}-\d\d-\d\dT[\d:]+Z?)<", archive.read("docProps/core.xml"))
    assert dates == [b"1980-01-01T00:00:00Z"] * 2


@pytest.mark.parametrize("suffix", FORMS)
def test_the_suffix_chooses_the_form(tmp_path: Path, suffix: str) -> None:
    for name in (f"chart{suffix}", f"CHART{suffix.upper()}"):
        write_charts(tmp_path / name, CASES, "en")
        content = (tmp_path / name).read_bytes()
        written = FORMS[suffix](CASES, "en")
        assert content == (written.encode() if isinstance(written, str) else written)


def test_json_is_the_judgements_alone(tmp_path: Path) -> None:
    write_charts(tmp_path / "charts.json", CASES, "en")
    lines = (tmp_path / "charts.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [case.judgement.model_dump(mode="json") for case in CASES]


@pytest.mark.parametrize("name", ["chart", "chart.pdf", "chart.docx.bak", ".md"])
def test_a_file_of_unknown_form_is_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as told:
        write_charts(tmp_path / name, CASES, "ko")
    assert name in told.value.message
    assert all(suffix in told.value.hint for suffix in FORMS)
    assert list(tmp_path.iterdir()) == []
