"""`bini data`: the labelled cases."""

from pathlib import Path
from typing import Annotated

import typer

from bini.cli.console import out
from bini.errors import DataError


def build(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the files are fresh.")] = False,
) -> None:
    """Make data/processed from the sources, byte for byte."""
    _in_clone("data/raw")
    from bini.training.rows import build

    for path in build(Path(), check):
        out.print(f"{'fresh' if check else 'wrote'}: {path}", highlight=False)


def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Labelled cases; by default BiniBench's sources in a clone.")
    ] = None,
) -> None:
    """Check labelled cases: form, quotes, and whether stated levels follow from the matches."""
    from bini.domain.bench import load_bench
    from bini.domain.cases import load_cases
    from bini.domain.targets import dropped_quotes
    from bini.training.rows import BENCH

    if not files:
        for split, patents in load_bench(_in_clone(BENCH)).items():
            out.print(f"{split}: {len(patents)} patents, {sum(len(p.cases) for p in patents)} cases", highlight=False)
    for path in files or []:
        cases = load_cases(path)
        notes = [f"{len(cases)} cases of {len({c.patent for c in cases})} patents"]
        if dropped := dropped_quotes(cases):
            notes.append(f"{dropped} quotes are no piece of their product text")
        out.print(f"{path}: {'; '.join(notes)}", highlight=False, soft_wrap=True)


def stats(
    folder: Annotated[Path, typer.Option("--out", help="Folder of stats.json and stats.png.")] = Path("outputs/stats"),
) -> None:
    """Count BiniBench: levels, fields, tags, lengths, agreement of two labellings, and what counting words reaches."""
    from bini.evaluation.case_stats import write_stats
    from bini.training.rows import BENCH

    for line in write_stats(_in_clone(BENCH), folder):
        out.print(line, highlight=False, soft_wrap=True)


def _in_clone(folder: str) -> Path:
    if not Path(folder).is_dir():
        raise DataError(f"there is no {folder} here", "run this in a clone of the repository")
    return Path(folder)
