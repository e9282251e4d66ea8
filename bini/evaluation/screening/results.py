"""What screening.json holds."""

from pydantic import BaseModel, ConfigDict

from bini.evaluation.prediction import Origin
from bini.evaluation.results import SystemScore
from bini.inference.styles import Style


class Row(BaseModel):
    """One model asked with one prompt.

    Parameters
    ----------
    model, fingerprint
        What ran; a model that could not be fetched has no fingerprint.
    style, shots, prompt_sha256
        What it was asked with: see `bini.inference.prompt.Prompt`.
    score
        Of the cases that were asked; None if there are none.
    median_seconds
        Of its constrained answers; None if there are none.
    stopped
        Why not every case was asked, in words; None if every one was.
    origin
        When the predictions were begun, and on what machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    fingerprint: str | None
    style: Style
    shots: int
    prompt_sha256: str
    score: SystemScore | None
    median_seconds: float | None
    stopped: str | None
    origin: Origin | None


class Screening(BaseModel):
    """A finished screening.

    Parameters
    ----------
    suite, suite_sha256, cases, seed
        What was asked: so many cases of the suite, in an order of this seed.
    max_seconds
        Most seconds a case, as the median, before a model is called too slow.
    rows
        First those with every case, best risk accuracy first; then those that were stopped.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    suite: str
    suite_sha256: str
    cases: int
    seed: int
    max_seconds: float
    rows: tuple[Row, ...]
