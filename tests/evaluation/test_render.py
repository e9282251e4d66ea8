"""The report: what stands where, and that it can be made again from disk."""

import base64
import os
import re
import warnings
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from matplotlib import font_manager, image

from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Comparison
from bini.evaluation.prediction import GoldChart, Origin, Prediction, read_predictions
from bini.evaluation.render import render
from bini.evaluation.report.blocks import Block
from bini.evaluation.report.html import to_html
from bini.evaluation.report.markdown import to_markdown
from bini.evaluation.report.sections import SEEN_TITLE, sections
from bini.evaluation.results import Scores
from bini.evaluation.score import score_all

HIGH, AMBIGUOUS, LOW = RiskLevel

pytestmark = pytest.mark.filterwarnings("error")


def prediction(case: int, gold: RiskLevel, level: RiskLevel | None, *, trained_on: bool = False) -> Prediction:
    return Prediction(
        case_id=f"{'seen' if trained_on else 'case'}-{case}",
        patent=f"p{case % 3}",
        gold=GoldChart(level=gold),
        level=level,
        comparisons=(),
        rule_level=level,
        probabilities={},
        valid_free=None,
        valid_constrained=level is not None,
        trained_on=trained_on,
        seconds=0.25,
        model_calls=2,
        tags=(),
    )


HELD_OUT = [
    prediction(i, gold, level)
    for i, (gold, level) in enumerate([(HIGH, HIGH), (HIGH, LOW), (LOW, LOW), (LOW, LOW), (AMBIGUOUS, HIGH)])
]
ANSWERS_MISSING = [row.model_copy(update={"level": None}) if row.level is HIGH else row for row in HELD_OUT]
SEEN = [prediction(i, HIGH, HIGH, trained_on=True) for i in range(7)]


def report(scores: Scores, out: Path, notes: list[str] | None = None) -> str:
    render(scores, "Test report", out, notes or [])
    return (out / "report.md").read_text(encoding="utf-8")


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_headline_row(tmp_path: Path) -> None:
    text = report(score_all({"학생 A": HELD_OUT}), tmp_path, ["바탕: made\nby hand"])
    assert text.startswith("# Test report\n\n**학생 A** on 5 held-out cases of 3 patents.")
    assert "## What ran\n\n- 바탕: made<br>by hand\n" in text
    row = next(line for line in text.splitlines() if line.startswith("| 학생 A | 5 |"))
    accuracy, high_called_low, macro_f1, kappa, unanswered = row.split(" | ")[2:]
    assert re.fullmatch(r"60\.0 % \\\[\d+\.\d – \d+\.\d\\\]", accuracy)
    assert high_called_low.startswith("50.0 % ")
    assert (macro_f1[:5], kappa[:5], unanswered) == ("0.433", "0.444", "0 |")  # kappa: 1 - 5 / (45 / 5)


def test_confusion_table_keeps_levels_without_cases(tmp_path: Path) -> None:
    text = report(score_all({"x": [row for row in HELD_OUT if row.gold.level is not AMBIGUOUS]}), tmp_path)
    assert "| 높음 (high) | 애매 (ambiguous) | 낮음 (low) |\n" in text
    assert "| 높음 (high) | 1 | 0 | 1 |\n| 애매 (ambiguous) | 0 | 0 | 0 |\n| 낮음 (low) | 0 | 0 | 2 |" in text


def test_unanswered_column_only_where_there_are_any(tmp_path: Path) -> None:
    text = report(score_all({"x": HELD_OUT, "y": ANSWERS_MISSING}), tmp_path)
    x_matrix, y_matrix = text.split("## Errors of")[0].split("### Confusion matrix: ")[1:]
    assert "무응답" not in x_matrix
    assert "| 낮음 (low) | 무응답 (none) |" in y_matrix
    assert "| 높음 (high) | 0 | 0 | 1 | 1 |\n| 애매 (ambiguous) | 0 | 0 | 0 | 1 |" in y_matrix


def test_seen_rows_stay_out_of_the_headline(tmp_path: Path) -> None:
    text = report(score_all({"x": HELD_OUT + SEEN, "only seen": SEEN}), tmp_path)
    headline, seen = text.split(f"## {SEEN_TITLE}")
    assert "| only seen | 7 |" not in headline
    assert "confusion_seen.png" not in headline
    assert "| only seen | 0 | – |" in headline
    rows = [line for line in seen.splitlines() if line.startswith(("| x", "| only seen", "### "))]
    assert rows
    assert all("(trained rows)" in row for row in rows)


