"""Charts to write and read again: cases, what people write, and a reader for every form that holds text."""

import io
from collections.abc import Callable
from typing import NamedTuple

import docx
import lxml.html
import openpyxl
import pytest
from docx.enum.text import WD_COLOR_INDEX
from markdown_it import MarkdownIt

from bini.domain.answers import Answer, with_answers
from bini.domain.charts.content import Charted
from bini.domain.charts.docx import to_docx
from bini.domain.charts.html import to_html
from bini.domain.charts.markdown import to_markdown
from bini.domain.charts.words import WORDS
from bini.domain.charts.xlsx import to_xlsx
from bini.domain.claims import parse_claims
from bini.domain.labels import Match, RiskLevel
from bini.domain.patents import PatentAssessment, assemble_patent
from bini.domain.schema import Assessment

ROWS = [("센서", "거리 센서", Match.YES), ("제어부", None, Match.UNKNOWN), ("로봇", "청소기", Match.NO)]


@pytest.fixture(scope="session")
def cases(assessment) -> list[Assessment]:
    return [
        assessment(),
        assessment("거리 센서가 있는 청소기", ROWS, RiskLevel.HIGH, adapter="outputs/mine"),
        assessment("거리 센서가 있는 청소기", ROWS, RiskLevel.LOW),
    ]


@pytest.fixture(scope="session")
def settled(ruled) -> Assessment:
    """A case in which one question is answered and another open; the answer tries to be markup."""
    rows = [("점도 5 내지 9 cP", None, Match.UNKNOWN), ("센서", "거리 센서", Match.UNKNOWN), ("로봇", None, Match.YES)]
    plain = ruled("거리 센서 <b>", rows, RiskLevel.HIGH)
    return with_answers(plain, plain, [Answer(1, "7 cP, [a](b) | *x* &amp;")])


@pytest.fixture(scope="session")
def patent(ruled) -> PatentAssessment:
    """Claim 2 adds nothing that is missing but falls with claim 1, in which an answer found an element missing."""
    claims = parse_claims(
        "1. 센서와 팔을 포함하는 로봇.\n2. 제1항에 있어서, 상기 센서는 거리 센서인 로봇.\n3. 바퀴를 포함하는 차."
    )
    product = "거리 센서와 팔이 달린 로봇"
    first = [("센서", "센서", Match.YES), ("팔", "팔", Match.YES), ("로봇", "로봇", Match.YES)]
    rows = {1: first, 2: [("거리 센서인", "거리 센서", Match.YES)], 3: [("바퀴", "팔", Match.NO)]}
    found = {n: ruled(product, row, RiskLevel.LOW if n == 3 else RiskLevel.HIGH) for n, row in rows.items()}
    before = assemble_patent(claims, found)
    return assemble_patent(claims, found | {1: with_answers(found[1], found[1], [Answer(2, "아니요")])}, before)


# Readers


class Read(NamedTuple):
    """What one case of a file says when it is read again."""

    rows: list[list[str]]
    reason: str
    product: list[tuple[str, bool]]
    text: str


def above(charted: Charted) -> int:
    """How many chapters stand before the charts."""
    return int(isinstance(charted, PatentAssessment))


def in_html(element: lxml.html.HtmlElement) -> str:
    for line_break in element.iter("br"):
        line_break.text = "\n"
    return str(element.text_content())


def pieces_in_html(element: lxml.html.HtmlElement, mark: str) -> list[tuple[str, bool]]:
    found = [(element.text or "", False)]
    for child in element:
        found += [(in_html(child), child.tag == mark), (child.tail or "", False)]
    return [(text, marked) for text, marked in found if text]


def read_html(charted: Charted, lang: str) -> list[Read]:
    cases = []
    for article in lxml.html.document_fromstring(to_html(charted, lang)).iter("article"):
        rows = [[in_html(cell) for cell in row] for row in article.iterfind("table/tbody/tr")]
        reason, product = article.findall("p[@class='text']")
        cases.append(Read(rows, in_html(reason), pieces_in_html(product, "mark"), in_html(article)))
    return cases


def read_markdown(charted: Charted, lang: str) -> list[Read]:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    page = reader.render(to_markdown(charted, lang))
    cases = []
    for case in page.split("<h2>")[1 + above(charted) :]:
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


def read_docx(charted: Charted, lang: str) -> list[Read]:
    document = docx.Document(io.BytesIO(to_docx(charted, lang)))
    chapters: list[list[docx.text.paragraph.Paragraph]] = []
    for paragraph in document.paragraphs:
        if paragraph.style.name == "Heading 2":
            chapters.append([])
        if chapters:
            chapters[-1].append(paragraph)
    cases = []
    for table, chapter in list(zip(document.tables, chapters, strict=True))[above(charted) :]:
        titles = [n for n, p in enumerate(chapter) if p.style.name == "Heading 3"]
        reason, product = chapter[titles[0] + 1], chapter[titles[-1] + 1]
        rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
        marked = [(run.text, run.font.highlight_color == WD_COLOR_INDEX.YELLOW) for run in product.runs]
        text = "\n".join([*(p.text for p in chapter), *(cell for row in rows for cell in row)])
        cases.append(Read(rows, reason.text, marked, text))
    return cases


Reader = Callable[[Charted, str], list[Read]]
READERS: dict[str, Reader] = {"markdown": read_markdown, "html": read_html, "docx": read_docx}


@pytest.fixture(params=READERS.values(), ids=READERS)
def read(request) -> Reader:
    """Writes charts in a form and reads them again."""
    return request.param


@pytest.fixture(scope="session", params=["markdown", "html"])
def read_quickly(request) -> Reader:
    """The same, of the forms that are fast enough for hundreds of examples."""
    return READERS[request.param]


@pytest.fixture(params=["ko", "en"])
def lang(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def workbook() -> Callable[..., openpyxl.Workbook]:
    """Writes charts as a workbook and reads it again."""
    return lambda charted, lang="ko": openpyxl.load_workbook(io.BytesIO(to_xlsx(charted, lang)))


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


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def hostile(request) -> str:
    return request.param
