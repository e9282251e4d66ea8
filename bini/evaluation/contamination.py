"""Rows of a suite that a model has met in training, word for word or nearly so: they measure memory, not quality."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from bini.domain.cases import Case

SHINGLE = 5
"""Characters of a shingle; runs of white space count as one blank."""

NEAR = 0.7
"""Jaccard similarity of shingles from which two texts are near-duplicates (Broder 1997), of product and claim alike.

Different products under one claim of BiniBench's training split reach 0.53 at most, under different claims 0.10.
"""


def near_duplicates(suite: Sequence[Case], trained: Sequence[Case]) -> dict[str, str]:
    """Keys of the suite's cases that repeat a training case, each with the id of the case that it repeats most closely.

    A case repeats another if product and claim are both the same or near-duplicates of the other's: another product
    under a trained claim is a new question, and so is a known product under another claim.
    """
    if not suite or not trained:
        return {}
    alike = np.minimum(
        _jaccard([case.user_query for case in suite], [case.user_query for case in trained]),
        _jaccard([case.claim_text for case in suite], [case.claim_text for case in trained]),
    )
    closest = alike.argmax(axis=1)
    return {
        case.key: trained[index].case_id
        for case, index, share in zip(suite, closest, alike.max(axis=1), strict=True)
        if share >= NEAR
    }


def _jaccard(texts: Sequence[str], others: Sequence[str]) -> np.ndarray:
    """Jaccard similarity of the sets of shingles of every text and every other. Shape (texts, others)."""
    count = CountVectorizer(analyzer=_shingles, binary=True, dtype=np.float64)
    both = count.fit_transform([*texts, *others])
    one, two = both[: len(texts)], both[len(texts) :]
    common = (one @ two.T).toarray()
    sizes = one.sum(axis=1).A1[:, None] + two.sum(axis=1).A1[None, :]
    return np.asarray(common / (sizes - common))


def _shingles(text: str) -> list[str]:
    squeezed = " ".join(text.lower().split())
    return [squeezed[i : i + SHINGLE] for i in range(max(1, len(squeezed) - SHINGLE + 1))]
