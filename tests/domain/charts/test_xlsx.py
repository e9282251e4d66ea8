"""The workbook: its sheets, widths, and cells that stay text."""

import re

import openpyxl
import pytest

from bini.domain.charts.content import printable
from bini.domain.charts.words import WORDS
from bini.domain.charts.xlsx import CELL_CHARS
from bini.domain.labels import Match, RiskLevel

Sheet = openpyxl.worksheet.worksheet.Worksheet


def rows(sheet: Sheet) -> list[dict[str, object]]:
    """The rows that its filter is over, by the labels of its header."""
    header, *others = (tuple(cell.value for cell in row) for row in sheet[sheet.auto_filter.ref])
    return [dict(zip(header, row, strict=True)) for row in others]


def test_the_sheets_hold_a_row_per_element_and_per_case(cases, workbook, lang: str) -> None:
    words, book = WORDS[lang], workbook(cases, lang)
    assert book.sheetnames == ["chart", "cases", "questions"]
    high, unknown, no = words["높음"], words["판단불가"], words["미대응"]
    assert [tuple(row.values()) for row in rows(book["chart"])][1:5] == [
        (1, 2, "화장료", "미백 크림", words["대응"], 0.84, None, None, high),
        (2, 1, "센서", "거리 센서", words["대응"], 0.84, None, None, high),
        (2, 2, "제어부", words["none"], unknown, 0.84, None, None, high),
        (2, 3, "로봇", "청소기", no, 0.84, None, None, high),
    ]
    second = rows(book["cases"])[1]
    assert len(rows(book["cases"])) == 3
    assert second[words["case"]] == 2
    assert (second[words["risk"]], second[words["rule"]], second[words["agreement"]]) == (
        high,
        words["낮음"],
        words["no"],
    )
    assert [second[f"{words['confidence']}: {words[level]}"] for level in RiskLevel] == [0.62, 0.19, 0.19]
    assert (second[words["reason"]], second[words["description"]]) == (
        "두 구성이 모두 있다.",
        "거리 센서가 있는 청소기",
    )
    assert list(second.values())[-6:] == ["bini-test", "f1" * 32, "outputs/mine", "ad" * 32, "KR 1", "0.1.0"]
    assert book["chart"]["F2"].number_format == "0%"
    assert (book.properties.title, book.properties.creator) == (words["title"], "Bini")
    assert {sheet.freeze_panes for sheet in book} == {"A2"}


def test_a_patent_s_level_stands_on_the_first_sheet_above_its_claims(patent, workbook, lang: str) -> None:
    words, book = WORDS[lang], workbook(patent, lang)
    assert book.sheetnames == ["patent", "chart", "cases", "questions"]
    high, low = words["높음"], words["낮음"]
    assert [tuple(row.values())[:5] for row in rows(book["patent"])] == [
        (words["patent"], None, None, low, None),
        (1, None, low, low, None),
        (2, "1", high, low, "1"),
        (3, None, low, low, None),
    ]
    assert {row[words["claim"]] for row in rows(book["chart"])} == {1, 2, 3}
    assert [row[words["risk"]] for row in rows(book["cases"])] == [low, low, low]
    assert f"{high} → {low}" in rows(book["cases"])[0][words["changes"]]


def test_pages_are_a4_across_with_header_disclaimer_and_number(cases, workbook, lang: str) -> None:
    for sheet in workbook(cases, lang):
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$A")
        assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == (WORDS[lang]["disclaimer"], "&P / &N")
        width = sum(column.width for column in sheet.column_dimensions.values())
        assert width / sheet.page_setup.fitToWidth <= 220, "no page is shrunk until its letters cannot be read"


def test_columns_fit_korean_and_long_text_is_wrapped(assessment, workbook) -> None:
    found = [("가" * 20, "a" * 20, Match.YES), ("x", "나" * 500, Match.YES)]
    sheet = workbook([assessment("제품", found)])["chart"]
    width = {letter: sheet.column_dimensions[letter].width for letter in "ABCD"}
    assert 40 <= width["C"] <= 44
    assert width["D"] == 44
    assert width["A"] < 12
    assert sheet["D3"].alignment.wrap_text
    low, high = (sheet.row_dimensions[number].height for number in (2, 3))
    assert low < 20
    assert high > 20 * low


