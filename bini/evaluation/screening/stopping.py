"""When screening gives up on a model: on what it has answered so far, so that a resumed run decides the same."""

from collections.abc import Sequence
from statistics import mean, median

from bini.evaluation.prediction import Prediction

HOPELESS_AFTER = 20
"""Cases before a prompt is called hopeless."""

VALID_FLOOR, ACCURACY_FLOOR = 0.1, 1 / 3
"""Hopeless: valid JSON without constraint and risk accuracy both at or below these. A third is blind guessing."""

SLOW_AFTER = 3
"""Answers before a model is called too slow; the first also warms caches up."""


def hopeless(made: Sequence[Prediction]) -> str | None:
    """Why the first `HOPELESS_AFTER` predictions show a hopeless prompt, in words; None if they show none."""
    first = made[:HOPELESS_AFTER]
    if len(first) < HOPELESS_AFTER:
        return None
    valid, accuracy = mean(bool(p.valid_free) for p in first), mean(p.correct for p in first)
    if valid > VALID_FLOOR or accuracy > ACCURACY_FLOOR:
        return None
    return (
        f"hopeless: after {len(first)} cases valid JSON without constraint {valid:.1%} (floor {VALID_FLOOR:.1%}) "
        f"and risk accuracy {accuracy:.1%} (floor {ACCURACY_FLOOR:.1%}){_unfit(first)}"
    )


def too_slow(made: Sequence[Prediction], limit: float) -> str | None:
    """Why the predictions show a model that is too slow, in words; None if they do not.

    Parameters
    ----------
    made
        What it answered so far; cases that did not fit its window are left aside.
    limit
        Most seconds that a constrained answer may take, as the median.
    """
    seconds = [p.seconds for p in made if p.model_calls]
    if len(seconds) < SLOW_AFTER or median(seconds) <= limit:
        return None
    return f"too slow: median {median(seconds):.3g} s a case after {len(seconds)} cases (limit {limit:g} s)"


def _unfit(made: Sequence[Prediction]) -> str:
    count = sum(not p.model_calls for p in made)
    return f"; {count} prompts did not fit the model's window" if count else ""