def test_no_seen_section_and_picture_without_seen_rows(tmp_path: Path) -> None:
    report(score_all({"x": HELD_OUT + SEEN}), tmp_path)
    assert (tmp_path / "confusion_seen.png").exists()
    text = report(score_all({"x": HELD_OUT}), tmp_path)
    assert SEEN_TITLE not in text
    assert sorted(files(tmp_path)) == ["confusion.png", "report.html", "report.md", "results.json"]


def test_without_held_out_rows_the_report_says_so(tmp_path: Path) -> None:
    text = report(score_all({"x": SEEN}), tmp_path)
    assert "nothing here measures quality" in text
    assert "confusion.png" not in files(tmp_path)


def test_different_held_out_cases_are_pointed_out(tmp_path: Path) -> None:
    text = report(score_all({"x": HELD_OUT, "y": HELD_OUT[:3]}), tmp_path)
    assert "not scored on the same held-out cases" in text
    assert "| x | y | 3 | 0 | 0 | 1 |" in text
    assert "not scored on the same" not in report(score_all({"x": HELD_OUT, "y": ANSWERS_MISSING}), tmp_path)


def test_intervals_that_take_cases_as_independent_are_marked(tmp_path: Path) -> None:
    single = [row.model_copy(update={"patent": "one"}) for row in HELD_OUT]
    for rows, marked in ((HELD_OUT, False), (single, True)):
        text = report(score_all({"x": rows}), tmp_path)
        row = next(line for line in text.splitlines() if line.startswith("| x | 5 |"))
        assert ("†" in row.split(" | ")[2]) is marked
        assert "† marks the Wilson interval" in text


def test_cases_without_registration_number_are_pointed_out(tmp_path: Path) -> None:
    unnumbered = [row.model_copy(update={"patent": "센서", "claim": "센서"}) for row in HELD_OUT[:2]]
    text = report(score_all({"x": [*unnumbered, *HELD_OUT[2:]]}), tmp_path)
    assert "**2 cases have no registration number: " in text
    assert "no registration number" not in report(score_all({"x": HELD_OUT}), tmp_path)


def test_systems_are_called_what_the_caller_called_them(tmp_path: Path) -> None:
    text = report(score_all({"a|b $x$": HELD_OUT}), tmp_path)
    assert "| a\\|b \\$x\\$ | 5 |" in text
    assert "1B" not in text
    assert "4B" not in text


def test_where_predictions_come_from_is_told(tmp_path: Path) -> None:
    origin = Origin(identity={"model": "ab" * 32, "adapter": None}, date="2026-11-21", machine="2 cores of a CPU")
    scores = score_all({"x": HELD_OUT, "y": HELD_OUT}, origins={"x": origin, "y": None})
    text = report(scores, tmp_path)
    assert "| x | model abababababababab | 2026-11-21, 2 cores of a CPU |\n| y | – | – |" in text


def test_report_is_made_again_from_disk_byte_for_byte(tmp_path: Path) -> None:
    first = tmp_path / "first"
    lines = "".join(row.model_dump_json() + "\n" for row in HELD_OUT + SEEN)
    (tmp_path / "x.jsonl").write_text(lines, encoding="utf-8")
    written = render(score_all({"x": HELD_OUT + SEEN}), "t", first, ["n"])
    assert [path.name for path in written] == [
        "results.json",
        "report.md",
        "report.html",
        "confusion.png",
        "confusion_seen.png",
    ]
    from_predictions = score_all({"x": read_predictions(tmp_path / "x.jsonl")})
    from_results = Scores.model_validate_json((first / "results.json").read_bytes())
    for number, scores in enumerate((from_predictions, from_results)):
        render(scores, "t", tmp_path / str(number), ["n"])
        assert files(tmp_path / str(number)) == files(first)


