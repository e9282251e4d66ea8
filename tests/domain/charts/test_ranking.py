"""A ranking in the terminal, as CSV and as a workbook."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from bini.domain.charts.ranking import COLUMNS, FORMULA_STARTS, terminal_ranking, to_csv, write_ranking
from bini.domain.charts.words import WORDS
from bini.domain.labels import RiskLevel
from bini.domain.ranking import RankedRow, Ranking
from bini.domain.wording import Sentence
from bini.errors import InputError

WHY = Sentence(ko="구성 2 미대응: 탁도 센서", en="element 2 does not correspond: 탁도 센서")
ROWS = (
    RankedRow(
        rank=1, id="10-1", title="청소 시스템", claim=3, score=0.875, level=RiskLevel.HIGH, rule_level=RiskLevel.LOW,
        confidence=0.8, deciding=WHY, reason="이유", review=(WHY,),
    ),
    RankedRow(id="=1+1", title="@SUM(A1)", problem="the request is too long"),
)  # fmt: skip
RANKING = Ranking(system="bini-test", rows=ROWS)


def shown(width: int, lang: str) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    console.print(terminal_ranking(RANKING, lang))
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("width", [72, 120])
def test_the_terminal_shows_every_row_within_the_width(lang: str, width: int) -> None:
    lines = shown(width, lang)
    assert max(map(cell_len, lines)) <= width
    text = "".join("".join(lines).split()).replace("│", "")
    for wanted in (
        "10-1",
        "0.88",
        WORDS[lang][RiskLevel.HIGH],
        "=1+1",
        WORDS[lang]["disclaimer"],
        "bini-test",
        f"! {WORDS[lang]['review']}",
    ):
        assert "".join(wanted.split()) in text
    if width == 120:
        assert any(WHY.within(lang) in line and "10-1" in line for line in lines)


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_holds_everything_and_no_formula() -> None:
    header, first, failed = read_csv(to_csv(RANKING, "ko"))
    assert header == [WORDS["ko"][column] for column in COLUMNS]
    assert first == ["1", "10-1", "청소 시스템", "3", "0.8750", "높음", "낮음", "0.8000", WHY.ko, "이유", WHY.ko, ""]
    assert failed == ["", "'=1+1", "'@SUM(A1)", *[""] * 8, "the request is too long"]


def test_a_workbook_holds_the_same_with_filters_and_a_frozen_header(tmp_path: Path) -> None:
    path = tmp_path / "made/ranking.XLSX"
    write_ranking(path, RANKING, "en")
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows(max_row=3, values_only=True))
    assert list(rows[0]) == [WORDS["en"][column] for column in COLUMNS]
    assert rows[1][:8] == (1, "10-1", "청소 시스템", 3, 0.875, "high", "low", 0.8)
    assert sheet["B3"].value == "=1+1"
    assert sheet["B3"].data_type == "s"
    assert sheet["B3"].quotePrefix
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:L3")


@given(st.text(max_size=30))
def test_no_text_becomes_a_formula(text: str) -> None:
    row = RankedRow(id="1", title=text, problem=text)
    [_, cells] = read_csv(to_csv(Ranking(system="m", rows=(row,)), "ko"))
    assert not any(cell.startswith(FORMULA_STARTS) for cell in cells)


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"suffix '\.docx'"):
        write_ranking(tmp_path / "a.docx", RANKING, "ko")
    assert not list(tmp_path.iterdir())
