"""A shadow comparison as people read it: in the terminal, and as Markdown beside the record of a promotion."""

from typing import TYPE_CHECKING

from bini.domain.charts.markdown import inline, table
from bini.domain.labels import RiskLevel
from bini.evaluation.shadow import Change, Shadow
from bini.models.adapters.report import printable

if TYPE_CHECKING:
    from rich.table import Table

SHOWN = 20
"""Changed questions that the terminal shows; the record holds all of them."""


def summary(shadow: Shadow) -> list[str]:
    """The comparison in a few lines."""
    shares = ", ".join(
        f"{level} {shadow.production_shares[level]:.0%} → {shadow.candidate_shares[level]:.0%}" for level in RiskLevel
    )
    return [
        f"{shadow.candidate} beside {shadow.production} on {shadow.cases} questions of {shadow.source}: "
        f"same level {shadow.agreement:.1%}, without an answer {shadow.candidate_unanswered} "
        f"({shadow.production}: {shadow.production_unanswered})",
        f"level shares: {shares}; stability index {shadow.stability_index:.2f}, a shift from {shadow.threshold:.2f}",
    ]


def as_table(shadow: Shadow) -> "Table":
    """The first `SHOWN` questions whose level changed, side by side."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(*_header(shadow), box=None, header_style="bold")
    for change in shadow.changed[:SHOWN]:
        shown.add_row(*(Text(printable(cell, 200)) for cell in _row(change)))
    return shown


def as_markdown(shadow: Shadow) -> str:
    """The whole comparison."""
    lines = "\n".join(f"- {inline(line)}" for line in summary(shadow))
    rows = [[inline(cell) for cell in _row(change)] for change in shadow.changed]
    return f"{lines}\n\n{table([inline(cell) for cell in _header(shadow)], rows)}\n"


def _header(shadow: Shadow) -> list[str]:
    return ["case", "product", shadow.production, shadow.candidate, "elements judged otherwise"]


def _row(change: Change) -> list[str]:
    matches = "; ".join(f"{one.element}: {one.production} → {one.candidate}" for one in change.matches)
    return [
        change.case_id,
        change.product,
        _answer(change.production, change.production_probability),
        _answer(change.candidate, change.candidate_probability),
        matches or "none",
    ]


def _answer(level: RiskLevel | None, probability: float | None) -> str:
    return " ".join([level or "no answer", "" if probability is None else f"{probability:.0%}"]).rstrip()
