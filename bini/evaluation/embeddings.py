"""A baseline on sentence embeddings, where the package sentence-transformers and a model for it are installed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import FunctionTransformer

from bini.domain.cases import Case
from bini.errors import ModelError
from bini.evaluation.baselines import Pair, classified
from bini.evaluation.prediction import Prediction
from bini.models.catalog import ModelPlace, resolve

Array = NDArray[np.float64]

SAFE = 6
"""First major version of sentence-transformers that runs no code of a model folder unless it is told to."""


@dataclass(frozen=True)
class Embedder:
    """An embedding model on this machine."""

    place: ModelPlace

    @property
    def name(self) -> str:
        """What reports call the baseline."""
        return f"embeddings ({self.place.name}) + logistic regression"

    def encode(self, texts: Sequence[str]) -> Array:
        """One vector of length 1 for each text. Shape (texts, dimensions).

        Raises
        ------
        ModelError
            If the model does not load or gives no usable numbers. Neither code nor pickles of its folder are loaded.
        """
        from sentence_transformers import SentenceTransformer

        try:
            model = SentenceTransformer(
                str(self.place.path),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
            found = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        except (OSError, ValueError, RuntimeError, LookupError, TypeError, ImportError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
            raise ModelError(
                f"{self.place.name} embeds no text ({reason})", "name a sentence-embedding model"
            ) from error
        vectors = np.asarray(found, dtype=np.float64)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise ModelError(f"{self.place.name} gives no usable vectors", "name a sentence-embedding model")
        return vectors


def find_embedder(wanted: str, notice: Callable[[str], None]) -> Embedder | None:
    """The embedding model that is meant, or None, with a notice, where the package for it is missing or too old.

    Raises
    ------
    ModelError
        If no such model is on this machine.
    """
    try:
        from sentence_transformers import __version__ as installed
    except ImportError:
        installed = "0"
    if int(installed.split(".")[0]) < SAFE:
        notice(f"no embedding baseline: sentence-transformers {SAFE} is not installed (pip install 'bini[embeddings]')")
        return None
    return Embedder(resolve(wanted, notice))


def embedding_baseline(
    train: Sequence[Case], cases: Sequence[Case], encode: Callable[[Sequence[str]], Array]
) -> list[Prediction]:
    """Predict by logistic regression on the embeddings of both texts and their difference.

    The features are those that sentence embeddings are classified by in Reimers and Gurevych (2019): u, v, |u - v|.

    Parameters
    ----------
    train
        Labelled cases to learn from; they should share no patent with `cases`.
    cases
        Cases to answer.
    encode
        Gives the vectors of texts, shape (texts, dimensions); called once.
    """
    texts = sorted({text for c in (*train, *cases) for text in (c.claim_text, c.user_query, *c.elements)})
    vectors = dict(zip(texts, encode(texts), strict=True))

    def features(pairs: Sequence[Pair]) -> Array:
        one, two = (np.array([vectors[text] for text in side]) for side in zip(*pairs, strict=True))
        return np.hstack([one, two, np.abs(one - two)])

    return classified(train, cases, lambda: FunctionTransformer(features))
