"""The claim chart as people read it in a terminal."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import TONES, WARNING, agreement, forced, numbers
from bini.domain.charts.words import WORDS
from bini.domain.schema import Assessment


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
    head = Text.assemble(
        f"{words['risk']}: ",
        (words[result.risk_level], f"bold {TONES[result.risk_level].name}"),
        f"   {words['confidence']} {result.confidence:.0%}   ",
    )
    head.append(agreement(result, language), "dim" if result.agrees else f"bold {WARNING.name}")
    table = Table(expand=True, header_style="bold", show_lines=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(words["element"], ratio=5, overflow="fold")
    table.add_column(words["product"], ratio=4, overflow="fold")
    table.add_column(words["match"], ratio=2, overflow="fold")
    for number, row in enumerate(result.comparisons, start=1):
        quote = Text(row.user_product_element) if row.user_product_element else Text(words["none"], "dim")
        verdict = Text.assemble((words[row.match], TONES[row.match].name), f" {row.probabilities[row.match]:.0%}")
        if row.numbers:
            verdict.append(f"\n{numbers(row, language)}", "dim")
        table.add_row(str(number), Text(row.patent_element), quote, verdict)
    reason = Text.assemble((f"{words['reason']}: ", "bold"), result.decision_reason)
    origin = " + ".join(filter(None, (result.provenance.model, result.provenance.adapter)))
    if note := forced(result.provenance, words):
        origin += f"; {note}"
    return Panel(
        Group(head, table, reason, Text(f"{words['disclaimer']} ({origin})", "dim")), title="Bini", title_align="left"
    )
