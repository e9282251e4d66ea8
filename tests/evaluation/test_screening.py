"""Screening base models: every family, resuming, giving up, and dropping what was fetched."""

import io
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from families import FAMILIES
from rich.console import Console

from bini.domain.cases import Case
from bini.domain.labels import RiskLevel
from bini.errors import DataError, InputError, ModelError
from bini.evaluation import predict as prediction_stage
from bini.evaluation.prediction import GoldChart, Prediction
from bini.evaluation.screening import candidate as candidate_module
from bini.evaluation.screening.results import Screening
from bini.evaluation.screening.run import Plan, screen
from bini.evaluation.screening.stopping import HOPELESS_AFTER, SLOW_AFTER, hopeless, too_slow
from bini.evaluation.screening.tables import terminal
from bini.files import jsonl
from bini.inference.prompt import Prompt
from bini.inference.styles import INSTRUCTIONS, Style
from bini.models import downloads
from bini.models.catalog import ModelPlace, resolve

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")


def raw(number: int) -> dict:
    match = ("대응", "미대응", "판단불가")[number % 3]
    rows = [{"patent_element": "센서", "match": match}, {"patent_element": "로봇", "match": "대응"}]
    return {
        "case_id": f"c{number}",
        "regit_num": f"10-{number % 7}",
        "claim_text": "센서를 포함하는 로봇",
        "user_query": f"로봇 {number}",
        "label": {"comparisons": rows},
    }


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("suites") / "small.jsonl"
    path.write_text(jsonl(map(raw, range(24))), encoding="utf-8")
    return path


def plan_of(suite: Path, *models: str, **changes) -> Plan:
    plan = Plan(models=models, styles=list(Style), shots=[0], suite=suite, limit=None, max_seconds=60)
    return replace(plan, **changes)


def start(plan: Plan, folder: Path) -> tuple[Screening, list[str]]:
    told: list[str] = []
    return screen(plan, folder, told.append, lambda *_: None), told


def prediction(case: Case, level: RiskLevel | None, valid: bool, seconds: float = 1.0) -> Prediction:
    return Prediction(
        case_id=case.case_id,
        patent=case.patent,
        gold=GoldChart(level=case.label.level),
        level=level,
        comparisons=(),
        rule_level=level,
        probabilities={},
        valid_free=valid,
        valid_constrained=level is not None,
        trained_on=False,
        seconds=seconds,
        model_calls=5 if level else 0,
        tags=(),
    )


# models that answer at once: how they do is written in their folder's name


class Quick:
    """An assessor that answers by the kind of model it is; notes what it is asked."""

    asked: ClassVar[list[tuple[str, str, str]]] = []
    loaded: ClassVar[list[str]] = []
    stop_at: ClassVar[int | None] = None

    def __init__(self, path: str) -> None:
        self.kind = Path(path).name
        Quick.loaded.append(self.kind)
        if self.kind == "broken":
            raise ModelError("broken does not load")
        self.prompt = Prompt()

    def asking(self, prompt: Prompt) -> "Quick":
        other = Quick.__new__(Quick)
        other.kind, other.prompt = self.kind, prompt
        return other


def answer(model: Quick, case: Case, *_: object) -> Prediction:
    if len(Quick.asked) == Quick.stop_at:
        raise KeyboardInterrupt
    style = next(style.value for style in Style if INSTRUCTIONS[style] == model.prompt.instruction)
    Quick.asked.append((model.kind, style, case.case_id))
    if model.kind == "crashing" and len(model.prompt.examples):
        raise RuntimeError("out of\nmemory")
    hopeless_here = model.kind == "hopeless" and style == "basic"
    right = case.label.level if not hopeless_here else next(x for x in RiskLevel if x is not case.label.level)
    return prediction(case, right, not hopeless_here, 90.0 if model.kind == "slow" else 0.5)


