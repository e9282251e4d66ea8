"""The record of a promotion: what it rests on. Reading one needs no model."""

from pydantic import BaseModel, ConfigDict

from bini.evaluation.shadow import Shadow
from bini.evaluation.shadow_tables import as_markdown
from bini.models.adapters.report import Status


class Promotion(BaseModel):
    """What a promotion rests on.

    Parameters
    ----------
    adapter, object
        NAME@VERSION, and the digest of its files.
    checks
        What each check said now; of those that ask the model, what they said when it was registered, if they did.
    results
        Digest of the evaluation's results.json as kept among the records.
    figures
        Its headline figures, of `cases` held-out cases.
    reference
        Digest of the results that the gate compared with; None if there were none.
    shadow
        The comparison with what was in production; None if nothing was.
    reason
        Why, in the user's words; a shift of the levels is accepted only with one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: str
    object: str
    checks: dict[str, Status]
    results: str
    figures: dict[str, float | None]
    cases: int
    reference: str | None
    shadow: Shadow | None
    reason: str

    def to_markdown(self) -> str:
        """The record for people."""
        figures = "\n".join(f"- {name}: {_shown(value)}" for name, value in self.figures.items())
        compared = as_markdown(self.shadow) if self.shadow else "Nothing was in production to compare with.\n"
        passed = f"Gate passed against {self.reference}." if self.reference else "There was no reference to gate on."
        return (
            f"# Promotion of {self.adapter}\n\nObject {self.object}\n\n## Evaluation\n\nResults {self.results}, "
            f"{self.cases} held-out cases. {passed}\n\n{figures}\n\n## Shadow comparison\n\n{compared}"
        )

    def headline(self) -> str:
        """The evaluation and the comparison, in a line."""
        said = f"risk accuracy {_shown(self.figures['risk_accuracy'])} on {self.cases} held-out cases"
        if self.shadow is None:
            return said
        return f"{said}; same level as {self.shadow.production} {self.shadow.agreement:.1%} of {self.shadow.cases}"


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
