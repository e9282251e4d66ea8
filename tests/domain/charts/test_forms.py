"""What every form of chart says: text stays text, quotes are marked where they stand, nothing is left out."""

import io
import re
from collections.abc import Sequence

import docx
import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bini.domain.answers import Answer, with_answers
from bini.domain.charts.content import pieces, printable
from bini.domain.charts.docx import to_docx
from bini.domain.charts.html import to_html
from bini.domain.charts.markdown import to_markdown
from bini.domain.charts.words import WORDS
from bini.domain.labels import Match, RangeCheck, RiskLevel
from bini.domain.patents import PatentAssessment
from bini.domain.schema import Assessment, NumberCheck

ROWS = [("센서", "거리 센서", Match.YES), ("제어부", None, Match.UNKNOWN), ("로봇", "청소기", Match.NO)]


def test_a_case_is_told_whole(cases, read, lang: str) -> None:
    words = WORDS[lang]
    first, second, _ = read(cases, lang)
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


def test_what_code_found_for_the_numbers_stands_in_the_row(assessment, read, lang: str) -> None:
    words = WORDS[lang]
    plain = assessment("판텐올 7%를 넣은 크림", [("판테놀 1 내지 5%, 점도 500 cP", "판텐올 7%", Match.YES)])
    numbers = (
        NumberCheck(claimed="1 내지 5%", said="7%", said_start=4, said_end=6, result=RangeCheck.OUT),
        NumberCheck(claimed="500 cP", said=None, said_start=None, said_end=None, result=RangeCheck.NOT_GIVEN),
    )
    rows = tuple(row.model_copy(update={"numbers": numbers}) for row in plain.comparisons)
    (case,) = read([plain.model_copy(update={"comparisons": rows})], lang)
    assert case.rows[0][-1].split("\n") == [f"{words['out']}: 7% (1 내지 5%)", f"{words['not_given']} (500 cP)"]


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
def test_disagreement_is_a_warning(read, ruled, lang: str, warning: str) -> None:
    cases = [ruled("거리 센서가 있는 청소기", ROWS, level) for level in (RiskLevel.LOW, RiskLevel.HIGH, RiskLevel.LOW)]
    for case, agrees in zip(read(cases, lang), (True, False, True), strict=True):
        assert (warning in case.text) is not agrees
        assert (WORDS[lang]["agrees"] in case.text) is agrees


def test_calibrated_probabilities_and_possible_levels_are_told(assessment, read, lang: str) -> None:
    words = WORDS[lang]
    calibrated = dict(zip(RiskLevel, (0.5, 0.3, 0.2), strict=True))
    known = {"calibrated": calibrated, "possible_levels": (RiskLevel.HIGH, RiskLevel.LOW)}
    told, plain = read([assessment().model_copy(update=known), assessment()], lang)
    assert f"{words['높음']} 50%, {words['애매']} 30%, {words['낮음']} 20%" in told.text
    assert f"{words['높음']}, {words['낮음']}" in told.text
    for label in (words["calibrated"], words["possible"]):
        assert label in told.text
        assert label not in plain.text


def test_levels_that_a_warning_names_stand_there_alone_and_not_after_answers(read, ruled, lang: str) -> None:
    """The calibration speaks of what the model answered before."""
    before = ruled("거리 센서", [("센서", "거리 센서", Match.UNKNOWN)], RiskLevel.AMBIGUOUS, possible=tuple(RiskLevel))
    told, after = read([before, with_answers(before, before, [Answer(1, "대응")])], lang)
    levels = ", ".join(WORDS[lang][level] for level in RiskLevel)
    assert (told.text.count(levels), after.text.count(levels)) == (1, 0)


def test_questions_answers_and_reasons_stand_in_every_form(read, settled: Assessment, lang: str) -> None:
    words, (case,) = WORDS[lang], read([settled], lang)
    text = re.sub(r"\s+", " ", case.text)
    assert f"{words['risk']}: {words['애매']} ({words['answered']})" in text
    assert case.rows[0][3:] == [words["대응"], words["by_answer"], f"{words['in']}: 7 cP"]
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


def test_one_case_has_no_number_and_a_patent_s_charts_have_their_claims(
    assessment, patent: PatentAssessment, read, lang: str
) -> None:
    words = WORDS[lang]
    assert words["case"] not in read([assessment()], lang)[0].text
    first, second, third = read(patent, lang)
    low = f"{words['risk']}: {words['낮음']}"
    assert f"{words['claim']} 1. {low} ({words['answered']})" in first.text
    assert f"{words['claim']} 2. {low}" in second.text
    assert f"{words['claim']} 3. {low}" in third.text
    assert words["adds"].format(parents="1") in second.text
    assert words["with_parents"].format(parents="1", own=words["높음"], level=words["낮음"]) in second.text
    assert words["agrees"] not in second.text, "the level shown is not that of its own elements"
    assert not any(words["adds"].format(parents="") in case.text for case in (first, third))


