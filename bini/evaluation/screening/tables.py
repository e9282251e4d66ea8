"""A screening as people read it: a table for the terminal, and the report."""

from rich.console import Group, RenderableType
from rich.table import Table as TerminalTable
from rich.text import Text as TerminalText

from bini.domain.charts.content import printable
from bini.evaluation.report.blocks import NONE, Block, Bullets, Cell, Estimate, Heading, Table, Text
from bini.evaluation.report.markdown import to_markdown
from bini.evaluation.report.tables import share
from bini.evaluation.screening.results import Row, Screening
from bini.evaluation.screening.stopping import ACCURACY_FLOOR, HOPELESS_AFTER, SLOW_AFTER, VALID_FLOOR

HEADER = (
    "Model",
    "Style",
    "Shots",
    "Cases",
    "Accuracy",
    "Free JSON",
    "Constr.",
    "Seconds",
    "Memory",
)
"""Accuracy of the risk level; valid JSON without constraint and with; median seconds a case; peak memory."""


def terminal(made: Screening) -> RenderableType:
    """The rows and, below them, why some were stopped."""
    table = TerminalTable(*HEADER, box=None, header_style="bold", padding=(0, 1, 0, 0))
    for row in made.rows:
        style = "dim" if row.stopped else ""
        cells = (cell.value if isinstance(cell, Estimate) else str(cell) for cell in _cells(row, made.cases))
        table.add_row(*(TerminalText(printable(cell), style) for cell in cells))
    stopped = [TerminalText(printable(f"{name(row)}: {row.stopped}"), "yellow") for row in made.rows if row.stopped]
    return Group(table, *stopped)


def report(made: Screening) -> str:
    """The report in Markdown."""
    stopped = [f"{name(row)}: {row.stopped}" for row in made.rows if row.stopped]
    machines = sorted({f"{row.origin.date}, {row.origin.machine}" for row in made.rows if row.origin})
    blocks: list[Block] = [
        Heading("Screening of base models", level=1),
        Text(f"{made.suite}, {made.cases} cases in an order of seed {made.seed}, SHA-256 {made.suite_sha256[:16]}."),
        Table(HEADER, [_cells(row, made.cases) for row in made.rows]),
    ]
    if stopped:
        blocks += [Heading("Stopped"), Bullets(stopped)]
    notes = [
        "Accuracy: risk levels rightly told. Free JSON, Constr.: schema-valid answers without constraint and with it. "
        "Seconds: median of a case. Memory: peak.",
        "Every model is untuned and got the same schema, decoder and rows, with the labelled claim elements. Few-shot "
        "examples are labelled training cases of patents that the suite does not hold.",
        "Intervals are 95 %, from resamples of whole patents. A prompt that was stopped saw fewer cases: its figures "
        "do not compare with the others'. The best of many rows looks better than it is: confirm it on other cases.",
        f"Hopeless: valid JSON without constraint at most {VALID_FLOOR:.0%} and risk accuracy at most "
        f"{ACCURACY_FLOOR:.1%} in the first {HOPELESS_AFTER} cases; other prompts of the model are still "
        f"asked. Too slow: median over {made.max_seconds:g} s a case after {SLOW_AFTER} answers; no other is asked.",
        "Seconds and memory are of constrained answers alone. Memory is the most that the process held in RAM while a "
        "case was answered (on a GPU, of its memory); all models ran in one process, one after the other.",
        *machines,
    ]
    return to_markdown([*blocks, Heading("How it was measured"), Bullets(notes)])


def name(row: Row) -> str:
    """What a row is about, in words."""
    return f"{row.model}, {row.style}, {row.shots} shots"


def _cells(row: Row, planned: int) -> list[Cell]:
    score = row.score
    if score is None:
        return [row.model, row.style.value, str(row.shots), f"0/{planned}", *[NONE] * 5]
    return [
        row.model,
        row.style.value,
        str(row.shots),
        f"{score.cases}/{planned}",
        share(score.risk_accuracy, score.intervals.get("risk_accuracy")),
        share(score.valid_json_free, None),
        share(score.valid_json_constrained, None),
        NONE if row.median_seconds is None else f"{row.median_seconds:.3g}",
        NONE if score.peak_memory is None else f"{score.peak_memory / 2**30:.2f} GiB",
    ]
