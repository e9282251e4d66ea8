"""What a run folder tells people: the loss curve as a picture, and the model card."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bini.files import write_bytes


def plot_loss(losses: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the training loss over the steps."""
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([e["step"] for e in losses], [e["loss"] for e in losses], color="#1f4e79")
    axes.set(xlabel="step", ylabel="training loss (answer tokens)", ylim=(0, None))
    axes.grid(alpha=0.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=120, format="png")
    write_bytes(path, buffer.getvalue())


def model_card(run: Mapping[str, Any], recipe: Mapping[str, Any], losses: Sequence[Mapping[str, float]]) -> str:
    """The README of a run folder: what it is, what it was made from, what it must not be used for."""
    settings = "\n".join(f"| {key} | {value} |" for key, value in recipe.items())
    machine, first, last = run["machine"], losses[0], losses[-1]
    versions = ", ".join(f"{name} {number}" for name, number in run["versions"].items())
    return f"""# {run["name"]}: a Bini adapter for {run["base_model"]}

A LoRA adapter that writes claim-chart judgements (대응 / 미대응 / 판단불가, 높음 / 애매 / 낮음) for Bini.
It belongs to one base model, `{run["base_model"]}` (fingerprint `{run["base_fingerprint"][:16]}`),
and is refused on any other.

- Trained on {run["rows"]} cases of {run["patents"]} patent(s), `train.jsonl`, and {run["added_rows"]} rows beside
  them, `added.jsonl`: copies with names exchanged, and generated cases (hash of both `{run["data_sha256"][:16]}`).
- {run["steps"]} steps in {run["seconds"]} s, {machine["processor"]}, {machine["threads"]} threads; seed {run["seed"]}.
- Loss {first["loss"]:.3f} (step {first["step"]}) to {last["loss"]:.3f} (step {last["step"]}): `loss.png`.
- {versions}

| recipe | value |
|---|---|
{settings}

## Limits

A screening aid, not legal advice. Its scores on the rows it was trained on say nothing about other patents:
run `bini eval --adapter` on cases of patents it has not seen. Its confidence is
calibrated only if it has a calibration.json.
"""