OVERVIEW = {
    "ko": [
        "특허 전체의 침해 위험: 높음 → 낮음 (답을 반영함)",
        "특허 전체의 위험은 가장 위험한 독립항의 위험입니다: 청구항 1, 3",
        "청구항 | 인용 | 자체 구성의 위험 | 침해 위험 | 위험을 낮춘 항 | 검토할 이유",
        "1 | | 낮음 | 높음 → 낮음 | | ",
        "2 | 1 | 높음 | 높음 → 낮음 | 1 | ",
        "3 | | 낮음 | 낮음 | | ",
    ],
    "en": [
        "Infringement risk of the patent: high → low (with the answers)",
        "A patent is as risky as its riskiest independent claim: claim 1, 3",
        "Claim | Cites | Risk by its own elements | Infringement risk | Held down by | Why to review",
        "1 | | low | high → low | | ",
        "2 | 1 | high | high → low | 1 | ",
        "3 | | low | low | | ",
    ],
}


def test_a_patent_s_level_and_claims_stand_above_its_charts(patent: PatentAssessment, lang: str) -> None:
    title, remark, *table = OVERVIEW[lang]
    blocks = to_markdown(patent, lang).split("\n\n")
    assert blocks[1:3] == [f"## {title}", remark]
    rows = [row.strip("| ") for row in blocks[3].splitlines()]
    assert [re.sub(" +", " ", row) for row in rows if "---" not in row] == [row.strip("| ") for row in table]
    section = lxml.html.document_fromstring(to_html(patent, lang)).find(".//section")
    document = docx.Document(io.BytesIO(to_docx(patent, lang)))
    assert [section.findtext("h2"), section.findtext("p")] == [title, remark]
    assert [paragraph.text for paragraph in document.paragraphs[1:3]] == [title, remark]
    cells = [[cell.strip() for cell in row.split("|")] for row in table]
    assert [[cell.text_content() for cell in row] for row in section.iter("tr")] == cells
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == cells


# What people write


def test_hostile_text_stays_text(assessment, read, hostile: str, lang: str) -> None:
    [case] = read([assessment(f"{hostile} 뒤", [(hostile, hostile, Match.YES)], reason=hostile, adapter=hostile)], lang)
    assert case.rows == [["1", hostile, hostile, WORDS[lang]["대응"], "84%", ""]]
    assert case.reason == hostile
    assert case.product == [(hostile, True), (" 뒤", False)]
    assert f"{hostile} (SHA-256 " in case.text


CONTROL = "a\0b\x0bc\x1bd\x7fe\x85f\ufffeg\r\nh\ri\tj"
CLEAN = "abcdefg\nh\ni\tj"


def test_control_characters_are_dropped(assessment, read) -> None:
    case = read([assessment(f"{CONTROL} 뒤", [(CONTROL, CONTROL, Match.YES)], reason=CONTROL)], "ko")[0]
    assert case.rows[0][1:3] == [CLEAN, CLEAN]
    assert case.reason == CLEAN
    assert case.product == [(CLEAN, True), (" 뒤", False)]


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


@pytest.mark.parametrize(("product", "spans", "expected"), HIGHLIGHTS.values(), ids=HIGHLIGHTS)
def test_quotes_are_marked_where_they_stand(
    assessment, read, product: str, spans: list[tuple[int, int]], expected: list[tuple[str, bool]]
) -> None:
    rows = [("구성", product[start:end], Match.YES) for start, end in spans]
    assert read([assessment(product, rows, spans=spans)], "ko")[0].product == expected


def test_only_the_place_of_the_offsets_is_marked(assessment) -> None:
    case = assessment("크림 크림 크림", [("구성", "크림", Match.YES)], spans=[(3, 5)])
    assert pieces(case) == [("크림 ", False), ("크림", True), (" 크림", False)]


def letters(product: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Characters with their marks; bold cannot hold white space at its ends."""
    return [(c, marked) for text, marked in product for c in text if not c.isspace()]


marks = st.text("가a1 (*_~|\\`<&>[]!#-.$㎛🧪\n\t\u3000\u2028\u200d", min_size=1) | st.text(min_size=1)


@given(data=st.data(), product=marks)
@settings(deadline=None)
def test_any_text_and_any_quotes(assessment, read_quickly, data: st.DataObject, product: str) -> None:
    position = st.integers(0, len(product))
    span = st.tuples(position, position).map(lambda pair: (min(pair), max(pair)))
    spans = data.draw(st.lists(span, min_size=1, max_size=4))
    case = assessment(product, [("구성", "?", Match.YES)] * len(spans), reason="x", spans=spans)
    expected = letters(pieces(case))
    assert "".join(c for c, _ in expected) == re.sub(r"\s", "", printable(product))
    assert letters(read_quickly([case], "ko")[0].product) == expected


@given(text=marks)
@settings(deadline=None)
def test_any_text_in_any_cell(assessment, read_quickly, text: str) -> None:
    case = assessment("제품", [(text, text, Match.YES)], reason=f"x{text}")
    [told] = read_quickly([case], "ko")
    for cell in (*told.rows[0][1:3], told.reason.removeprefix("x")):
        assert re.sub(r"\s", "", cell) == re.sub(r"\s", "", printable(text))


def test_an_adapter_whose_checks_were_overridden_is_named_as_such(assessment, read, lang: str) -> None:
    sound = assessment(adapter="outputs/mine")
    origin = sound.provenance.model_copy(update={"forced": ("shapes", "scale")})
    note = WORDS[lang]["forced"].format(checks="shapes, scale")
    before, after = read([sound, sound.model_copy(update={"provenance": origin})], lang)
    assert note in after.text
    assert note not in before.text
