"""Stability as people read it in a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import printable
from bini.evaluation.stability import Share, Stability, Trial


def tables(found: Stability) -> RenderableType:
    """The shares that held, a row for each kind of change, and what did not hold."""
    if not found.trials:
        return Text("none of the changes fits this text, so nothing was tried")
    shares = Table("change", "texts", "level held [95 %]", "elements", "matches held [95 %]", box=None)
    for row in found.kinds:
        shares.add_row(row.kind, str(row.level.of), _share(row.level), str(row.matches.of), _share(row.matches))
    methods = sorted({share.interval.method for row in found.kinds for share in (row.level, row.matches)})
    title = Text(f"{found.system}, texts judged as given: {found.cases}", "bold")
    note = Text(
        f"Intervals: {', '.join(methods)}. Compared with the judgement of the text as given, right or wrong.", "dim"
    )
    return Group(title, shares, *_moved([trial for trial in found.trials if not trial.held]), note)


def _share(share: Share) -> str:
    return f"{share.held / share.of:.1%} [{share.interval.low:.1%}, {share.interval.high:.1%}]"


def _moved(trials: list[Trial]) -> list[Table]:
    """What did not hold; no table if everything did."""
    table = Table("case", "change", "level", box=None)
    table.add_column("matches", overflow="fold")
    for trial in trials:
        level = (
            trial.level_before if trial.level is trial.level_before else f"{trial.level_before} → {trial.level or '–'}"
        )
        matches = "\n".join(f"{printable(c.element)}: {c.before} → {c.here or '–'}" for c in trial.changed)
        table.add_row(Text(printable(trial.case_id)), trial.kind, level, Text(matches))
    return [table] if trials else []
