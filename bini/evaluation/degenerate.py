"""Answers that do not depend on the question, however well they parse."""

from collections import Counter
from collections.abc import Sequence

from bini.domain.shares import FLAT, NARROW, spread
from bini.evaluation.aligned import match_pairs
from bini.evaluation.prediction import Prediction

MOST = 0.95
"""Share of the answers that one level may have, unless the gold is as uneven."""

LEAST = 10
"""Fewest answers that say anything."""


def degenerate(predictions: Sequence[Prediction]) -> list[str]:
    """What is wrong with a model's answers as a whole, in sentences; empty for answers that differ as they should.

    Parameters
    ----------
    predictions
        Of one system. Of baselines, which hold no probabilities, and of fewer than `LEAST` answers nothing is said.
    """
    answers = [p for p in predictions if p.level and p.probabilities]
    if len(answers) < LEAST:
        return []
    return [found for found in (_one_level(answers), _flat(answers), _one_match(answers)) if found]


def _one_level(answers: Sequence[Prediction]) -> str | None:
    level, times = Counter(p.level for p in answers).most_common(1)[0]
    given, true = times / len(answers), sum(p.gold.level is level for p in answers) / len(answers)
    if given < MOST or true >= MOST:
        return None
    return f"{given:.0%} of the answers are {level}, as {true:.0%} of the cases are: one level for everything."


def _flat(answers: Sequence[Prediction]) -> str | None:
    wide = spread([p.probabilities for p in answers])
    if wide >= NARROW:
        return None
    words = "do not" if wide < FLAT else "hardly"
    return (
        f"The probabilities {words} depend on the question: their spread is {wide:.2g}, of sound models 0.2 and more."
    )


def _one_match(answers: Sequence[Prediction]) -> str | None:
    pairs = [pair for p in answers for pair in match_pairs(p)]
    given, true = {match for _, match in pairs}, {match for match, _ in pairs}
    if len(pairs) < LEAST or len(given) > 1 or len(true) == 1:
        return None
    return f"All {len(pairs)} elements got the same match: {', '.join(str(match or 'none') for match in given)}."
