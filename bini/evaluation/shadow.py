"""A candidate's answers beside those of the adapter in production, on the same questions.

Nothing here says which of the two is right: that is for an evaluation. It says what would change for who uses it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bini.domain.cases import Case, Label, LabelledComparison
from bini.domain.claims import split_claim
from bini.domain.labels import Match, RiskLevel
from bini.domain.monitoring.alarms import drift_threshold
from bini.domain.monitoring.log import read_log
from bini.domain.monitoring.record import LogRecord
from bini.domain.shares import level_shares, stability_index
from bini.errors import DataError, InputError
from bini.evaluation.prediction import Prediction

RECENT = 200
"""How many requests of a log are asked again: its last ones that differ."""


class ChangedMatch(BaseModel):
    """An element that the two judge otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    element: str
    production: Match
    candidate: Match


class Change(BaseModel):
    """A question that the two answer with another level; None is no answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: str
    claim: str
    product: str
    production: RiskLevel | None
    production_probability: float | None
    candidate: RiskLevel | None
    candidate_probability: float | None
    matches: tuple[ChangedMatch, ...]


class Shadow(BaseModel):
    """What would change.

    Parameters
    ----------
    production, candidate
        NAME@VERSION.
    source, source_sha256
        The file of the questions.
    cases
        How many were asked.
    agreement
        Share of them to which both give the same level.
    production_unanswered, candidate_unanswered
        Questions without a valid answer.
    production_shares, candidate_shares
        Share of each level among the answers.
    stability_index, threshold
        Population stability index of the two, and from where it counts as a shift: `drift_threshold`.
    changed
        The questions answered otherwise, lost 높음 first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    production: str
    candidate: str
    source: str
    source_sha256: str
    cases: int
    agreement: float
    production_unanswered: int
    candidate_unanswered: int
    production_shares: dict[RiskLevel, float]
    candidate_shares: dict[RiskLevel, float]
    stability_index: float
    threshold: float
    changed: tuple[Change, ...]

    @property
    def shifted(self) -> bool:
        """Whether the levels as a whole have moved."""
        return self.stability_index > self.threshold


def compare(
    names: tuple[str, str], source: tuple[str, str], production: Sequence[Prediction], candidate: Sequence[Prediction]
) -> Shadow:
    """The comparison of two systems' answers.

    Parameters
    ----------
    names
        Of the adapter in production and of the candidate.
    source
        Name and SHA-256 of the file of the questions.
    production, candidate
        Answers to the same questions in the same order; at least one.
    """
    pairs = list(zip(production, candidate, strict=True))
    changed = [_change(one, other) for one, other in pairs if one.level is not other.level]
    before, after = ([made.level for made in answers if made.level] for answers in (production, candidate))
    shares = level_shares(before), level_shares(after)
    return Shadow(
        production=names[0],
        candidate=names[1],
        source=source[0],
        source_sha256=source[1],
        cases=len(pairs),
        agreement=(len(pairs) - len(changed)) / len(pairs),
        production_unanswered=len(pairs) - len(before),
        candidate_unanswered=len(pairs) - len(after),
        production_shares=shares[0],
        candidate_shares=shares[1],
        stability_index=stability_index(shares[1], shares[0]),
        threshold=drift_threshold(max(len(after), 1), max(len(before), 1)),
        changed=tuple(sorted(changed, key=_worst_first)),
    )


def recorded_cases(log: Path) -> list[Case]:
    """The last answered requests of a log that recorded its texts, each once, as questions to ask again.

    Their label is the level that was answered then, and no match is known: nothing is scored against it.

    Raises
    ------
    DataError
        If the log cannot be read, or recorded no texts.
    """
    asked: dict[str, Case] = {}
    for record in read_log(log):
        if case := _case(record):
            asked.pop(case.key, None)
            asked[case.key] = case
    if not asked:
        raise DataError(f"{log} holds no answered request with its texts", "log with --log-texts, or give a --suite")
    return list(asked.values())[-RECENT:]


def _case(record: LogRecord | None) -> Case | None:
    if record is None or not record.level or not record.product or not record.claim:
        return None
    try:
        elements = split_claim(record.claim)
    except InputError:
        return None
    rows = tuple(LabelledComparison(patent_element=e.text, match=Match.UNKNOWN) for e in elements)
    label = Label(comparisons=rows, risk_level=record.level)
    case = Case(case_id="asked", claim_text=record.claim, user_query=record.product, label=label)
    return case.model_copy(update={"case_id": f"asked-{case.key[:16]}"})


def _change(production: Prediction, candidate: Prediction) -> Change:
    before = {row.patent_element: row.match for row in production.comparisons}
    matches = tuple(
        ChangedMatch(element=row.patent_element, production=before[row.patent_element], candidate=row.match)
        for row in candidate.comparisons
        if before.get(row.patent_element, row.match) is not row.match
    )
    return Change(
        case_id=production.case_id,
        claim=production.claim,
        product=production.product,
        production=production.level,
        production_probability=production.confidence,
        candidate=candidate.level,
        candidate_probability=candidate.confidence,
        matches=matches,
    )


def _worst_first(change: Change) -> tuple[int, str]:
    """No answer any more, then the largest step away from 높음, then steps towards it."""
    return _rank(change.production) - _rank(change.candidate), change.case_id


def _rank(level: RiskLevel | None) -> int:
    levels: Iterable[RiskLevel | None] = (*RiskLevel, None)
    return list(levels).index(level)
