"""Charts as files: the suffix chooses the form, the same charts are the same bytes, all end with the disclaimer."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import docx
import lxml.html
import pytest

from bini.domain.charts.content import Charted
from bini.domain.charts.docx import to_docx
from bini.domain.charts.files import FORMS, write_charts
from bini.domain.charts.html import to_html
from bini.domain.charts.markdown import to_markdown
from bini.domain.charts.words import WORDS
from bini.domain.charts.xlsx import to_xlsx
from bini.domain.patents import PatentAssessment
from bini.errors import InputError


def test_every_file_ends_with_the_disclaimer(cases, workbook, patent, lang: str) -> None:
    legal = {"ko": "선별용 참고 자료이며 법률 의견이 아닙니다", "en": "A screening aid, not legal advice"}[lang]
    for shown in (cases, patent, []):
        assert legal in to_markdown(shown, lang).splitlines()[-1]
        assert legal in lxml.html.document_fromstring(to_html(shown, lang)).find("body")[-1].text_content()
        assert legal in docx.Document(io.BytesIO(to_docx(shown, lang))).paragraphs[-1].text
        assert all(legal in sheet.cell(sheet.max_row, 1).value for sheet in workbook(shown, lang))


def test_each_language_has_every_word(cases) -> None:
    assert WORDS["ko"].keys() == WORDS["en"].keys()
    english = to_html(cases, "en")
    for word in ("높음", "미대응", "판단불가", "사례", "모델", "이유"):
        assert word not in english


@pytest.mark.parametrize("write", [to_docx, to_xlsx])
def test_the_same_charts_are_the_same_bytes(cases, write: Callable[[Charted, str], bytes]) -> None:
    content = write(cases, "ko")
    assert content == write(cases, "ko")
    archive = ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    dates = re.findall(rb">(\d{4}-\d\d-\d\dT[\d:]+Z?)<", archive.read("docProps/core.xml"))
    assert dates == [b"1980-01-01T00:00:00Z"] * 2


@pytest.mark.parametrize("suffix", FORMS)
def test_the_suffix_chooses_the_form(cases, tmp_path: Path, suffix: str) -> None:
    for name in (f"chart{suffix}", f"CHART{suffix.upper()}"):
        write_charts(tmp_path / name, cases, "en")
        content = (tmp_path / name).read_bytes()
        written = FORMS[suffix](cases, "en")
        assert content == (written.encode() if isinstance(written, str) else written)


def test_json_is_the_judgements_alone(cases, tmp_path: Path) -> None:
    write_charts(tmp_path / "charts.json", cases, "en")
    lines = (tmp_path / "charts.json").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [case.judgement.model_dump(mode="json") for case in cases]


def test_json_of_a_patent_is_all_of_it(tmp_path: Path, patent: PatentAssessment) -> None:
    write_charts(tmp_path / "patent.json", patent, "en")
    (line,) = (tmp_path / "patent.json").read_text(encoding="utf-8").splitlines()
    assert PatentAssessment.model_validate_json(line) == patent
    assert "센서" in line


@pytest.mark.parametrize("name", ["chart", "chart.pdf", "chart.docx.bak", ".md"])
def test_a_file_of_unknown_form_is_not_written(cases, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as told:
        write_charts(tmp_path / name, cases, "ko")
    assert name in told.value.message
    assert all(suffix in told.value.hint for suffix in FORMS)
    assert list(tmp_path.iterdir()) == []
