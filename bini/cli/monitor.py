"""`bini monitor`: what a log of assessments shows."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bini.cli.console import Language, notice, out
from bini.errors import DataError


def monitor(
    log: Annotated[Path, typer.Argument(help="A log that `bini assess --log` wrote.")],
    reference: Annotated[
        Path | None,
        typer.Option("--reference", help="What is normal: a predictions file of `bini eval`, or an earlier log."),
    ] = None,
    size: Annotated[int, typer.Option("--window", min=30, help="Length of a window, in requests.")] = 100,
    folder: Annotated[Path, typer.Option("--out", help="Folder of monitor.png.")] = Path("outputs/monitor"),
    metrics_file: Annotated[
        Path | None,
        typer.Option("--metrics", help="Write metrics for Prometheus's textfile collector too, which reads *.prom."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every window and alarm as JSON.")] = False,
    lang: Annotated[Language, typer.Option("--lang", help="Language of table and picture.")] = Language.KO,
) -> None:
    """Watch a log over rolling windows: figures, a picture, and alarms (exit code 1)."""
    from pydantic import TypeAdapter

    from bini.domain.monitoring.log import read_log
    from bini.domain.monitoring.watch import Watch, watch
    from bini.domain.monitoring.windows import read_reference
    from bini.evaluation.monitoring.picture import picture
    from bini.evaluation.monitoring.tables import tables
    from bini.files import write_bytes

    found = watch(read_log(log), size, read_reference(reference) if reference else None)
    if not found.streams:
        raise DataError(f"{log} holds no record", "write one with: bini assess --log")
    write_bytes(folder / "monitor.png", picture(found, lang.value))
    notice(f"picture: {folder / 'monitor.png'}")
    if metrics_file:
        from bini.serving.metrics import metrics

        write_bytes(metrics_file, metrics(found.streams))
        notice(f"metrics: {metrics_file}")
    if as_json:
        sys.stdout.write(TypeAdapter(Watch).dump_json(found, indent=2).decode() + "\n")
    else:
        out.print(tables(found, lang.value))
    if any(stream.alarms for stream in found.streams):
        raise typer.Exit(1)
