"""Judging the whole chart in one go against judging it element by element: accuracy and cost on one suite.

    python eval/experiments/by_element.py --suite FILE --model bini-nano [--adapter RUN] --out FOLDER

Element by element, each element is asked alone, with the whole product text, and the level is rolled up by the rule.
The figures of both, and what was decided, are in docs/decisions.md.
"""

import argparse
import time
from pathlib import Path

from bini.domain.cases import Case, load_cases
from bini.domain.labels import roll_up
from bini.evaluation.predict import predict_case
from bini.evaluation.prediction import Prediction, question
from bini.evaluation.render import render
from bini.evaluation.score import score_all
from bini.inference.assessor import Assessor


def by_element(assessor: Assessor, case: Case) -> Prediction:
    """One case, one request an element."""
    started, calls, rows, verdicts = time.perf_counter(), 0, [], []
    for element in case.elements:
        request = assessor.prepare(case.user_query, case.claim_text, [element])
        decoded = assessor.decoder.constrained(request.prompt, request.grammar)
        calls += decoded.model_calls
        assessment = assessor.assemble(request, decoded)
        rows += assessment.judgement.comparisons
        verdicts += [row.verdict for row in assessment.comparisons]  # with what code finds, as in a whole chart
    level = roll_up(verdicts)
    return Prediction(
        **question(case),
        level=level,
        comparisons=tuple(rows),
        rule_level=level,
        probabilities={},
        valid_free=None,
        valid_constrained=True,
        trained_on=False,
        seconds=time.perf_counter() - started,
        model_calls=calls,
    )


def main() -> None:
    """Predict both ways and write a report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    assessor, cases = Assessor(given.model, given.adapter), load_cases(given.suite)
    name = assessor.place.name + (f" + {given.adapter.name}" if given.adapter else "")
    systems = {
        f"{name}, whole chart": [predict_case(assessor, case, trained_on=False, valid_free=False) for case in cases],
        f"{name}, element by element": [by_element(assessor, case) for case in cases],
    }
    render(score_all(systems), "Whole chart or element by element", given.out, [f"Suite: {given.suite.name}"])


if __name__ == "__main__":
    main()
