"""Pre-training: recipes, and a small run from random weights to a model folder."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from pretraining import POOL, RECIPE
from transformers import AutoTokenizer, Gemma3ForCausalLM, Gemma3TextConfig

from bini.domain.glossary import Glossary
from bini.errors import DataError
from bini.inference.assessor import Assessor
from bini.models.catalog import resolve
from bini.training import curriculum, pretrain, sft
from bini.training.grow import grow

ROOT = Path(__file__).parents[2]
LORA = sorted((ROOT / "training").glob("lora_*.yaml"))
PRETRAINING = sorted(set((ROOT / "training").glob("*.yaml")) - set(LORA))


class StoppedError(Exception):
    """An interruption that the tests make."""


@pytest.fixture(autouse=True, scope="module")
def _small_and_uncompiled() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pretrain, "make_tokenizer", partial(pretrain.make_tokenizer, cases=300))
        patch.setattr(torch, "compile", lambda function=None, **_: function or (lambda decorated: decorated))
        yield


def run(out: Path, glossary: Glossary, recipe: curriculum.PretrainRecipe = RECIPE, stop_at: int | None = None):
    """Train; returns the model folder and each step's progress and loss. Stops after `stop_at` steps, if given."""
    steps: list[tuple[float, float]] = []

    def on_step(progress: float, loss: float) -> None:
        steps.append((progress, loss))
        if len(steps) == stop_at:
            raise StoppedError

    return pretrain.pretrain(recipe, glossary, out, on_step), steps


