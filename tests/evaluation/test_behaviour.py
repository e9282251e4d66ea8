"""Checks that ask the model: answers that do not depend on the question are caught, whatever they are."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from bini.domain.cases import Case, load_cases
from bini.domain.labels import Match, RiskLevel
from bini.errors import AdapterError
from bini.evaluation import behaviour, predict
from bini.evaluation.behaviour import CASES, FEW, MANY, check_all, check_few, check_many, reverse, sample
from bini.evaluation.prediction import GoldChart, Prediction
from bini.files import jsonl, write_json
from bini.models.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, RUN
from bini.models.adapters.record import read_object, seal
from bini.models.adapters.report import Status, failures
from bini.models.catalog import ModelPlace
from bini.resources import resource
from bini.training.rows import label_row

HIGH, MAYBE, LOW = RiskLevel


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return sample(load_cases(resource(CASES)), MANY)


def answer(case: Case, level: RiskLevel | None, sure: float = 0.8) -> Prediction:
    rest = (1 - sure) / 2
    return Prediction(
        case_id=case.case_id,
        patent=case.regit_num,
        gold=GoldChart.of(case),
        level=level,
        comparisons=(),
        rule_level=level,
        probabilities={one: sure if one is level else rest for one in RiskLevel} if level else {},
        valid_free=None,
        valid_constrained=level is not None,
        trained_on=True,
        seconds=0.1,
        model_calls=1,
        tags=case.tags,
    )


def answers(cases: Sequence[Case], levels: Sequence[RiskLevel | None], sure: float = 0.8) -> list[Prediction]:
    return [answer(case, levels[n % len(levels)], sure) for n, case in enumerate(cases)]


def found(
    cases: Sequence[Case],
    tmp_path: Path,
    made: Sequence[RiskLevel | None],
    turned: Sequence[RiskLevel | None] | None = None,
    sure: float = 0.8,
    trained: Sequence[Case] | None = None,
) -> dict[str, Status]:
    rows = cases if trained is None else trained
    (tmp_path / "train.jsonl").write_text(jsonl(map(label_row, rows)), encoding="utf-8")
    (tmp_path / "added.jsonl").write_text("", encoding="utf-8")
    checks = check_many(answers(cases, made, sure), answers(cases, turned or made, sure), tmp_path)
    return {check.name: check.status for check in checks if check.status is not Status.PASS}


def test_the_sample_has_every_level_and_is_always_the_same(cases: list[Case]) -> None:
    every = load_cases(resource(CASES))
    assert [case.case_id for case in sample(every[::-1], MANY)] == [case.case_id for case in cases]
    assert [sum(case.label.level is level for case in cases) for level in RiskLevel] == [MANY // 3] * 3
    assert {case.label.level for case in cases[:FEW]} == set(RiskLevel)
    assert len({case.regit_num for case in cases}) > 5


def test_a_turned_case_asks_the_same_elements_the_other_way_round(cases: list[Case]) -> None:
    turned = reverse(cases[0])
    assert turned.elements == cases[0].elements[::-1]
    assert turned.label.level is cases[0].label.level
    assert reverse(turned) == cases[0]


def test_answers_that_depend_on_the_question_pass(cases: list[Case], tmp_path: Path) -> None:
    assert found(cases, tmp_path, [HIGH, MAYBE, LOW]) == {}


@pytest.mark.parametrize("level", RiskLevel)
def test_one_answer_to_everything_is_caught(cases: list[Case], tmp_path: Path, level: RiskLevel) -> None:
    """Every output parses, every answer is the same."""
    caught = found(cases, tmp_path, [level], sure=1.0)
    assert caught.pop("level shares") is Status.WARN
    assert caught == {"spread": Status.FAIL, "levels": Status.FAIL}
    assert check_few(answers(cases[:FEW], [level], 1.0), free=3).status is Status.WARN


def test_levels_that_change_by_a_hair_are_caught(cases: list[Case], tmp_path: Path) -> None:
    """Two levels, but always as unsure: which of them is written says nothing."""
    assert found(cases, tmp_path, [HIGH, MAYBE, LOW], sure=0.334)["spread"] is Status.FAIL
    assert found(cases, tmp_path, [HIGH, MAYBE, LOW], sure=0.38)["spread"] is Status.WARN


def test_answers_that_are_no_answers_are_caught(cases: list[Case], tmp_path: Path) -> None:
    assert found(cases, tmp_path, [HIGH, LOW, MAYBE, None])["valid JSON"] is Status.FAIL
    assert check_few(answers(cases[:FEW], [HIGH, LOW, None]), free=0).status is Status.FAIL
    assert set(found(cases, tmp_path, [None])) >= {"valid JSON", "spread", "levels"}


def test_a_level_that_is_never_given_is_a_warning(cases: list[Case], tmp_path: Path) -> None:
    assert found(cases, tmp_path, [HIGH, LOW])["levels"] is Status.WARN


def test_levels_are_compared_with_those_trained_on(cases: list[Case], tmp_path: Path) -> None:
    only = [case for case in cases if case.label.level is LOW]
    assert found(cases, tmp_path, [HIGH, MAYBE, LOW], trained=only) == {"level shares": Status.WARN}
    (tmp_path / "empty").mkdir()
    made = answers(cases, [HIGH, MAYBE, LOW])
    (told,) = [check for check in check_many(made, made, tmp_path / "empty") if check.status is not Status.PASS]
    assert (told.name, told.status) == ("level shares", Status.WARN)


def test_levels_that_hang_on_the_order_of_elements_are_a_warning(cases: list[Case], tmp_path: Path) -> None:
    assert found(cases, tmp_path, [HIGH, MAYBE, LOW], [HIGH, LOW, MAYBE]) == {"order": Status.WARN}
    assert found(cases, tmp_path, [HIGH, MAYBE, LOW], [HIGH, MAYBE, LOW, HIGH, MAYBE, LOW, HIGH, MAYBE, MAYBE]) == {}


# with a model


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Three short cases, and few tokens of the answers without constraint."""
    rows = [
        {
            "case_id": match.name,
            "regit_num": "10-1",
            "claim_text": "크림",
            "user_query": query,
            "label": {"comparisons": [{"patent_element": "크림", "match": match.value}]},
        }
        for match, query in zip(Match, ("미백 크림", "로봇 청소기를 만들었다", "a"), strict=True)
    ]
    (tmp_path / "short.jsonl").write_text(jsonl(rows), encoding="utf-8")
    monkeypatch.setattr(behaviour, "resource", lambda _: tmp_path / "short.jsonl")
    monkeypatch.setattr(behaviour, "MANY", FEW)
    monkeypatch.setattr(predict, "FREE_TOKENS", 4)


