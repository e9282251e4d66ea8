"""Examples for few-shot prompting: labelled cases with their answers, of patents that the suite does not hold."""

import random
from collections.abc import Sequence

from bini.domain.cases import Case, load_cases
from bini.domain.targets import dropped_quotes, target
from bini.errors import DataError
from bini.evaluation.results import LEVELS
from bini.inference.prompt import request_body
from bini.resources import TRAINING, resource

SEED = 0
"""Of the draw: the same examples for every model and style, and more shots begin with those of fewer."""


def draw_examples(shots: int, suite: Sequence[Case]) -> tuple[tuple[str, str], ...]:
    """Draw examples from the training cases: 높음, 애매 and 낮음 by turns, each of another patent.

    Parameters
    ----------
    shots
        How many.
    suite
        Cases that will be asked; none of their patents or claims is drawn.

    Returns
    -------
    tuple of (str, str)
        Request and answer of each, as `bini.inference.prompt.Prompt` takes them.

    Raises
    ------
    DataError
        If there are not so many training patents apart from the suite's.
    """
    patents, claims = {case.patent for case in suite}, {case.claim_text for case in suite}
    pool = [
        case
        for source in TRAINING
        for case in load_cases(resource(source))
        if case.patent not in patents and case.claim_text not in claims and not dropped_quotes([case])
    ]
    random.Random(SEED).shuffle(pool)
    drawn: list[Case] = []
    for number in range(shots):
        if not pool:
            raise DataError(
                f"there are only {number} training patents to draw {shots} examples from", "ask for fewer shots"
            )
        wanted = LEVELS[number % len(LEVELS)]
        drawn.append(next((case for case in pool if case.label.level is wanted), pool[0]))
        pool = [case for case in pool if case.patent != drawn[-1].patent]
    return tuple((request_body(case.user_query, case.elements), target(case).to_json()) for case in drawn)
