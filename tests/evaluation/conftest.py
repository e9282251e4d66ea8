"""A stand-in for sentence-transformers, which the tests do not install."""

import sys
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Makes words the dimensions; returns the folders that were loaded. Refuses to load what is not safe."""
    loaded: list[Path] = []

    class SentenceTransformer:
        def __init__(self, folder: str, **options: Any) -> None:
            assert options["local_files_only"] is True
            assert options["trust_remote_code"] is False
            assert options["model_kwargs"] == {"use_safetensors": True}
            if not (Path(folder) / "config.json").read_bytes().startswith(b"{"):
                raise OSError("no configuration\nat all")
            loaded.append(Path(folder))

        def encode(self, texts: list[str], **_: Any) -> np.ndarray:
            return np.array([_words(text) for text in texts], dtype=np.float32)

    module = ModuleType("sentence_transformers")
    module.__version__ = "6.0.1"  # type: ignore[attr-defined]
    module.SentenceTransformer = SentenceTransformer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    return loaded


def _words(text: str) -> np.ndarray:
    counts = np.zeros(64)
    for word in text.split():
        counts[zlib.crc32(word.encode()) % 64] += 1
    return counts / np.linalg.norm(counts)