def constant_output(base: Path, folder: Path, make_adapter) -> Path:
    """A LoRA of full rank that takes attention and MLP out of the model: only the last token is left to answer from.

    Every static check passes: its shapes fit and its numbers are as large as those of the base, no more.
    """
    make_adapter(base, folder)
    weights = load_file(base / "model.safetensors")
    tensors: dict[str, torch.Tensor] = {}
    for name, weight in weights.items():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            layer = f"base_model.model.{name.removesuffix('.weight')}"
            tensors[f"{layer}.lora_A.weight"] = weight.clone()
            tensors[f"{layer}.lora_B.weight"] = -torch.eye(len(weight))
    save_file(tensors, folder / ADAPTER_WEIGHTS, metadata={"format": "pt"})
    changes = {"r": 64, "lora_alpha": 64, "target_modules": ["o_proj", "down_proj"]}
    write_json(folder / ADAPTER_CONFIG, read_object(folder / ADAPTER_CONFIG) | changes)
    write_json(folder / RUN, seal(folder, read_object(folder / RUN)))
    return folder


@pytest.mark.usefixtures("_short")
def test_an_adapter_that_always_says_the_same_is_caught_by_name(tiny_model, make_adapter, tmp_path: Path) -> None:
    folder = constant_output(tiny_model, tmp_path / "constant", make_adapter)
    asked: list[tuple[int, int]] = []
    checks = check_all(folder, ModelPlace(tiny_model.name, tiny_model), lambda *done: asked.append(done))
    assert [check.name for check in failures(checks)] == ["spread", "levels"]
    assert asked[-1] == (2 * FEW, 2 * FEW)


@pytest.mark.usefixtures("_short")
def test_an_adapter_that_answers_goes_through_every_check(tiny_model, tiny_adapter) -> None:
    checks = check_all(tiny_adapter, ModelPlace(tiny_model.name, tiny_model))
    assert [check.name for check in checks][-7:] == [
        "effect",
        "three samples",
        "valid JSON",
        "spread",
        "levels",
        "level shares",
        "order",
    ]
    assert [c for c in checks if c.name in ("effect", "valid JSON") and c.status is not Status.PASS] == []


def test_no_model_is_loaded_for_an_adapter_that_fails_the_cheap_checks(
    tiny_model, tiny_adapter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_adapter, tmp_path / "run"))
    (folder / ADAPTER_WEIGHTS).write_bytes(b"")
    monkeypatch.setattr(behaviour, "check_effect", lambda *_: pytest.fail("a model was loaded"))
    assert "readable" in [check.name for check in failures(check_all(folder, ModelPlace("tiny", tiny_model)))]
    with pytest.raises(AdapterError, match="no-such"):
        check_all(tmp_path / "no-such", ModelPlace("tiny", tiny_model))
