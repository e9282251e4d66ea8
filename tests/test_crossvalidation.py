"""Folds by patent, from an adapter to its calibration, with tiny models."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from bini import crossvalidation as module
from bini.crossvalidation import cross_validate, split_patents
from bini.domain.calibration import CALIBRATION, Calibration
from bini.domain.cases import Case
from bini.domain.labels import RiskLevel
from bini.domain.schema import Ground
from bini.errors import DataError, InputError
from bini.evaluation import predict as prediction_stage
from bini.evaluation.calibrate import calibrate
from bini.evaluation.prediction import predictions_text, read_predictions
from bini.evaluation.run import Contenders, Report, evaluate
from bini.files import jsonl, sha256_file
from bini.inference.assessor import Assessor
from bini.models import catalog
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.catalog import ModelPlace
from bini.models.loading import results_folder
from bini.training import sft
from bini.training.rows import label_row

pytestmark = [
    pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing.*` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning"),
]
ROOT = Path(__file__).parents[1]


def case(number: int, patent: int, match: str = "대응") -> Case:
    rows = [{"patent_element": "센서", "match": match}, {"patent_element": "로봇", "match": "대응"}]
    fields: dict[str, Any] = {"case_id": f"c{number}", "regit_num": f"10-{patent}", "label": {"comparisons": rows}}
    return Case.model_validate(
        fields | {"claim_text": f"센서를 포함하는 로봇 {patent}", "user_query": f"로봇 {number}"}
    )


CASES = [case(1, 1), case(2, 1, "미대응"), case(3, 2, "판단불가"), case(4, 3)]


@pytest.mark.parametrize("folds", [2, 3, 5])
def test_no_patent_stands_on_both_sides_and_every_case_is_asked_once(folds: int) -> None:
    cases = [case(n, n % 7) for n in range(30)]
    parts = split_patents(cases, folds, seed=1)
    assert len(parts) == folds
    for rest, own in parts:
        assert rest
        assert own
        assert not {c.regit_num for c in rest} & {c.regit_num for c in own}
        assert len(rest) + len(own) == len(cases)
    assert sorted(c.case_id for _, own in parts for c in own) == sorted(c.case_id for c in cases)
    assert split_patents(cases, folds, seed=1) == parts


@pytest.mark.parametrize(("folds", "told"), [(1, "cannot cross-validate"), (-1, "cannot"), (4, "cases are of 3")])
def test_folds_that_cannot_be(folds: int, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        split_patents(CASES, folds, seed=1)
    assert caught.value.hint


class Told:
    """An `advance` that notes what it is told, and can stop."""

    def __init__(self, stop_at: str | None = None) -> None:
        self.steps: list[tuple[int, int, str]] = []
        self._stop_at = stop_at

    def __call__(self, done: int, total: int, note: str) -> None:
        self.steps.append((done, total, note.split(",")[0]))
        if self._stop_at and note.startswith(self._stop_at):
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    shipped = sft.load_recipe(ROOT / "training/lora_config.yaml")
    recipe = shipped.model_copy(update={"r": 2, "epochs": 2, "learning_rate": 5e-3})
    return sft.train(CASES, ModelPlace(tiny_model.name, tiny_model), recipe, tmp_path_factory.mktemp("outputs") / "run")


@pytest.fixture(scope="module")
def validated(tiny_model: Path, adapter: Path) -> tuple[Told, Told, Report, Calibration]:
    """Stopped in the second fold, then gone on with."""
    first, second = Told("fold 2 of 2: asking"), Told()
    with pytest.raises(KeyboardInterrupt):
        cross_validate(str(tiny_model), adapter, 2, lambda _: None, first)
    assert not (adapter / CALIBRATION).exists()
    return first, second, *cross_validate(str(tiny_model), adapter, 2, lambda _: None, second)


@pytest.mark.usefixtures("validated")
def test_every_fold_is_a_run_that_never_saw_its_patents(adapter: Path) -> None:
    for number, (rest, own) in enumerate(split_patents(CASES, 2, seed=42), start=1):
        fold = adapter / f"folds-2/fold-{number}"
        assert (fold / "train.jsonl").read_text(encoding="utf-8") == jsonl(map(label_row, rest))
        asked = read_predictions(adapter / f"folds-2/predictions/fold-{number}.jsonl")
        assert [p.case_id for p in asked] == [c.case_id for c in own]
        meta = json.loads((adapter / f"folds-2/predictions/fold-{number}.meta.json").read_text(encoding="utf-8"))
        assert meta["identity"]["adapter"] == sha256_file(fold / ADAPTER_WEIGHTS)


def test_what_was_finished_is_not_done_again(validated: Any) -> None:
    first, second, _, _ = validated
    assert {note for _, _, note in first.steps} == {
        "fold 1 of 2: training",
        "fold 1 of 2: asking",
        "fold 2 of 2: training",
        "fold 2 of 2: asking",
    }
    assert {note for _, _, note in second.steps} == {"fold 1 of 2: asking", "fold 2 of 2: asking"}


def test_the_calibration_says_what_it_was_made_of(adapter: Path, validated: Any) -> None:
    _, _, report, calibration = validated
    assert Calibration.model_validate_json((adapter / CALIBRATION).read_bytes()) == calibration
    assert calibration.source == "out_of_fold"
    assert calibration.adapter_sha256 == sha256_file(adapter / ADAPTER_WEIGHTS)
    assert (calibration.cases, calibration.patents) == (4, ("10-1", "10-2", "10-3"))
    assert set(calibration.thresholds.values()) == {0}  # three patents rule nothing out at one in ten
    assert report.path == adapter / "folds-2/report.md"
    assert "on 4 held-out cases of 3 patents" in report.summary()


@pytest.mark.usefixtures("validated")
def test_nothing_left_to_do_loads_no_model(tiny_model: Path, adapter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (adapter / CALIBRATION).read_bytes()
    monkeypatch.setattr("bini.evaluation.run.Assessor", lambda *_, **__: pytest.fail("a model was loaded"))
    monkeypatch.setattr(sft, "load_base", lambda *_: pytest.fail("a model was loaded"))
    cross_validate(str(tiny_model), adapter, 2, lambda _: None, lambda *_: None)
    assert (adapter / CALIBRATION).read_bytes() == before


@pytest.mark.usefixtures("validated")
def test_another_alpha_needs_no_model(adapter: Path, tmp_path: Path) -> None:
    [path] = (adapter / "folds-2/predictions").glob("*out-of-fold.jsonl")
    copied = tmp_path / path.name  # an untrained model quotes nothing, which leaves 높음 and 낮음 no probability
    shutil.copy(path.with_suffix(".meta.json"), copied.with_suffix(".meta.json"))
    doubting = dict.fromkeys(RiskLevel, 1 / 3)
    rows = [row.model_copy(update={"probabilities": doubting}) for row in read_predictions(path)]
    copied.write_text(predictions_text(rows), encoding="utf-8")
    try:
        made = calibrate(copied, adapter, 0.4)
        assert max(made.thresholds.values()) > 0
        assert (made.alpha, made.source) == (0.4, "out_of_fold")
    finally:
        calibrate(path, adapter)


def test_folds_of_other_cases(tiny_model: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parted: list[tuple[list[str], list[str]]] = []

    def note(cases: list[Case], folds: int, seed: int) -> Any:
        parts = split_patents(cases, folds, seed)
        parted.extend(([c.case_id for c in rest], [c.case_id for c in own]) for rest, own in parts)
        raise InputError("enough", "")

    monkeypatch.setattr(module, "split_patents", note)
    files = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for path, number in zip(files, (5, 6), strict=True):
        path.write_text(jsonl([label_row(case(number, number))]), encoding="utf-8")

    def run(*data: Path) -> None:
        cross_validate(str(tiny_model), adapter, 2, lambda _: None, lambda *_: None, data)

    with pytest.raises(InputError, match="enough"):
        run(*files)
    assert sorted(parted) == [(["c5"], ["c6"]), (["c6"], ["c5"])]
    with pytest.raises(DataError, match="c5 stands in the data twice"):
        run(files[0], files[0])
    with pytest.raises(DataError, match="stands in the evaluation suite"):
        run(files[0], ROOT / "eval/suites/heldout.jsonl")


@pytest.fixture
def shipped(adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same adapter as one that comes with the package; an empty working folder."""
    folder = tmp_path / "package" / adapter.name
    shutil.copytree(adapter, folder, ignore=shutil.ignore_patterns("folds-*"))
    monkeypatch.setattr(catalog, "EMBEDDED", tmp_path / "package")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


