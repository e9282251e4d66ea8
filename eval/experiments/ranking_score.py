"""Which score to rank by: the level's probabilities, the elements', or both, on BiniBench's validation split.

    python eval/experiments/ranking_score.py

Each patent is a query with its ten products. Prints the measures of `bini rank --suite` for each score.
"""

from collections import defaultdict
from math import prod
from pathlib import Path

from bini.cli.console import notice, progress
from bini.domain.cases import load_cases
from bini.domain.labels import Match
from bini.domain.ranking import risk_score
from bini.domain.schema import Assessment
from bini.evaluation.ranking import Entry, Pair, judge
from bini.evaluation.ranking_score import Judged, compare
from bini.evaluation.run import system_of
from bini.models.runs import newest_adapter
from bini.resources import resource


def by_elements(found: Assessment) -> float:
    """The expected level by the all-elements rule, the elements' probabilities taken as independent."""
    all_found = prod(row.probabilities[Match.YES] for row in found.comparisons)
    none_absent = prod(1 - row.probabilities[Match.NO] for row in found.comparisons)
    return all_found + (none_absent - all_found) / 2


SCORES = {
    "level": lambda found: risk_score(found.probabilities),
    "elements": by_elements,
    "mean of both": lambda found: (risk_score(found.probabilities) + by_elements(found)) / 2,
}


def main() -> None:
    cases = load_cases(resource("data/processed/binibench_validation.jsonl"))
    entries = [Entry(c.case_id, pairs=(Pair(c.user_query, c.claim_text, c.elements),)) for c in cases]
    system = system_of("tuned-1b", newest_adapter(), notice)
    with progress("judging", "pairs") as advance:
        judged = judge(system, entries, Path("outputs/rank"), advance)
    queries = defaultdict(list)
    for case, (_, found) in zip(cases, judged, strict=True):
        assert found is not None, case.case_id
        queries[case.regit_num].append((case.label.level, found))
    orders = {
        name: [Judged([level for level, _ in rows], [score(found) for _, found in rows]) for rows in queries.values()]
        for name, score in (*SCORES.items(), ("random", lambda _: 0.0))
    }
    for row in compare("validation", orders).systems:
        told = ", ".join(f"{key} {mean.value:.3f}" for key, mean in row.measures.items())
        print(f"{row.name}: {told}; ahead in NDCG: {row.first_ahead.value:.3f} {row.first_ahead.interval}")


if __name__ == "__main__":
    main()
