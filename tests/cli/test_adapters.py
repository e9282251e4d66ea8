"""Adapters: checks, the matrix and the registry."""

import json
import re
import shutil
from pathlib import Path

import pytest
from commands import CLAIM, PRODUCT, Bini, ask, judged

from bini.evaluation import behaviour, predict


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
