"""Training an adapter: the run folder whole or not at all, and a stopped run that goes on."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from bini.domain.cases import Case, load_cases
from bini.domain.glossary import Glossary
from bini.domain.targets import dropped_quotes, target
from bini.errors import BiniError, InputError
from bini.files import jsonl, sha256
from bini.inference.assessor import Assessor
from bini.models.adapters.report import Status, failures
from bini.models.adapters.static import check_adapter
from bini.models.catalog import ModelPlace, resolve
from bini.models.runs import newest_adapter
from bini.resources import SOURCE, TRAINING
from bini.training import sft
from bini.training.augment import rehearse, swap_names
from bini.training.rows import Learned, label_row, token_row
from bini.training.trainer import AnswerTrainer

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing.*` is deprecated:FutureWarning"),  # peft, trl
    pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning"),  # torch, on import
]
RECIPE = sft.load_recipe(ROOT / "training/lora_config.yaml").model_copy(
    update={"r": 4, "alpha": 8, "dropout": 0.0, "epochs": 2, "learning_rate": 5e-3, "warmup": 0.1, "seed": 1}
)
FILES = [
    "README.md",
    "adapter_config.json",
    "adapter_model.safetensors",
    "added.jsonl",
    "chat_template.jinja",
    "checks.json",
    "loss.json",
    "loss.png",
    "recipe.yaml",
    "run.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "train.jsonl",
]
PICKLES = {".bin", ".pt", ".pth", ".pkl"}


class StoppedError(Exception):
    """An interruption that the tests make."""


def case(number: int, query: str, **changes: Any) -> Case:
    label = {"comparisons": [{"patent_element": e, "match": "판단불가"} for e in ("센서", "로봇")]}
    fields = {"case_id": f"c{number}", "regit_num": f"10-{number}", "claim_text": "센서를 포함하는 로봇"}
    return Case.model_validate(fields | {"user_query": query, "label": label} | changes)


CASES = [case(1, "거리 센서가 달린 로봇"), case(2, "청소기"), case(3, "팔만 있는 로봇")]


@pytest.fixture(scope="module")
def place(tiny_model: Path) -> ModelPlace:
    return ModelPlace("tiny", tiny_model)


class Steps:
    """An `on_step` that counts, and stops after so many steps."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.seen: list[tuple[int, int, float | None]] = []
        self._stop_at = stop_at

    def __call__(self, step: int, total: int, loss: float | None) -> None:
        self.seen.append((step, total, loss))
        if step == self._stop_at:
            raise StoppedError


@pytest.fixture(scope="module")
def trained(place: ModelPlace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Steps]:
    torch.set_num_threads(1)
    steps = Steps()
    folder = tmp_path_factory.mktemp("outputs") / "run"
    assert sft.train(CASES, place, RECIPE, folder, steps) == folder
    return folder, steps


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_exactly_these_files_and_nothing_beside_them(trained: tuple[Path, Steps]) -> None:
    folder, _ = trained
    assert files(folder) == FILES
    assert not [p for p in folder.rglob("*") if p.suffix in PICKLES]
    assert list(folder.parent.iterdir()) == [folder]


def test_a_run_that_is_handed_on_does_not_say_where_it_was_made(trained: tuple[Path, Steps], place: ModelPlace) -> None:
    texts = [p.read_text(encoding="utf-8") for p in trained[0].iterdir() if p.suffix in {".json", ".md", ".yaml"}]
    assert not [text for text in texts if str(place.path) in text or str(trained[0].parent) in text]
    assert read(trained[0] / "adapter_config.json")["base_model_name_or_path"] == "tiny"


def test_run_json(trained: tuple[Path, Steps], place: ModelPlace) -> None:
    run = read(trained[0] / "run.json")
    assert list(run) == [
        "name",
        "base_fingerprint",
        "data_sha256",
        "recipe",
        "seed",
        "versions",
        "base_model",
        "rows",
        "added_rows",
        "patents",
        "steps",
        "seconds",
        "machine",
        "files",
        "sha256",
    ]
    assert (run["name"], run["base_model"]) == ("run", "tiny")
    assert run["base_fingerprint"] == place.fingerprint()
    assert (run["rows"], run["patents"], run["steps"], run["seed"]) == (3, 3, 6, 1)
    assert run["recipe"] == RECIPE.model_dump()
    assert sorted(run["files"]) == [name for name in FILES if name not in ("README.md", "run.json")]
    assert {"python", "torch", "transformers", "trl", "peft"} <= set(run["versions"])


