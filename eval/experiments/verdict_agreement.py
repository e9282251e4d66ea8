"""Whether verdicts agree with charts: levels, matches and passes of the model, on one suite.

    python eval/experiments/verdict_agreement.py --suite FILE --model bini-nano [--adapter RUN] [--passes N]

The figures, for several numbers of passes, are in docs/PERFORMANCE.md.
"""

import argparse
from pathlib import Path
from statistics import mean

from bini.domain.cases import Case, load_cases
from bini.inference import decoding
from bini.inference.assessor import Assessor
from bini.inference.verdicts import PASSES


def compared(assessor: Assessor, case: Case) -> dict[str, float]:
    """What of one case's chart its verdict repeats, and what each cost."""
    request = assessor.prepare(case.user_query, case.claim_text, case.elements)
    charted = assessor.decoder.constrained(request.prompt, request.grammar)
    brief = assessor.decoder.verdict(request.prompt, request.grammar)
    chart, verdict = assessor.assemble(request, charted), assessor.assemble(request, brief)
    same = [one.match is other.match for one, other in zip(chart.comparisons, verdict.comparisons, strict=True)]
    return {
        "level": chart.risk_level is verdict.risk_level,
        "rule's level": chart.rule_level is verdict.rule_level,
        "matches": mean(same),
        "all matches of the case": all(same),
        "calls, chart": charted.model_calls,
        "calls, verdict": brief.model_calls,
    }


def main() -> None:
    """Print the means over the suite."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--passes", type=int, default=PASSES)
    given = parser.parse_args()
    decoding.PASSES = given.passes
    assessor = Assessor(given.model, given.adapter)
    rows = [compared(assessor, case) for case in load_cases(given.suite)]
    for key in rows[0]:
        print(f"{key}: {mean(row[key] for row in rows):.3f}")


if __name__ == "__main__":
    main()
