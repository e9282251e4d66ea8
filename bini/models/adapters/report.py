"""What a check of an adapter says, and how it is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table


class Status(StrEnum):
    """Outcome of a check, worst last."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Check:
    """One finding on an adapter.

    Parameters
    ----------
    name
        What was checked, the same word in every report.
    status
        Whether it passed.
    why
        What was found, with its numbers.
    todo
        What to do about it; empty where nothing is to be done.
    """

    name: str
    status: Status
    why: str
    todo: str = ""


def failures(checks: Iterable[Check]) -> list[Check]:
    """The checks that failed."""
    return [check for check in checks if check.status is Status.FAIL]


def verdict(checks: Sequence[Check]) -> Status:
    """The worst status among `checks`."""
    return max((check.status for check in checks), key=list(Status).index)


def as_json(adapter: str, base: str, checks: Sequence[Check]) -> dict[str, Any]:
    """The report for programs."""
    return {
        "adapter": adapter,
        "base": base,
        "verdict": verdict(checks).value,
        "checks": [asdict(check) for check in checks],
    }


def as_table(checks: Sequence[Check]) -> "Table":
    """The report for people."""
    from rich.table import Table
    from rich.text import Text

    colours = {Status.PASS: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}
    table = Table("check", "", "why, and what to do", box=None, header_style="bold")
    for check in checks:
        why = Text(check.why)
        if check.todo:
            why.append(f"\n→ {check.todo}", "dim")
        table.add_row(Text(check.name), Text(check.status, colours[check.status]), why)
    return table


def printable(text: object, limit: int = 80) -> str:
    """A name from a file that may be hostile, safe to print: escapes shown, overlong text cut."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
