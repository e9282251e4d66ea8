"""One prediction on disk: what a system answered on a case, next to the gold chart.

The one definition of the predictions file and of what stands beside it: `predict` writes them, `score` reads them, and
nothing between the two needs a model.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, ValidationError

from bini.domain.cases import Case
from bini.domain.labels import RiskLevel
from bini.domain.schema import Comparison
from bini.errors import DataError


class GoldChart(BaseModel):
    """The labelled answer of a case.

    Parameters
    ----------
    level
        The risk level that the rubric gives.
    comparisons
        One row per claim element, in the order of the claim; empty where only the level is labelled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: RiskLevel
    comparisons: tuple[Comparison, ...] = ()

    @classmethod
    def of(cls, case: Case) -> Self:
        """The label of `case`."""
        rows = tuple(
            Comparison(patent_element=c.patent_element, user_product_element=c.user_product_element, match=c.match)
            for c in case.label.comparisons
        )
        return cls(level=case.label.level, comparisons=rows)


class Prediction(BaseModel):
    """What one system answered on one case: one line of a predictions file.

    Parameters
    ----------
    case_id, patent
        The case, and the patent that it is about: the unit that intervals are resampled over. Where the suite gives no
        registration number, the claim stands for the patent.
    claim, product
        What was asked about; empty in files of older versions.
    field
        The technical field, where the suite gives one.
    gold
        The labelled answer.
    level
        The system's risk level, or None if it gave no valid one: `Assessment.level`, or what a system without
        probabilities wrote.
    written_level
        The level that the model wrote, numbers unheeded; None where that is not known.
    comparisons
        The system's claim chart; empty if it produced nothing valid.
    rule_level
        The all-elements roll-up of the system's own comparisons, a match without words of the product taken as
        판단불가 and `Assessment`'s without a 대응 against the numbers; None if there were none.
    probabilities
        Probability of each risk level, 0 to 1; empty for a system that gives none.
    valid_free
        Whether the unconstrained output was schema-valid JSON; None if that was not tried.
    valid_constrained
        Whether the constrained output was schema-valid JSON.
    trained_on
        Whether an adapter of the comparison saw this row in training: such a row measures memory, not quality.
    seconds
        Wall time of the case, in seconds.
    model_calls
        How often the model was called for this case.
    peak_memory
        Most memory while the case was answered, in bytes; see `bini.evaluation.machine`. None if it was not measured.
    tags
        The case's tags (the last list of the rubric).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    case_id: str
    patent: str
    claim: str = ""
    product: str = ""
    field: str | None = None
    gold: GoldChart
    level: RiskLevel | None
    written_level: RiskLevel | None = None
    comparisons: tuple[Comparison, ...]
    rule_level: RiskLevel | None
    probabilities: dict[RiskLevel, float]
    valid_free: bool | None
    valid_constrained: bool
    trained_on: bool
    seconds: NonNegativeFloat
    model_calls: NonNegativeInt
    peak_memory: NonNegativeInt | None = None
    tags: tuple[str, ...]

    @property
    def correct(self) -> bool:
        """Whether the risk level is the gold one; no answer is a wrong answer."""
        return self.level is self.gold.level

    @property
    def confidence(self) -> float | None:
        """The system's probability of the level it chose, or None if it gives none."""
        return self.probabilities.get(self.level) if self.level else None

    @property
    def claim_language(self) -> Literal["Korean", "other"] | None:
        """Korean if the claim holds a Hangul syllable; None if the claim is not known."""
        if not self.claim:
            return None
        return "Korean" if re.search("[가-힣]", self.claim) else "other"


class Origin(BaseModel):
    """Where a predictions file comes from: the .meta.json beside it.

    Parameters
    ----------
    identity
        What the predictions depend on: hashes of model, adapter, prompt and cases.
    date
        The day on which the first of them was made, ISO 8601, UTC.
    machine
        What they were made on, in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    identity: dict[str, Any]
    date: str
    machine: str


def question(case: Case) -> dict[str, Any]:
    """The fields of a `Prediction` that say what was asked, as opposed to what was answered."""
    return {
        "case_id": case.case_id,
        "patent": case.patent,
        "claim": case.claim_text,
        "product": case.user_query,
        "field": case.patent_field,
        "gold": GoldChart.of(case),
        "tags": case.tags,
    }


def predictions_text(predictions: Iterable[Prediction]) -> str:
    """The content of a predictions file."""
    return "".join(prediction.model_dump_json() + "\n" for prediction in predictions)


def read_origin(path: Path) -> Origin | None:
    """Where the predictions file at `path` comes from, or None if nothing that can be read says so."""
    try:
        return Origin.model_validate_json(path.with_suffix(".meta.json").read_bytes())
    except (OSError, ValidationError):
        return None


def read_predictions(path: Path) -> list[Prediction]:
    """Read a predictions file (UTF-8 JSON Lines, blank lines skipped), in its order.

    Raises
    ------
    DataError
        If the file cannot be read or a line is not a `Prediction`.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: U+2028 may stand inside a JSON string
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", "give a predictions file in UTF-8") from error
    return [_prediction(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1) if line.strip()]


def _prediction(line: str, where: str) -> Prediction:
    try:
        return Prediction.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line"
        raise DataError(f"{where}: {field}: {first['msg']}", "predict again to write the file anew") from error
