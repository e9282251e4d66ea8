"""How often a judgement holds when the product text is changed and its meaning is not.

The judgement of the text as given stands in the place of the label: level and matches of a changed text are compared
with it. So stability says nothing about being right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bini.domain.cases import Case, Label, LabelledComparison
from bini.domain.changes.kinds import Kind, changed
from bini.domain.glossary import Glossary
from bini.domain.labels import Match, RiskLevel
from bini.domain.schema import Assessment, Comparison
from bini.evaluation.bootstrap import Interval, share_interval
from bini.evaluation.predict import System, predict, predict_case
from bini.evaluation.prediction import Prediction
from bini.files import write_text
from bini.inference.assessor import Assessor

ALL = "all"
"""The name of the row over all kinds of change."""


class Share(BaseModel):
    """How many of a number held, with the 95 % interval of the share; see `share_interval`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    held: int
    of: int
    interval: Interval

    @classmethod
    def of_hits(cls, hits: Sequence[bool], patents: Sequence[str]) -> "Share":
        """The share of a non-empty list of hits, each of a patent."""
        return cls(held=sum(hits), of=len(hits), interval=share_interval(hits, patents, seed=0))


class KindShares(BaseModel):
    """What held under one kind of change: the level of so many texts, the match of so many elements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    level: Share
    matches: Share


class ChangedMatch(BaseModel):
    """A match that did not hold; `here` is None if the changed text got no answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    element: str
    before: Match
    here: Match | None


class Trial(BaseModel):
    """One changed text and what became of its judgement; `level` is None if it got no answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case_id: str
    patent: str
    kind: Kind
    product: str
    level_before: RiskLevel
    level: RiskLevel | None
    elements: int
    changed: tuple[ChangedMatch, ...]

    @property
    def held(self) -> bool:
        """Whether the level and every match held."""
        return self.level is self.level_before and not self.changed


class Stability(BaseModel):
    """All trials, and the shares that held over them.

    Parameters
    ----------
    system
        Who judged.
    cases
        Texts that were judged as given; one that got no answer is not tried again.
    kinds
        One row for each kind of change that was possible at all, then one over all.
    trials
        In the order of the cases.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    cases: int
    kinds: tuple[KindShares, ...]
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class _Variant:
    """A case with its product text changed in one kind of way."""

    case_id: str
    kind: Kind
    case: Case


def stability_of_one(assessor: Assessor, base: Assessment, claim: str, glossary: Glossary) -> Stability:
    """The stability of an assessment that `assessor` has just made of a claim."""
    label = _label(base.comparisons, base.level)
    case = Case(case_id="case", claim_text=claim, user_query=base.product, label=label)
    asked = _variants(case, glossary)
    made = [predict_case(assessor, variant.case, valid_free=None, trained_on=False) for variant in asked]
    return _stability(assessor.place.name, 1, asked, made)


def stability_of_suite(
    system: System,
    cases: Sequence[Case],
    glossary: Glossary,
    folder: Path,
    advance: Callable[[int, int, str], None],
) -> Stability:
    """The stability of a system over labelled cases: their elements are asked, their labels are not looked at.

    Parameters
    ----------
    system
        Who judges.
    cases
        Labelled cases.
    glossary
        Names of the same thing.
    folder
        Where predictions are kept, so that an interrupted call goes on, and where `stability.json` goes.
    advance
        Told texts done, texts in all, and which are at work.
    """
    variants = {case.case_id: _variants(case, glossary) for case in cases}
    total, done = len(cases) + sum(map(len, variants.values())), count()
    given = predict(
        system, cases, frozenset(), folder / "given", lambda _: advance(next(done) + 1, total, "as given"), free=False
    )
    labels = {p.case_id: _label(p.comparisons, p.level) for p in given if p.level}
    asked = [
        replace(variant, case=variant.case.model_copy(update={"label": labels[case.case_id]}))
        for case in cases
        if case.case_id in labels
        for variant in variants[case.case_id]
    ]
    made = predict(
        system,
        [variant.case for variant in asked],
        frozenset(),
        folder / "changed",
        lambda _: advance(next(done) + 1, total, "changed"),
        free=False,
    )
    found = _stability(system.name, len(labels), asked, made)
    write_text(folder / "stability.json", found.model_dump_json(indent=2) + "\n")
    return found


def _label(comparisons: Sequence[Comparison], level: RiskLevel) -> Label:
    """A judgement in the place of a label."""
    rows = tuple(LabelledComparison(**row.model_dump(include=set(Comparison.model_fields))) for row in comparisons)
    return Label(comparisons=rows, risk_level=level)


def _variants(case: Case, glossary: Glossary) -> list[_Variant]:
    """One variant for each kind of change that the product text gives occasion for."""
    return [
        _Variant(
            case.case_id, kind, case.model_copy(update={"case_id": f"{case.case_id}, {kind}", "user_query": product})
        )
        for kind in Kind
        if (product := changed(case.user_query, kind, glossary))
    ]


def _stability(system: str, cases: int, asked: Sequence[_Variant], made: Sequence[Prediction]) -> Stability:
    trials = tuple(_trial(variant, answer) for variant, answer in zip(asked, made, strict=True))
    rows = [(kind.value, [t for t in trials if t.kind is kind]) for kind in Kind]
    shares = tuple(_shares(name, found) for name, found in [*rows, (ALL, list(trials))] if found)
    return Stability(system=system, cases=cases, kinds=shares, trials=trials)


def _trial(variant: _Variant, answer: Prediction) -> Trial:
    before = variant.case.label
    here: list[Match | None] = [row.match for row in answer.comparisons]
    here = here or [None] * len(before.comparisons)
    return Trial(
        case_id=variant.case_id,
        patent=variant.case.patent,
        kind=variant.kind,
        product=variant.case.user_query,
        level_before=before.level,
        level=answer.level,
        elements=len(before.comparisons),
        changed=tuple(
            ChangedMatch(element=row.patent_element, before=row.match, here=match)
            for row, match in zip(before.comparisons, here, strict=True)
            if match is not row.match
        ),
    )


def _shares(kind: str, trials: Sequence[Trial]) -> KindShares:
    matches = [
        (hit, t.patent) for t in trials for hit in [False] * len(t.changed) + [True] * (t.elements - len(t.changed))
    ]
    return KindShares(
        kind=kind,
        level=Share.of_hits([t.level is t.level_before for t in trials], [t.patent for t in trials]),
        matches=Share.of_hits([hit for hit, _ in matches], [patent for _, patent in matches]),
    )
