"""How much more cases help: accuracy on patents never seen against the number of training patents.

    python eval/experiments/learning_curve.py --model bini-nano --out outputs/learning-curve

Trains one adapter for each number of patents of what `bini train` trains on, the seeds and BiniBench's train split
(smaller sets are parts of larger ones), asks each about the validation and the test split, and writes curve.json and
curve.png. A run that was stopped goes on.
"""

import argparse
import io
import json
import random
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from bini.domain.cases import Case, load_cases
from bini.evaluation.plots import FONTS, register_korean_font
from bini.evaluation.predict import predict_case
from bini.evaluation.score import score_system
from bini.files import write_bytes, write_json
from bini.inference.assessor import Assessor
from bini.models.catalog import resolve
from bini.resources import BENCH_ROWS, TRAINING, resource
from bini.training import sft

SIZES = (0, 1, 5, 15, 1000)
"""Training patents; 0 is the untuned model, the last means all."""


def first_patents(cases: Sequence[Case], count: int) -> list[Case]:
    """The cases of `count` patents, always the same and in the same order."""
    patents = sorted({case.patent for case in cases})
    random.Random(1).shuffle(patents)
    return [case for case in cases if case.patent in patents[:count]]


def measure(assessor: Assessor, suite: Sequence[Case]) -> dict[str, object]:
    """Scores of one adapter on one suite."""
    score = score_system("x", [predict_case(assessor, case, trained_on=False, valid_free=False) for case in suite])
    return {
        "risk_accuracy": score.risk_accuracy,
        "interval": score.risk_accuracy_interval,
        "match_accuracy": score.match_accuracy,
        "high_called_low": score.high_called_low,
    }


def main() -> None:
    """Train, ask, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", default="bini-nano")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    place = resolve(given.model, print)
    recipe = sft.load_recipe(sft.default_recipe(place.name))
    train = [case for source in TRAINING for case in load_cases(resource(source))]
    suites = {split: load_cases(resource(BENCH_ROWS.format(split=split))) for split in ("validation", "test")}
    curve = given.out / "curve.json"
    points = json.loads(curve.read_text(encoding="utf-8")) if curve.is_file() else []
    for size in SIZES:
        cases = first_patents(train, size)
        patents = len({case.patent for case in cases})
        if any(point["patents"] == patents for point in points):
            continue
        adapter = sft.train(cases, place, recipe, given.out / f"patents-{patents}") if cases else None
        assessor = Assessor(str(place.path), adapter)
        points.append({"patents": patents, "cases": len(cases)} | {k: measure(assessor, s) for k, s in suites.items()})
        write_json(curve, points)
        print(points[-1])
    write_bytes(given.out / "curve.png", picture(points, place.name))


def picture(points: Sequence[dict], model: str) -> bytes:
    """Risk accuracy with its interval against training patents."""
    register_korean_font()
    content = io.BytesIO()
    with mpl.rc_context({"font.family": FONTS}):
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        for split in ("validation", "test"):
            values = [point[split]["risk_accuracy"] for point in points]
            ends = [point[split]["interval"] for point in points]
            errors = [
                [value - low for value, (low, _) in zip(values, ends, strict=True)],
                [high - value for value, (_, high) in zip(values, ends, strict=True)],
            ]
            axes.errorbar(
                [point["patents"] for point in points], values, yerr=errors, marker="o", capsize=3, label=split
            )
        axes.set_xscale("symlog", linthresh=1)
        axes.set_xticks([point["patents"] for point in points], [str(point["patents"]) for point in points])
        axes.set_ylim(0, 1)
        axes.set_xlabel("training patents")
        axes.set_ylabel("risk accuracy")
        axes.set_title(model)
        axes.legend()
        figure.savefig(content, format="png", dpi=120, metadata={"Software": None})
    return content.getvalue()


if __name__ == "__main__":
    main()