@pytest.mark.usefixtures("validated")
def test_the_package_is_never_written_to(adapter: Path, shipped: Path) -> None:
    before = {path: path.read_bytes() for path in shipped.rglob("*") if path.is_file()}
    [path] = (adapter / "folds-2/predictions").glob("*out-of-fold.jsonl")
    calibrate(path, shipped, 0.3)
    assert {path: path.read_bytes() for path in shipped.rglob("*") if path.is_file()} == before
    weights = sha256_file(shipped / ADAPTER_WEIGHTS)
    [made] = Path("outputs").rglob(CALIBRATION)
    assert made.parent == results_folder(shipped) == Path(f"outputs/shipped/run-{weights[:8]}")
    assert results_folder(adapter) == adapter


@pytest.mark.usefixtures("validated")
def test_a_calibration_that_ships_is_used_until_one_is_made_here(
    tiny_model: Path, adapter: Path, shipped: Path
) -> None:
    def used() -> str | None:
        return Assessor(str(tiny_model), shipped).assess("로봇", "로봇").provenance.calibration_sha256

    assert used() == sha256_file(shipped / CALIBRATION)
    [path] = (adapter / "folds-2/predictions").glob("*out-of-fold.jsonl")
    calibrate(path, shipped, 0.3)
    here = sha256_file(results_folder(shipped) / CALIBRATION)
    assert used() == here != sha256_file(shipped / CALIBRATION)


