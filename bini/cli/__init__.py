"""The command line: arguments in, text out; the one place that prints errors and exits."""

import sys
from typing import NoReturn

import typer

from bini.cli import adapters, assess, bench, calibrate, data, evaluate, models, monitor, rank, registry, screen, train
from bini.cli.console import err
from bini.errors import BiniError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Patent-infringement screening on your own machine. A screening aid, not legal advice.",
)
app.command()(assess.assess)
app.command()(train.train)
app.command("eval")(evaluate.evaluate)
app.command()(calibrate.calibrate)
app.command()(train.pretrain)
app.command()(assess.replay)
app.command()(evaluate.stability)
app.command()(rank.rank)
app.command()(monitor.monitor)
app.command()(screen.screen)
app.command()(bench.bench)

claims = typer.Typer(no_args_is_help=True, help="Claim sets: what a patent claims.")
claims.command("show")(assess.claims_show)
app.add_typer(claims, name="claims")

cases = typer.Typer(no_args_is_help=True, help="The labelled cases.")
cases.command()(data.build)
cases.command()(data.validate)
cases.command()(data.stats)
app.add_typer(cases, name="data")

known_models = typer.Typer(no_args_is_help=True, help="The models on this machine.")
known_models.command("list")(models.show)
known_models.command()(models.pull)
app.add_typer(known_models, name="models")

run_folders = typer.Typer(no_args_is_help=True, help="The adapters: whether they can be trusted, and which are in use.")
run_folders.command()(adapters.check)
run_folders.command()(adapters.matrix)
run_folders.command()(registry.register)
run_folders.command("list")(registry.list_names)
run_folders.command()(registry.show)
run_folders.command()(registry.promote)
run_folders.command()(registry.rollback)
run_folders.command()(registry.retire)
app.add_typer(run_folders, name="adapters")


def main() -> None:
    """Run the command line; user errors end with one line, a hint and exit code 2."""
    try:
        app()
    except BiniError as error:
        _fail(error.message, error.hint)
    except OSError as error:
        _fail(
            f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), "check that path and who may write to it"
        )


def _fail(message: str, hint: str) -> NoReturn:
    err.print(f"error: {message}", style="bold red", markup=False, highlight=False, soft_wrap=True)
    if hint:
        err.print(f"hint: {hint}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)