def test_text_that_no_cell_holds_is_cut_and_the_cell_says_so(assessment, workbook) -> None:
    fits, too_long = "🧪" * (CELL_CHARS // 2), "🧪" * CELL_CHARS
    book = workbook([assessment(fits), assessment(too_long)], "en")
    kept, cut = (row["Product description"] for row in rows(book["cases"]))
    assert kept == fits
    found = re.fullmatch("(🧪+)… \\[([\\d,]+) characters do not fit in the cell\\]", str(cut))
    assert found
    assert len(found[1]) + int(found[2].replace(",", "")) == CELL_CHARS
    assert len(str(cut).encode("utf-16-le")) <= 2 * CELL_CHARS


def test_questions_have_a_sheet_of_their_own(workbook, settled, lang: str) -> None:
    words, book = WORDS[lang], workbook([settled], lang)
    first, second = (tuple(row.values()) for row in rows(book["questions"]))
    asked = settled.questions[0]
    assert first[:5] == (1, 2, "센서", asked.question.within(lang), asked.effect.within(lang))
    assert first[5:] == (pytest.approx(asked.movement, abs=0.005), words["애매"], words["낮음"])
    assert second[1:3] == (3, "로봇")


def test_answers_reasons_and_changes_have_columns_of_their_own(workbook, settled, lang: str) -> None:
    words, book = WORDS[lang], workbook([settled], lang)
    answered, case = rows(book["chart"])[0], rows(book["cases"])[0]
    assert answered[words["answer"]] == "7 cP, [a](b) | *x* &amp;"
    assert (answered[words["confidence"]], answered[words["numbers"]]) == (None, f"{words['in']}: 7 cP")
    assert case[words["review"]] == "\n".join(reason.words.within(lang) for reason in settled.review)
    assert f"{words['element']} 1: {words['판단불가']} → {words['대응']}" in case[words["changes"]]
    asked = [question.within(lang) for question in settled.equivalents.questions]
    assert case[words["equivalents"]].splitlines() == asked


def test_levels_that_a_calibration_leaves_possible_have_a_column(assessment, workbook, lang: str) -> None:
    words = WORDS[lang]
    known = {"possible_levels": (RiskLevel.HIGH, RiskLevel.LOW)}
    told, plain = rows(workbook([assessment().model_copy(update=known), assessment()], lang)["cases"])
    assert (told[words["possible"]], plain[words["possible"]]) == (f"{words['높음']}, {words['낮음']}", None)


def test_hostile_text_stays_text_in_a_spreadsheet(assessment, workbook, hostile: str) -> None:
    words = WORDS["ko"]
    book = workbook([assessment(hostile, [(hostile, hostile, Match.YES)], reason=hostile, adapter=hostile)])
    stored = hostile.replace("_x", "_x005F_x")
    (element,), (case,) = rows(book["chart"]), rows(book["cases"])
    assert [element[words[key]] for key in ("element", "product")] == [stored] * 2
    assert [case[words[key]] for key in ("reason", "description", "adapter")] == [stored] * 3
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value == stored):
            assert cell.data_type == "s"
            assert cell.quotePrefix is (hostile[0] in "=+-@")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_what_looks_like_a_formula_is_text(assessment, workbook, first: str) -> None:
    cell = workbook([assessment(reason=f"{first}1+1")])["cases"]["J2"]
    assert cell.value == printable(f"{first}1+1")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_control_characters_are_dropped_from_a_spreadsheet(assessment, workbook) -> None:
    control, clean = "a\0b\x0bc\r\nd", "abc\nd"
    book = workbook([assessment(control, [(control, control, Match.YES)], reason=control)])
    (case,) = rows(book["cases"])
    assert (case["이유"], case["제품 설명"]) == (clean, clean)
