"""Predictions on disk -> calibration.json beside an adapter, and how its promise holds on other patents.

Needs no model. The promise and its assumptions stand in `bini.domain.calibration`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from bini.domain.calibration import CALIBRATION, Calibration, Probabilities, ProbabilityScores, Source, temper
from bini.domain.cases import load_cases
from bini.domain.labels import RiskLevel
from bini.errors import DataError, InputError
from bini.evaluation.conformal import patent_weights, share_over_patents, threshold
from bini.evaluation.prediction import Prediction, read_predictions
from bini.evaluation.probabilities import fit_temperature, score_probabilities
from bini.files import sha256_file, write_text

LEVELS = tuple(RiskLevel)

ALPHA = 0.1
"""Promised when nothing else is asked for: of each level's cases, at most a tenth have it ruled out."""


class Coverage(BaseModel):
    """How often cases truly of one level kept it, on patents that the calibration has not seen.

    Parameters
    ----------
    level
        The level.
    cases, patents
        Cases truly of that level, and patents that have such.
    kept
        Mean over those patents of the share of cases that kept the level; None without cases.
    interval
        Its 95 % interval.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: RiskLevel
    cases: int
    patents: int
    kept: float | None
    interval: tuple[float, float] | None


class PromiseCheck(BaseModel):
    """The promise of a calibration beside what was measured.

    Parameters
    ----------
    source, alpha
        Of the calibration.
    calibration_patents
        How many patents it was made on.
    coverage
        One entry a level, riskiest first; the promise is that `kept` is at least 1 - alpha.
    cases, patents
        What it was measured on; unanswered cases and patents calibrated on are left out.
    decided
        Cases that kept one level alone.
    only_low, only_low_but_high
        Cases that kept 낮음 alone, and those of them truly 높음. Observed here; not promised, since it depends on how
        common 높음 is.
    raw, calibrated
        How good the probabilities are before and after temperature scaling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source
    alpha: float
    calibration_patents: int
    coverage: tuple[Coverage, ...]
    cases: int
    patents: int
    decided: int
    only_low: int
    only_low_but_high: int
    raw: ProbabilityScores
    calibrated: ProbabilityScores

    def lines(self) -> list[str]:
        """The promise and what was measured, in sentences."""
        origin = "this adapter's own" if self.source == "held_out" else "out of fold"
        lines = [
            f"Calibrated on predictions of {self.calibration_patents} patents, {origin}; measured on {self.cases} "
            f"cases of {self.patents} other patents, {self.decided} of which kept one level alone.",
            f"Expected calibration error {self.raw.ece:.3f}, after temperature scaling {self.calibrated.ece:.3f}; "
            f"Brier score {self.raw.brier:.3f}, after it {self.calibrated.brier:.3f}.",
        ]
        for found in self.coverage:
            if found.kept is not None and found.interval is not None:
                low, high = found.interval
                lines.append(
                    f"Promised: truly {found.level} keeps that level in at least {1 - self.alpha:.0%}. Measured: "
                    f"{found.kept:.1%} [{low:.1%}, {high:.1%}] on {found.cases} cases of {found.patents} patents."
                )
        return [
            *lines,
            f"{RiskLevel.LOW} alone: {self.only_low} cases, {self.only_low_but_high} of them truly {RiskLevel.HIGH} "
            "(not promised: it depends on how common each level is).",
        ]


@dataclass(frozen=True)
class _Answers:
    """Answered held-out cases as arrays; columns of levels in the order of `LEVELS`."""

    probabilities: Probabilities  # (cases, levels), the model's own
    answered: NDArray[np.intp]  # (cases,), column of the answered level
    gold: NDArray[np.intp]  # (cases,), column of the true level
    patents: NDArray[np.str_]  # (cases,)


def _answers(predictions: Sequence[Prediction]) -> _Answers:
    """Leaves out unanswered cases, which `assess` refuses to answer too, and rows that were trained on."""
    kept = [p for p in predictions if p.level is not None and not p.trained_on]
    if any(set(p.probabilities) != set(RiskLevel) for p in kept):
        raise DataError("the predictions hold no probabilities", "take a model's predictions, not a baseline's")
    return _Answers(
        probabilities=np.array([[p.probabilities[level] for level in LEVELS] for p in kept]).reshape(-1, len(LEVELS)),
        answered=np.array([LEVELS.index(p.level) for p in kept if p.level], dtype=np.intp),
        gold=np.array([LEVELS.index(p.gold.level) for p in kept], dtype=np.intp),
        patents=np.array([p.patent for p in kept], dtype=np.str_),
    )


