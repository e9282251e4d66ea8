"""The claim chart as people read it in a terminal."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bini.domain.charts.content import TONES, WARNING, agreement, numbers, possible
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
    confidence = words["calibrated" if result.calibrated else "confidence"]
    head = Text.assemble(
        f"{words['risk']}: ",
        (words[result.risk_level], f"bold {TONES[result.risk_level].name}"),
        f"   {confidence} {result.confidence:.0%}   ",
    )
    head.append(agreement(result, language), "dim" if result.agrees else f"bold {WARNING.name}")
    if result.possible_levels:
        head.append(f"\n{words['possible']}: {possible(result, language)}")
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
    origin = result.provenance.model + (f" + {result.provenance.adapter}" if result.provenance.adapter else "")
    return Panel(
        Group(head, table, reason, Text(f"{words['disclaimer']} ({origin})", "dim")), title="Bini", title_align="left"
    )
