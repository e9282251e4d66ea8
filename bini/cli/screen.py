"""`bini screen`: base models compared before one is trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bini.cli.console import notice, out, progress
from bini.errors import InputError

MOST_SHOTS = 9


def screen(
    models: Annotated[
        str, typer.Option("--models", help="Roles, names, folders, or OWNER/NAME of the hub; with commas.")
    ] = "tuned-1b,base-4b",
    styles: Annotated[str, typer.Option("--styles", help="Prompt styles, with commas.")] = "basic,detailed,instruction",
    shots: Annotated[str, typer.Option("--shots", help="Numbers of labelled examples before a case, with commas.")] = (
        "0,3"
    ),
    suite: Annotated[
        Path | None, typer.Option("--suite", help="Labelled cases; by default the held-out suite.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="So many cases of the suite, drawn once.")] = None,
    max_seconds: Annotated[
        float, typer.Option("--max-seconds", min=0, help="Stop a model whose median case takes longer.")
    ] = 60.0,
    pull: Annotated[bool, typer.Option("--pull", help="Fetch models that are not on this machine.")] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Remove what --pull fetched, each model when it is done.")
    ] = False,
    folder: Annotated[Path, typer.Option("--out", help="Folder of predictions and report.")] = Path("outputs/screen"),
) -> None:
    """Compare base models by prompt style and number of examples, giving up early on those that cannot do it."""
    from bini.evaluation.run import SUITE
    from bini.evaluation.screening.run import Plan
    from bini.evaluation.screening.run import screen as run_screening
    from bini.evaluation.screening.tables import terminal
    from bini.inference.styles import Style
    from bini.resources import resource

    plan = Plan(
        models=_listed("--models", models),
        styles=[Style(style) for style in _listed("--styles", styles, known=list(Style))],
        shots=[int(number) for number in _listed("--shots", shots, known=[str(n) for n in range(MOST_SHOTS + 1)])],
        suite=suite or resource(SUITE),
        limit=limit,
        max_seconds=max_seconds,
        pull=pull,
        drop=drop,
    )
    with progress("screening", "cases") as advance:
        made = run_screening(plan, folder, notice, advance)
    out.print(terminal(made))
    out.print(f"report: {folder / 'screening.md'}", highlight=False, soft_wrap=True)


def _listed(option: str, value: str, known: Sequence[str] | None = None) -> list[str]:
    """The parts of an option's value, each once."""
    parts = list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if not parts:
        raise InputError(f"{option} is empty", "see: bini screen --help")
    for part in parts:
        if known is not None and part not in known:
            raise InputError(f"{option}: {part!r} is none of {', '.join(known)}", "see: bini screen --help")
    return parts
