"""Whether int8 weights (torchao) are faster, and whether their verdicts are the same.

    pip install torchao
    python eval/experiments/int8.py --model FOLDER [--adapter RUN] --suite FILE --cases 4

For a model of more than 500 MB, which is loaded as bf16. The head stays as it is: it shares its rows with the
embeddings. The figures are in docs/PERFORMANCE.md.
"""

import argparse
import time
from pathlib import Path
from statistics import median

from torchao.quantization import (
    Int8DynamicActivationInt8WeightConfig,
    Int8WeightOnlyConfig,
    quantize_,
)

from bini.domain.cases import load_cases
from bini.inference.assessor import Assessor
from bini.inference.decoding import Decoder

KINDS = {"bf16": None, "int8 weights": Int8WeightOnlyConfig(), "int8 both": Int8DynamicActivationInt8WeightConfig()}
SIZES = (1, 16, 64, 427)
"""Tokens of a pass."""


def pass_seconds(decoder: Decoder, tokens: int) -> float:
    """Median of three passes over so many tokens, after 300 that have been read."""
    times = []
    for _ in range(3):
        context = decoder.context()
        context.read([1] * 300)
        started = time.perf_counter()
        context.read([1] * (300 + tokens))
        times.append(time.perf_counter() - started)
    return median(times)


def main() -> None:
    """Print a line for each kind of weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--suite", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=4)
    given = parser.parse_args()
    cases = load_cases(given.suite)
    cases = cases[:: max(1, len(cases) // given.cases)][: given.cases]
    first: list[tuple] | None = None
    for name, config in KINDS.items():
        assessor = Assessor(given.model, given.adapter)
        if config:
            quantize_(assessor.decoder.model.base_model, config)
        print(
            name, {size: round(pass_seconds(assessor.decoder, size), 3) for size in SIZES}, "seconds a pass", flush=True
        )
        started = time.perf_counter()
        verdicts = [assessor.verdict(case.user_query, case.claim_text, case.elements) for case in cases]
        seconds = (time.perf_counter() - started) / len(cases)
        said = [(v.risk_level, *(row.match for row in v.comparisons)) for v in verdicts]
        first = first or said
        alike = sum(one[0] == other[0] for one, other in zip(first, said, strict=True))
        print(f"  {seconds:.2f} s a verdict, {alike} of {len(cases)} levels as in bf16", flush=True)


if __name__ == "__main__":
    main()
