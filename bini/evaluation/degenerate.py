"""Answers that do not depend on the question, however well they parse."""

import statistics
from collections import Counter
from collections.abc import Sequence

from bini.domain.labels import RiskLevel
from bini.evaluation.aligned import match_pairs
from bini.evaluation.prediction import Prediction

FLAT, NARROW = 0.01, 0.05
"""Spreads under which answers do not depend on the question, or hardly do. Honest adapters of bini-nano had 0.44 to
0.49."""

MOST = 0.95
"""Share of the answers that one level may have, unless the gold is as uneven."""

LEAST = 10
"""Fewest answers that say anything."""


def spread(predictions: Sequence[Prediction]) -> float:
    """How far the probabilities vary with the question; 0 if fewer than two predictions hold any.

    The standard deviation of a level's probability over the cases, of the level where it is largest; an answer that is
    sure of one level in half of the cases and of another in the rest has 0.5.
    """
    asked = [p.probabilities for p in predictions if p.probabilities]
    if len(asked) < 2:
        return 0.0
    return max(statistics.pstdev(probabilities.get(level, 0.0) for probabilities in asked) for level in RiskLevel)


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
    wide = spread(answers)
    if wide >= NARROW:
        return None
    words = "do not" if wide < FLAT else "hardly"
    return (
        f"The probabilities {words} depend on the question: their spread is {wide:.2g}, of sound models 0.4 and more."
    )


def _one_match(answers: Sequence[Prediction]) -> str | None:
    pairs = [pair for p in answers for pair in match_pairs(p)]
    given, true = {match for _, match in pairs}, {match for match, _ in pairs}
    if len(pairs) < LEAST or len(given) > 1 or len(true) == 1:
        return None
    return f"All {len(pairs)} elements got the same match: {', '.join(str(match or 'none') for match in given)}."
