"""Finished run folders: which adapters there are for a model."""

import json
from collections.abc import Iterator
from pathlib import Path

from bini.models.catalog import EMBEDDED, ModelPlace, Role, resolve


def newest_adapter(model: str = Role.TUNED, outputs: Path = Path("outputs")) -> Path | None:
    """The newest finished run under `outputs` that was trained on `model`, else the one that ships with it, or None."""
    return next(adapters_of(resolve(model, lambda _: None), outputs), None)


def adapters_of(place: ModelPlace, outputs: Path = Path("outputs")) -> Iterator[Path]:
    """The finished runs that were trained on a model: those under `outputs`, newest first, then those that ship."""
    runs = sorted(outputs.glob("*/run.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for run in (*runs, *sorted(EMBEDDED.glob("*/run.json"))):
        try:
            stored = json.loads(run.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(stored, dict) and stored.get("base_fingerprint") == place.fingerprint():
            yield run.parent