@pytest.fixture
def quick(monkeypatch, tmp_path: Path):
    """Folders that stand for models, by the way they behave."""
    monkeypatch.setattr(Quick, "asked", [])
    monkeypatch.setattr(Quick, "loaded", [])
    monkeypatch.setattr(Quick, "stop_at", None)
    monkeypatch.setattr(candidate_module, "Assessor", Quick)
    monkeypatch.setattr(prediction_stage, "predict_case", answer)
    monkeypatch.setattr(prediction_stage, "free_running", lambda _, cases: {case.case_id: True for case in cases})

    def model(kind: str) -> str:
        folder = tmp_path / "models" / kind
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"kind": kind}), encoding="utf-8")
        header = b'{"__metadata__":{}}'
        (folder / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
        return str(folder)

    return SimpleNamespace(model=model, out=tmp_path / "out", asked=Quick.asked, loaded=Quick.loaded)


def test_every_prompt_is_asked_of_one_loaded_model(quick, suite) -> None:
    made, _ = start(plan_of(suite, quick.model("good"), shots=[2, 0], limit=5), quick.out)
    assert quick.loaded == ["good"]
    assert sorted((row.shots, row.style) for row in made.rows) == sorted((n, s) for n in (0, 2) for s in Style)
    assert [style for _, style, _ in quick.asked] == [s.value for _ in (0, 2) for s in Style for _ in range(5)]
    assert all(row.stopped is None and row.score and row.score.cases == 5 for row in made.rows)
    assert len({row.prompt_sha256 for row in made.rows}) == 6
    assert len({frozenset(case for _, s, case in quick.asked if s == style) for style in Style}) == 1


def test_files_hold_what_is_shown(quick, suite) -> None:
    good, slow = quick.model("good"), quick.model("slow")
    made, _ = start(plan_of(suite, slow, good, styles=[Style.BASIC]), quick.out)
    assert Screening.model_validate_json((quick.out / "screening.json").read_bytes()) == made
    assert [row.model for row in made.rows] == ["good", "slow"], "a model that was stopped comes last"
    text = (quick.out / "screening.md").read_text(encoding="utf-8")
    assert "| good | basic | 0 | 24/24 | 100.0 % " in text
    assert "- slow, basic, 0 shots: too slow: median 90 s a case after 3 cases (limit 60 s)" in text
    console = Console(file=io.StringIO(), width=80)
    console.print(terminal(made))
    shown = console.file.getvalue()
    assert "24/24" in shown
    assert "too slow" in shown


# giving up


def test_a_slow_model_is_given_up_with_all_its_prompts(quick, suite) -> None:
    made, _ = start(plan_of(suite, quick.model("slow"), quick.model("good")), quick.out)
    slow = [row for row in made.rows if row.model == "slow"]
    why = "too slow: median 90 s a case after 3 cases (limit 60 s)"
    assert [row.stopped for row in slow] == [why, f"not asked: {why}", f"not asked: {why}"]
    assert [row.score.cases if row.score else 0 for row in slow] == [SLOW_AFTER, 0, 0]
    assert [row.stopped for row in made.rows if row.model == "good"] == [None] * 3, "the others are still screened"


def test_a_hopeless_prompt_is_given_up_and_the_model_s_others_are_not(quick, suite) -> None:
    made, _ = start(plan_of(suite, quick.model("hopeless")), quick.out)
    *others, basic = made.rows
    assert basic.style is Style.BASIC
    assert basic.score is not None
    assert basic.score.cases == HOPELESS_AFTER
    assert basic.stopped is not None
    assert "after 20 cases" in basic.stopped
    assert "risk accuracy 0.0% (floor 33.3%)" in basic.stopped
    assert [row.stopped for row in others] == [None, None]


def test_a_model_that_does_not_run_is_a_row_and_no_end(quick, suite) -> None:
    broken, crashing, good = quick.model("broken"), quick.model("crashing"), quick.model("good")
    made, _ = start(plan_of(suite, broken, crashing, good, shots=[0, 1], styles=[Style.BASIC], limit=4), quick.out)
    rows = {(row.model, row.shots): row for row in made.rows}
    assert rows["broken", 0].stopped == "broken does not load"
    assert rows["broken", 1].stopped == "not asked: broken does not load"
    assert quick.loaded.count("broken") == 1
    assert rows["crashing", 0].stopped is None
    assert rows["crashing", 1].stopped == "does not run: RuntimeError: out of memory"
    assert rows["good", 1].stopped is None


@pytest.mark.parametrize(
    ("right", "valid", "stops"), [(6, 2, True), (7, 2, False), (6, 3, False), (0, 0, True), (20, 0, False)]
)
def test_hopeless_is_both_floors_at_twenty_cases(right: int, valid: int, stops: bool) -> None:
    cases = [Case.model_validate(raw(3 * n)) for n in range(30)]  # all 높음
    levels = [RiskLevel.HIGH] * right + [RiskLevel.LOW] * (30 - right)
    made = [prediction(case, level, n < valid) for n, (case, level) in enumerate(zip(cases, levels, strict=True))]
    assert hopeless(made[: HOPELESS_AFTER - 1]) is None
    assert bool(hopeless(made[:HOPELESS_AFTER])) is stops
    assert hopeless(made) == hopeless(made[:HOPELESS_AFTER]), "what comes later does not change the reason"


def test_hopeless_says_when_prompts_did_not_fit() -> None:
    made = [prediction(Case.model_validate(raw(n)), None, False) for n in range(HOPELESS_AFTER)]
    assert "20 prompts did not fit the model's window" in (hopeless(made) or "")


def test_too_slow_is_the_median_of_real_answers() -> None:
    cases = [Case.model_validate(raw(n)) for n in range(6)]
    unfit = [prediction(case, None, False, 0.0) for case in cases[:3]]
    made = [prediction(case, RiskLevel.LOW, True, s) for case, s in zip(cases[3:], (99, 10, 11), strict=True)]
    assert too_slow([*unfit, *made[:2]], 10) is None
    assert too_slow([*unfit, *made], 11) is None, "one slow case is no slow model"
    assert too_slow([*unfit, *made], 10) == "too slow: median 11 s a case after 3 cases (limit 10 s)"


# going on


def test_a_stopped_screening_goes_on(quick, suite, monkeypatch) -> None:
    plan = plan_of(suite, quick.model("slow"), quick.model("hopeless"), quick.model("good"), limit=22)
    whole, _ = start(plan, quick.out.with_name("whole"))
    everything = list(quick.asked)
    quick.asked.clear()
    quick.loaded.clear()
    for stop_at in (2, 12, 30, 60):
        monkeypatch.setattr(Quick, "stop_at", stop_at)
        with pytest.raises(KeyboardInterrupt):
            start(plan, quick.out)
    assert not (quick.out / "screening.json").exists()
    monkeypatch.setattr(Quick, "stop_at", None)
    made, _ = start(plan, quick.out)
    assert made == whole
    assert sorted(quick.asked) == sorted(everything), "no case is asked twice"
    quick.loaded.clear()
    assert start(plan, quick.out)[0] == whole
    assert quick.loaded == [], "a finished screening loads no model"


def test_a_higher_limit_goes_on_where_a_slow_model_was_stopped(quick, suite) -> None:
    plan = plan_of(suite, quick.model("slow"), styles=[Style.BASIC])
    start(plan, quick.out)
    made, _ = start(replace(plan, max_seconds=100), quick.out)
    assert made.rows[0].stopped is None
    assert len(quick.asked) == len(set(quick.asked)) == 24


# what is refused


def test_an_unknown_model_is_refused_before_anything_is_asked(quick, suite) -> None:
    with pytest.raises(ModelError, match="unknown model: nobody/nothing"):
        start(plan_of(suite, quick.model("good"), "nobody/nothing"), quick.out)
    assert quick.asked == []
    assert not quick.out.exists()


def test_models_of_one_name_are_told_apart(quick, suite, tmp_path: Path) -> None:
    first, second = Path(quick.model("good")), Path(quick.model("other"))
    (tmp_path / "b").mkdir()
    twin = second.rename(tmp_path / "b" / "good")
    made, _ = start(plan_of(suite, str(first), str(twin), styles=[Style.BASIC], limit=3), quick.out)
    fingerprint = ModelPlace("good", twin).fingerprint()
    assert {row.model for row in made.rows} == {"good", f"good {fingerprint[:8]}"}
    with pytest.raises(InputError, match="one folder"):
        start(plan_of(suite, "a/b", "a-b"), quick.out)


def test_too_many_shots_are_refused_before_anything_is_asked(quick, suite) -> None:
    with pytest.raises(DataError, match="training patents"):
        start(plan_of(suite, quick.model("good"), shots=[0, 500]), quick.out)
    assert quick.asked == []


# fetching and dropping


@pytest.fixture
def hub(quick, monkeypatch, tmp_path: Path):
    """A hub that has one model, and a cache for it."""
    repo = tmp_path / "cache" / "owner--model"
    source = Path(quick.model("good"))
    pulls: list[str] = []

    def pull(name: str) -> Path:
        pulls.append(name)
        repo.mkdir(parents=True, exist_ok=True)
        for file in source.iterdir():
            (repo / file.name).write_bytes(file.read_bytes())
        return repo

    def resolve_here(wanted: str, notice) -> ModelPlace:
        if wanted != "owner/model":
            return resolve(wanted, notice)
        if not (repo / "config.json").is_file():
            raise ModelError("unknown model: owner/model")
        return ModelPlace("model", repo)

    monkeypatch.setattr(downloads, "pull", pull)
    monkeypatch.setattr(downloads, "_folder", lambda _: repo)
    monkeypatch.setattr(candidate_module, "resolve", resolve_here)
    return SimpleNamespace(repo=repo, pulls=pulls, pull=pull)


def test_without_pull_nothing_is_fetched(quick, hub, suite) -> None:
    with pytest.raises(ModelError, match="unknown model: owner/model"):
        start(plan_of(suite, "owner/model"), quick.out)
    assert hub.pulls == []


def test_only_what_was_fetched_is_dropped(quick, hub, suite) -> None:
    other = Path(quick.model("slow"))
    plan = plan_of(suite, str(other), "owner/model", pull=True, drop=True)
    made, told = start(plan, quick.out)
    assert hub.pulls == ["owner/model"]
    assert not hub.repo.exists()
    assert sorted(file.name for file in other.iterdir()) == ["config.json", "model.safetensors"]
    assert [line for line in told if "removed" in line] == ["owner/model: removed what was fetched, 0.0 MB"]
    assert [row.stopped for row in made.rows if row.model == "model"] == [None] * 3


def test_a_model_that_was_here_before_is_not_dropped(quick, hub, suite) -> None:
    hub.pull("owner/model")
    start(plan_of(suite, "owner/model", pull=True, drop=True), quick.out)
    assert hub.pulls == ["owner/model"]
    assert (hub.repo / "model.safetensors").is_file()


def test_a_dropped_model_is_not_fetched_again_for_what_is_done(quick, hub, suite) -> None:
    plan = plan_of(suite, "owner/model", styles=[Style.BASIC], pull=True, drop=True)
    first, _ = start(plan, quick.out)
    assert start(plan, quick.out)[0] == start(replace(plan, pull=False), quick.out)[0] == first
    assert len(hub.pulls) == 1
    more, _ = start(replace(plan, styles=[Style.BASIC, Style.DETAILED]), quick.out)
    assert len(hub.pulls) == 2
    assert not hub.repo.exists()
    assert [row.stopped for row in more.rows] == [None, None]


def test_weights_of_an_interrupted_screening_are_dropped_when_it_is_done(quick, hub, suite, monkeypatch) -> None:
    plan = plan_of(suite, "owner/model", pull=True, drop=True)
    monkeypatch.setattr(Quick, "stop_at", 30)
    with pytest.raises(KeyboardInterrupt):
        start(plan, quick.out)
    assert hub.repo.exists()
    monkeypatch.setattr(Quick, "stop_at", None)
    start(plan, quick.out)
    assert len(hub.pulls) == 1
    assert not hub.repo.exists()


# the real thing, small


def test_every_architecture_is_screened(families, suite, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(prediction_stage, "FREE_TOKENS", 4)
    monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", 20)
    plan = plan_of(suite, *map(str, families.values()), styles=[Style.BASIC], shots=[0, 1], limit=1, max_seconds=10_000)
    made, _ = start(plan, tmp_path / "out")
    assert {(row.model, row.shots) for row in made.rows} == {(name, shots) for name in FAMILIES for shots in (0, 1)}
    for row in made.rows:
        assert row.stopped is None
        assert row.score is not None
        assert (row.score.valid_json_constrained, row.score.valid_json_free) == (1, 0)
        assert row.median_seconds
        assert row.origin is not None
        assert row.origin.identity["prompt"] == row.prompt_sha256
