"""The command as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from commands import CLAIM, ELEMENTS, PRODUCT, ROOT, ask

from bini.domain.schema import judgement_schema


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