def test_the_folder_says_what_it_was_made_from(trained: tuple[Path, Steps]) -> None:
    folder, _ = trained
    assert sft.load_recipe(folder / "recipe.yaml") == RECIPE
    back = load_cases(folder / "train.jsonl")
    assert [label_row(c) for c in back] == [label_row(c) for c in CASES]
    assert set(read(folder / "checks.json").values()) == {"pass"}
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# run: a Bini adapter for tiny\n")
    assert "not legal advice" in text
    assert (folder / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_steps_and_losses_are_told(trained: tuple[Path, Steps]) -> None:
    folder, steps = trained
    assert [(step, total) for step, total, _ in steps.seen] == [(n, 6) for n in range(1, 7)]
    losses = read(folder / "loss.json")
    assert losses
    assert all(set(entry) == {"step", "loss"} for entry in losses)
    told = {loss for _, _, loss in steps.seen if loss is not None}
    assert told
    assert told <= {entry["loss"] for entry in losses}


def test_the_adapter_is_found_and_changes_answers(trained: tuple[Path, Steps], place: ModelPlace) -> None:
    folder, _ = trained
    assert {check.status for check in check_adapter(folder, place)} == {Status.PASS}
    assert newest_adapter(str(place.path), folder.parent) == folder
    bare, tuned = (
        Assessor(str(place.path), adapter).assess("거리 센서", "센서를 포함하는 로봇") for adapter in (None, folder)
    )
    assert bare.comparisons[0].probabilities != tuned.comparisons[0].probabilities
    assert tuned.provenance.adapter == str(folder)


def test_the_same_call_again_trains_nothing(
    trained: tuple[Path, Steps], place: ModelPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = trained
    before = {name: (folder / name).stat().st_mtime_ns for name in FILES}
    monkeypatch.setattr(sft, "load_base", lambda *_: pytest.fail("a model was loaded"))
    steps = Steps()
    assert sft.train(CASES, place, RECIPE, folder, steps) == folder
    assert steps.seen == []
    assert {name: (folder / name).stat().st_mtime_ns for name in FILES} == before


@pytest.mark.parametrize("change", ["data", "recipe", "base"])
def test_another_run_under_the_same_name_is_refused(
    trained: tuple[Path, Steps], place: ModelPlace, other_model: Path, change: str
) -> None:
    folder, _ = trained
    before = files(folder)
    cases = CASES[:2] if change == "data" else CASES
    recipe = RECIPE.model_copy(update={"r": 8}) if change == "recipe" else RECIPE
    base = ModelPlace("other", other_model) if change == "base" else place
    with pytest.raises(InputError, match="already holds another run") as caught:
        sft.train(cases, base, recipe, folder)
    assert caught.value.hint
    assert files(folder) == before
    assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_that_holds_something_else_is_refused(place: ModelPlace, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    with pytest.raises(InputError, match="already holds another run"):
        sft.train(CASES, place, RECIPE, folder)
    assert files(tmp_path) == ["mine/thesis.txt"]


def test_a_stopped_run_leaves_no_folder_and_goes_on(
    trained: tuple[Path, Steps], place: ModelPlace, tmp_path: Path
) -> None:
    whole, fresh = trained
    folder = tmp_path / "run"
    with pytest.raises(StoppedError):
        sft.train(CASES, place, RECIPE, folder, Steps(stop_at=4))  # in the second of two epochs
    assert not folder.exists()
    assert newest_adapter(str(place.path), tmp_path) is None
    assert all(p.name.startswith(".") for p in tmp_path.iterdir())
    rest = Steps()
    sft.train(CASES, place, RECIPE, folder, rest)
    assert [step for step, _, _ in rest.seen] == [4, 5, 6]
    assert len(rest.seen) < len(fresh.seen)
    assert files(folder) == FILES
    assert list(tmp_path.iterdir()) == [folder]
    assert read(folder / "run.json")["steps"] == 6
    ours, theirs = (load_file(f / "adapter_model.safetensors") for f in (folder, whole))
    assert ours.keys() == theirs.keys()
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-6) for name in ours)


def test_a_stopped_run_of_another_recipe_is_not_gone_on_from(place: ModelPlace, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(StoppedError):
        sft.train(CASES, place, RECIPE, folder, Steps(stop_at=4))
    steps = Steps()
    sft.train(CASES, place, RECIPE.model_copy(update={"seed": 2}), folder, steps)
    assert [step for step, _, _ in steps.seen] == [1, 2, 3, 4, 5, 6]


def test_training_prints_nothing(place: ModelPlace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the command line; steps and losses are told through `on_step`."""
    sft.train(CASES, place, RECIPE, tmp_path / "run")
    assert capsys.readouterr().out == ""


def test_few_steps_are_enough(place: ModelPlace, tmp_path: Path) -> None:
    """Three cases and one epoch are three steps."""
    recipe = RECIPE.model_copy(update={"epochs": 1})
    folder = sft.train(CASES, place, recipe, tmp_path / "short")
    assert files(folder) == FILES
    assert read(folder / "run.json")["steps"] == 3


def test_a_row_that_does_not_fit_is_refused_by_id(place: ModelPlace, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(sft, "window", lambda _: 700)
    long = case(9, "아주 긴 설명 " * 400)
    with pytest.raises(InputError, match="case c9 is ") as caught:
        sft.train([*CASES, long], place, RECIPE, tmp_path / "run")
    assert "700" in caught.value.message
    assert files(tmp_path) == []


def test_a_refused_training_leaves_nothing(place: ModelPlace, tmp_path: Path, monkeypatch) -> None:
    """Errors from user input leave no partial file, and no folder either."""
    monkeypatch.setattr(sft, "window", lambda _: 10)
    with pytest.raises(InputError):
        sft.train(CASES, place, RECIPE, tmp_path / "outputs" / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_broken_base_leaves_nothing(tiny_model: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(tiny_model, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    with pytest.raises(BiniError):
        sft.train(CASES, ModelPlace("broken", broken), RECIPE, tmp_path / "outputs" / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["broken"]


@pytest.mark.parametrize("learn", ["answer", "judgement"])
def test_only_answer_tokens_are_in_the_loss(
    place: ModelPlace, tiny_tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learn: Learned
) -> None:
    batches: list[dict[str, torch.Tensor]] = []
    original = AnswerTrainer.compute_loss

    def spy(self, model, inputs, *args, **kwargs):
        batches.append({k: v.clone() for k, v in inputs.items() if torch.is_tensor(v)})
        return original(self, model, inputs, *args, **kwargs)

    monkeypatch.setattr(AnswerTrainer, "compute_loss", spy)
    recipe = RECIPE.model_copy(update={"batch_size": 3, "learn": learn})
    with pytest.raises(StoppedError):
        sft.train(CASES, place, recipe, tmp_path / "run", Steps(stop_at=1))
    (batch,) = batches
    expected = {}
    for one in CASES:
        row = token_row(one, tiny_tokenizer, 10_000, learn)
        answer = [i for i, marked in zip(row.input_ids, row.completion_mask, strict=True) if marked]
        answered = target(one)
        text = answered.to_json()
        if learn == "judgement":
            for given in (*one.elements, answered.decision_reason):
                text = text.replace(f'": "{given}"', '": ""')
        assert tiny_tokenizer.decode(answer[:-1]) == text
        expected[tuple(row.input_ids)] = answer
    found = {}
    for ids, labels in zip(batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True):
        while ids and ids[-1] == tiny_tokenizer.pad_token_id:
            ids.pop()
        found[tuple(ids)] = [label for label in labels if label != -100]
    assert found == expected


def test_loss_of_the_seeds_falls(place: ModelPlace, tmp_path: Path) -> None:
    seeds = load_cases(ROOT / SOURCE)[:5]
    recipe = RECIPE.model_copy(update={"epochs": 4, "learning_rate": 1e-2})
    folder = sft.train(seeds, place, recipe, tmp_path / "run")
    losses = [entry["loss"] for entry in read(folder / "loss.json")]
    assert losses[-1] < losses[0]


def test_copies_with_exchanged_names_are_trained_on_and_kept_apart(place: ModelPlace, tmp_path: Path) -> None:
    """The seeds name ATBC and its rivals; `train.jsonl` holds what was given, `added.jsonl` what was made of it."""
    seeds = load_cases(ROOT / SOURCE)[1:4]
    steps = Steps()
    recipe = RECIPE.model_copy(update={"rivals": 1, "synonyms": 1, "epochs": 1})
    folder = sft.train(seeds, place, recipe, tmp_path / "run", steps)
    added = load_cases(folder / "added.jsonl")
    run = read(folder / "run.json")
    assert (run["rows"], run["added_rows"]) == (3, len(added))
    assert added
    assert steps.seen[-1][:2] == (3 + len(added),) * 2
    assert [c.key for c in load_cases(folder / "train.jsonl")] == [c.key for c in seeds]
    assert not {c.key for c in added} & {c.key for c in seeds}
    assert len({c.case_id for c in (*seeds, *added)}) == 3 + len(added)
    for made in added:
        assert made.claim_text == seeds[0].claim_text
        for row in made.label.comparisons:
            assert row.user_product_element is None or row.user_product_element in made.user_query
    assert {c.label.level.value for c in added} >= {"높음", "낮음"}


def test_no_copy_calls_the_same_thing_another(glossary: Glossary) -> None:
    """A rival may share an abbreviation with the thing it replaces: no copy says 미대응 of a name of that thing."""
    seeds = load_cases(ROOT / SOURCE)
    names = {n for n in glossary.concepts["acetyl-tributyl-citrate"].names("ko") if len(n) > 2}
    for seed in range(40, 45):
        added = swap_names(seeds, glossary, 8, 2, seed)
        levels: dict[str, set[str]] = {}
        for made in [*seeds, *added]:
            levels.setdefault(made.key, set()).add(made.label.level.value)
        contradictions = [key for key, found in levels.items() if len(found) > 1]
        assert not contradictions
        first = {case.case_id: case.label.comparisons[0] for case in seeds}
        for made in added:
            before, after = first[made.case_id.split("~")[0]], made.label.comparisons[0]
            if (before.match.value, after.match.value) == ("대응", "미대응"):
                words = set(re.findall(r"\w+", after.user_product_element or ""))
                assert not words & names, made.case_id


def test_a_rival_is_named_where_a_role_is_and_in_the_language_of_the_text(glossary: Glossary) -> None:
    """Without a word for the role, another ingredient says nothing about the claimed one (판단불가, not 미대응)."""
    seeds = {case.case_id: case for case in load_cases(ROOT / SOURCE)}
    cases = [seeds["seed-01"], seeds["seed-04"], seeds["seed-06"]]  # no role; 핵심 원료; key active
    rivals = swap_names(cases, glossary, rivals=20, synonyms=0, seed=1)
    by_case = {name: [c for c in rivals if c.case_id.startswith(name)] for name in ("seed-01", "seed-04", "seed-06")}
    assert [len(copies) for copies in by_case.values()] == [0, 20, 20]
    korean = [re.search("[가-힣]", c.label.comparisons[0].user_product_element or "") for c in by_case["seed-04"]]
    assert sum(map(bool, korean)) > 15
    assert not any(re.search("[가-힣]", c.user_query) for c in by_case["seed-06"])


def test_another_species_of_a_claimed_genus_corresponds_too(glossary: Glossary) -> None:
    """The claim names a cosmetic composition: a lotion answers it as the cream did, a nail polish is left alone."""
    (seed,) = [case for case in load_cases(ROOT / SOURCE) if case.case_id == "seed-01"]  # 미백 크림
    copies = swap_names([seed], glossary, rivals=0, synonyms=30, seed=1)
    things = {c.label.comparisons[1].user_product_element for c in copies} - {"미백 크림"}
    assert {"미백 로션", "미백 토너"} <= things
    assert not any("매니큐어" in (thing or "") for thing in things)
    assert all(case.label.level.value == "높음" for case in copies)


def test_generated_cases_are_labelled_cases_on_claims_of_their_own(glossary: Glossary) -> None:
    made = rehearse(60, glossary, seed=3)
    assert made == rehearse(60, glossary, seed=3) != rehearse(60, glossary, seed=4)
    assert len({c.case_id for c in made}) == 60
    assert len({c.claim_text for c in made}) > 50  # two claims of one element may be the same
    assert {c.label.level.value for c in made} == {"높음", "애매", "낮음"}
    for case in made:
        assert dropped_quotes([case]) == 0
        for row in case.label.comparisons:
            assert row.patent_element in case.claim_text
            assert row.basis
            assert row.match is row.basis.match


def test_generated_cases_are_trained_on_where_the_recipe_asks(place: ModelPlace, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"rehearsal": 2, "epochs": 1})
    folder = sft.train(load_cases(ROOT / SOURCE)[:1], place, recipe, tmp_path / "run")
    run = read(folder / "run.json")
    assert (run["rows"], run["added_rows"], run["patents"], run["steps"]) == (1, 2, 1, 3)
    assert {c.regit_num for c in load_cases(folder / "added.jsonl")} == {"generated"}


def test_the_adapter_that_ships_is_what_bini_train_makes_today() -> None:
    base = resolve("bini-nano", lambda _: None)
    adapter = newest_adapter("bini-nano", Path("no such folder"))
    assert adapter
    assert not failures(check_adapter(adapter, base))
    run = read(adapter / "run.json")
    cases = [case for source in TRAINING for case in load_cases(ROOT / source)]
    assert run["data_sha256"] == sha256(jsonl(map(label_row, cases)))
    assert sft.Recipe.model_validate(run["recipe"]) == sft.load_recipe(sft.default_recipe("bini-nano"))
    assert run["rows"] == len(load_cases(adapter / "train.jsonl")) == len(cases)


def test_a_recipe_is_chosen_by_model() -> None:
    assert sft.default_recipe("bini-nano").name == "lora_bini-nano.yaml"
    assert sft.default_recipe("gemma-3-1b-it").name == "lora_config.yaml"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("r", 0),
        ("epochs", 0),
        ("batch_size", -1),
        ("learning_rate", 0),
        ("dropout", 1),
        ("warmup", 1.5),
        ("alpha", "x"),
    ],
)
def test_recipe_values_out_of_range(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=key):
        sft.Recipe.model_validate(RECIPE.model_dump() | {key: value})
