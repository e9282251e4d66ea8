"""Which adapters fit which bases."""

import csv
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from bini.errors import InputError
from bini.evaluation.matrix import Fit, find_adapters, matrix, write_matrix
from bini.files import write_json
from bini.models.adapters.files import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from bini.models.adapters.record import read_object
from bini.models.catalog import ModelPlace


@pytest.fixture
def runs(tiny_model, other_model, make_adapter, tmp_path: Path) -> Path:
    """Honest adapters of two bases, one whose configuration was relabelled, and one that is cut off."""
    folder = tmp_path / "runs"
    for name, base in (("한글", tiny_model), ("other", other_model)):
        make_adapter(base, folder / name)
    for name in ("relabelled", "cut", "narrow"):
        shutil.copytree(folder / "한글", folder / name)
    config = folder / "relabelled" / ADAPTER_CONFIG
    write_json(config, read_object(config) | {"r": 8})
    weights = folder / "cut" / ADAPTER_WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1])
    weights = folder / "narrow" / ADAPTER_WEIGHTS
    tensors = load_file(weights)
    save_file({n: t[:, :32].contiguous() if "lora_A" in n else t for n, t in tensors.items()}, weights)
    (folder / "notes").mkdir()
    return folder


def test_every_adapter_on_every_base(runs: Path, tiny_model, other_model, tmp_path: Path) -> None:
    bases = {"tiny": ModelPlace("tiny", tiny_model), "other": ModelPlace("other", other_model)}
    cells = matrix(find_adapters([runs]), bases)
    assert {(Path(cell.adapter).name, cell.base): cell.fit for cell in cells} == {
        ("한글", "tiny"): Fit.FITS,
        ("한글", "other"): Fit.OTHER_WEIGHTS,
        ("other", "tiny"): Fit.OTHER_WEIGHTS,
        ("other", "other"): Fit.FITS,
        ("relabelled", "tiny"): Fit.BROKEN,
        ("relabelled", "other"): Fit.BROKEN,
        ("cut", "tiny"): Fit.BROKEN,
        ("cut", "other"): Fit.BROKEN,
        ("narrow", "tiny"): Fit.NO,
        ("narrow", "other"): Fit.NO,
    }
    assert all(cell.why for cell in cells)
    write_matrix(cells, tmp_path / "out")
    with (tmp_path / "out/matrix.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["adapter"], row["base"], row["fit"], row["why"]) for row in rows] == [
        (cell.adapter, cell.base, cell.fit.value, cell.why) for cell in cells
    ]
    assert (tmp_path / "out/matrix.png").read_bytes().startswith(b"\x89PNG")


def test_an_adapter_is_found_once_wherever_it_is_named(runs: Path) -> None:
    assert find_adapters([runs / "cut", runs]) == sorted(find_adapters([runs]), key=lambda path: path.name != "cut")


def test_a_folder_without_adapters_is_refused(runs: Path, tmp_path: Path) -> None:
    for folder in (runs / "notes", tmp_path / "none"):
        with pytest.raises(InputError, match=folder.name):
            find_adapters([folder])
