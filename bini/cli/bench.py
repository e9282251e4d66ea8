"""`bini bench`: what an answer and a training step cost on this machine."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from bini.cli.console import AdapterOption, ModelOption, adapter_of, notice, out, progress

if TYPE_CHECKING:
    from bini.timing import Figure, Way


class Suite(StrEnum):
    """What can be measured."""

    CHART = "chart"
    VERDICT = "verdict"
    SHARED_CLAIM = "shared-claim"
    SHARED_PRODUCT = "shared-product"
    BATCH = "batch"
    TRAIN_STEP = "train-step"
    COLD_START = "cold-start"


def bench(
    suite: Annotated[list[Suite] | None, typer.Option("--suite", help="May be repeated; by default all.")] = None,
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    cases: Annotated[int, typer.Option("--cases", min=1, help="Cases of a run.")] = 3,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Runs of each way, in turn.")] = 3,
    file: Annotated[Path | None, typer.Option("--json", help="Save the figures to this file too.")] = None,
) -> None:
    """Measure the fast ways beside the plain ones, alternately in one process."""
    from bini.files import write_json
    from bini.timing import measure

    chosen = suite or list(Suite)
    found = []
    with progress("measuring", "suites") as advance:
        for done, name in enumerate(chosen):
            ways = _ways(name, model, adapter, cases)
            advance(done, len(chosen), name.value)
            alternatives = [[way] for way in ways] if name is Suite.COLD_START else [ways]
            for group in alternatives:
                found += measure(name.value, group, runs)
    if file:
        write_json(file, [figure.model_dump() for figure in found])
        notice(f"figures: {file}")
    out.print(_table(found))


def _ways(suite: Suite, model: str, adapter: Path | None, count: int) -> "list[Way]":
    from bini.domain.cases import load_cases
    from bini.resources import resource

    cases = load_cases(resource("data/processed/binibench_validation.jsonl"))
    spread = cases[:: max(1, len(cases) // count)][:count]
    if suite is Suite.TRAIN_STEP:
        from bini.models.catalog import resolve
        from bini.training.step_speed import step_ways

        return step_ways(resolve(model, notice), spread)
    from bini.evaluation import speed

    used = adapter_of(adapter, model)
    if suite is Suite.COLD_START:
        return speed.cold_ways(model, str(used or ""))
    from bini.inference.assessor import Assessor

    assessor = Assessor(model, used, notice)
    if suite is Suite.CHART:
        return speed.chart_ways(assessor, spread)
    if suite is Suite.VERDICT:
        return speed.verdict_ways(assessor, spread)
    if suite is Suite.BATCH:
        return speed.batch_ways(assessor, spread)
    known = [*cases, *load_cases(resource("data/processed/binibench_train.jsonl"))]  # for 50 claims and more
    same_claim, same_product = speed.sharing(known, count)
    return speed.shared_ways(assessor, same_claim if suite is Suite.SHARED_CLAIM else same_product)


def _table(figures: "list[Figure]") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("way")
    for title in ("median s", "spread", "calls", "tokens", "MiB", "faster"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in figures:
        spread = f"{one.fastest:.1f}–{one.slowest:.1f}"
        numbers = (f"{one.calls:,}", f"{one.tokens:,}", f"{one.peak_mib:,}", f"{one.ratio:.2f}×")
        table.add_row(f"{one.suite}, {one.way}", f"{one.seconds:.2f}", spread, *numbers)
    return table
