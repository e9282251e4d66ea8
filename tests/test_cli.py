"""The command line as people meet it: exit codes, what goes to which stream, and what lies in the folder after."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bini import cli
from bini.domain.schema import judgement_schema
from bini.evaluation import behaviour, predict
from bini.files import jsonl
from bini.inference.assessor import Assessor
from bini.resources import SOURCE
from bini.training import sft
from bini.training.rows import CHAT_ROWS, LABELS

pytestmark = [
    pytest.mark.filterwarnings("ignore:`(is_)?gradient_checkpointing.*` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning"),
]
ROOT = Path(__file__).parents[1]
CLAIM = "센서와 팔을 포함하는 로봇"
ELEMENTS = ["센서", "팔", "로봇"]
PATENT = f"1. {CLAIM}.\n2. 삭제\n3. 제1항에 있어서, 상기 팔은 둘인 로봇.\n4. 바퀴를 포함하는 차.\n"
PRODUCT = "거리 센서가 달린 로봇"
RECIPE = yaml.safe_load((ROOT / "training/lora_config.yaml").read_text(encoding="utf-8")) | {
    "r": 2,
    "epochs": 2,
    "learning_rate": 0.005,
}


def row(number: int, match: str = "대응", **changes: Any) -> dict[str, Any]:
    comparisons = [{"patent_element": element, "match": match} for element in ELEMENTS]
    fields = {"case_id": f"c{number}", "regit_num": f"10-{number}", "claim_text": CLAIM, "user_query": f"로봇 {number}"}
    return fields | {"label": {"comparisons": comparisons}} | changes


def logged(level: str) -> dict[str, Any]:
    """A line of a log."""
    return {
        "at": "2026-11-21T09:30:00Z",
        "model": "m",
        "adapter": None,
        "level": level,
        "rule_level": level,
        "probabilities": {level: 1.0},
        "confidence": 1.0,
        "product_chars": 9,
        "korean": 1.0,
    }


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    def told(self, word: str) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith(f"{word}: ")]


Bini = Callable[..., Ended]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def bini(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bini:
    """Runs a command line in the empty working folder."""

    def run(*arguments: str | Path) -> Ended:
        assert Path.cwd() == here
        monkeypatch.setattr(sys, "argv", ["bini", *map(str, arguments)])
        capsys.readouterr()
        code: Any = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run


@pytest.fixture
def inputs(tmp_path: Path, tiny_model: Path) -> Path:
    """Files that the bad commands name, outside the working folder."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "blank.txt").write_bytes(b"\xef\xbb\xbf \n")
    (folder / "good.jsonl").write_text(jsonl([row(1), row(2), row(3)]), encoding="utf-8")
    (folder / "bad.jsonl").write_text(jsonl([row(1), row(2, "부분대응")]), encoding="utf-8")
    (folder / "broken.json").write_text('[{"case_id": 1},]', encoding="utf-8")
    held = json.loads((ROOT / "eval/suites/heldout.jsonl").read_text(encoding="utf-8").splitlines()[5])
    (folder / "held.jsonl").write_text(jsonl([row(1), held]), encoding="utf-8")
    shutil.copy(ROOT / "data/processed/binibench_test.jsonl", folder / "test.jsonl")
    (folder / "log.jsonl").write_text(jsonl([logged("높음")] * 40), encoding="utf-8")
    (folder / "patent.txt").write_text(PATENT, encoding="utf-8")
    (folder / "list.csv").write_text(f'id,claim,claims\n10-1,{CLAIM},\n10-2,,"{PATENT}"\n10-3,,\n', encoding="utf-8")
    (folder / "list.jsonl").write_text(jsonl([{"id": 1, "claim": CLAIM}, {"id": 2}]), encoding="utf-8")
    (folder / "answers.yaml").write_text("- {element: 팔, answer: 예}\n- {element: 3, answer: no}\n", encoding="utf-8")
    (folder / "astray.yaml").write_text("- {element: 팔, answer: 예}\n- {element: 4, answer: 예}\n", encoding="utf-8")
    (folder / "odd.yaml").write_text(yaml.safe_dump(RECIPE | {"momentum": 1}), encoding="utf-8")
    (folder / "recipe.yaml").write_text(yaml.safe_dump(RECIPE), encoding="utf-8")
    for name in ("unfinished", "garbage"):
        (folder / name).mkdir()
        (folder / name / "adapter_config.json").write_text("{}")
    (folder / "garbage/adapter_model.safetensors").write_bytes(b"no tensors")
    (folder / "garbage/run.json").write_text('{"base_model": "m", "base_fingerprint": "f"}')
    shutil.copytree(tiny_model, folder / "model")
    shutil.copytree(tiny_model, folder / "pickled")
    (folder / "pickled/model.safetensors").rename(folder / "pickled/pytorch_model.bin")
    return folder


def ask(product: str = PRODUCT, claim: str = CLAIM, *more: str) -> list[str]:
    return ["assess", "--product", product, "--claim", claim, *more]


