"""Lists to rank: three kinds of file say the same, and a bad row is told with its line."""

import csv
import io
import json
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bini.domain.candidates import PATENTS, PRODUCTS, ROWS_MAX, Candidate, read_candidates
from bini.errors import BiniError, DataError, InputError

HEADER = ["id", "title", "claim", "claims", "note"]
ROWS = [
    ["10-1", "컵", "덮개를 포함하는 컵.", "", "x"],
    ["10-2", "", "", "1. 덮개를 포함하는 컵.\n2. 제1항에 있어서, 붉은 컵.", ""],
    ["10-3", "병", "", "", ""],
]
READ = [("10-1", "컵", "claim"), ("10-2", "", "claims"), ("10-3", "병", "claim")]


def save(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def as_csv(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def as_xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def seen(found: list[Candidate]) -> list[tuple[str, str, str]]:
    return [(c.id, c.title, c.column) for c in found]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", "\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS)),
        ("a.csv", as_csv([HEADER, *ROWS])),
        ("a.csv", as_csv([HEADER, *ROWS]).encode("cp949")),
        ("a.csv", b"\xef\xbb\xbf" + as_csv([HEADER, [], *ROWS]).encode()),
        ("a.xlsx", as_xlsx([HEADER, *([cell or None for cell in row] for row in ROWS)])),
    ],
)
def test_every_kind_of_list_says_the_same(tmp_path: Path, name: str, content: bytes | str) -> None:
    found = read_candidates(save(tmp_path / name, content), PATENTS)
    assert seen(found) == READ
    assert [c.text for c in found] == [ROWS[0][2], ROWS[1][3], ""]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", as_csv([HEADER, ROWS[1], [], ROWS[0]]))
    assert [c.line for c in read_candidates(path, PATENTS)] == [2, 5]


def test_numbers_are_names_and_text_is_composed(tmp_path: Path) -> None:
    book = as_xlsx([["ID", "product"], [1020123456789, "컵"], [2.0, unicodedata.normalize("NFD", "덮개")]])
    found = read_candidates(save(tmp_path / "a.xlsx", book), PRODUCTS)
    assert [(c.id, c.text) for c in found] == [("1020123456789", "컵"), ("2", "덮개")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", "", "kind"),
        ("a.jsonl", "", "holds no rows"),
        ("a.jsonl", '{"id": 1, "claim": "x"}\n\n{"id": 2,}', "line 3: not valid JSON"),
        ("a.jsonl", "[" * 100_000, "line 1: not valid JSON"),
        ("a.jsonl", '["id"]', "line 1: not an object"),
        ("a.jsonl", '{"id": 1, "product": "x"}', "line 1: none of claim or claims"),
        ("a.jsonl", '{"id": 1, "claim": "x", "claims": "y"}', "line 1: more than one of claim or claims"),
        ("a.jsonl", '{"claim": "x"}', "line 1: there is no id"),
        ("a.jsonl", '{"id": 1, "claim": ["x"]}', "line 1, claim: .* is no text"),
        ("a.jsonl", '{"id": true, "claim": "x"}', "line 1, id: 'True' is no text"),
        ("a.jsonl", '{"id": 1, "claim": "x"}\n{"id": "1", "claim": "y"}', "line 2: the id '1' stands in line 1 too"),
        ("a.jsonl", b"caf\xe9\xff", "is no text"),
        ("a.csv", "", "line 1: there is no column id"),
        ("a.csv", "title,claim\na,b\n", "line 1: there is no column id"),
        ("a.csv", 'id,claim\n1,"open', "line 2: unexpected end"),
        ("a.csv", "id,claim\n" + "".join(f"{n},x\n" for n in range(ROWS_MAX + 1)), "more than 10,000 rows"),
        ("a.xlsx", "no archive", "no Excel workbook"),
    ],
)
def test_bad_lists_are_refused_with_their_line(tmp_path: Path, name: str, content: bytes | str, message: str) -> None:
    with pytest.raises(BiniError, match=message) as caught:
        read_candidates(save(tmp_path / name, content), PATENTS)
    assert isinstance(caught.value, InputError | DataError)
    assert caught.value.message.startswith(name)
    assert caught.value.hint


def test_a_workbook_cell_far_out_costs_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", as_xlsx([["id", "product"], ["1", "컵"]]))
    far = '<row r="999999999"><c r="XFD999999999" t="str"><v>x</v></c></row></sheetData>'
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far.encode())
    with zipfile.ZipFile(path, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    assert [c.text for c in read_candidates(path, PRODUCTS)] == ["컵"]


def test_a_workbook_is_guarded_like_any_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>")
    with pytest.raises(InputError, match="declares entities"):
        read_candidates(path, PRODUCTS)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_comes_through_csv_and_json_alike(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("lists")
    wanted = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    lists = {"a.jsonl": json.dumps({"id": 1, "product": text}), "a.csv": as_csv([["id", "product"], ["1", text]])}
    for name, content in lists.items():
        [candidate] = read_candidates(save(folder / name, content), PRODUCTS)
        assert candidate.text == wanted, name
