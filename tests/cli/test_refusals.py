"""Bad input: exit code 2, one error that names the place, one hint, and nothing written."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import CLAIM, PRODUCT, Bini, ask, placed

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
    "verdict and log": (ask(PRODUCT, CLAIM, "--verdict-only", "--log", "{log.jsonl}"), ["--verdict-only", "--log"]),
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
