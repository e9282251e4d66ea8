"""How the cost of an answer grows with the claim, the product and the number of pairs.

    python eval/experiments/cost_curves.py --model bini-nano [--adapter RUN] --out outputs/cost-curves

Claims and products are put together from BiniBench's validation cases, the same ones each time. Writes curves.json
and curves.png: tokens through the model, which are exact, and CPU seconds, the least of three runs.
"""

import argparse
import io
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bini.domain.cases import Case, load_cases
from bini.evaluation.plots import FONTS, register_korean_font
from bini.files import write_bytes, write_json
from bini.inference.assessor import Assessor
from bini.inference.drafting import Context
from bini.resources import BENCH_ROWS, resource

RUNS = 3
Pair = tuple[str, tuple[str, ...]]
"""A product and a claim's elements."""


def by_elements(cases: list[Case]) -> Iterator[tuple[int, list[Pair]]]:
    """Claims of more and more elements of 20 to 60 characters."""
    elements = list(dict.fromkeys(e for case in cases for e in case.elements if 20 <= len(e) <= 60))
    product = cases[0].user_query[:400]
    for count in (1, 2, 4, 6, 8, 12):
        yield count, [(product, tuple(elements[:count]))]


def by_claim_length(cases: list[Case]) -> Iterator[tuple[int, list[Pair]]]:
    """Claims of four elements of more and more characters; the number is the claim's."""
    words = " ".join(element for case in cases[::10] for element in case.elements)
    product = cases[0].user_query[:400]
    for length in (20, 40, 80, 120, 200):
        yield 4 * length, [(product, tuple(words[n * length : (n + 1) * length].strip() for n in range(4)))]


def by_product_length(cases: list[Case]) -> Iterator[tuple[int, list[Pair]]]:
    """One claim, and products of more and more characters."""
    text = "\n".join(case.user_query for case in cases[::10])
    for length in (50, 100, 200, 400, 800, 1600, 3200):
        yield length, [(text[:length], cases[0].elements)]


def by_pairs(cases: list[Case]) -> Iterator[tuple[int, list[Pair]]]:
    """One claim and more and more products."""
    for count in (1, 2, 5, 10, 20, 50):
        yield count, [(case.user_query, cases[0].elements) for case in islice(cases, count)]


AXES: dict[str, Callable[[list[Case]], Iterator[tuple[int, list[Pair]]]]] = {
    "elements of the claim": by_elements,
    "characters of the claim": by_claim_length,
    "characters of the product": by_product_length,
    "products under one claim": by_pairs,
}


def cost(assessor: Assessor, pairs: list[Pair], whole: bool) -> dict[str, float]:
    """What the charts of some pairs cost with one context, or their verdicts."""
    requests = [assessor.prepare(product, "; ".join(elements), elements) for product, elements in pairs]
    answer = assessor.decoder.constrained if whole else assessor.decoder.verdict

    def once() -> tuple[float, Context]:
        context, started = assessor.context(), time.process_time()
        for request in sorted(requests, key=lambda request: request.prompt):
            answer(request.prompt, request.grammar, context)
        return time.process_time() - started, context

    runs = [once() for _ in range(RUNS)]
    context = runs[0][1]
    return {"seconds": min(seconds for seconds, _ in runs), "tokens": context.tokens, "calls": context.calls}


def picture(curves: dict[str, list[dict]], model: str) -> bytes:
    """Seconds above and tokens below, one column for each thing that grows."""
    register_korean_font()
    content = io.BytesIO()
    with mpl.rc_context({"font.family": FONTS, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(13, 5.5), layout="constrained")
        grid = figure.subplots(2, len(curves), sharex="col")
        for column, (title, points) in enumerate(curves.items()):
            for row, (key, unit) in enumerate((("seconds", "CPU seconds"), ("tokens", "tokens through the model"))):
                axes = grid[row, column]
                for way in ("chart", "verdict"):
                    axes.plot([p["size"] for p in points], [p[way][key] for p in points], marker="o", label=way)
                axes.set_ylim(bottom=0)
                axes.set_ylabel(unit if column == 0 else "")
            grid[1, column].set_xlabel(title)
        grid[0, 0].legend()
        figure.suptitle(model)
        figure.savefig(content, format="png", dpi=110, metadata={"Software": None})
    return content.getvalue()


def main() -> None:
    """Measure, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    assessor = Assessor(given.model, given.adapter)
    cases = load_cases(resource(BENCH_ROWS.format(split="validation")))
    curves = {
        title: [
            {"size": size, "chart": cost(assessor, pairs, True), "verdict": cost(assessor, pairs, False)}
            for size, pairs in made(cases)
        ]
        for title, made in AXES.items()
    }
    write_json(given.out / "curves.json", curves)
    write_bytes(given.out / "curves.png", picture(curves, given.model))


if __name__ == "__main__":
    main()
