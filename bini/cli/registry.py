"""`bini adapters register`, `list`, `show`, `promote`, `rollback`, `retire`: adapters by name and version."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bini.cli.adapters import BaseOption, base_for
from bini.cli.console import notice, out, progress
from bini.errors import AdapterError, InputError

if TYPE_CHECKING:
    from bini.models.adapters.report import Check
    from bini.models.catalog import ModelPlace
    from bini.models.registry.events import Event
    from bini.models.registry.registry import Registry

NameArgument = Annotated[str, typer.Argument(help="The adapter's name.")]
VersionArgument = Annotated[str, typer.Argument(metavar="NAME@VERSION", help="A registered version.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept with the event.")]


def register(
    path: Annotated[Path, typer.Argument(help="A run folder.")],
    name: Annotated[str, typer.Option("--name", help="What to call it: letters a-z, digits and dashes.")],
    base: BaseOption = None,
    static: Annotated[
        bool, typer.Option("--static", help="Only the checks that need no model; promoting it makes the others.")
    ] = False,
) -> None:
    """Keep a copy of a run folder as the next version of a name; exit code 1 if a check fails."""
    from bini.models.adapters import report
    from bini.models.registry.events import check_name
    from bini.models.registry.registry import Registry

    check_name(name)
    place = base_for(path, base)
    version, checks = Registry().register(path, name, place.fingerprint(), lambda copy: checked(copy, place, static))
    if version is None:
        out.print(report.as_table(report.failures(checks)))
        say(f"not registered: {path} fails these checks on {place.name}")
        raise typer.Exit(1)
    say(f"{name}@{version}: {path}, {len(checks)} checks on {place.name}, {report.verdict(checks)}")


def checked(folder: Path, base: "ModelPlace", static: bool) -> "Sequence[Check]":
    """The checks of an adapter, with progress if the model is asked."""
    if static:
        from bini.models.adapters.static import check_adapter

        return check_adapter(folder, base)
    from bini.evaluation.behaviour import check_all

    with progress("checking", "cases") as advance:
        return check_all(folder, base, lambda done, total: advance(done, total, ""))


def list_names() -> None:
    """The registered adapters, and which version of each is in production."""
    from rich.table import Table

    from bini.models.registry.events import fold
    from bini.models.registry.registry import Registry

    registry = Registry()
    table = Table("name", "versions", "in production", "last change", box=None, header_style="bold")
    for name in registry.names():
        events = registry.events(name)
        state, last = fold(events), events[-1]
        used = f"{name}@{state.production}" if state.production else "–"
        changed = f"{last.at:%Y-%m-%d %H:%M} UTC, {last.action} {last.version}"
        table.add_row(name, str(len(state.registered)), used, changed)
    out.print(table)


def show(name: NameArgument) -> None:
    """What happened to an adapter: who, when, why, and on which evaluation."""
    from rich.table import Table
    from rich.text import Text

    from bini.models.adapters.report import printable
    from bini.models.registry.registry import Registry

    registry = Registry()
    state = registry.state(name)
    table = Table("when (UTC)", "version", "what", "who", "on what", box=None, header_style="bold")
    for event in registry.events(name):
        basis = printable("; ".join(filter(None, (event.reason, _basis(registry, event)))), 300)
        cells = (f"{event.at:%Y-%m-%d %H:%M:%S}", str(event.version), event.action, printable(event.user), basis)
        table.add_row(*map(Text, cells))
    out.print(table)
    retired = ", ".join(map(str, sorted(state.retired)))
    say(f"in production: {f'{name}@{state.production}' if state.production else 'none'}; retired: {retired or 'none'}")


def _basis(registry: "Registry", event: "Event") -> str:
    """What an event rests on, in a line."""
    from bini.evaluation.promotion_record import Promotion

    if event.record is None:
        return f"files {event.object[:16]}…" if event.object else ""
    try:
        record = Promotion.model_validate_json(registry.record(event.record))
    except (AdapterError, ValueError):
        return f"its record {event.record[:16]}… is missing, or was changed"
    return f"{record.headline()}; record {event.record[:16]}…"


def promote(
    version: VersionArgument,
    results: Annotated[Path, typer.Option("--results", help="Its evaluation: a results.json, or the folder of one.")],
    gate: Annotated[
        Path | None,
        typer.Option("--gate", help="Results that it may not fall behind; by default those of what is in production."),
    ] = None,
    suite: Annotated[
        Path | None, typer.Option("--suite", help="Cases for the comparison with what is in production.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="Recorded requests for it: a log of `assess --log-texts`.")
    ] = None,
    base: BaseOption = None,
    reason: ReasonOption = "",
    accept_shift: Annotated[
        bool, typer.Option("--accept-shift", help="Let the levels as a whole move; takes a --reason.")
    ] = False,
) -> None:
    """Put a version into production if checks, gate and shadow comparison allow it; exit code 1 if not."""
    name, number = versioned(version)
    if accept_shift and not reason:
        raise InputError("--accept-shift without --reason", "say why the levels are meant to move")
    from bini.evaluation.promotion import Proposal
    from bini.evaluation.promotion import promote as weigh
    from bini.evaluation.shadow_tables import as_table, summary
    from bini.models.registry.registry import Registry

    registry = Registry()
    place = base_for(registry.locate(version), base)
    asked = Proposal(name, number, place, results, gate, suite, log, reason, accept_shift)
    with progress("promoting", "cases") as advance:
        outcome = weigh(registry, asked, notice, advance)
    if outcome.shadow:
        for line in summary(outcome.shadow):
            say(line)
        out.print(as_table(outcome.shadow))
    for against in outcome.reasons:
        say(f"refused: {against}")
    if outcome.reasons:
        raise typer.Exit(1)
    if outcome.shadow is None:
        say("nothing was in production to compare with")
    record = registry.folder / "records" / f"{outcome.record}.md"
    say(f"in production: {version}; record: {record}")


def rollback(name: NameArgument, reason: ReasonOption = "") -> None:
    """Undo the last promotion: the version before it is in production again."""
    from bini.models.registry.registry import Registry

    state = Registry().roll_back(name, reason)
    say(f"in production: {f'{name}@{state.production}' if state.production else 'none'}")


def retire(version: VersionArgument, reason: ReasonOption = "") -> None:
    """Let a version be used no more; its files stay."""
    from bini.models.registry.registry import Registry

    name, number = versioned(version)
    Registry().retire(name, number, reason)
    say(f"retired: {version}")


def versioned(reference: str) -> tuple[str, int]:
    """Name and version of NAME@VERSION."""
    from bini.models.registry.events import parse_reference

    name, number = parse_reference(reference)
    if number is None:
        raise InputError(f"{name} names no version", f"write it as {name}@1")
    return name, number


def say(line: str) -> None:
    """A line of the result, whatever is in it."""
    out.print(line, markup=False, highlight=False, soft_wrap=True)
