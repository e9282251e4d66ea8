"""From labelled cases to an adapter, its evaluation and its answers."""

import json
import shutil
from pathlib import Path

import pytest
from commands import CLAIM, PRODUCT, ROOT, Bini, ask, judged, row

from bini.evaluation import predict
from bini.files import jsonl
from bini.resources import SOURCE
from bini.training import sft
from bini.training.rows import CHAT_ROWS, LABELS


def test_from_training_to_answer(bini: Bini, here: Path, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "FREE_TOKENS", 4)
    common = ["--model", str(inputs / "model")]
    train = [
        "train",
        *common,
        "--name",
        "mine",
        "--data",
        str(inputs / "good.jsonl"),
        "--recipe",
        str(inputs / "recipe.yaml"),
    ]
    trained = bini(*train)
    assert trained.code == 0, trained.err
    assert trained.out.splitlines()[-1] == "adapter: outputs/mine"
    assert "training model on 3 cases with recipe.yaml" in trained.err
    assert [p.name for p in (here / "outputs").iterdir()] == ["mine"]
    again = bini(*train)
    assert (again.code, again.out) == (0, "adapter: outputs/mine\n")
    other = bini(*train[:-1], inputs / "odd.yaml")
    assert other.code == 2

    evaluated = bini("eval", *common, "--suite", inputs / "good.jsonl")
    assert evaluated.code == 0, evaluated.err
    assert evaluated.out.splitlines() == ["model + mine: no held-out cases", "report: outputs/mine/eval/report.md"]
    assert (here / "outputs/mine/eval/results.json").is_file()

    answered = bini(*ask(PRODUCT, CLAIM, *common, "--json"))
    judged(answered)
    assert "adapter: outputs/mine" in answered.err
    assert trained.out == again.out


def test_a_gate_stops_a_release_that_fell_behind(bini: Bini, inputs: Path, here: Path) -> None:
    command = ["eval", "--model", inputs / "model", "--suite", inputs / "good.jsonl", "--out", "outputs/first"]
    assert bini(*command).code == 0
    results = here / "outputs/first/results.json"
    same = bini(*command, "--gate", results)
    assert same.code == 0, same.out
    better = json.loads(results.read_text(encoding="utf-8"))
    better["systems"][0]["held_out"]["risk_accuracy"] += 0.5
    results.with_name("better.json").write_text(json.dumps(better), encoding="utf-8")
    behind = bini(*command, "--gate", here / "outputs/first/better.json")
    assert behind.code == 1
    assert behind.out.splitlines()[-1].startswith("fell behind: risk_accuracy: ")


def test_training_takes_the_seeds_and_binibench_unless_told_otherwise(
    bini: Bini, inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_on: list[list[str]] = []
    monkeypatch.setattr(sft, "train", lambda cases, *_: trained_on.append([case.case_id for case in cases]))
    assert bini("train", "--model", inputs / "model").code == 0
    assert len(trained_on[0]) == 35 + 460
    two = ["--data", inputs / "good.jsonl", "--data", inputs / "good.jsonl"]
    assert bini("train", "--model", inputs / "model", *two).code == 0
    assert len(trained_on[1]) == 6


def test_an_interrupt_says_how_to_go_on(bini: Bini, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sft, "train", interrupted)
    ended = bini("train", "--model", inputs / "model", "--data", inputs / "good.jsonl")
    assert ended.code == 130
    assert "stopped; the same command goes on from here" in ended.err
    assert "Traceback" not in ended.err


def test_null_quotes_are_noticed(bini: Bini, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"patent_element": "로봇", "user_product_element": "없는 말", "match": "대응"}]
    (inputs / "foreign.jsonl").write_text(jsonl([row(1, label={"comparisons": rows})]), encoding="utf-8")
    monkeypatch.setattr(sft, "train", lambda *_: None)
    ended = bini("train", "--model", inputs / "model", "--data", inputs / "foreign.jsonl")
    assert ended.code == 0
    assert "1 labelled quotes are no piece of their product text" in ended.err


def test_screening_of_two_prompts(bini: Bini, here: Path, inputs: Path, tiny_model: Path, monkeypatch) -> None:
    monkeypatch.setattr(predict, "FREE_TOKENS", 4)
    arguments = ["screen", "--models", tiny_model, "--styles", "basic", "--shots", "1,0", "--limit", "1"]
    ended = bini(*arguments, "--suite", inputs / "good.jsonl", "--out", "s")
    assert ended.code == 0, ended.err
    rows = json.loads((here / "s/screening.json").read_text(encoding="utf-8"))["rows"]
    assert sorted((row["style"], row["shots"], row["score"]["cases"]) for row in rows) == [
        ("basic", 0, 1),
        ("basic", 1, 1),
    ]
    assert "1/1" in ended.out
    assert "report: s/screening.md" in ended.out


