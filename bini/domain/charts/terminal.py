"""The claim chart, and what differs between two of them, as people read it in a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import (
    TONES,
    WARNING,
    Chart,
    charts,
    confidence,
    forced,
    left_possible,
    match,
    notes,
    numbers,
    overview,
    printable,
    warnings,
)
from bini.domain.charts.words import WORDS
from bini.domain.differences import Difference
from bini.domain.patents import PatentAssessment
from bini.domain.schema import Assessment
from bini.domain.verdict import Verdict

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
    (chart,) = charts([result], language)
    return _panel(chart, language)


def _panel(chart: Chart, language: str) -> Panel:
    words, result = WORDS[language], chart.assessment
    head = Text.assemble((chart.title, f"bold {TONES[chart.level].name}"))
    if not result.changes:
        level = "" if chart.level is result.level else f"{words[result.level]} "
        sure = words["calibrated" if result.calibrated else "confidence"]
        head.append(f"   {sure} {level}{result.confidence:.0%}")
    for remark in chart.remarks:
        head.append("   " if remark == words["agrees"] else "\n").append(remark, "dim")
    if levels := left_possible(result, language):
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


def terminal_verdict(result: Verdict, language: str) -> RenderableType:
    """A verdict for a rich console.

    Parameters
    ----------
    result
        What to show.
    language
        "ko" or "en".
    """
    words = WORDS[language]
    level = result.level
    head = Text.assemble(f"{words['risk']}: ", (words[level], f"bold {TONES[level].name}"))
    head.append(f"   {words['confidence']} {result.probabilities[level]:.0%}")
    if level is result.rule_level:
        head.append(f"   {words['agrees']}", "dim")
    else:
        head.append(f"   {words['rule']}: {words[result.rule_level]}", f"bold {WARNING.name}")
    if level is not result.risk_level:
        head.append(f"   {words['written']}: {words[result.risk_level]}", f"bold {WARNING.name}")
    table = Table("#", words["element"], words["match"], header_style="bold")
    for number, row in enumerate(result.comparisons, start=1):
        verdict = Text.assemble((words[row.match], TONES[row.match].name), f" {row.probabilities[row.match]:.0%}")
        table.add_row(str(number), Text(row.patent_element), verdict)
    return Group(head, table, Text(words["disclaimer"], "dim"))


def terminal_patent(result: PatentAssessment, language: str) -> RenderableType:
    """The levels of every claim of a patent, and the chart of each of its riskiest independent claims.

    Parameters
    ----------
    result
        What to show.
    language
        "ko" or "en".
    """
    words, above = WORDS[language], overview(result, language)
    table = Table(header_style="bold")
    for label in above.labels:
        table.add_column(label, overflow="fold")
    for line in above.lines:
        table.add_row(
            str(line.number),
            line.parents,
            words[line.own],
            Text(line.risk, f"bold {TONES[line.level].name}"),
            line.held_down_by,
            Text("\n".join(line.review), WARNING.name),
        )
    head = Text(above.title, f"bold {TONES[above.level].name}")
    riskiest = [claim.number for claim in result.riskiest]
    panels = [_panel(chart, language) for chart in charts(result, language) if chart.number in riskiest]
    return Group(head, Text(above.remark), table, *panels)


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
