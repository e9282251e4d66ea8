"""Which adapters fit which bases, from the headers of their files alone."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from bini.errors import AdapterError, InputError
from bini.evaluation.plots import FONTS, register_korean_font
from bini.files import write_bytes, write_text
from bini.models.adapters.config import read_config
from bini.models.adapters.files import ADAPTER_CONFIG, RUN
from bini.models.adapters.record import check_base, check_record, read_object
from bini.models.adapters.report import Status, failures, printable
from bini.models.adapters.tensors import check_config, check_shapes, read_shapes
from bini.models.catalog import ModelPlace
from bini.models.outline import Outline, outline

if TYPE_CHECKING:
    from rich.table import Table

CSV, PICTURE = "matrix.csv", "matrix.png"


class Fit(StrEnum):
    """How an adapter lies to a base model."""

    FITS = "fits"  # trained on this very model
    OTHER_WEIGHTS = "other weights"  # the shapes agree, the model is another one
    NO = "no"
    BROKEN = "broken"  # the adapter cannot be read, or contradicts itself


LABEL = 40
"""Most letters of an adapter's path in the picture."""

COLOURS = {Fit.FITS: "#2e7d32", Fit.OTHER_WEIGHTS: "#b26a00", Fit.NO: "#c62828", Fit.BROKEN: "#616161"}


@dataclass(frozen=True)
class Cell:
    """One adapter on one base, and why they fit or do not."""

    adapter: str
    base: str
    fit: Fit
    why: str


def find_adapters(folders: Iterable[Path]) -> list[Path]:
    """The run folders among `folders` and directly below them, by name.

    Raises
    ------
    InputError
        If a folder is not there, or holds no run.
    """
    found: list[Path] = []
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"there is no folder {folder}", "give run folders, or folders of run folders")
        below = [folder, *sorted(folder.iterdir())]
        runs = [path for path in below if any((path / name).is_file() for name in (ADAPTER_CONFIG, RUN))]
        if not runs:
            raise InputError(f"{folder} holds no adapter", "give run folders, or folders of run folders")
        found += [run for run in runs if run not in found]
    return found


def matrix(adapters: Sequence[Path], bases: Mapping[str, ModelPlace]) -> list[Cell]:
    """Every adapter on every base.

    Parameters
    ----------
    adapters
        Run folders, sound or not.
    bases
        Models by what they are to be called.

    Returns
    -------
    list of Cell
        All bases for the first adapter, then for the next.

    Raises
    ------
    ModelError
        If a base model cannot be read.
    """
    outlines = {name: outline(base) for name, base in bases.items()}
    return [_cell(adapter, name, bases[name], shape) for adapter in adapters for name, shape in outlines.items()]


def _cell(folder: Path, name: str, base: ModelPlace, shape: Outline) -> Cell:
    names = printable(folder, 400), name
    try:
        config, shapes, run = read_config(folder), read_shapes(folder), read_object(folder / RUN)
    except AdapterError as error:
        return Cell(*names, Fit.BROKEN, error.message)
    contradictions = failures([check_record(run), check_config(config, shapes)])
    if contradictions:
        return Cell(*names, Fit.BROKEN, contradictions[0].why)
    fit = check_shapes(config, shapes, shape, base.name)
    if fit.status is Status.FAIL:
        return Cell(*names, Fit.NO, fit.why)
    trained = check_base(run, base)
    return Cell(*names, Fit.FITS if trained.status is Status.PASS else Fit.OTHER_WEIGHTS, trained.why)


def write_matrix(cells: Sequence[Cell], folder: Path) -> None:
    """Write matrix.csv, a row a pair, and matrix.png."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(Cell.__annotations__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(cell) for cell in cells)
    write_text(folder / CSV, text.getvalue())
    write_bytes(folder / PICTURE, _picture(cells))


def as_table(cells: Sequence[Cell]) -> "Table":
    """The matrix for people: a row an adapter, a column a base."""
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    adapters, bases = _axes(cells)
    table = Table("adapter", *map(escape, bases), box=None, header_style="bold")
    fits = {(cell.adapter, cell.base): cell.fit for cell in cells}
    for adapter in adapters:
        row = [Text(fits[adapter, base], COLOURS[fits[adapter, base]]) for base in bases]
        table.add_row(Text(adapter), *row)
    return table


def _picture(cells: Sequence[Cell]) -> bytes:
    """The matrix as coloured fields with their words, a PNG."""
    register_korean_font()
    adapters, bases = _axes(cells)
    labels = [_shortened(name) for name in adapters]
    width = 1 + 0.1 * max(map(len, labels)) + 1.4 * len(bases)  # inches; a letter of a label takes about 0.1
    figure = Figure(figsize=(width, 1.2 + 0.4 * len(adapters)), layout="constrained")
    axes = figure.subplots()
    for cell in cells:
        x, y = bases.index(cell.base), adapters.index(cell.adapter)
        axes.barh(y, 0.94, left=x - 0.47, height=0.88, color=COLOURS[cell.fit])
        axes.text(x, y, cell.fit, ha="center", va="center", color="white", fontsize=9)
    axes.set_xticks(range(len(bases)), bases, fontfamily=FONTS, parse_math=False)
    axes.set_yticks(range(len(adapters)), labels, fontfamily=FONTS, parse_math=False)
    axes.set(xlim=(-0.5, len(bases) - 0.5), ylim=(len(adapters) - 0.5, -0.5))
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    return content.getvalue()


def _shortened(path: str) -> str:
    """A path as a label: its end, where adapters differ."""
    return path if len(path) <= LABEL else f"…{path[1 - LABEL :]}"


def _axes(cells: Sequence[Cell]) -> tuple[list[str], list[str]]:
    """Adapters and bases, each once, in the order of the cells."""
    return list(dict.fromkeys(cell.adapter for cell in cells)), list(dict.fromkeys(cell.base for cell in cells))