# Names in braces are files of `inputs`. Each: the command, then what its error line must name.
BAD: dict[str, tuple[list[str], Sequence[str]]] = {
    "empty product": (ask(""), ["product description is empty"]),
    "white-space product": (ask(" \t\n"), ["product description is empty"]),
    "white-space claim": (ask(claim="  \n "), ["claim is empty"]),
    "punctuation-only claim": (ask(claim="., ; …"), ["no element"]),
    "deleted claim": (ask(claim="삭제"), ["no element"]),
    "missing product file": (ask("@{none.txt}"), ["product file", "{none.txt}", "No such file"]),
    "missing claim file": (ask(claim="@{none.txt}"), ["claim file", "{none.txt}"]),
    "folder for a file": (ask("@{model}"), ["{model}", "Is a directory"]),
    "no UTF-8": (ask("@{latin.txt}"), ["{latin.txt}", "not valid UTF-8", "byte 3"]),
    "blank file": (ask("@{blank.txt}"), ["product description is empty"]),
    "chart of unknown form": (ask(PRODUCT, CLAIM, "--out", "{chart.pdf}"), ["{chart.pdf}", "suffix '.pdf'"]),
    "chart without suffix": (ask(PRODUCT, CLAIM, "--out", "chart"), ["chart", "suffix ''"]),
    "missing answers": (ask(PRODUCT, CLAIM, "--answers", "{none.yaml}"), ["{none.yaml}", "No such file"]),
    "answer to no element": (ask(PRODUCT, CLAIM, "--answers", "{astray.yaml}"), ["{astray.yaml}, entry 2, element"]),
    "answers in JSON": (ask(PRODUCT, CLAIM, "--answers", "{answers.yaml}", "--json"), ["JSON", "judgement"]),
    "answers in a JSON file": (
        ask(PRODUCT, CLAIM, "--answers", "{answers.yaml}", "--out", "{chart.json}"),
        ["JSON", "judgement"],
    ),
    "claims of unknown form": (["claims", "show", "{recipe.yaml}"], ["recipe.yaml", "kind"]),
    "claims that are none": (["claims", "show", "{blank.txt}"], ["blank.txt", "no claim"]),
    "claims that are no text": (["claims", "show", "{latin.txt}"], ["latin.txt", "byte 3"]),
    "missing claim set": (["claims", "show", "{none.xml}"], ["none.xml", "No such file"]),
    "answers in a bundle": (
        ask(PRODUCT, CLAIM, "--answers", "{answers.yaml}", "--bundle", "{saved.zip}"),
        ["bundle", "judgement"],
    ),
    "patent and claim": (ask(PRODUCT, CLAIM, "--patent", "{patent.txt}"), ["--patent", "--claim"]),
    "verdict and bundle": (ask(PRODUCT, CLAIM, "--verdict-only", "--bundle", "{saved.zip}"), ["--verdict-only"]),
    "verdict and patent": (
        ["assess", "--product", PRODUCT, "--patent", "{patent.txt}", "--verdict-only"],
        ["--patent", "--verdict-only"],
    ),
    "neither patent nor claim": (["assess", "--product", PRODUCT], ["no claim"]),
    "answers that name no claim of a patent": (
        ["assess", "--product", PRODUCT, "--patent", "{patent.txt}", "--answers", "{answers.yaml}"],
        ["{answers.yaml}, entry 1, claim: is missing"],
    ),
    "answers in a patent's bundle": (
        [
            "assess",
            "--product",
            PRODUCT,
            "--patent",
            "{patent.txt}",
            "--answers",
            "{answers.yaml}",
            "--bundle",
            "x.zip",
        ],
        ["bundle", "judgement"],
    ),
    "chart of a patent in an unknown form": (
        ["assess", "--product", PRODUCT, "--patent", "{patent.txt}", "--out", "{chart.pdf}"],
        ["suffix '.pdf'"],
    ),
    "patent without claims": (["assess", "--product", PRODUCT, "--patent", "{blank.txt}"], ["blank.txt", "no claim"]),
    "unknown model": (ask(PRODUCT, CLAIM, "--model", "gemma-9-1b"), ["unknown model: gemma-9-1b"]),
    "model of pickles": (ask(PRODUCT, CLAIM, "--model", "{pickled}"), ["{pickled}", "no model"]),
    "no model in folder": (ask(PRODUCT, CLAIM, "--model", "{unfinished}"), ["{unfinished}", "no model"]),
    "missing adapter": (ask(PRODUCT, CLAIM, "--model", "{model}", "--adapter", "{none}"), ["{none}"]),
    "unfinished adapter": (
        ask(PRODUCT, CLAIM, "--model", "{model}", "--adapter", "{unfinished}"),
        ["{unfinished}", "adapter_model.safetensors is missing"],
    ),
    "broken adapter": (ask(PRODUCT, CLAIM, "--model", "{model}", "--adapter", "{garbage}"), ["{garbage}", "broken"]),
    "bad match in the data": (
        ["train", "--model", "{model}", "--data", "{bad.jsonl}"],
        ["{bad.jsonl}", "row 2", "label.comparisons.0.match", "부분대응"],
    ),
    "broken data": (["train", "--model", "{model}", "--data", "{broken.json}"], ["{broken.json}", "line 1", "JSON"]),
    "missing data": (["train", "--model", "{model}", "--data", "{none.json}"], ["{none.json}", "No such file"]),
    "data of a suite": (["train", "--model", "{model}", "--data", "{held.jsonl}"], ["suite heldout.jsonl"]),
    "data of the test split": (
        ["train", "--model", "{model}", "--data", "{good.jsonl}", "--data", "{test.jsonl}"],
        ["suite binibench_test.jsonl"],
    ),
    "run name outside": (["train", "--name", "../x"], ["'../x'", "run name"]),
    "run name nested": (["train", "--name", "a/b"], ["'a/b'", "run name"]),
    "run name hidden": (["train", "--name", ".x"], ["'.x'", "run name"]),
    "run name empty": (["train", "--name", ""], ["''", "run name"]),
    "missing recipe": (
        ["train", "--model", "{model}", "--data", "{good.jsonl}", "--recipe", "{none.yaml}"],
        ["{none.yaml}", "No such file"],
    ),
    "odd recipe": (
        ["train", "--model", "{model}", "--data", "{good.jsonl}", "--recipe", "{odd.yaml}"],
        ["{odd.yaml}", "momentum"],
    ),
    "unknown model to train": (["train", "--model", "none", "--data", "{good.jsonl}"], ["unknown model: none"]),
    "missing suite": (["eval", "--model", "{model}", "--suite", "{none.jsonl}"], ["{none.jsonl}", "No such file"]),
    "bad suite": (["eval", "--model", "{model}", "--suite", "{bad.jsonl}"], ["{bad.jsonl}", "row 2", "match"]),
    "unknown model to compare": (["eval", "--model", "{model}", "--compare", "none"], ["unknown model: none"]),
    "endpoint on another machine": (
        ["eval", "--model", "{model}", "--compare", "http://ann:pw@example.com/v1#m"],
        ["http://example.com/v1 is not on this machine"],
    ),
    "endpoint without a model": (
        ["eval", "--model", "{model}", "--compare", "http://127.0.0.1:1/v1"],
        ["http://127.0.0.1:1/v1 names no model"],
    ),
    "adapter of an unknown model to compare": (
        ["eval", "--model", "{model}", "--compare", "{garbage}"],
        ["{garbage} was trained on m"],
    ),
    "embeddings without baselines": (
        ["eval", "--model", "{model}", "--suite", "{good.jsonl}", "--baseline-embeddings", "{model}"],
        ["nothing to learn from"],
    ),
    "broken adapter to evaluate": (["eval", "--model", "{model}", "--adapter", "{garbage}"], ["{garbage}", "broken"]),
    "folds without an adapter": (["eval", "--model", "{model}", "--folds", "2"], ["no adapter to cross-validate"]),
    "gate without results": (["eval", "--model", "{model}", "--gate", "{none.jsonl}"], ["no results that can be read"]),
    "ensemble of one": (["eval", "--model", "{model}", "--ensemble"], ["one system is no ensemble"]),
    "data without folds": (["eval", "--model", "{model}", "--data", "{good.jsonl}"], ["--folds"]),
    "calibrate from nothing": (["calibrate", "{none.jsonl}", "--adapter", "{garbage}"], ["{none.jsonl}"]),
    "calibrate from cases": (["calibrate", "{good.jsonl}", "--adapter", "{garbage}"], ["{good.jsonl}, line 1"]),
    "calibrate a missing adapter": (["calibrate", "{good.jsonl}", "--adapter", "{none}"], ["{none}"]),
    "missing pre-training recipe": (["pretrain", "--recipe", "{none.yaml}", "--out", "out"], ["{none.yaml}"]),
    "adapter recipe to pre-train": (["pretrain", "--recipe", "{recipe.yaml}", "--out", "out"], ["{recipe.yaml}"]),
    "check of no folder": (["adapters", "check", "{none}"], ["there is no adapter folder {none}"]),
    "check on an unknown base": (["adapters", "check", "{garbage}", "--base", "none"], ["unknown model: none"]),
    "register under a path": (["adapters", "register", "{garbage}", "--name", "../x"], ["'../x' is no name"]),
    "register no folder": (
        ["adapters", "register", "{none}", "--name", "x", "--base", "{model}"],
        ["there is no adapter folder {none}"],
    ),
    "show of nothing": (["adapters", "show", "x"], ["no adapter is registered as x"]),
    "roll back of nothing": (["adapters", "rollback", "x"], ["no adapter is registered as x"]),
    "retire without a version": (["adapters", "retire", "x"], ["x names no version"]),
    "promote a path": (["adapters", "promote", "../x@1", "--results", "{none}"], ["'../x' is no name"]),
    "promote nothing": (["adapters", "promote", "x@1", "--results", "{none}"], ["no adapter is registered as x"]),
    "accept a shift without a reason": (
        ["adapters", "promote", "x@1", "--results", "{none}", "--accept-shift"],
        ["--accept-shift without --reason"],
    ),
    "assess with no version": (ask(PRODUCT, CLAIM, "--adapter", "x@0"), ["'x@0' names no version"]),
    "assess with what is not registered": (ask(PRODUCT, CLAIM, "--adapter", "x@1"), ["no adapter is registered as x"]),
    "matrix of no adapters": (["adapters", "matrix", "{model}", "--bases", "{model}"], ["{model} holds no adapter"]),
    "matrix of an unknown base": (["adapters", "matrix", "{garbage}", "--bases", "none"], ["unknown model: none"]),
    "missing bundle": (["replay", "{none.zip}"], ["{none.zip}", "No such file"]),
    "no bundle": (["replay", "{latin.txt}"], ["{latin.txt}", "not a ZIP file"]),
    "bundle in a folder that is a file": (
        ask(PRODUCT, CLAIM, "--model", "{model}", "--bundle", "{latin.txt}/x.zip"),
        ["{latin.txt}"],
    ),
    "screening of nothing": (["screen", "--models", " , "], ["--models is empty"]),
    "screening of an unknown model": (["screen", "--models", "{model},none"], ["unknown model: none"]),
    "screening by an unknown style": (["screen", "--styles", "basic,poem"], ["--styles", "'poem'", "detailed"]),
    "screening after half an example": (["screen", "--shots", "0,0.5"], ["--shots", "'0.5'"]),
    "screening on a missing suite": (["screen", "--suite", "{none.jsonl}"], ["{none.jsonl}", "No such file"]),
    "stability of nothing": (["stability"], ["--product and --claim, or --suite"]),
    "stability of half a request": (["stability", "--product", PRODUCT], ["--product and --claim, or --suite"]),
    "stability of both": (
        ["stability", "--product", PRODUCT, "--claim", CLAIM, "--suite", "{good.jsonl}"],
        ["--product and --claim, or --suite"],
    ),
    "stability of an empty product": (
        ["stability", "--product", " ", "--claim", CLAIM],
        ["product description is empty"],
    ),
    "stability of a missing suite": (["stability", "--suite", "{none.jsonl}"], ["{none.jsonl}", "No such file"]),
    "ranking of nothing": (["rank"], ["--product with --patents"]),
    "ranking of half a request": (["rank", "--product", PRODUCT], ["--product with --patents"]),
    "ranking of too much": (
        ["rank", "--product", PRODUCT, "--patents", "{list.csv}", "--suite", "{model}"],
        ["--product with --patents", "--suite alone"],
    ),
    "ranking for an empty product": (
        ["rank", "--product", " ", "--patents", "{list.csv}"],
        ["product description is empty"],
    ),
    "ranking for a claim of nothing": (["rank", "--claim", ".", "--products", "{list.csv}"], ["no element"]),
    "missing list": (["rank", "--product", PRODUCT, "--patents", "{none.csv}"], ["none.csv", "No such file"]),
    "list with a bad row": (
        ["rank", "--product", PRODUCT, "--patents", "{list.jsonl}"],
        ["list.jsonl", "line 2", "none of claim or claims"],
    ),
    "ranking of unknown form": (
        ["rank", "--product", PRODUCT, "--patents", "{list.csv}", "--out", "{list.pdf}"],
        ["{list.pdf}", "suffix '.pdf'"],
    ),
    "ranking suite of nothing": (["rank", "--suite", "{model}"], ["{model}", "fewer than two queries"]),
    "ranking suite as a table": (["rank", "--suite", "{model}", "--out", "{list.csv}"], ["{list.csv}", "JSON"]),
    "ranking by an unknown model": (
        ["rank", "--product", PRODUCT, "--patents", "{list.csv}", "--model", "none"],
        ["unknown model: none"],
    ),
    "texts to no log": (ask(PRODUCT, CLAIM, "--log-texts"), ["--log-texts", "--log"]),
    "log that is a folder": (ask(PRODUCT, CLAIM, "--model", "{model}", "--log", "{model}"), ["{model}", "directory"]),
    "watching no log": (["monitor", "{none.jsonl}"], ["{none.jsonl}", "No such file"]),
    "watching what is no log": (["monitor", "{good.jsonl}"], ["{good.jsonl}", "no record"]),
    "reference that is none": (["monitor", "{log.jsonl}", "--reference", "{blank.txt}"], ["{blank.txt}", "0 levels"]),
    "pull of an unknown model": (["models", "pull", "gemma-9"], ["unknown model: gemma-9"]),
    "pull of an embedded model": (["models", "pull", "bini-nano"], ["bini-nano", "nothing to pull"]),
    "build outside a clone": (["data", "build"], ["data/raw"]),
    "stats outside a clone": (["data", "stats"], ["data/raw/binibench"]),
    "validate outside a clone": (["data", "validate"], ["data/raw/binibench"]),
    "validate a bad row": (["data", "validate", "{bad.jsonl}"], ["{bad.jsonl}"]),
    "check outside a clone": (["data", "build", "--check"], ["data/raw"]),
}