@pytest.fixture(scope="module")
def finished(glossary: Glossary, tmp_path_factory: pytest.TempPathFactory):
    """A whole uninterrupted run: its folder, model folder and steps."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("pretrain") / "run"
    return out, *run(out, glossary)


def weights(model: Path) -> bytes:
    return (model / "model.safetensors").read_bytes()


def test_a_run_writes_a_model_that_answers(finished) -> None:
    out, model, _ = finished
    assert model == out / "model"
    assert sorted(p.name for p in model.iterdir()) == [
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert not [p for p in out.rglob("*") if p.suffix in (".bin", ".pt", ".pth", ".pkl", ".tmp")]
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["Gemma3ForCausalLM"]
    assert config["dtype"] == "bfloat16"
    result = Assessor(str(model)).assess("거리 센서가 달린 로봇", "센서를 포함하는 로봇")
    assert [row.patent_element for row in result.comparisons] == ["센서", "로봇"]


def test_progress_rises_and_loss_falls(finished) -> None:
    _, _, steps = finished
    progress, losses = zip(*steps, strict=True)
    assert progress[0] == 0
    assert all(a < b for a, b in pairwise(progress))
    assert 0.9 < progress[-1] < 1
    quarter = len(losses) // 4
    assert sum(losses[-quarter:]) < 0.8 * sum(losses[:quarter])


def test_the_log_has_a_line_a_pool(finished) -> None:
    out, _, steps = finished
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [e["cases"] for e in entries] == [POOL * n for n in range(1, 7)]
    assert entries[-1]["loss"] < entries[0]["loss"]
    assert entries[0]["loss"] < steps[0][1]
    assert all(e["tokens"] > POOL * 50 for e in entries)


def test_one_recipe_has_a_budget_for_each_machine(tmp_path: Path) -> None:
    path = ROOT / "training/nano.yaml"
    on_cpu, on_cuda = (curriculum.load_recipe(path, device) for device in ("cpu", "cuda"))
    assert on_cpu == curriculum.load_recipe(path)
    assert on_cuda.cases > 10 * on_cpu.cases
    same = {"cases", "tokens_per_step", "on_cuda"}
    assert on_cuda.model_dump(exclude=same) == on_cpu.model_dump(exclude=same)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(path.read_text(encoding="utf-8").replace("{cases:", "{cased:"), encoding="utf-8")
    with pytest.raises(DataError, match="cased"):  # told on any machine
        curriculum.load_recipe(wrong)


def test_same_seed_same_bytes_and_another_seed_others(finished, glossary: Glossary, tmp_path: Path) -> None:
    _, model, steps = finished
    again, steps_again = run(tmp_path / "again", glossary)
    assert weights(again) == weights(model)
    assert steps_again == steps
    short = RECIPE.model_copy(update={"cases": POOL})
    one, _ = run(tmp_path / "one", glossary, short)
    other, _ = run(tmp_path / "other", glossary, short.model_copy(update={"seed": 4}))
    assert weights(one) != weights(other)


@pytest.mark.parametrize("stop_at", [1, 13])
def test_an_interrupted_run_ends_in_the_same_bytes(finished, glossary: Glossary, tmp_path: Path, stop_at: int) -> None:
    _, model, steps = finished
    out = tmp_path / "run"
    with pytest.raises(StoppedError):
        run(out, glossary, stop_at=stop_at)
    assert not (out / "model").exists()
    resumed, rest = run(out, glossary)
    assert weights(resumed) == weights(model)
    assert rest == steps[len(steps) - len(rest) :]
    assert (len(rest) < len(steps)) == (stop_at > 10)
    assert len((out / "log.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_a_finished_run_is_not_trained_again(glossary: Glossary, tmp_path: Path) -> None:
    short = RECIPE.model_copy(update={"cases": POOL})
    model, steps = run(tmp_path, glossary, short)
    before = weights(model)
    assert steps
    assert run(tmp_path, glossary, short) == (model, [])
    assert weights(model) == before


def test_another_recipe_does_not_go_on_from_this_state(glossary: Glossary, tmp_path: Path) -> None:
    """A state belongs to its recipe: another seed in the same folder must not silently take its weights."""
    short = RECIPE.model_copy(update={"cases": POOL})
    run(tmp_path, glossary, short)
    try:
        _, steps = run(tmp_path, glossary, short.model_copy(update={"seed": 4}))
    except DataError:
        return  # refused
    assert steps


@pytest.mark.parametrize(
    "change",
    [
        {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "num_key_value_heads": 2},
        {"num_key_value_heads": 2},
    ],
    ids=["wider", "more key heads"],
)
def test_a_grown_model_starts_where_the_small_one_ended(
    finished, glossary: Glossary, tmp_path: Path, change: dict[str, int]
) -> None:
    _, model, steps = finished
    wide = RECIPE.shape.model_copy(update=change)
    recipe = RECIPE.model_copy(update={"start_from": str(model), "shape": wide, "cases": POOL})
    grown, grown_steps = run(tmp_path, glossary, recipe)
    assert grown_steps[0][1] < 0.8 * steps[0][1]
    config = json.loads((grown / "config.json").read_text(encoding="utf-8"))
    assert {k: config[k] for k in wide.model_dump() if k in config} == {
        k: v for k, v in wide.model_dump().items() if k in config
    }
    assert (grown / "tokenizer.json").read_bytes() == (model / "tokenizer.json").read_bytes()


def test_a_run_goes_on_from_a_model_of_its_own_shape(finished, glossary: Glossary, tmp_path: Path) -> None:
    _, model, steps = finished
    more = RECIPE.model_copy(update={"start_from": str(model), "cases": POOL, "seed": 5})
    going_on, more_steps = run(tmp_path, glossary, more)
    assert more_steps[0][1] < 0.8 * steps[0][1]
    assert (going_on / "config.json").read_bytes() == (model / "config.json").read_bytes()
    assert weights(going_on) != weights(model)


def test_the_shape_of_the_larger_embedded_model_is_what_growing_the_smaller_gives() -> None:
    recipe = curriculum.load_recipe(ROOT / "training/nano-4x.yaml")
    assert recipe.start_from == "bini-nano"
    small = Gemma3TextConfig.from_pretrained(resolve(recipe.start_from, lambda _: None).path)
    tiny = {"vocab_size": 300, "hidden_size": 32, "intermediate_size": 32}
    narrow = Gemma3ForCausalLM(Gemma3TextConfig(**(small.to_dict() | tiny)))
    grown = grow(narrow, recipe.shape.num_hidden_layers, 0).config
    assert recipe.shape.hidden_size == small.hidden_size * 2
    assert recipe.shape.intermediate_size == small.intermediate_size * 2
    for key in ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "sliding_window"):
        assert getattr(grown, key) == getattr(recipe.shape, key), key
    assert recipe.shape.vocab_size == small.vocab_size


def test_a_recipe_may_drill_and_multiply_in_fp32(glossary: Glossary, tmp_path: Path) -> None:
    harder = {"share": 1.0, "drills": 0.5, "cloze": 0.5, "topical": 0.5, "mixed": 0.5, "elsewhere": 0.5}
    stages = (RECIPE.stages[0].model_copy(update=harder),)
    recipe = RECIPE.model_copy(update={"cases": 2 * POOL, "stages": stages, "bfloat16": False})
    exact, steps = run(tmp_path / "exact", glossary, recipe)
    rounded, _ = run(tmp_path / "rounded", glossary, recipe.model_copy(update={"bfloat16": True}))
    assert steps[-1][1] < steps[0][1]
    assert weights(exact) != weights(rounded)


# the schedule


@pytest.mark.parametrize("path", PRETRAINING, ids=lambda p: p.stem)
def test_learning_rate_stays_within_its_bounds(path: Path) -> None:
    recipe = curriculum.load_recipe(path)
    rates = [curriculum.learning_rate(n / 1000, recipe) for n in range(1001)]
    assert 0 < rates[0] < 0.01 * recipe.learning_rate
    assert rates[-1] == 0
    assert max(rates) == recipe.learning_rate
    peak = rates.index(max(rates))
    assert peak / 1000 == pytest.approx(recipe.warmup, abs=0.002)
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    flat = [n / 1000 for n, rate in enumerate(rates) if rate == recipe.learning_rate]
    assert flat[-1] == pytest.approx(1 - recipe.cooldown, abs=0.002)


# recipes

Loader = Callable[[Path], Any]
SHIPPED = [(sft.load_recipe, path) for path in LORA] + [(curriculum.load_recipe, path) for path in PRETRAINING]


def test_there_are_recipes() -> None:
    assert {p.name for p in LORA} >= {"lora_config.yaml", "lora_bini-nano.yaml"}
    assert {p.name for p in PRETRAINING} >= {"nano.yaml", "nano-4x.yaml"}


@pytest.mark.parametrize(("load", "path"), SHIPPED, ids=lambda v: v.stem if isinstance(v, Path) else "")
def test_shipped_recipes_load_and_refuse_other_keys(load: Loader, path: Path, tmp_path: Path) -> None:
    loaded = load(path)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert loaded.model_dump(mode="json", exclude_unset=True) == content
    first = next(iter(content))
    for changed, key in (
        (content | {"momentum": 1}, "momentum"),
        ({k: v for k, v in content.items() if k != first}, first),
        (content | {"seed": "x"}, "seed"),
    ):
        broken = tmp_path / "recipe.yaml"
        broken.write_text(yaml.safe_dump(changed), encoding="utf-8")
        with pytest.raises(DataError) as caught:
            load(broken)
        assert str(broken) in caught.value.message
        assert key in caught.value.message
        assert caught.value.hint


@pytest.mark.parametrize("path", PRETRAINING, ids=lambda p: p.stem)
def test_shares_of_the_shipped_stages_sum_to_one(path: Path) -> None:
    assert sum(stage.share for stage in curriculum.load_recipe(path).stages) == pytest.approx(1)


@pytest.mark.parametrize("load", [sft.load_recipe, curriculum.load_recipe], ids=["sft", "pretrain"])
@pytest.mark.parametrize("content", [b"", b"- 1\n", b"a: [", b"r: \xff"], ids=["empty", "list", "no YAML", "no UTF-8"])
def test_a_recipe_that_is_none(load: Loader, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(path) in caught.value.message


@pytest.mark.parametrize("load", [sft.load_recipe, curriculum.load_recipe], ids=["sft", "pretrain"])
def test_a_missing_recipe(load: Loader, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        load(tmp_path / "none.yaml")


def test_tokenizer_of_a_run_round_trips(finished) -> None:
    _, model, _ = finished
    tokenizer = AutoTokenizer.from_pretrained(model)
    text = "아세틸트리부틸시트레이트 5 중량%\n😀 <x>"
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text
