"""The claim chart, and what differs between two of them, as people read it in a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import (
    TONES,
    WARNING,
    confidence,
    forced,
    match,
    notes,
    numbers,
    possible,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.differences import Difference
from bini.domain.patents import PatentAssessment
from bini.domain.schema import Assessment

VALUE_CHARS = 300
"""As much of a value that differs as a terminal shows."""


def terminal_chart(result: Assessment, language: str) -> RenderableType:
    """The chart of an assessment for a rich console.

    Parameters
    ----------
    result
        What to show.
    language
        "ko" or "en": the language of headings and labels; claim, quotes and reason stay as they are.
    """
    words = WORDS[language]
    sure = words["calibrated" if result.calibrated else "confidence"]
    head = Text.assemble(f"{words['risk']}: ", (words[result.level], f"bold {TONES[result.level].name}"))
    head.append(f"   {words['answered']}" if result.changes else f"   {sure} {result.confidence:.0%}")
    if result.agrees:
        head.append(f"   {words['agrees']}", "dim")
    if levels := possible(result, language):
        head.append(f"\n{words['possible']}: {levels}")
    for warning in warnings(result, language):
        head.append(f"\n{warning}", f"bold {WARNING.name}")
    table = Table(expand=True, header_style="bold", show_lines=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(words["element"], ratio=5, overflow="fold")
    table.add_column(words["product"], ratio=4, overflow="fold")
    table.add_column(words["match"], ratio=3, overflow="fold")
    for number, row in enumerate(result.comparisons, start=1):
        quote = Text(row.user_product_element) if row.user_product_element else Text(words["none"], "dim")
        verdict = Text.assemble((words[match(row)], TONES[match(row)].name), f" {confidence(row, language)}")
        if row.numbers:
            verdict.append(f"\n{numbers(row, language)}", "dim")
        table.add_row(str(number), Text(row.patent_element), quote, verdict)
    reason = Text.assemble((f"{words['reason']}: ", "bold"), result.decision_reason)
    under = Text("\n").join(
        Text.assemble((f"{note.title}:", "bold"), *(f"\n- {line}" for line in note.lines))
        for note in notes(result, language)
    )
    origin = " + ".join(filter(None, (result.provenance.model, result.provenance.adapter)))
    if note := forced(result.provenance, words):
        origin += f"; {note}"
    return Panel(
        Group(head, table, reason, *([under] if under else []), Text(f"{words['disclaimer']} ({origin})", "dim")),
        title="Bini",
        title_align="left",
    )


def terminal_patent(result: PatentAssessment, language: str) -> RenderableType:
    """The levels of every claim of a patent, and the chart of each of its riskiest independent claims.

    Parameters
    ----------
    result
        What to show.
    language
        "ko" or "en".
    """
    words = WORDS[language]
    table = Table(*(words[key] for key in ("claim", "parents", "own", "risk", "held", "review")), header_style="bold")
    for claim in result.claims:
        table.add_row(
            str(claim.number),
            ", ".join(map(str, claim.parents)),
            words[claim.assessment.rule_level],
            Text(words[claim.level], f"bold {TONES[claim.level].name}"),
            ", ".join(map(str, claim.held_down_by)),
            Text("\n".join(warnings(claim.assessment, language)), WARNING.name),
        )
    head = Text.assemble(f"{words['patent_risk']}: ", (words[result.level], f"bold {TONES[result.level].name}"))
    riskiest = [claim for claim in result.claims if claim.level is result.level and not claim.dependent]
    charts = [
        part for c in riskiest for part in (f"{words['claim']} {c.number}", terminal_chart(c.assessment, language))
    ]
    return Group(head, table, *charts)


def difference_table(found: Sequence[Difference]) -> Table:
    """Differences for a rich console; what a bundle says is a stranger's text."""
    table = Table(box=None, header_style="bold")
    table.add_column("field", no_wrap=True)
    table.add_column("in the bundle", overflow="fold")
    table.add_column("here", overflow="fold")
    for row in found:
        cells = (row.where, row.stored or "–", row.here or "–")
        table.add_row(*(Text(printable(cell)[:VALUE_CHARS]) for cell in cells))
    return table
