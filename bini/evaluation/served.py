"""A row of the comparison whose model runs elsewhere: behind an endpoint."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from bini.domain.cases import Case
from bini.domain.labels import roll_up
from bini.evaluation.prediction import Prediction, question
from bini.files import sha256
from bini.inference.endpoint import Endpoint
from bini.inference.prompt import INSTRUCTION


@dataclass(frozen=True)
class Served:
    """A model behind an endpoint; see `bini.evaluation.predict.Row`.

    It is asked with the prompt and the schema of all others, but decodes in its own way and gives no probabilities.
    """

    name: str
    endpoint: Endpoint

    @property
    def identity(self) -> dict[str, Any]:
        """All that can be known of it: what it calls itself, not its weights."""
        return {"endpoint": self.endpoint.url, "model": self.endpoint.model, "prompt": sha256(INSTRUCTION)}

    def answer(self, cases: Sequence[Case], seen: frozenset[str], free: bool) -> Iterator[Prediction]:
        """Predict one by one; free-running answers are not asked for.

        Raises
        ------
        ModelError
            If the server cannot be reached or refuses all requests; an answer that is of no use is an unanswered case.
        """
        with self.endpoint.open() as client:
            for case in cases:
                yield self._predict(client, case, case.key in seen)

    def _predict(self, client: httpx2.Client, case: Case, trained_on: bool) -> Prediction:
        started = time.perf_counter()
        judgement = self.endpoint.judge(client, case.user_query, case.elements)
        seconds = time.perf_counter() - started
        rows = judgement.comparisons if judgement else ()
        return Prediction(
            **question(case),
            level=judgement.risk_level if judgement else None,
            comparisons=rows,
            rule_level=roll_up(row.supported for row in rows) if rows else None,
            probabilities={},
            valid_free=None,
            valid_constrained=judgement is not None,
            trained_on=trained_on,
            seconds=round(seconds, 3),
            model_calls=1,
        )
