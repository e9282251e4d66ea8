"""How adapters answer one-line products, as people type them first: sixty, on twelve short claims.

    python eval/experiments/one_liners.py --model bini-nano [--adapter RUN] …

Figures of the recipes that were tried: training/README.md. BiniBench has few products of one line and of other fields.
"""

import argparse
from collections import Counter
from pathlib import Path

import yaml

from bini.domain.labels import RiskLevel
from bini.inference.assessor import Assessor

WANTED = {"named": RiskLevel.HIGH, "other": RiskLevel.LOW, "open": RiskLevel.AMBIGUOUS}


def right(assessor: Assessor) -> Counter[str]:
    """How many products of each kind got the level they should; of another field, one that is not 높음."""
    found: Counter[str] = Counter()
    for row in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")):
        kinds = [("named", product) for product in row["named"]]
        kinds += [(kind, row[kind]) for kind in ("other", "open", "stranger")]
        for kind, product in kinds:
            level = assessor.verdict(product, row["claim"]).level
            found[kind] += level is WANTED[kind] if kind in WANTED else level is not RiskLevel.HIGH
    return found


def main() -> None:
    """Print a line for the model alone, and one for each adapter."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", type=Path, action="append", default=[])
    given = parser.parse_args()
    for adapter in [None, *given.adapter]:
        found = right(Assessor(given.model, adapter))
        print(f"{adapter or 'untuned'}: {dict(found)}, {found.total()} of 60", flush=True)


if __name__ == "__main__":
    main()
