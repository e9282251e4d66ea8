"""What importing costs, and that the public names stay what they are."""

import inspect
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import bini

ROOT = Path(__file__).parents[1]
HEAVY = ["torch", "transformers", "trl", "peft", "outlines", "llguidance", "datasets", "matplotlib", "numpy"]
LIST_HEAVY = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_importing_bini_loads_no_machine_learning() -> None:
    assert python(f"import bini; {LIST_HEAVY}").stdout == "[]\n"


def test_importing_a_public_name_leaves_garbage_collection_as_it_was() -> None:
    code = "import gc, bini; bini.ClaimSet; print(gc.isenabled()); gc.disable(); bini.Verdict; print(gc.isenabled())"
    assert python(code).stdout == "True\nFalse\n"


def test_what_importing_makes_is_left_out_of_later_collections() -> None:
    code = "import gc, bini; bini.ClaimSet; print(gc.get_freeze_count() > len(gc.get_objects()))"
    assert python(code).stdout == "True\n"


def test_threads_may_ask_for_a_public_name_at_once() -> None:
    code = (
        "import bini; from concurrent.futures import ThreadPoolExecutor as Pool\n"
        "with Pool(8) as pool: print({one.__name__ for one in pool.map(lambda _: bini.Assessment, range(8))})"
    )
    assert python(code).stdout == "{'Assessment'}\n"


@pytest.mark.parametrize(
    "module",
    [
        "cases",
        "charts.claim_tree",
        "charts.docx",
        "charts.html",
        "charts.markdown",
        "charts.terminal",
        "claim_files",
        "claims",
        "glossary",
        "labels",
        "monitoring.log",
        "monitoring.watch",
        "schema",
    ],
)
def test_the_domain_loads_no_machine_learning(module: str) -> None:
    assert python(f"import bini.domain.{module}; {LIST_HEAVY}").stdout == "[]\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["assess", "--help"],
        ["claims", "show", "--help"],
        ["train", "--help"],
        ["monitor", "--help"],
        ["screen", "--help"],
        ["data", "--help"],
    ],
    ids=str,
)
def test_help_loads_no_machine_learning(arguments: list[str]) -> None:
    code = f"""
import sys
from bini.cli import main
try:
    main()
except SystemExit as exit:
    print("exit", exit.code or 0)
{LIST_HEAVY}
"""
    lines = python(code, *arguments).stdout.splitlines()
    assert "Usage" in lines[1]
    assert lines[-2:] == ["exit 0", "[]"]


@pytest.mark.parametrize("name", ["Assessment", "BiniError", "ClaimSet", "Match", "RiskLevel", "parse_claims"])
def test_light_names_load_no_machine_learning(name: str) -> None:
    assert python(f"from bini import {name}; {LIST_HEAVY}").stdout == "[]\n"


def test_all_is_importable_and_listed() -> None:
    assert sorted(bini.__all__) == bini.__all__ == [
        "Assessment",
        "Assessor",
        "BiniError",
        "ClaimSet",
        "Match",
        "RiskLevel",
        "Verdict",
        "assess",
        "assess_many",
        "assess_verdict",
        "parse_claims",
    ]  # fmt: skip
    for name in bini.__all__:
        assert getattr(bini, name).__name__ == name
        assert name in dir(bini)


def test_assess_stays_a_function() -> None:
    first = bini.assess
    assert inspect.isfunction(first)
    assert bini.assess is first is import_module("bini.inference.assessor").assess
    assert list(inspect.signature(bini.assess).parameters) == ["product", "claim", "model", "adapter"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'asess'"):
        _ = bini.asess
    with pytest.raises(ImportError):
        exec("from bini import asess", {})