def test_stability_of_one_product_and_of_a_suite(bini: Bini, here: Path, inputs: Path, tiny_model: Path) -> None:
    one = bini("stability", "--product", "폭은 3 mm입니다.", "--claim", CLAIM, "--model", tiny_model)
    assert one.code == 0
    assert {"units", "endings", "white space", "all"} <= {line.strip().split("  ")[0] for line in one.out.splitlines()}
    nothing = bini("stability", "--product", "로봇", "--claim", CLAIM, "--model", tiny_model)
    assert (nothing.code, nothing.out.startswith("none of the changes")) == (0, True)
    assert list(here.iterdir()) == []
    suite = bini(
        "stability", "--suite", inputs / "good.jsonl", "--limit", "2", "--model", tiny_model, "--out", "s", "--json"
    )
    assert suite.code == 0
    found = json.loads(suite.out)
    assert found["cases"] == 2
    assert {trial["case_id"] for trial in found["trials"]} == {"c1", "c2"}
    assert json.loads((here / "s/stability.json").read_text(encoding="utf-8")) == found


def test_the_bench_saves_what_it_shows(
    bini: Bini, here: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", 60)
    suites = [word for name in ("chart", "shared-claim", "batch", "train-step") for word in ("--suite", name)]
    ended = bini("bench", *suites, "--model", tiny_model, "--cases", "2", "--runs", "1", "--json", here / "speed.json")
    assert ended.code == 0
    figures = json.loads((here / "speed.json").read_text(encoding="utf-8"))
    batches = [f"prompts by {size}" for size in (1, 2, 4, 8)]
    ways = ["plain", "fast", "from nothing", "separate", "together", *batches, "TRL", "Bini"]
    assert [figure["way"] for figure in figures] == ways
    assert all(way in ended.out for way in ways)
    plain, fast, nothing, separate, together, alone, pair, *_ = figures
    steps = figures[-2:]
    assert fast["calls"] < plain["calls"]
    assert together["tokens"] < separate["tokens"] < nothing["tokens"]
    assert (alone["calls"], pair["calls"]) == (2, 1)
    assert pair["tokens"] > alone["tokens"], "the shorter prompt is padded"
    assert steps[0]["tokens"] > steps[1]["tokens"], "no padding"
    assert [step["calls"] for step in steps] == [1, 2], "TRL makes one batch of two rows"


def test_build_and_check_in_a_clone(bini: Bini, here: Path) -> None:
    (here / SOURCE).parent.mkdir(parents=True)
    shutil.copy(ROOT / SOURCE, here / SOURCE)
    assert bini("data", "build", "--check").code == 2
    assert bini("data", "build").out == f"wrote: {LABELS}\nwrote: {CHAT_ROWS}\n"
    assert (here / CHAT_ROWS).read_bytes() == (ROOT / CHAT_ROWS).read_bytes()
    checked = bini("data", "build", "--check")
    assert (checked.code, checked.out) == (0, f"fresh: {LABELS}\nfresh: {CHAT_ROWS}\n")
    (here / LABELS).write_bytes((here / LABELS).read_bytes() + b" ")
    stale = bini("data", "build", "--check")
    assert stale.code == 2
    assert stale.told("error") == [f"error: {LABELS} is stale"]
    assert stale.told("hint") == ["hint: make it again with: bini data build"]


def test_validate_counts_what_loads_and_what_is_not_quoted_verbatim(bini: Bini, inputs: Path) -> None:
    rows = [{"patent_element": "로봇", "user_product_element": "없는 말", "match": "대응"}]
    (inputs / "foreign.jsonl").write_text(jsonl([row(1, label={"comparisons": rows})]), encoding="utf-8")
    ended = bini("data", "validate", inputs / "good.jsonl", inputs / "foreign.jsonl")
    assert ended.code == 0
    good, foreign = ended.out.splitlines()
    assert good.endswith("good.jsonl: 3 cases of 3 patents")
    assert foreign.endswith("1 cases of 1 patents; 1 quotes are no piece of their product text")


def test_models_are_listed_without_the_network(bini: Bini, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the network was asked"))
    ended = bini("models", "list")
    assert ended.code == 0
    listed = {line.split()[0]: line.split()[1] for line in ended.out.splitlines()[1:]}
    assert listed == {
        "gemma-3-1b-it": "tuned-1b",
        "gemma-3-4b-it": "base-4b",
        "bini-nano": "tuned-1b",
        "bini-nano-4x": "base-4b",
    }
