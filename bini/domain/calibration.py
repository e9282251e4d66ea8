"""What a model's probabilities are worth: an adapter's calibration.json, and what it makes of an answer.

`bini.evaluation.calibrate` fits it. The promise, for each risk level: take a new patent and draw one of the products
that truly have that level under it; the chance that the level is ruled out is at most alpha. So of what truly is 높음,
at most a share alpha is called 낮음 or 애매 with 높음 ruled out, however common 높음 is.

It rests on two assumptions.

- The new patent is exchangeable with those calibrated on: chosen alike, its cases drawn and labelled alike.
- One fixed model gave every probability and was trained on none of those patents. This is so where `source` is
  "held_out". Where it is "out_of_fold", the models of the folds stand in for the adapter, and the promise is as good as
  they resemble it: no theorem covers that step. (Cross-validation+, which keeps the models, has 1 - 2 alpha.)

It holds on average over sets of calibration patents and over new patents, not for each set or each field of technology.

References
----------
Guo, Pleiss, Sun and Weinberger (2017), On Calibration of Modern Neural Networks: temperature scaling.
Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World: conformal prediction by class (Mondrian).
Lee, Barber and Willett (2023), Distribution-free inference with hierarchical data, arXiv:2306.06342: conformal
prediction where not cases but groups of them, here patents, are exchangeable.
Barber, Candès, Ramdas and Tibshirani (2021), Predictive inference with the jackknife+: cross-validation+.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bini.domain.labels import RiskLevel
from bini.errors import AdapterError

CALIBRATION = "calibration.json"

LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.05, 100.0
"""Below, every probability is next to 0 or 1; above, even one of 1e-20 comes out as more than half of its rival."""

FLOOR = float(np.finfo(np.float32).tiny)
"""Least probability before scaling: a softmax in fp32 can give exactly 0."""

Probabilities = NDArray[np.float64]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Source = Literal["held_out", "out_of_fold"]


class ProbabilityScores(BaseModel):
    """How well probabilities match what is true.

    Parameters
    ----------
    ece
        Expected calibration error of the answered level, 0 to 1.
    brier
        Mean squared distance of the probabilities from the truth, summed over the levels, 0 to 2.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    ece: Share
    brier: Annotated[float, Field(ge=0, le=2)]


class Calibration(BaseModel):
    """What was learned from predictions on labelled cases; read from a file, so every value is checked.

    Parameters
    ----------
    version
        Of the file's form and of what is calibrated: in version 1 it was how surely the model wrote the level itself.
    source
        "held_out": this adapter's predictions on patents it was not trained on. "out_of_fold": those of adapters
        trained alike, each without the patents it was asked about.
    alpha
        What is promised: at most this share of a level's cases have it ruled out.
    temperature
        Divides the logarithms of the probabilities; above 1 where the model is too sure of itself.
    thresholds
        The uncalibrated probability below which a level is ruled out; 0 where too few patents have it.
    patents
        The patents calibrated on.
    patents_with
        How many of them have cases of each level.
    cases
        Cases calibrated on.
    raw, calibrated
        How good the probabilities of those cases are before temperature scaling, and after it; the temperature of a
        patent's cases is fitted on the other patents.
    adapter_sha256
        Of the adapter's weights.
    data_sha256
        Of the predictions file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    version: Literal[2] = 2
    source: Source
    alpha: Annotated[float, Field(gt=0, lt=1)]
    temperature: Annotated[float, Field(ge=LEAST_TEMPERATURE, le=MOST_TEMPERATURE)]
    thresholds: dict[RiskLevel, Share]
    patents: Annotated[tuple[str, ...], Field(min_length=2)]
    patents_with: dict[RiskLevel, Annotated[int, Field(ge=0)]]
    cases: Annotated[int, Field(gt=0)]
    raw: ProbabilityScores
    calibrated: ProbabilityScores
    adapter_sha256: Sha256
    data_sha256: Sha256

    @model_validator(mode="after")
    def _promise_can_hold(self) -> Self:
        if not set(self.thresholds) == set(self.patents_with) == set(RiskLevel):
            raise ValueError("thresholds and patents_with need each of the three levels")
        if len(set(self.patents)) < len(self.patents) or max(self.patents_with.values()) > len(self.patents):
            raise ValueError("patents and their numbers do not agree")
        for level, threshold in self.thresholds.items():
            if threshold > 0 and budget(self.alpha, self.patents_with[level]) < 0:
                raise ValueError(f"{level} cannot be ruled out on so few patents")
        return self

    def probabilities(self, raw: Mapping[RiskLevel, float]) -> dict[RiskLevel, float]:
        """The uncalibrated probabilities of the levels, calibrated: in the same order, and summing to 1."""
        [scaled] = temper(np.array([[raw[level] for level in RiskLevel]]), self.temperature)
        return dict(zip(RiskLevel, scaled.tolist(), strict=True))

    def possible_levels(self, raw: Mapping[RiskLevel, float], level: RiskLevel) -> tuple[RiskLevel, ...]:
        """The levels that are not ruled out, riskiest first.

        Thresholds lie on the uncalibrated probabilities: no temperature, which was fitted on the same cases, may move a
        case across one. An answer like none calibrated on, which every threshold would rule out, keeps all levels; the
        model's own level always stays. Both can only add levels, so the promise holds.

        Parameters
        ----------
        raw
            The uncalibrated probabilities.
        level
            The model's level.
        """
        fits = {each for each in RiskLevel if raw[each] >= self.thresholds[each]} or set(RiskLevel)
        return tuple(each for each in RiskLevel if each in fits | {level})


def budget(alpha: float, patents: int) -> float:
    """How many of a level's patents may fall below its threshold, the new one counted as one that does.

    Negative where no threshold keeps the promise.
    """
    return alpha * (patents + 1) - 1


def temper(probabilities: Probabilities, temperature: float) -> Probabilities:
    """Temperature scaling of rows of probabilities, shape (cases, levels)."""
    powers = np.maximum(probabilities, FLOOR) ** (1 / temperature)
    scaled: Probabilities = powers / powers.sum(axis=1, keepdims=True)
    return scaled


def load_calibration(folder: Path, adapter_sha256: str) -> Calibration | None:
    """The calibration of an adapter in a folder, or None if there is none.

    Raises
    ------
    AdapterError
        If the file cannot be read, a value of it is impossible, or it belongs to other adapter weights.
    """
    path = folder / CALIBRATION
    hint = "remove it, or make it again with: bini eval --folds or bini calibrate"
    try:
        found = Calibration.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AdapterError(f"{path} cannot be read ({error.strerror})", hint) from error
    except ValidationError as error:
        raise AdapterError(f"{path}, {_told(error.errors(include_url=False)[0])}", hint) from error
    if found.adapter_sha256 != adapter_sha256:
        raise AdapterError(f"{path} belongs to another adapter", hint)
    return found


def _told(error: Mapping[str, Any]) -> str:
    # repr: a key of the file may hold characters that a terminal obeys
    return f"{'.'.join(map(str, error['loc'])) or 'the file'!r}: {error['msg']}"
