"""An evaluation from models to report, and again without a model."""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from bini.domain.cases import Case, load_cases
from bini.domain.labels import RiskLevel
from bini.errors import AdapterError, BiniError, DataError, ModelError
from bini.evaluation import predict as prediction_stage
from bini.evaluation import run as module
from bini.evaluation.prediction import GoldChart, Prediction, read_predictions
from bini.evaluation.run import SUITE, Contenders, Report, evaluate, report
from bini.evaluation.shots import draw_examples
from bini.files import jsonl, write_json
from bini.inference.prompt import Prompt
from bini.models.adapters.record import read_object, seal
from bini.models.catalog import EMBEDDED, ModelPlace
from bini.training import sft

pytestmark = [
    pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing.*` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning"),
]
ROOT = Path(__file__).parents[2]


def raw(number: int, match: str) -> dict[str, Any]:
    rows = [{"patent_element": "센서", "match": match}, {"patent_element": "로봇", "match": "대응"}]
    return {
        "case_id": f"c{number}",
        "regit_num": f"10-{number}",
        "claim_text": "센서를 포함하는 로봇",
        "user_query": f"로봇 {number}",
        "label": {"comparisons": rows},
    }


ROWS = [raw(1, "대응"), raw(2, "미대응"), raw(3, "판단불가")]


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suites") / "small.jsonl"
    path.write_text(jsonl(ROWS[:2]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    shipped = sft.load_recipe(ROOT / "training/lora_config.yaml")
    recipe = shipped.model_copy(update={"r": 2, "epochs": 2, "learning_rate": 5e-3})
    cases = [Case.model_validate(row) for row in ROWS]
    folder = tmp_path_factory.mktemp("outputs") / "tuned"
    return sft.train(cases, ModelPlace(tiny_model.name, tiny_model), recipe, folder)


def start(
    folder: Path,
    model: Path,
    suite: Path | None,
    adapter: Path | None = None,
    compare: tuple[Path, ...] = (),
    **others: Any,
) -> tuple[Report, list[tuple[int, int, str]]]:
    told: list[tuple[int, int, str]] = []
    made = evaluate(
        str(model),
        adapter,
        Contenders([str(c) for c in compare], **others),
        suite,
        folder,
        lambda _: None,
        lambda *step: told.append(step),
    )
    return made, told


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def evaluated(tiny_model: Path, other_model: Path, suite: Path, tmp_path_factory):
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("eval")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prediction_stage, "FREE_TOKENS", 4)
        return folder, *start(folder, tiny_model, suite, None, (other_model,))


def test_every_file_is_written(evaluated) -> None:
    folder, made, _ = evaluated
    assert sorted(content(folder)) == [
        "confusion.png",
        "predictions/other-gemma-untuned.jsonl",
        "predictions/other-gemma-untuned.meta.json",
        "predictions/tiny-gemma-untuned.jsonl",
        "predictions/tiny-gemma-untuned.meta.json",
        "reliability.png",
        "report.html",
        "report.md",
        "results.json",
        "risk_coverage.png",
    ]
    assert made.path == folder / "report.md"
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert [s["name"] for s in results["systems"]] == ["tiny-gemma (untuned)", "other-gemma (untuned)"]
    text = (folder / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# Evaluation: tiny-gemma (untuned)\n")
    assert "Suite: small.jsonl, 2 cases, SHA-256 " in text
    origins = [line for line in text.splitlines() if "cores of" in line]
    assert [line.split(" | ")[0] for line in origins] == ["| tiny-gemma (untuned)", "| other-gemma (untuned)"]


def test_progress_and_summary(evaluated) -> None:
    _, made, told = evaluated
    names = ["tiny-gemma (untuned)"] * 2 + ["other-gemma (untuned)"] * 2
    assert told == [(n, 4, name) for n, name in enumerate(names, start=1)]
    lines = made.summary().splitlines()
    assert [line.split(": ")[0] for line in lines] == ["tiny-gemma (untuned)", "other-gemma (untuned)"]
    assert all("on 2 held-out cases of 2 patents" in line for line in lines)


def test_systems_got_the_same_rows(evaluated) -> None:
    folder, _, _ = evaluated
    tiny, other = (
        read_predictions(folder / "predictions" / f"{n}-untuned.jsonl") for n in ("tiny-gemma", "other-gemma")
    )
    assert [(p.case_id, p.gold) for p in tiny] == [(p.case_id, p.gold) for p in other]
    assert [p.probabilities for p in tiny] != [p.probabilities for p in other]
    assert not any(p.trained_on for p in tiny + other)


def test_again_loads_no_model_and_writes_the_same_bytes(
    evaluated, tiny_model: Path, other_model: Path, suite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, made, _ = evaluated
    before = content(folder)
    monkeypatch.setattr(module, "Assessor", lambda *_, **__: pytest.fail("a model was loaded"))
    again, told = start(folder, tiny_model, suite, None, (other_model,))
    assert again == made
    assert len(told) == 4
    assert content(folder) == before


def test_a_report_is_made_from_predictions_alone(evaluated, tmp_path: Path) -> None:
    folder, made, _ = evaluated
    shutil.copytree(folder / "predictions", tmp_path / "predictions")
    names = [system.name for system in made.scores.systems]
    assert report(tmp_path, names, ["n"]).scores == made.scores
    for name in ("results.json", "confusion.png", "reliability.png", "risk_coverage.png"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


# With an adapter; predictions are stood in for, so that the default suite takes no time.


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_: object, case: Case, valid_free: bool | None, trained_on: bool) -> Prediction:
        return Prediction(
            case_id=case.case_id,
            patent=case.regit_num,
            gold=GoldChart.of(case),
            level=RiskLevel.HIGH,
            comparisons=(),
            rule_level=None,
            probabilities={RiskLevel.HIGH: 0.8, RiskLevel.AMBIGUOUS: 0.1, RiskLevel.LOW: 0.1},
            valid_free=valid_free,
            valid_constrained=True,
            trained_on=trained_on,
            seconds=0.1,
            model_calls=1,
            tags=case.tags,
        )

    monkeypatch.setattr(prediction_stage, "predict_case", answer)
    monkeypatch.setattr(prediction_stage, "free_running", lambda _, cases: {case.case_id: False for case in cases})
    monkeypatch.setattr(module, "Assessor", lambda *_, **__: SimpleNamespace(asking=lambda _: None))


@pytest.mark.usefixtures("_quick")
def test_by_default_the_held_out_suite_and_apart_from_it_the_trained_rows(
    tiny_model: Path, other_model: Path, adapter: Path, tmp_path: Path
) -> None:
    made, told = start(tmp_path, tiny_model, None, adapter, (other_model,))
    held_out = load_cases(ROOT / SUITE)
    name = f"tiny-gemma + {adapter.name}"
    assert [s.name for s in made.scores.systems] == [name, "other-gemma (untuned)"]
    assert told[-1][:2] == (2 * len(held_out) + 3,) * 2
    assert [s.held_out.cases for s in made.scores.systems if s.held_out] == [len(held_out)] * 2
    tuned, untuned = made.scores.systems
    assert tuned.seen is not None
    assert tuned.seen.cases == 3
    assert untuned.seen is None, "it was trained on none of them"
    stored = read_predictions(tmp_path / "predictions" / "tiny-gemma-tuned.jsonl")
    assert {p.case_id for p in stored if p.trained_on} == {"seen:c1", "seen:c2", "seen:c3"}
    assert {"confusion.png", "confusion_seen.png", "slices.png"} <= {p.name for p in tmp_path.glob("*.png")}
    assert "confusion_seen.png" in (tmp_path / "report.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("_quick")
def test_baselines_are_scored_beside_the_model_on_patents_they_did_not_learn_from(
    tiny_model: Path, suite: Path, tmp_path: Path
) -> None:
    made, _ = start(tmp_path / "eval", tiny_model, suite, baseline_cases=ROOT / SUITE)
    names = [s.name for s in made.scores.systems]
    assert names[0] == "tiny-gemma (untuned)"
    assert {"majority", "word overlap + rule"} < set(names)
    assert {s.held_out.cases for s in made.scores.systems if s.held_out} == {2}
    assert "majority" in (tmp_path / "eval/report.md").read_text(encoding="utf-8")
    with pytest.raises(DataError, match="share the patent"):
        start(tmp_path / "other", tiny_model, suite, baseline_cases=suite)
    assert not (tmp_path / "other").exists()


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("compared", [True, False])
def test_untuned_models_are_also_asked_after_examples(
    tiny_model: Path, other_model: Path, suite: Path, tmp_path: Path, compared: bool
) -> None:
    compare = [str(other_model)] if compared else []
    made = evaluate(
        str(tiny_model), None, Contenders(compare, shots=2), suite, tmp_path, lambda _: None, lambda *_: None
    )
    plain = ["tiny-gemma (untuned)", "other-gemma (untuned)"][: 1 + compared]
    few_shot = "other-gemma (untuned, 2 shots)" if compared else "tiny-gemma (untuned, 2 shots)"
    assert [s.name for s in made.scores.systems] == [*plain, few_shot]
    asked = {s.name: s.origin.identity for s in made.scores.systems if s.origin}
    assert asked[few_shot]["prompt"] == Prompt(examples=draw_examples(2, load_cases(suite))).sha256
    assert {asked[name]["prompt"] for name in plain} == {Prompt().sha256}
    assert "2 labelled examples of other patents" in (tmp_path / "report.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("_quick")
def test_a_suite_of_trained_rows_measures_no_quality(
    tiny_model: Path, adapter: Path, suite: Path, tmp_path: Path
) -> None:
    made, _ = start(tmp_path, tiny_model, suite, adapter)
    (system,) = made.scores.systems
    assert system.held_out is None
    assert system.seen is not None
    assert system.seen.cases == 2
    assert made.summary() == f"tiny-gemma + {adapter.name}: no held-out cases"


@pytest.mark.usefixtures("_quick")
def test_two_models_of_one_folder_name_do_not_become_one(
    tiny_model: Path, other_model: Path, suite: Path, tmp_path: Path
) -> None:
    twins = [tmp_path / side / "model" for side in ("left", "right")]
    for source, twin in zip((tiny_model, other_model), twins, strict=True):
        shutil.copytree(source, twin)
    try:
        made, _ = start(tmp_path / "eval", twins[0], suite, None, (twins[1],))
    except BiniError:
        return  # refused
    assert len(made.scores.systems) == 2
    assert len(list((tmp_path / "eval/predictions").glob("*.jsonl"))) == 2


@pytest.mark.usefixtures("_quick")
def test_a_forced_adapter_is_named_in_the_report_and_beside_its_predictions(
    tiny_model: Path, adapter: Path, suite: Path, tmp_path: Path
) -> None:
    spoilt = Path(shutil.copytree(adapter, tmp_path / "tuned"))
    with (spoilt / "loss.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(AdapterError, match=r"fails the check artefacts: loss\.json"):
        start(tmp_path / "eval", tiny_model, suite, spoilt)
    assert not (tmp_path / "eval").exists()
    made = evaluate(str(tiny_model), spoilt, Contenders(), suite, tmp_path / "eval", print, lambda *_: None, force=True)
    assert "--force although it fails the checks: artefacts" in made.path.read_text(encoding="utf-8")
    meta = json.loads((tmp_path / "eval/predictions/tiny-gemma-tuned.meta.json").read_text(encoding="utf-8"))
    assert meta["identity"]["forced"] == ["artefacts"]


@pytest.mark.usefixtures("_quick")
def test_bad_input_is_told_and_writes_nothing(
    tiny_model: Path, other_model: Path, adapter: Path, suite: Path, tmp_path
):
    out = tmp_path / "eval"
    with pytest.raises(DataError, match="No such file"):
        start(out, tiny_model, tmp_path / "none.jsonl")
    with pytest.raises(ModelError, match="unknown model"):
        start(out, tmp_path / "none", suite)
    with pytest.raises(ModelError, match="unknown model"):
        start(out, tiny_model, suite, None, (tmp_path / "none",))
    with pytest.raises(AdapterError, match="was trained on tiny-gemma"):
        start(out, other_model, suite, adapter)
    assert not out.exists()


def test_an_ensemble_adds_a_row_for_each_way_to_combine(evaluated, tiny_model, other_model, suite) -> None:
    folder, _, _ = evaluated  # whose predictions it starts from
    made, _ = start(folder, tiny_model, suite, None, (other_model,), ensemble=True)
    names = [system.name for system in made.scores.systems]
    assert names[2:] == ["ensemble: rank average", "ensemble: weighted vote", "ensemble: stacking"]
    assert all(system.held_out and system.held_out.cases == 2 for system in made.scores.systems)
    assert "ensemble: stacking" in made.path.read_text(encoding="utf-8")


def test_one_system_alone_is_no_ensemble(tmp_path: Path, tiny_model: Path, suite: Path) -> None:
    with pytest.raises(BiniError, match="no ensemble"):
        start(tmp_path / "eval", tiny_model, suite, ensemble=True)
    assert not (tmp_path / "eval").exists()


def test_a_trained_row_in_other_words_is_not_scored_as_held_out(
    tmp_path: Path, tiny_model: Path, adapter: Path
) -> None:
    long = "로봇 청소기 앞면에 거리를 재는 센서를 두 개 달았고, 바퀴는 네 개입니다."
    trained = raw(7, "대응") | {"user_query": long}
    copied = tmp_path / "adapter"
    shutil.copytree(adapter, copied)
    (copied / "train.jsonl").write_text(jsonl([trained]), encoding="utf-8")
    write_json(copied / "run.json", seal(copied, read_object(copied / "run.json")))
    suite = tmp_path / "suite.jsonl"
    suite.write_text(
        jsonl([raw(8, "대응") | {"user_query": long.replace("네 개", "네개")}, raw(9, "대응")]), encoding="utf-8"
    )
    made, _ = start(tmp_path / "eval", tiny_model, suite, copied)
    [system] = made.scores.systems
    assert (system.held_out.cases, system.seen.cases) == (1, 1)
    assert "1 cases repeat rows" in made.path.read_text(encoding="utf-8")


# Adapters to compare with


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Cases for baselines to learn from."""
    path = tmp_path / "others.jsonl"
    path.write_text(jsonl(raw(n, "대응" if n % 2 else "미대응") for n in range(20, 26)), encoding="utf-8")
    return path


@pytest.fixture
def run_folder(tiny_model: Path, make_adapter, tmp_path: Path):
    """Makes an adapter of the tiny model that says it was trained on some of `ROWS`."""

    def make(name: str, seed: int, *rows: dict[str, Any]) -> Path:
        folder = make_adapter(tiny_model, tmp_path / name, seed)
        (folder / "train.jsonl").write_text(jsonl(rows), encoding="utf-8")
        return folder

    return make


@pytest.mark.usefixtures("_quick")
def test_rows_that_any_compared_adapter_was_trained_on_are_scored_apart_for_all(
    tiny_model: Path, run_folder, others: Path, tmp_path: Path
) -> None:
    long = "로봇 청소기 앞면에 거리를 재는 센서를 두 개 달았고, 바퀴는 네 개입니다."
    first = run_folder("first", 1, ROWS[0])
    second = run_folder("second", 2, ROWS[1], raw(7, "대응") | {"user_query": long})
    suite = tmp_path / "suite.jsonl"
    near = raw(8, "대응") | {"user_query": long.replace("네 개", "네개")}
    suite.write_text(jsonl([*ROWS, near]), encoding="utf-8")
    made, _ = start(tmp_path / "eval", tiny_model, suite, first, (second, tiny_model), baseline_cases=others)
    names = [s.name for s in made.scores.systems]
    assert names[:4] == ["tiny-gemma + first", "tiny-gemma + second", "tiny-gemma (untuned)", "majority"]
    assert made.scores.same_held_out
    for system in made.scores.systems:
        assert (system.held_out.cases, system.seen.cases) == (1, 3)
    apart = read_predictions(tmp_path / "eval/predictions/tiny-gemma-untuned.jsonl")
    assert [p.case_id for p in apart if not p.trained_on] == ["c3"]
    assert "3 cases repeat rows" in made.path.read_text(encoding="utf-8")


@pytest.mark.usefixtures("_quick")
def test_an_adapter_of_another_model_brings_its_own(tiny_model: Path, suite: Path, tmp_path: Path) -> None:
    made, _ = start(tmp_path / "eval", tiny_model, suite, None, (EMBEDDED / "bini-nano-lora",))
    assert [s.name for s in made.scores.systems] == ["tiny-gemma (untuned)", "bini-nano + bini-nano-lora"]
    nano = ModelPlace("bini-nano", EMBEDDED / "bini-nano").fingerprint()
    assert made.scores.systems[1].origin.identity["model"] == nano


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"base_model": "../elsewhere", "base_fingerprint": "f"}, "neither other-gemma nor a model"),
        ({"base_model": "bini-nano", "base_fingerprint": "f"}, "neither other-gemma nor a model"),
        ({"base_model": "bini-nano"}, "neither other-gemma nor a model"),
        ([], "is broken"),
    ],
)
def test_an_adapter_without_its_model_is_refused(
    other_model: Path, run_folder, suite: Path, tmp_path: Path, stated: object, problem: str
) -> None:
    folder = run_folder("stray", 1)
    (folder / "run.json").write_text(json.dumps(stated), encoding="utf-8")
    with pytest.raises(AdapterError, match=problem):
        start(tmp_path / "eval", other_model, suite, None, (folder,))
    assert not (tmp_path / "eval").exists()


@pytest.mark.usefixtures("_quick")
def test_each_system_is_one_row_whatever_its_folder_is_called(
    tiny_model: Path, run_folder, suite: Path, tmp_path: Path
) -> None:
    one, two = run_folder("a/fold-1", 1), run_folder("b/fold-1", 2)
    made, _ = start(tmp_path / "eval", tiny_model, suite, one, (two, two, one, tiny_model))
    names = [s.name for s in made.scores.systems]
    assert [name[:19] for name in names] == ["tiny-gemma + fold-1"] * 2 + ["tiny-gemma (untuned"]
    assert len(set(names)) == len(list((tmp_path / "eval/predictions").glob("*.jsonl"))) == 3


def test_adapters_of_several_folds_are_combined(tiny_model: Path, run_folder, suite: Path, tmp_path: Path) -> None:
    one, two = run_folder("fold-1", 1), run_folder("fold-2", 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prediction_stage, "FREE_TOKENS", 4)
        made, _ = start(tmp_path / "eval", tiny_model, suite, one, (two,), ensemble=True)
    assert [s.name for s in made.scores.systems] == [
        "tiny-gemma + fold-1",
        "tiny-gemma + fold-2",
        "ensemble: rank average",
        "ensemble: weighted vote",
        "ensemble: stacking",
    ]
    assert all(s.held_out and s.held_out.cases == 2 for s in made.scores.systems)


# A baseline on embeddings


@pytest.mark.usefixtures("_quick")
def test_a_baseline_on_embeddings_is_a_row(
    tiny_model: Path, other_model: Path, suite, others, tmp_path, encoder
) -> None:
    made, _ = start(tmp_path / "eval", tiny_model, suite, baseline_cases=others, embeddings=str(other_model))
    assert "embeddings (other-gemma) + logistic regression" in [s.name for s in made.scores.systems]
    assert encoder == [other_model]


@pytest.mark.usefixtures("_quick")
def test_without_its_package_the_baseline_is_left_out_in_a_line(
    tiny_model: Path, other_model: Path, suite: Path, others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    told: list[str] = []
    contenders = Contenders(baseline_cases=others, embeddings=str(other_model))
    made = evaluate(str(tiny_model), None, contenders, suite, tmp_path / "eval", told.append, lambda *_: None)
    assert [line for line in told if "pip install 'bini[embeddings]'" in line]
    assert not [s.name for s in made.scores.systems if s.name.startswith("embeddings")]
    assert "majority" in [s.name for s in made.scores.systems]


@pytest.mark.usefixtures("_quick")
def test_an_embedding_baseline_that_cannot_be_is_told_before_any_work(
    tiny_model: Path, suite: Path, others: Path, tmp_path: Path, encoder
) -> None:
    with pytest.raises(BiniError, match="nothing to learn from"):
        start(tmp_path / "eval", tiny_model, suite, embeddings=str(tiny_model))
    with pytest.raises(ModelError, match="unknown model"):
        start(tmp_path / "eval", tiny_model, suite, baseline_cases=others, embeddings=str(tmp_path / "none"))
    assert not (tmp_path / "eval").exists()
    assert encoder == []