def test_pictures_hold_ink_and_no_missing_glyph(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is only a warning to matplotlib
        render(score_all({"학생 모델": ANSWERS_MISSING + SEEN, "기준 모델": HELD_OUT}), "제목", tmp_path, [])
    for name in ("confusion.png", "confusion_seen.png"):
        assert np.ptp(image.imread(tmp_path / name)[..., :3]) > 0.5
    assert Path(font_manager.findfont("NanumGothic", fallback_to_default=False)).stem.startswith("NanumGothic")


def test_rendering_leaves_matplotlib_settings_alone(tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    report(score_all({"x": HELD_OUT}), tmp_path)
    assert dict(mpl.rcParams) == before


def test_a_failed_write_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report(score_all({"x": HELD_OUT}), tmp_path)
    old = files(tmp_path)

    def full_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        render(score_all({"y": ANSWERS_MISSING}), "New", tmp_path, [])
    assert files(tmp_path) == old


# What a suite that says everything adds: confidence, slices, the gallery of errors.


def full(case: int, gold: RiskLevel, level: RiskLevel, text: str = "크림") -> Prediction:
    rows = [Comparison(patent_element=f"{text} {n}", user_product_element=text, match=Match.YES) for n in range(2)]
    return prediction(case, gold, level).model_copy(
        update={
            "claim": "센서를 포함하는 로봇" if case % 2 else "A robot",
            "product": f"{text} 제품",
            "field": "robots" if case % 2 else "화장품",
            "tags": (f"tag {text}", "synonym"),
            "gold": GoldChart(level=gold, comparisons=tuple(rows)),
            "comparisons": (rows[0].model_copy(update={"match": Match.NO}),),
            "probabilities": {HIGH: 0.2, AMBIGUOUS: 0.2, LOW: 0.2} | {level: 0.6},
        }
    )


FULL = [full(n, gold, level) for n, (gold, level) in enumerate([(HIGH, HIGH), (LOW, HIGH), (HIGH, LOW), (LOW, LOW)])]
ALL_PICTURES = ["confusion.png", "confusion_seen.png", "reliability.png", "risk_coverage.png", "slices.png"]


def test_what_the_suite_says_is_shown(tmp_path: Path) -> None:
    text = report(score_all({"x": FULL + SEEN}), tmp_path)
    assert sorted(name for name in files(tmp_path) if name.endswith(".png")) == ALL_PICTURES
    assert "| claim language | Korean \\* | 2 |" in text
    assert "| field | robots \\* | 2 |" in text
    assert "| tag |" not in text, "every case has the same tags"


def test_errors_are_shown_with_the_gold_chart_worst_first(tmp_path: Path) -> None:
    text = report(score_all({"x": FULL}), tmp_path).split("## Errors of x")[1]
    worst, other = text.split("### ")[1:3]
    assert worst.startswith("1. case-2: 높음 called 낮음, 60 % sure\n")
    assert other.startswith("2. case-1: 낮음 called 높음, 60 % sure\n")
    assert "- Product: 크림 제품" in worst
    assert "| 크림 0 | 대응 (corresponds) | 크림 | 미대응 (does not correspond) | 크림 | ✗ |" in worst
    assert "| 크림 1 | 대응 (corresponds) | 크림 | – | – | ✗ |" in worst


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    report(score_all({"x": FULL + SEEN}), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<img src="data:image/png;base64,([^"]+)"', page)
    assert sorted(map(base64.b64decode, pictures)) == sorted((tmp_path / name).read_bytes() for name in ALL_PICTURES)
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert "default-src 'none'" in page


class _Page(HTMLParser):
    """The text of a page, and its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(blocks: Sequence[Block]) -> _Page:
    return _Page(to_html("t", blocks, dict.fromkeys(ALL_PICTURES, b"")))


PLAIN_TAGS = parsed(sections(score_all({"x": FULL}), "t", ["n"])).tags


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"]), min_size=1, max_size=30))
def test_no_text_becomes_markup(text: str) -> None:
    hostile = f"<script>alert(1)</script> | **x** [a](http://b) {text}"
    blocks = sections(score_all({hostile: [full(0, HIGH, LOW, hostile)]}), hostile, [hostile])
    page = parsed(blocks)
    assert page.tags <= PLAIN_TAGS
    assert "<script>alert(1)</script> | **x** [a](http://b)" in page.text
    made = MarkdownIt("commonmark").enable("table").render(to_markdown(blocks))
    assert not re.search("<script|<a ", made)
