"""The claim chart as people read it in a terminal."""

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Assessment

WORDS: dict[str, dict[str, str]] = {
    "ko": {
        **{label.value: label.value for label in (*RiskLevel, *Match)},
        "risk": "침해 위험",
        "confidence": "모델 확률",
        "element": "청구항 구성요소",
        "product": "제품의 말",
        "match": "판정",
        "none": "(언급 없음)",
        "reason": "이유",
        "disagrees": "모델은 {model}, 구성요소 완비의 원칙은 {rule}: 검토가 필요합니다",
        "agrees": "구성요소 완비의 원칙과 일치",
        "disclaimer": "선별용 참고 자료이며 법률 의견이 아닙니다. 확률은 보정되지 않은 값입니다.",
    },
    "en": {
        "높음": "high",
        "애매": "ambiguous",
        "낮음": "low",
        "대응": "corresponds",
        "미대응": "does not",
        "판단불가": "cannot be told",
        "risk": "Infringement risk",
        "confidence": "model probability",
        "element": "Claim element",
        "product": "Product's words",
        "match": "Match",
        "none": "(not mentioned)",
        "reason": "Reason",
        "disagrees": "the model says {model}, the all-elements rule {rule}: needs review",
        "agrees": "agrees with the all-elements rule",
        "disclaimer": "A screening aid, not legal advice. Probabilities are not calibrated.",
    },
}
COLOURS = {
    RiskLevel.HIGH: "bold red",
    RiskLevel.AMBIGUOUS: "bold yellow",
    RiskLevel.LOW: "bold green",
    Match.YES: "red",
    Match.UNKNOWN: "yellow",
    Match.NO: "green",
}


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
        (words[result.risk_level], COLOURS[result.risk_level]),
        f"   {words['confidence']} {result.confidence:.0%}   ",
    )
    if result.agrees:
        head.append(words["agrees"], "dim")
    else:
        note = words["disagrees"].format(model=words[result.risk_level], rule=words[result.rule_level])
        head.append(note, "bold magenta")
    table = Table(expand=True, header_style="bold", show_lines=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(words["element"], ratio=5, overflow="fold")
    table.add_column(words["product"], ratio=4, overflow="fold")
    table.add_column(words["match"], ratio=2, overflow="fold")
    for number, row in enumerate(result.comparisons, start=1):
        quote = Text(row.user_product_element) if row.user_product_element else Text(words["none"], "dim")
        verdict = Text.assemble((words[row.match], COLOURS[row.match]), f" {row.probabilities[row.match]:.0%}")
        table.add_row(str(number), Text(row.patent_element), quote, verdict)
    reason = Text.assemble((f"{words['reason']}: ", "bold"), result.decision_reason)
    origin = result.provenance.model + (f" + {result.provenance.adapter}" if result.provenance.adapter else "")
    return Panel(
        Group(head, table, reason, Text(f"{words['disclaimer']} ({origin})", "dim")), title="Bini", title_align="left"
    )
