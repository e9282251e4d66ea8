"""From predictions on disk to calibration.json, and its promise measured on other patents."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bini.domain.calibration import CALIBRATION, load_calibration
from bini.domain.labels import RiskLevel
from bini.errors import BiniError, DataError, InputError
from bini.evaluation.calibrate import calibrate, fit
from bini.evaluation.prediction import GoldChart, Origin, Prediction, predictions_text
from bini.evaluation.promise import check_promise
from bini.evaluation.report.markdown import to_markdown
from bini.evaluation.report.sections import sections
from bini.evaluation.score import score_all
from bini.files import jsonl, sha256, sha256_file, write_json
from bini.models.adapters.files import ADAPTER_WEIGHTS

LEVELS = list(RiskLevel)
WEIGHTS = "weights"
HASH = sha256(WEIGHTS)


def prediction(case: str, patent: str, gold: RiskLevel, row: Any, **changes: Any) -> Prediction:
    fields: dict[str, Any] = {
        "case_id": case,
        "patent": patent,
        "gold": GoldChart(level=gold),
        "level": LEVELS[int(np.argmax(row))],
        "comparisons": (),
        "rule_level": None,
        "probabilities": dict(zip(LEVELS, map(float, row), strict=True)),
        "valid_free": False,
        "valid_constrained": True,
        "trained_on": False,
        "seconds": 0.0,
        "model_calls": 1,
        "tags": (),
    }
    return Prediction.model_validate(fields | changes)


def drawn(rng: np.random.Generator, patents: int, cases: int = 6, name: str = "10") -> list[Prediction]:
    """A model that is too sure, and worse on some patents than on others."""
    made = []
    for patent in range(patents):
        skill = rng.normal(1, 1.5)
        for case in range(cases):
            gold = int(rng.integers(3))
            logits = rng.normal(size=3) + skill * np.eye(3)[gold]
            row = np.exp(3 * logits) / np.exp(3 * logits).sum()
            made.append(prediction(f"{name}-{patent}-{case}", f"{name}-{patent}", LEVELS[gold], row))
    return made


def fitted(predictions: list[Prediction], alpha: float = 0.1) -> Any:
    return fit(predictions, alpha, "held_out", HASH, "b" * 64)


def test_every_level_keeps_the_promise_on_new_patents() -> None:
    """Over many calibrations: how often a case of a level, drawn from a new patent, has that level ruled out."""
    rng = np.random.default_rng(0)
    missed: dict[RiskLevel, list[float]] = {level: [] for level in RiskLevel}
    for _ in range(150):
        found = check_promise(fitted(drawn(rng, 24)), drawn(rng, 30, name="20"), seed=0)
        assert found
        for coverage in found.coverage:
            assert coverage.kept is not None
            missed[coverage.level].append(1 - coverage.kept)
    for shares in missed.values():
        error = np.std(shares) / np.sqrt(len(shares))
        assert np.mean(shares) <= 0.1 + 3 * error
        assert np.mean(shares) >= 0.02  # a rule that never rules anything out would promise nothing


def test_what_is_fitted_and_noted() -> None:
    rows = drawn(np.random.default_rng(1), 24)
    made = fitted(rows)
    assert made.temperature > 1.5
    assert (made.cases, len(made.patents), made.alpha, made.source) == (144, 24, 0.1, "held_out")
    assert made.calibrated.ece < made.raw.ece
    assert all(threshold > 0 for threshold in made.thresholds.values())


def test_trained_and_unanswered_rows_are_left_out() -> None:
    rows = drawn(np.random.default_rng(2), 12)
    unanswered = [p.model_copy(update={"level": None, "probabilities": {}}) for p in drawn(np.random.default_rng(3), 2)]
    seen = [p.model_copy(update={"trained_on": True}) for p in drawn(np.random.default_rng(4), 9, name="30")]
    assert fitted([*seen, *rows, *unanswered]) == fitted(rows)


def test_a_level_of_few_patents_is_never_ruled_out() -> None:
    rows = [p for p in drawn(np.random.default_rng(5), 12) if p.gold.level is not RiskLevel.HIGH or p.patent < "10-3"]
    made = fitted(rows)
    assert made.patents_with[RiskLevel.HIGH] < 9
    assert made.thresholds[RiskLevel.HIGH] == 0
    assert made.thresholds[RiskLevel.LOW] > 0


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, float("nan")])
def test_an_impossible_alpha_is_refused(alpha: float) -> None:
    with pytest.raises(InputError, match="alpha"):
        fitted(drawn(np.random.default_rng(6), 3), alpha)


def test_one_patent_and_a_baseline_are_refused() -> None:
    with pytest.raises(DataError, match="1 patent cannot calibrate"):
        fitted(drawn(np.random.default_rng(7), 1))
    with pytest.raises(DataError, match="0 patent"):
        fitted([])
    with pytest.raises(DataError, match="no probabilities"):
        fitted([p.model_copy(update={"probabilities": {}}) for p in drawn(np.random.default_rng(7), 3)])


def test_the_check_counts_other_patents_alone() -> None:
    rng = np.random.default_rng(8)
    rows, others = drawn(rng, 12), drawn(rng, 5, name="20")
    calibration = fitted(rows)
    assert check_promise(calibration, rows, seed=0) is None
    found = check_promise(calibration, [*rows, *others], seed=0)
    assert found == check_promise(calibration, others, seed=0)
    assert found
    assert (found.cases, found.patents, found.calibration_patents) == (30, 5, 12)
    assert sum(each.cases for each in found.coverage) == 30
    assert found.only_low_but_high <= found.only_low <= found.decided


def test_what_was_measured_is_told_beside_the_promise() -> None:
    rng = np.random.default_rng(9)
    sure = prediction("x", "20-1", RiskLevel.HIGH, [0.0, 0.0, 1.0])  # surely 낮음, and wrong
    scores = score_all({"one": [sure], "other": [sure]}, calibrations={"one": fitted(drawn(rng, 12))})
    one, other = scores.systems
    assert one.promise
    assert other.promise is None
    high, ambiguous, low = one.promise.coverage
    assert (high.cases, high.kept) == (1, 0.0)
    assert (ambiguous.kept, low.kept) == (None, None)
    assert (one.promise.only_low, one.promise.only_low_but_high) == (1, 1)
    text = to_markdown(sections(scores, "t", []))
    assert "| 높음 (high) | 1 | 1 | at least 90.0 % | 0.0 % \\[0.0 – 79.3\\]† |" in text
    assert "| 애매 (ambiguous) | 0 | 0 | at least 90.0 % | – |" in text
    assert "1 kept 낮음 alone, 1 of these truly 높음" in text
    assert "Calibration of other" not in text


# files


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    comparisons = [{"patent_element": "로봇", "match": "대응"}]
    case = {"regit_num": "30-1", "claim_text": "로봇", "user_query": "로봇", "label": {"comparisons": comparisons}}
    (folder / "train.jsonl").write_text(jsonl([case]), encoding="utf-8")
    (folder / ADAPTER_WEIGHTS).write_text(WEIGHTS, encoding="utf-8")
    return folder


def written(folder: Path, rows: list[Prediction], identity: dict[str, Any]) -> Path:
    path = folder / "a-1.0.jsonl"
    path.write_text(predictions_text(rows), encoding="utf-8")
    origin = Origin(identity=identity, date="2026-11-21", machine="a machine")
    write_json(folder / "a-1.0.meta.json", origin.model_dump())
    return path


@pytest.mark.parametrize(
    ("meta", "source"),
    [({"adapter": HASH}, "held_out"), ({"adapter": HASH, "folds": "c" * 64}, "out_of_fold")],
    ids=["held out", "out of fold"],
)
def test_calibration_from_files(adapter: Path, tmp_path: Path, meta: Any, source: str) -> None:
    path = written(tmp_path, drawn(np.random.default_rng(10), 12), meta)
    made = calibrate(path, adapter, 0.2)
    assert (made.source, made.alpha, made.data_sha256) == (source, 0.2, sha256_file(path))
    assert load_calibration(adapter, HASH) == made


REFUSED = {
    "of another adapter": ({"adapter": "c" * 64}, "10", "not predicted by this adapter"),
    "of no adapter": ({"adapter": None}, "10", "not predicted by this adapter"),
    "of a trained patent": ({"adapter": HASH}, "30", "30-1, which the adapter was trained on"),
}


@pytest.mark.parametrize(("meta", "name", "told"), REFUSED.values(), ids=REFUSED)
def test_predictions_that_would_break_the_promise_are_refused(
    adapter: Path, tmp_path: Path, meta: Any, name: str, told: str
) -> None:
    path = written(tmp_path, drawn(np.random.default_rng(11), 12, name=name), meta)
    with pytest.raises(BiniError, match=told) as caught:
        calibrate(path, adapter)
    assert caught.value.hint
    assert not (adapter / CALIBRATION).exists()


def test_predictions_of_unknown_origin_are_refused(adapter: Path, tmp_path: Path) -> None:
    path = written(tmp_path, drawn(np.random.default_rng(12), 12), {})
    path.with_suffix(".meta.json").unlink()
    with pytest.raises(DataError, match="nothing that can be read says where"):
        calibrate(path, adapter)
