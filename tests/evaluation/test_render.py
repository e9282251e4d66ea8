"""The report: what stands where, and that it can be made again from disk."""

import os
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager, image

from bini.domain.labels import RiskLevel
from bini.evaluation.prediction import GoldChart, Prediction, read_predictions
from bini.evaluation.render import SEEN_TITLE, render
from bini.evaluation.score import Scores, score_all

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
    assert text.startswith("# Test report\n\n## Held-out cases\n")
    assert "| 학생 A | 5 | 60.0 % [" in text
    assert "| – / 100.0 % | 50.0 % | 0.25 |" in text
    assert text.endswith("## Notes\n\n- 바탕: made by hand\n")


def test_confusion_table_keeps_levels_without_cases(tmp_path: Path) -> None:
    text = report(score_all({"x": [row for row in HELD_OUT if row.gold.level is not AMBIGUOUS]}), tmp_path)
    assert "| 높음 | 애매 | 낮음 |\n" in text
    assert "| 높음 | 1 | 0 | 1 |\n| 애매 | 0 | 0 | 0 |\n| 낮음 | 0 | 0 | 2 |" in text


def test_unanswered_column_only_where_there_are_any(tmp_path: Path) -> None:
    text = report(score_all({"x": HELD_OUT, "y": ANSWERS_MISSING}), tmp_path)
    x_matrix, y_matrix = text.split("### Confusion matrix: ")[1:]
    assert "무응답" not in x_matrix
    assert "| 높음 | 애매 | 낮음 | 무응답 |" in y_matrix
    assert "| 높음 | 0 | 0 | 1 | 1 |\n| 애매 | 0 | 0 | 0 | 1 |" in y_matrix


def test_seen_rows_stay_out_of_the_headline(tmp_path: Path) -> None:
    text = report(score_all({"x": HELD_OUT + SEEN, "only seen": SEEN}), tmp_path)
    headline, seen = text.split(f"## {SEEN_TITLE}")
    assert "100.0 % [" not in headline
    assert "confusion_seen.png" not in headline
    assert "| only seen | 0 | – |" in headline
    rows = [line for line in seen.splitlines() if line.startswith(("| x", "| only seen"))]
    assert rows
    assert all("(trained rows)" in row for row in rows)


def test_no_seen_section_and_picture_without_seen_rows(tmp_path: Path) -> None:
    report(score_all({"x": HELD_OUT + SEEN}), tmp_path)
    assert (tmp_path / "confusion_seen.png").exists()
    text = report(score_all({"x": HELD_OUT}), tmp_path)
    assert SEEN_TITLE not in text
    assert sorted(files(tmp_path)) == ["confusion.png", "report.md", "results.json"]


def test_without_held_out_rows_the_report_says_so(tmp_path: Path) -> None:
    text = report(score_all({"x": SEEN}), tmp_path)
    assert "nothing here measures quality" in text
    assert "confusion.png" not in files(tmp_path)


def test_different_held_out_cases_are_pointed_out(tmp_path: Path) -> None:
    text = report(score_all({"x": HELD_OUT, "y": HELD_OUT[:3]}), tmp_path)
    assert "not scored on the same held-out cases" in text
    assert "| x | y | 3 | 0 | 0 | 1 |" in text
    assert "not scored on the same" not in report(score_all({"x": HELD_OUT, "y": ANSWERS_MISSING}), tmp_path)


def test_the_interval_method_is_named(tmp_path: Path) -> None:
    single = [row.model_copy(update={"patent": "one"}) for row in HELD_OUT]
    text = report(score_all({"x": HELD_OUT, "y": single}), tmp_path)
    assert "Interval method: x: bootstrap over patents; y: Wilson. " in text


def test_systems_are_called_what_the_caller_called_them(tmp_path: Path) -> None:
    text = report(score_all({"a|b $x$": HELD_OUT}), tmp_path)
    assert "| a\\|b $x$ | 5 |" in text
    assert "1B" not in text
    assert "4B" not in text


def test_report_is_made_again_from_disk_byte_for_byte(tmp_path: Path) -> None:
    first = tmp_path / "first"
    lines = "".join(row.model_dump_json() + "\n" for row in HELD_OUT + SEEN)
    (tmp_path / "x.jsonl").write_text(lines, encoding="utf-8")
    written = render(score_all({"x": HELD_OUT + SEEN}), "t", first, ["n"])
    assert [path.name for path in written] == ["results.json", "report.md", "confusion.png", "confusion_seen.png"]
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
