"""Predictions on disk -> calibration.json of an adapter.

Needs no model. The promise and its assumptions stand in `bini.domain.calibration`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bini.domain.calibration import CALIBRATION, Calibration, ProbabilityScores, Source, temper
from bini.domain.cases import load_cases
from bini.errors import DataError, InputError
from bini.evaluation.conformal import patent_weights, threshold
from bini.evaluation.prediction import Prediction, read_origin, read_predictions
from bini.evaluation.probabilities import LEVELS, Answers, fit_temperature, score_probabilities
from bini.files import sha256_file, write_text
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.loading import results_folder

ALPHA = 0.1
"""Promised when nothing else is asked for: of each level's cases, at most a tenth have it ruled out."""


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
    answers = Answers.of(predictions)
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


def _scores_left_out(answers: Answers) -> ProbabilityScores:
    """How good probabilities are after scaling where each patent's temperature is fitted on the other patents."""
    scaled = np.empty_like(answers.probabilities)
    for patent in np.unique(answers.patents):
        own, rest = answers.patents == patent, answers.patents != patent
        weights = patent_weights(answers.patents[rest])
        temperature = fit_temperature(answers.probabilities[rest], answers.gold[rest], weights)
        scaled[own] = temper(answers.probabilities[own], temperature)
    return score_probabilities(scaled, answers.answered, answers.gold)


def calibrate(predictions: Path, adapter: Path, alpha: float = ALPHA) -> Calibration:
    """Write an adapter's calibration.json, into its `results_folder`, from a predictions file.

    Parameters
    ----------
    predictions
        A predictions file of `bini eval`; the .meta.json beside it says which adapter made it.
    adapter
        The adapter's run folder.
    alpha
        What is to be promised.

    Raises
    ------
    InputError, DataError
        As `fit`; also if another adapter made the predictions, or this one was trained on a patent of theirs.
    """
    adapter_sha256 = sha256_file(adapter / ADAPTER_WEIGHTS)
    rows = read_predictions(predictions)
    source = _source(predictions, adapter_sha256)
    if source == "held_out":
        trained = {case.patent for case in load_cases(adapter / "train.jsonl")}
        shared = trained & {p.patent for p in rows if not p.trained_on}
        if shared:
            raise DataError(
                f"{predictions} holds the patent {min(shared)}, which the adapter was trained on",
                "predict cases of other patents: bini eval --suite",
            )
    made = fit(rows, alpha, source, adapter_sha256, sha256_file(predictions))
    write_text(results_folder(adapter) / CALIBRATION, made.model_dump_json(indent=2) + "\n")
    return made


def _source(predictions: Path, adapter_sha256: str) -> Source:
    """Whether the adapter itself made the predictions, or those of its folds did."""
    origin = read_origin(predictions)
    if origin is None:
        raise DataError(
            f"nothing that can be read says where {predictions} comes from", "bini eval writes a .meta.json beside it"
        )
    if origin.identity.get("adapter") != adapter_sha256:
        raise DataError(f"{predictions} was not predicted by this adapter", "predict again with it: bini eval")
    return "out_of_fold" if "folds" in origin.identity else "held_out"