def fit(
    predictions: Sequence[Prediction], alpha: float, source: Source, adapter_sha256: str, data_sha256: str
) -> Calibration:
    """Learn temperature and thresholds from predictions with probabilities; trained and unanswered rows are left out.

    Parameters
    ----------
    predictions
        On patents that the predicting model was not trained on.
    alpha
        Most of a level's cases that may have it ruled out.
    source, adapter_sha256, data_sha256
        As in `Calibration`.

    Raises
    ------
    InputError
        If alpha is not between 0 and 1.
    DataError
        If there are no probabilities, or fewer than two patents.
    """
    if not 0 < alpha < 1:
        raise InputError(f"alpha is {alpha}", "give a share between 0 and 1: 0.1 allows one in ten")
    answers = _answers(predictions)
    patents = np.unique(answers.patents)
    if len(patents) < 2:
        raise DataError(f"{len(patents)} patent cannot calibrate", "predict cases of at least two patents")
    truly = {level: answers.gold == column for column, level in enumerate(LEVELS)}
    return Calibration(
        source=source,
        alpha=alpha,
        temperature=fit_temperature(answers.probabilities, answers.gold, patent_weights(answers.patents)),
        thresholds={
            level: threshold(answers.probabilities[rows, column], answers.patents[rows], alpha)
            for column, (level, rows) in enumerate(truly.items())
        },
        patents=tuple(patents.tolist()),
        patents_with={level: len(np.unique(answers.patents[rows])) for level, rows in truly.items()},
        cases=len(answers.gold),
        raw=score_probabilities(answers.probabilities, answers.answered, answers.gold),
        calibrated=_scores_left_out(answers),
        adapter_sha256=adapter_sha256,
        data_sha256=data_sha256,
    )


def _scores_left_out(answers: _Answers) -> ProbabilityScores:
    """How good probabilities are after scaling where each patent's temperature is fitted on the other patents."""
    scaled = np.empty_like(answers.probabilities)
    for patent in np.unique(answers.patents):
        own, rest = answers.patents == patent, answers.patents != patent
        weights = patent_weights(answers.patents[rest])
        temperature = fit_temperature(answers.probabilities[rest], answers.gold[rest], weights)
        scaled[own] = temper(answers.probabilities[own], temperature)
    return score_probabilities(scaled, answers.answered, answers.gold)


def calibrate(predictions: Path, adapter: Path, adapter_sha256: str, alpha: float = ALPHA) -> Calibration:
    """Write calibration.json beside an adapter from a predictions file.

    Parameters
    ----------
    predictions
        A predictions file of `bini eval`; the .meta.json beside it says which adapter made it.
    adapter
        The adapter's run folder.
    adapter_sha256
        Of its weights.
    alpha
        What is to be promised.

    Raises
    ------
    InputError, DataError
        As `fit`; also if another adapter made the predictions, or this one was trained on a patent of theirs.
    """
    rows = read_predictions(predictions)
    source = _source(predictions, adapter_sha256)
    if source == "held_out":
        trained = {case.regit_num for case in load_cases(adapter / "train.jsonl")}
        shared = trained & {p.patent for p in rows if not p.trained_on}
        if shared:
            raise DataError(
                f"{predictions} holds the patent {min(shared)}, which the adapter was trained on",
                "predict cases of other patents: bini eval --suite",
            )
    made = fit(rows, alpha, source, adapter_sha256, sha256_file(predictions))
    write_text(adapter / CALIBRATION, made.model_dump_json(indent=2) + "\n")
    return made


def _source(predictions: Path, adapter_sha256: str) -> Source:
    """Whether the adapter itself made the predictions, or those of its folds did."""
    path = predictions.with_suffix(".meta.json")
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read", "bini eval writes it beside the predictions") from error
    if not isinstance(meta, dict) or meta.get("adapter") != adapter_sha256:
        raise DataError(f"{predictions} was not predicted by this adapter", "predict again with it: bini eval")
    return "out_of_fold" if "folds" in meta else "held_out"


def check_promise(calibration: Calibration, predictions: Sequence[Prediction]) -> PromiseCheck | None:
    """What a calibration's promise comes to on patents that it has not seen; None if there are none.

    Raises
    ------
    DataError
        If there are no probabilities.
    """
    rows = [p for p in predictions if p.level and not p.trained_on and p.patent not in calibration.patents]
    if not rows:
        return None
    answers = _answers(rows)
    possible = [calibration.possible_levels(p.probabilities, p.level) for p in rows if p.level]
    low_gold = [p.gold.level for p, levels in zip(rows, possible, strict=True) if levels == (RiskLevel.LOW,)]
    return PromiseCheck(
        source=calibration.source,
        alpha=calibration.alpha,
        calibration_patents=len(calibration.patents),
        coverage=tuple(_coverage(level, rows, possible) for level in RiskLevel),
        cases=len(rows),
        patents=len({p.patent for p in rows}),
        decided=sum(len(levels) == 1 for levels in possible),
        only_low=len(low_gold),
        only_low_but_high=low_gold.count(RiskLevel.HIGH),
        raw=score_probabilities(answers.probabilities, answers.answered, answers.gold),
        calibrated=score_probabilities(
            temper(answers.probabilities, calibration.temperature), answers.answered, answers.gold
        ),
    )


def _coverage(level: RiskLevel, rows: Sequence[Prediction], possible: Sequence[tuple[RiskLevel, ...]]) -> Coverage:
    found = [(level in levels, p.patent) for p, levels in zip(rows, possible, strict=True) if p.gold.level is level]
    hits, patents = np.array([hit for hit, _ in found], dtype=np.bool_), np.array([patent for _, patent in found])
    kept, interval = share_over_patents(hits, patents) if found else (None, None)
    return Coverage(level=level, cases=len(found), patents=len(set(patents)), kept=kept, interval=interval)
