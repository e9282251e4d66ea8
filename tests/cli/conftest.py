"""A working folder, files to name in it, and a way to run commands there."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import CLAIM, PATENT, RECIPE, ROOT, Bini, Ended, logged, row

from bini import cli
from bini.files import jsonl


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