def placed(text: str, inputs: Path) -> str:
    return text.replace("{", f"{inputs}/").replace("}", "")


@pytest.mark.parametrize(("command", "named"), BAD.values(), ids=BAD)
def test_bad_input_ends_with_one_error_and_one_hint(
    bini: Bini, here: Path, inputs: Path, command: list[str], named: Sequence[str]
) -> None:
    ended = bini(*(placed(argument, inputs) for argument in command))
    assert ended.code == 2
    (error,) = ended.told("error")
    (hint,) = ended.told("hint")
    assert len(hint) > len("hint: ")
    for name in named:
        assert placed(name, inputs) in error
    assert ended.err.splitlines()[-2:] == [error, hint]
    assert ended.out == ""
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [["assess"], ["assess", "--claim", "x"], ["nonsense"], ask("a", "b", "--lang", "fr")],
    ids=lambda command: " ".join(command[:2]),
)
def test_wrong_options_are_usage_errors(bini: Bini, here: Path, command: list[str]) -> None:
    ended = bini(*command)
    assert ended.code == 2
    assert "Usage" in ended.err
    assert ended.out == ""
    assert list(here.iterdir()) == []


# assess


def judged(ended: Ended) -> dict[str, Any]:
    assert ended.code == 0, ended.err
    (line,) = ended.out.splitlines()
    assert ended.out == line + "\n"
    answer: dict[str, Any] = json.loads(line)
    jsonschema.validate(answer, judgement_schema(ELEMENTS))
    return answer


