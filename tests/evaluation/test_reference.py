"""The published reference: its figures come from its predictions, with today's code."""

from pathlib import Path

from bini.domain.calibration import load_calibration
from bini.evaluation.predict import slug
from bini.evaluation.prediction import read_origin, read_predictions
from bini.evaluation.report.markdown import to_markdown
from bini.evaluation.report.sections import sections
from bini.evaluation.results import Scores
from bini.evaluation.score import score_all
from bini.files import sha256_file
from bini.models.adapters.files import ADAPTER_WEIGHTS
from bini.models.catalog import EMBEDDED

SHIPPED = EMBEDDED / "bini-nano-lora"
REFERENCE = Path(__file__).parents[2] / "eval" / "reference" / "binibench_test"


def test_published_figures_come_from_the_published_predictions() -> None:
    published = Scores.model_validate_json((REFERENCE / "results.json").read_bytes())
    files = {s.name: REFERENCE / "predictions" / f"{slug(s.name)}.jsonl" for s in published.systems}
    made = score_all(
        {system: read_predictions(path) for system, path in files.items()},
        published.seed,
        {system: read_origin(path) for system, path in files.items()},
        {"bini-nano + bini-nano-lora": load_calibration(SHIPPED, sha256_file(SHIPPED / ADAPTER_WEIGHTS))},
    )
    # As text, which is rounded: the last digit of a float is the processor's.
    text = to_markdown(sections(made, "t", []))
    assert text == to_markdown(sections(published, "t", []))
    tables = text.split("## Held-out cases")[1]
    assert tables in (REFERENCE / "report.md").read_text(encoding="utf-8")
