"""What the commands share: the two consoles, progress, and the arguments that many take."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bini.errors import InputError

if TYPE_CHECKING:
    from bini.domain.monitoring.log import AssessmentLog

out = Console()
err = Console(stderr=True)


class Language(StrEnum):
    """Language of what people read; data and JSON stay Korean."""

    KO = "ko"
    EN = "en"


ModelOption = Annotated[str, typer.Option("--model", help="A role, a model name, or a folder.")]


def adapter_folder(text: str) -> Path:
    """The run folder that --adapter names."""
    from bini.models.registry.registry import resolve_adapter

    return resolve_adapter(text)


AdapterOption = Annotated[
    Path | None,
    typer.Option(
        "--adapter",
        parser=adapter_folder,
        metavar="FOLDER|NAME[@VERSION]",
        help="A run folder, or a registered adapter; by default the newest under outputs/ for this model.",
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Load an adapter whose checks fail; the result says which.")]
LogOption = Annotated[
    Path | None, typer.Option("--log", help="Add a line about each assessment to this file, for `bini monitor`.")
]
LogTextsOption = Annotated[bool, typer.Option("--log-texts", help="Log the product and the claim too.")]


def notice(line: str) -> None:
    """Say a line about the work on standard error."""
    err.print(line, style="dim", markup=False, highlight=False, soft_wrap=True)


class Advance(Protocol):
    """Moves a progress bar."""

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """So many are done, of so many; and what else there is to say."""


@contextmanager
def progress(label: str, unit: str, stopped: str = "the same command goes on from here") -> Iterator[Advance]:
    """A progress bar on standard error; `stopped` says what an interrupt leaves behind."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=err) as bar:
        task = bar.add_task(label, total=None, note="")
        try:
            yield lambda done, total, note="": bar.update(task, completed=done, total=total, note=note)
        except KeyboardInterrupt:
            bar.stop()
            err.print(f"stopped; {stopped}")
            raise typer.Exit(130) from None


def read(value: str, what: str) -> str:
    """The text that an argument stands for: itself, @file, or - for standard input."""
    if value == "-":
        raw, source = sys.stdin.buffer.read(), "standard input"
    elif value.startswith("@"):
        source = value[1:]
        try:
            raw = Path(source).read_bytes()
        except OSError as error:
            raise InputError(
                f"the {what} file {source} cannot be read ({error.strerror})", "check the name of the file"
            ) from error
    else:
        return value
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not valid UTF-8 (byte {error.start})", "save it as UTF-8 and try again"
        ) from error


def adapter_of(adapter: Path | None, model: str) -> Path | None:
    """The adapter asked for, else the newest for this model; says which."""
    from bini.models.runs import newest_adapter

    chosen = adapter or newest_adapter(model)
    notice(
        f"adapter: {chosen}"
        if chosen
        else "no adapter was trained for this model, none ships with it: using the bare model"
    )
    return chosen


def open_log(path: Path | None, with_text: bool) -> "AssessmentLog | None":
    """The log that was asked for, if any; told before a model is loaded if it cannot be written."""
    if path is None:
        if with_text:
            raise InputError("--log-texts without --log", "name the file with --log")
        return None
    from bini.domain.monitoring.log import AssessmentLog

    return AssessmentLog(path, with_text)