def test_json_is_exactly_one_valid_line(bini: Bini, here: Path, tiny_model: Path) -> None:
    ended = bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json"))
    answer = judged(ended)
    quotes = [c["user_product_element"] for c in answer["comparisons"]]
    assert all(quote is None or quote in PRODUCT for quote in quotes)
    assert "using the bare model" in ended.err
    assert list(here.iterdir()) == []


def test_a_verdict_is_shown_and_given_as_json(bini: Bini, tiny_model: Path) -> None:
    command = [*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--verdict-only")]
    found = json.loads(bini(*command, "--json").out)
    assert [row["patent_element"] for row in found["comparisons"]] == ELEMENTS
    assert "decision_reason" not in found
    shown = bini(*command, "--lang", "en").out
    name = {"높음": "high", "애매": "ambiguous", "낮음": "low"}[found["risk_level"]]
    assert f"Infringement risk: {name}" in shown
    assert all(element in shown for element in ELEMENTS)


def test_the_bench_saves_what_it_shows(
    bini: Bini, here: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bini.inference.grammar.REASON_CHARS", 60)
    suites = [word for name in ("chart", "shared-claim", "train-step") for word in ("--suite", name)]
    ended = bini("bench", *suites, "--model", tiny_model, "--cases", "2", "--runs", "1", "--json", here / "speed.json")
    assert ended.code == 0
    figures = json.loads((here / "speed.json").read_text(encoding="utf-8"))
    ways = ["plain", "fast", "separate", "together", "TRL", "Bini"]
    assert [figure["way"] for figure in figures] == ways
    assert all(way in ended.out for way in ways)
    plain, fast, separate, together, *steps = figures
    assert fast["calls"] < plain["calls"]
    assert together["calls"] == separate["calls"]
    assert together["tokens"] < separate["tokens"]
    assert steps[0]["tokens"] == steps[1]["tokens"]


def test_files_and_standard_input_are_read_as_the_text_is(
    bini: Bini, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = judged(bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json")))
    (tmp_path / "claim.txt").write_bytes(b"\xef\xbb\xbf" + CLAIM.encode() + b"\r\n")
    stdin = io.TextIOWrapper(io.BytesIO(f"\n{PRODUCT}\n".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert judged(bini(*ask("-", f"@{tmp_path / 'claim.txt'}", "--model", str(tiny_model), "--json"))) == given


@pytest.mark.parametrize(
    ("language", "words", "others"),
    [
        ([], ["침해 위험", "청구항 구성요소", "법률 의견이 아닙니다"], ["Infringement"]),
        (
            ["--lang", "en"],
            ["Infringement risk", "Claim element", "not legal advice"],
            ["침해 위험", "청구항 구성요소"],
        ),
    ],
    ids=["ko", "en"],
)
def test_the_chart_is_in_the_language_asked_for(
    bini: Bini, tiny_model: Path, language: list[str], words: list[str], others: list[str]
) -> None:
    ended = bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model)), *language)
    assert ended.code == 0
    shown = " ".join(ended.out.split())
    assert all(word in shown for word in [*words, *ELEMENTS])
    assert not any(word in shown for word in others)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("chart.md", b"# Claim chart\n"),
        ("chart.html", b'<html lang="en">'),
        ("chart.docx", b"word/document.xml"),
        ("CHART.XLSX", b"xl/workbook.xml"),
        ("chart.json", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_suffix_chooses_the_form_of_the_file(
    bini: Bini, here: Path, tiny_model: Path, name: str, holds: bytes | None
) -> None:
    command = ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json", "--lang", "en")
    ended = bini(*command, "--out", f"charts/{name}")
    judged(ended)
    assert ended.told("chart") == [f"chart: charts/{name}"]
    assert [path.name for path in (here / "charts").iterdir()] == [name]
    content = (here / "charts" / name).read_bytes()
    assert holds in content if holds else content == ended.out.encode()


def test_a_saved_assessment_is_run_again(bini: Bini, here: Path, tiny_model: Path, other_model: Path) -> None:
    made = bini(*ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--bundle", "saved.zip", "--json"))
    assert made.code == 0
    assert [path.name for path in here.iterdir()] == ["saved.zip"]
    same = bini("replay", "saved.zip", "--model", tiny_model)
    assert same.code == 0
    assert same.out.startswith(f"identical: {json.loads(made.out)['risk_level']}, {len(ELEMENTS)} elements")
    other = bini("replay", "saved.zip", "--model", other_model)
    assert other.code == 1
    assert "provenance.model_fingerprint" in other.out
    unknown = bini("replay", "saved.zip")
    assert unknown.code == 2
    assert len(unknown.told("error")) == len(unknown.told("hint")) == 1


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


def test_markup_in_the_claim_is_shown_as_it_is(bini: Bini, tiny_model: Path) -> None:
    ended = bini(*ask(PRODUCT, "[bold]x[/bold]를 포함하는 로봇", "--model", str(tiny_model)))
    assert ended.code == 0
    assert "[bold]x[/bold]" in ended.out


def test_a_claim_that_cites_another_is_judged_as_it_stands_and_that_is_said(bini: Bini) -> None:
    ended = bini(*ask(PRODUCT, "제1항에 있어서, 센서를 포함하는 로봇", "--model", "gemma-9-1b"))
    assert "“제1항”: only what is written here is judged" in ended.err


# claims


def test_a_claim_set_is_drawn_and_given_as_json(bini: Bini, here: Path) -> None:
    file = here / "claims.txt"
    file.write_text("1. 물을 포함하는 잉크.\n2. 제1항에 있어서, 상기 물은 경수인 잉크.\n", encoding="utf-8")
    tree = bini("claims", "show", file)
    assert tree.code == 0
    assert "종속항" in tree.out
    assert "dependent" in bini("claims", "show", file, "--lang", "en").out
    (row,) = bini("claims", "show", file, "--json").out.splitlines()
    claims = json.loads(row)
    second = claims["claims"][1]
    assert (second["number"], second["parents"], second["dependent"]) == (2, [1], True)
    for element in second["elements"]:
        assert claims["text"][element["start"] : element["end"]] == element["text"]


# train, eval, assess


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


def test_answers_change_the_chart(bini: Bini, inputs: Path) -> None:
    ended = bini(
        *ask(PRODUCT, CLAIM, "--model", inputs / "model", "--answers", inputs / "answers.yaml", "--lang", "en")
    )
    assert ended.code == 0, ended.err
    chart = " ".join(ended.out.replace("│", " ").split())
    assert "Infringement risk: low (with the answers)" in chart
    assert "What the answers changed" in chart
    assert "→ corresponds (Answer: 예)" in chart
    assert "→ does not correspond (Answer: 미대응)" in chart


def test_a_whole_patent_is_assessed_claim_by_claim(bini: Bini, inputs: Path) -> None:
    command = ["assess", "--product", PRODUCT, "--patent", inputs / "patent.txt", "--model", inputs / "model"]
    found = json.loads(bini(*command, "--json").out)
    assert [claim["number"] for claim in found["claims"]] == [1, 3, 4]
    assert [row["patent_element"] for row in found["claims"][1]["assessment"]["comparisons"]] == [
        "상기 팔은 둘인",
        "로봇",
    ]
    shown = " ".join(bini(*command, "--lang", "en").out.split())
    name = {"높음": "high", "애매": "ambiguous", "낮음": "low"}[found["level"]]
    assert f"Infringement risk of the patent: {name}" in shown


def test_a_patent_is_answered_about_written_and_run_again(bini: Bini, here: Path, inputs: Path) -> None:
    command = ["assess", "--product", PRODUCT, "--patent", inputs / "patent.txt", "--model", inputs / "model"]
    saved = bini(*command, "--json", "--bundle", "p.zip", "--out", "p.md")
    assert (saved.told("chart"), saved.told("bundle")) == (["chart: p.md"], ["bundle: p.zip"])
    page = (here / "p.md").read_text(encoding="utf-8")
    level = json.loads(saved.out)["level"]
    assert f"## 특허 전체의 침해 위험: {level}" in page
    assert [line.split(".")[0] for line in page.splitlines() if line.startswith("## 청구항")] == [
        "## 청구항 1",
        "## 청구항 3",
        "## 청구항 4",
    ]
    again = bini("replay", "p.zip", "--model", inputs / "model")
    assert (again.code, again.out.startswith(f"identical: {level}, 7 elements")) == (0, True)

    entries = "- {claim: 1, element: 팔, answer: 아니요}\n- {claim: 4, element: 1, answer: 아니요}\n"
    (inputs / "patent.yaml").write_text(entries, encoding="utf-8")
    answered = bini(*command, "--answers", inputs / "patent.yaml", "--out", "p.json", "--lang", "en")
    found = json.loads((here / "p.json").read_text(encoding="utf-8"))
    assert (found["level_before"], found["level"]) == (level, "낮음")
    assert "low (with the answers)" in " ".join(answered.out.split())


def test_null_quotes_are_noticed(bini: Bini, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"patent_element": "로봇", "user_product_element": "없는 말", "match": "대응"}]
    (inputs / "foreign.jsonl").write_text(jsonl([row(1, label={"comparisons": rows})]), encoding="utf-8")
    monkeypatch.setattr(sft, "train", lambda *_: None)
    ended = bini("train", "--model", inputs / "model", "--data", inputs / "foreign.jsonl")
    assert ended.code == 0
    assert "1 labelled quotes are no piece of their product text" in ended.err


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


# adapters


def test_a_failed_check_is_exit_code_1_and_force_is_told(
    bini: Bini, here: Path, inputs: Path, tiny_adapter: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_adapter, tmp_path / "mine"))
    (folder / "tool.py").write_text("", encoding="utf-8")
    base = str(inputs / "model")
    ended = bini("adapters", "check", folder, "--base", base, "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert (told["adapter"], told["base"], told["verdict"]) == (str(folder), "model", "fail")
    assert [check["name"] for check in told["checks"] if check["status"] == "fail"] == ["programs"]
    assert all(set(check) == {"name", "status", "why", "todo"} for check in told["checks"])
    shown = bini("adapters", "check", folder, "--base", base)
    assert shown.code == 1
    assert re.search(r"programs +fail +tool\.py: a run holds no programs", shown.out)
    assert re.search(r"→ take it out of the folder", shown.out)
    assert shown.out.splitlines()[-1] == f"{folder} on model: fail"

    command = ask(PRODUCT, CLAIM, "--model", base, "--adapter", str(folder), "--json")
    refused = bini(*command)
    assert refused.code == 2
    assert refused.told("error") == [
        f"error: {folder} fails the check programs: tool.py: a run holds no programs",
    ]
    assert list(here.iterdir()) == []
    forced = bini(*command, "--force", "--bundle", "saved.zip")
    judged(forced)
    assert "adapter check programs, fail: tool.py" in forced.err

    again = ["replay", "saved.zip", "--model", base, "--adapter", str(folder)]
    assert (bini(*again).code, bini(*again, "--force").code) == (2, 0)
    patent = ["assess", "--product", PRODUCT, "--patent", str(inputs / "patent.txt")]
    whole = json.loads(bini(*patent, "--model", base, "--adapter", folder, "--json", "--force").out)
    assert [claim["assessment"]["provenance"]["forced"] for claim in whole["claims"]] == [["programs"]] * 3


def test_a_sound_adapter_is_exit_code_0(
    bini: Bini, inputs: Path, tiny_adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which samples pass is the business of the checks of behaviour; here, none are asked."""
    monkeypatch.setattr(behaviour, "_check_behaviour", lambda *_: [])
    ended = bini("adapters", "check", tiny_adapter, "--base", inputs / "model")
    assert (ended.code, ended.out.splitlines()[-1]) == (0, f"{tiny_adapter} on model: pass")


def test_an_adapter_goes_through_the_registry(
    bini: Bini, here: Path, inputs: Path, tiny_adapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict, "FREE_TOKENS", 4)
    base, suite = ["--base", inputs / "model"], ["--suite", inputs / "good.jsonl"]
    said = bini("adapters", "register", tiny_adapter, "--name", "mine", *base, "--static")
    assert (said.code, said.out.split(":")[0]) == (0, "mine@1"), said.err
    again = bini("adapters", "register", tiny_adapter, "--name", "mine", *base, "--static")
    assert again.out.split(":")[0] == "mine@1"

    result = bini(
        *ask(PRODUCT, CLAIM, "--model", str(inputs / "model"), "--adapter", "mine@1", "--bundle", "saved.zip")
    )
    assert "+ mine@1)" in result.out, result.err
    assert bini("replay", "saved.zip", "--model", inputs / "model").code == 0
    evaluated = bini("eval", "--model", inputs / "model", "--adapter", "mine@1", *suite)
    assert evaluated.code == 0, evaluated.err
    results = here / "outputs/registry/results/mine@1/eval"
    assert (results / "results.json").is_file()

    monkeypatch.setattr(behaviour, "_check_behaviour", lambda *_: [])
    promoted = bini("adapters", "promote", "mine@1", "--results", results, *base)
    assert promoted.code == 0, promoted.err
    assert "nothing was in production to compare with" in promoted.out
    assert "mine@1" in bini("adapters", "list").out
    shown = bini("adapters", "show", "mine").out
    assert "on 3 held-out cases" in " ".join(shown.split())
    assert "in production: mine@1; retired: none" in shown
    assert bini("adapters", "retire", "mine@1").code == 2
    assert bini("adapters", "rollback", "mine", "--reason", "시험").out == "in production: none\n"
    assert bini("adapters", "retire", "mine@1").code == 0
    shown = bini("adapters", "show", "mine").out
    assert "시험" in shown
    assert "in production: none; retired: 1" in shown
    assert bini(*ask(PRODUCT, CLAIM, "--adapter", "mine@1")).told("error") == ["error: mine@1 is retired"]


def test_a_refused_adapter_leaves_nothing_and_is_exit_code_1(
    bini: Bini, here: Path, inputs: Path, tiny_adapter: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_adapter, tmp_path / "mine"))
    (folder / "tool.py").write_text("", encoding="utf-8")
    refused = bini("adapters", "register", folder, "--name", "mine", "--base", inputs / "model")
    assert refused.code == 1
    assert "programs" in refused.out
    assert refused.out.splitlines()[-1] == f"not registered: {folder} fails these checks on model"
    assert bini("adapters", "show", "mine").code == 2
    assert [path.name for path in here.rglob("*") if path.is_file()] == [".lock"]


def test_the_matrix_is_shown_and_written(bini: Bini, here: Path, inputs: Path, tiny_adapter: Path) -> None:
    ended = bini("adapters", "matrix", tiny_adapter, "--bases", inputs / "model", "--bases", "bini-nano")
    assert ended.code == 0, ended.err
    assert "fits" in ended.out
    assert sorted(path.name for path in (here / "outputs/matrix").iterdir()) == ["matrix.csv", "matrix.png"]


# rank


def test_a_list_is_ranked_shown_written_and_not_judged_twice(
    bini: Bini, here: Path, inputs: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["rank", "--product", PRODUCT, "--patents", inputs / "list.csv", "--model", tiny_model]
    ended = bini(*command, "--json", "--out", "made/ranking.csv")
    assert ended.code == 0, ended.err
    rows = json.loads(ended.out)["rows"]
    assert [row["rank"] for row in rows] == [1, 2, None]
    claims = {row["id"]: row["claim"] for row in rows[:2]}
    assert claims["10-1"] is None
    assert claims["10-2"] in (1, 4)  # the independent ones
    assert (rows[2]["id"], rows[2]["problem"]) == ("10-3", "the claim is empty")
    assert "list.csv, line 8: the claim is empty; it gets no rank" in ended.err
    assert rows[0]["score"] >= rows[1]["score"]
    assert (here / "made/ranking.csv").read_bytes().startswith("\ufeff순위,번호".encode())
    monkeypatch.setattr(Assessor, "assess", lambda *_: pytest.fail("judged again"))
    shown = bini(*command, "--lang", "en")
    assert shown.code == 0, shown.err
    assert all(word in shown.out for word in ("10-1", "10-2", "10-3", "What decides", "not legal advice"))


# data and models


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


# as a process


def process(here: Path, *arguments: str | bytes, **keywords: Any) -> subprocess.CompletedProcess[bytes]:
    code = "from bini.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=here,
        capture_output=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
        **keywords,
    )


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (["data", "build"], "error: there is no data/raw here"),
        (["train", "--name", "../x"], "error: '../x' is not a run name"),
        (["assess", "--product", "@none", "--claim", "x"], "error: the product file none cannot be read"),
        pytest.param(ask("  "), "error: the product description is empty", marks=pytest.mark.slow),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_error_of_the_process(here: Path, command: list[str], error: str) -> None:
    ended = process(here, *command)
    assert ended.returncode == 2
    assert ended.stdout == b""
    told, hint = ended.stderr.decode().splitlines()
    assert told.startswith(error)
    assert hint.startswith("hint: ")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        pytest.param([b"assess", b"--product", b"caf\xe9", b"--claim", b"x"], marks=pytest.mark.slow),
        [b"assess", b"--product", b"x", b"--claim", b"@caf\xe9"],
        [b"train", b"--name", b"../caf\xe9"],
        [b"models", b"pull", b"caf\xe9"],
    ],
    ids=["text", "file", "name", "model"],
)
def test_arguments_that_are_no_utf8(here: Path, command: list[bytes]) -> None:
    ended = process(here, *command)
    assert ended.returncode == 2
    assert b"Traceback" not in ended.stderr
    assert [line.split(b": ")[0] for line in ended.stderr.splitlines()] == [b"error", b"hint"]
    assert list(here.iterdir()) == []


def test_standard_input_that_is_no_utf8(here: Path) -> None:
    ended = process(here, "assess", "--product", "-", "--claim", CLAIM, input=b"caf\xe9")
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"error: standard input is not valid UTF-8 (byte 3)\nhint: ")


@pytest.mark.slow
def test_json_of_the_process_is_pure(here: Path, tiny_model: Path) -> None:
    ended = process(here, *ask(PRODUCT, CLAIM, "--model", str(tiny_model), "--json"))
    assert ended.returncode == 0
    jsonschema.validate(json.loads(ended.stdout), judgement_schema(ELEMENTS))
    assert ended.stdout.count(b"\n") == 1
    assert b"Warning" not in ended.stderr


# monitor


def test_assess_adds_a_line_to_the_log_for_each_claim(bini: Bini, here: Path, inputs: Path, tiny_model: Path) -> None:
    model = ["--model", str(tiny_model), "--log", "logs/log.jsonl"]
    judged(bini(*ask(PRODUCT, CLAIM, *model, "--json")))
    assert bini("assess", "--product", PRODUCT, "--patent", inputs / "patent.txt", *model).code == 0
    assert bini(*ask(PRODUCT * 3000, CLAIM, *model)).code == 2
    content = (here / "logs/log.jsonl").read_text(encoding="utf-8")
    assert not any(word in content for word in (*ELEMENTS, PRODUCT))
    one, *patent, refused = [json.loads(line) for line in content.splitlines()]
    assert (one["model"], one["adapter"], one["elements"], one["error"]) == (tiny_model.name, None, 3, None)
    assert [line["seconds"] is None for line in (one, *patent)] == [False, True, True, True]
    assert (refused["error"], refused["level"], refused["product_chars"]) == ("InputError", None, len(PRODUCT) * 3000)

    judged(bini(*ask(PRODUCT, CLAIM, *model, "--log-texts", "--json")))
    last = json.loads((here / "logs/log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["product"], last["claim"]) == (PRODUCT, CLAIM)
    watched = bini("monitor", "logs/log.jsonl", "--out", "seen")
    assert watched.code == 0
    assert "경보 없음" in watched.out
    assert (here / "seen/monitor.png").read_bytes().startswith(b"\x89PNG")


def test_an_alarm_is_exit_code_1(bini: Bini, here: Path, inputs: Path) -> None:
    ended = bini("monitor", inputs / "log.jsonl", "--json", "--metrics", "bini.prom", "--lang", "en")
    assert ended.code == 1
    (stream,) = json.loads(ended.out)["streams"]
    assert [(alarm["name"], alarm["window"]["last"]) for alarm in stream["alarms"]] == [("degenerate", 40)]
    assert [window["levels"]["높음"] for window in stream["windows"]] == [1]
    assert 'bini_alarm{adapter="",alarm="degenerate",model="m"} 1.0' in (here / "bini.prom").read_text(encoding="utf-8")
    assert (here / "outputs/monitor/monitor.png").is_file()
    calm = bini("monitor", inputs / "log.jsonl", "--reference", inputs / "log.jsonl")
    assert (calm.code, "경보 없음" in calm.out) == (0, True)
