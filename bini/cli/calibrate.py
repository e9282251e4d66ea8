"""`bini calibrate`, and the folds of `bini eval --folds`: what an adapter's probabilities are worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bini.cli.console import AdapterOption, ModelOption, adapter_of, notice, out, progress
from bini.errors import InputError

NO_ADAPTER = "train one with: bini train, or name it with --adapter"


def calibrate(
    predictions: Annotated[Path, typer.Argument(help="A file under predictions/ that bini eval wrote.")],
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    alpha: Annotated[
        float | None,
        typer.Option("--alpha", help="Of a level's cases, at most this share may have it ruled out; by default 0.1."),
    ] = None,
) -> None:
    """Calibrate an adapter from its predictions on disk: writes calibration.json, which assess uses."""
    from bini.evaluation.calibrate import ALPHA
    from bini.evaluation.calibrate import calibrate as make_calibration
    from bini.models.loading import results_folder

    chosen = adapter_of(adapter, model)
    if chosen is None:
        raise InputError("there is no adapter to calibrate", NO_ADAPTER)
    made = make_calibration(predictions, chosen, ALPHA if alpha is None else alpha)
    out.print(f"calibrated on {made.cases} cases of {len(made.patents)} patents", highlight=False)
    out.print(f"calibration: {results_folder(chosen)}", highlight=False, soft_wrap=True)


def cross_validate(model: str, adapter: Path | None, folds: int, data: Sequence[Path], force: bool) -> None:
    """Train and ask fold by fold, calibrate, and say what came out."""
    if adapter is None:
        raise InputError("there is no adapter to cross-validate", NO_ADAPTER)
    from bini.crossvalidation import cross_validate as run_folds

    with progress("cross-validating", "") as advance:
        report, _ = run_folds(model, adapter, folds, notice, advance, data, force)
    out.print(report.summary(), highlight=False)
    out.print(f"report: {report.path}", highlight=False, soft_wrap=True)