def test_assess_uses_the_calibration_and_eval_leaves_probabilities_alone(
    tiny_model: Path, adapter: Path, validated: Any
) -> None:
    *_, calibration = validated
    result = Assessor(str(tiny_model), adapter).assess("거리 센서가 달린 로봇", "센서를 포함하는 로봇")
    assert result.calibrated == calibration.probabilities(result.probabilities)
    assert result.confidence == result.calibrated[result.level] != result.probabilities[result.level]
    assert result.possible_levels == tuple(RiskLevel)
    assert Ground.POSSIBLE in [reason.ground for reason in result.review]
    assert result.provenance.calibration_sha256 == sha256_file(adapter / CALIBRATION)


@pytest.mark.usefixtures("validated")
def test_the_report_of_a_calibrated_adapter_shows_promise_and_measure(
    tiny_model: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction_stage, "FREE_TOKENS", 4)
    suite = tmp_path / "suite.jsonl"
    suite.write_text(jsonl([label_row(case(9, 9)), label_row(CASES[0])]), encoding="utf-8")

    def run() -> Report:
        return evaluate(
            str(tiny_model), adapter, Contenders(), suite, tmp_path / "eval", lambda _: None, lambda *_: None
        )

    made = run()
    promise = made.scores.systems[0].promise
    assert promise
    assert (promise.cases, promise.patents) == (1, 1)  # CASES[0] was calibrated on
    text = made.path.read_text(encoding="utf-8")
    assert "| 높음 (high) | 1 | 1 | at least 90.0 % | 100.0 %" in text
    kept = (adapter / CALIBRATION).read_bytes()
    (adapter / CALIBRATION).unlink()
    try:
        assert "Measured" not in run().path.read_text(encoding="utf-8")
    finally:
        (adapter / CALIBRATION).write_bytes(kept)
