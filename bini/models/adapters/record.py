"""run.json: what a run was made from, and the digests of its files.

The digests tell accidents and careless edits. They are no signature: who rewrites file and digest is not found out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bini.domain.calibration import CALIBRATION
from bini.errors import AdapterError
from bini.files import sha256, sha256_file
from bini.models.adapters.files import RUN, leaves_folder
from bini.models.adapters.report import Check, Status, printable
from bini.models.catalog import CATALOG, ModelPlace, find

LARGEST = 10_000_000
"""Bytes; a larger JSON file of a run folder is not read."""

FREE = {"README.md", CALIBRATION, RUN}
"""Files without a digest: people write in the first, the second is made later and names the weights it is for, and the
third holds the digests."""

RETRAIN = "train it again with: bini train, or get the folder again from who trained it"


def seal(folder: Path, run: Mapping[str, Any]) -> dict[str, Any]:
    """`run` with the SHA-256 of each file of a finished run folder, and of itself.

    Training leaves no folders in it: reports and folds, which lie in some, are made later.
    """
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and path.name not in FREE]
    return with_digest({**run, "files": {path.name: sha256_file(path) for path in files}})


def with_digest(run: Mapping[str, Any]) -> dict[str, Any]:
    """`run` with the SHA-256 of all that it says."""
    said = {key: value for key, value in run.items() if key != "sha256"}
    return {**said, "sha256": sha256(json.dumps(said, sort_keys=True))}


def read_object(path: Path) -> dict[str, Any]:
    """A JSON object from a file that may be hostile.

    Raises
    ------
    AdapterError
        If it is too large, not JSON, or no object.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST:,} bytes")
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it holds no JSON object")
    except (OSError, ValueError, RecursionError) as error:
        raise AdapterError(f"{path.name} is broken: {printable(error, 160)}", RETRAIN) from error
    return value


def check_record(run: Mapping[str, Any]) -> Check:
    """run.json names its base, and is what training wrote."""
    for key in ("base_model", "base_fingerprint"):
        if not isinstance(run.get(key), str):
            return Check("record", Status.FAIL, f"run.json is broken: it says no {key}", RETRAIN)
    if "sha256" not in run:
        return Check("record", Status.WARN, "run.json holds no digest of itself: made by an older Bini", RETRAIN)
    if run["sha256"] != with_digest(run)["sha256"]:
        return Check("record", Status.FAIL, "run.json was changed after training", RETRAIN)
    return Check("record", Status.PASS, "run.json is as training wrote it")


def check_artefacts(folder: Path, run: Mapping[str, Any]) -> Check:
    """Each file that training recorded is there, byte for byte."""
    recorded = run.get("files")
    if not isinstance(recorded, dict) or not recorded:
        return Check("artefacts", Status.WARN, "run.json holds no digests of the files: made by an older Bini", RETRAIN)
    for name, digest in recorded.items():
        if leaves_folder(name):  # told by the check of names; not opened
            continue
        path = folder / name
        if not path.is_file():
            return Check("artefacts", Status.FAIL, f"{printable(name)} is missing", RETRAIN)
        if sha256_file(path) != digest:
            return Check("artefacts", Status.FAIL, f"{printable(name)} was changed after training", RETRAIN)
    return Check("artefacts", Status.PASS, f"{len(recorded)} files match their digests")


def check_base(run: Mapping[str, Any], base: ModelPlace) -> Check:
    """The base model is the one that run.json was written for."""
    if run.get("base_fingerprint") == base.fingerprint():
        return Check("base", Status.PASS, f"trained on this {base.name}")
    return Check(
        "base",
        Status.FAIL,
        f"it was trained on {printable(run.get('base_model'))}, not on this {base.name}",
        f"give the base it belongs to (--model, or --base of bini adapters), or train on {base.name}",
    )


def find_base(folder: Path) -> ModelPlace | None:
    """The model of the catalog, on this machine, that run.json says the adapter was trained on."""
    try:
        wanted = read_object(folder / RUN).get("base_fingerprint")
    except AdapterError:
        return None
    places = (place for card in CATALOG.values() if (place := find(card)))
    return next((place for place in places if place.fingerprint() == wanted), None)


def base_of(folder: Path, known: ModelPlace) -> ModelPlace:
    """The model that an adapter was trained on: `known` if it is that one, else one of the catalog.

    Raises
    ------
    AdapterError
        If run.json cannot be read, or no such model is here.
    """
    run = read_object(folder / RUN)
    if run.get("base_fingerprint") == known.fingerprint():
        return known
    if found := find_base(folder):
        return found
    raise AdapterError(
        f"{folder} was trained on {printable(run.get('base_model'))}, which is neither {known.name} nor a model here",
        "give the model it was trained on with --model",
    )


def recorded_names(run: Mapping[str, Any]) -> list[str]:
    """The names in run.json that stand for files: of the run, and of each recorded file."""
    files = run.get("files")
    return [str(run.get("name", "")), *(files if isinstance(files, dict) else ())]


def model_names(run: Mapping[str, Any]) -> list[str]:
    """What run.json calls the run and its base model."""
    return [str(run[key]) for key in ("name", "base_model") if key in run]
