"""`bini adapters check` and `bini adapters matrix`: whether adapters can be trusted, and on which models."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bini.cli.console import adapter_folder, notice, out, progress

if TYPE_CHECKING:
    from bini.models.catalog import ModelPlace

BaseOption = Annotated[
    str | None, typer.Option("--base", help="The model to load it on; by default the one it was trained on.")
]


def check(
    path: Annotated[Path, typer.Argument(parser=adapter_folder, metavar="PATH", help="A run folder, or NAME@VERSION.")],
    base: BaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check files, tensors and answers of an adapter; exit code 1 if a check fails."""
    from bini.evaluation.behaviour import check_all
    from bini.models.adapters import report

    place = base_for(path, base)
    with progress("checking", "cases") as advance:
        checks = check_all(path, place, lambda done, total: advance(done, total, ""))
    if as_json:
        value = report.as_json(str(path), place.name, checks)
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    else:
        out.print(report.as_table(checks))
        out.print(f"{path} on {place.name}: {report.verdict(checks)}", markup=False, highlight=False, soft_wrap=True)
    if report.failures(checks):
        raise typer.Exit(1)


def matrix(
    folders: Annotated[list[Path], typer.Argument(help="Run folders, or folders of run folders.")],
    bases: Annotated[
        list[str] | None,
        typer.Option("--bases", help="A model; may be repeated; by default every known model on this machine."),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder of matrix.csv and matrix.png.")] = Path(
        "outputs/matrix"
    ),
) -> None:
    """Show which adapters fit which models, from the headers of their files."""
    from bini.evaluation.matrix import CSV, PICTURE, as_table, find_adapters, write_matrix
    from bini.evaluation.matrix import matrix as fits
    from bini.models.catalog import CATALOG, find, resolve

    known = bases or [card.name for card in CATALOG.values() if find(card)]
    cells = fits(find_adapters(folders), {name: resolve(name, notice) for name in known})
    write_matrix(cells, folder)
    out.print(as_table(cells))
    out.print(f"wrote: {folder / CSV}, {folder / PICTURE}", highlight=False, soft_wrap=True)


def base_for(path: Path, base: str | None) -> "ModelPlace":
    """The model that was named, else the one that an adapter says it was trained on, else the one of its role."""
    from bini.models.adapters.record import find_base
    from bini.models.catalog import Role, resolve

    found = None if base else find_base(path)
    return found or resolve(base or Role.TUNED, notice)
