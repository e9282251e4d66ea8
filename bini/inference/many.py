"""Judging many products and claims: what their prompts have in common is read once.

A prompt is the instruction, the claim's elements, then the product. In the order of their tokens those that begin alike
stand next to each other, so one `Context` handed from each to the next keeps whatever they share: the instruction and
the claim where one claim meets many products, the instruction alone where one product meets many claims.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bini.domain.schema import Assessment
from bini.domain.verdict import Verdict
from bini.inference.assessor import Assessor, Request, loaded
from bini.inference.drafting import Context
from bini.models.catalog import Role

T = TypeVar("T")
Pairs = Sequence[tuple[str, str]]
"""Products with claims, free text."""


def assess_many(pairs: Pairs, model: str = Role.TUNED, adapter: Path | str | None = None) -> list[Assessment]:
    """Judge many products and claims.

    Parameters
    ----------
    pairs
        Products with claims, as for `assess`.
    model, adapter
        As for `assess`.

    Returns
    -------
    list of Assessment
        In the order of `pairs`; each as `assess` gives it.

    Raises
    ------
    InputError, ModelError
        As `Assessor.assess`; bad input is told before any is judged.
    """
    return charts(loaded(model, adapter), pairs)


def charts(
    assessor: Assessor, pairs: Pairs, advance: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Assessment]:
    """The assessment of each pair; `advance` is told how many are done, and of how many."""
    return _each(assessor, pairs, assessor.judge, advance)


def verdicts(
    assessor: Assessor, pairs: Pairs, advance: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Verdict]:
    """The verdict on each pair; `advance` is told how many are done, and of how many."""
    return _each(assessor, pairs, assessor.judge_briefly, advance)


def _each(
    assessor: Assessor, pairs: Pairs, judge: Callable[[Request, Context], T], advance: Callable[[int, int], None]
) -> list[T]:
    requests = [assessor.prepare(product, claim) for product, claim in pairs]
    context, made = assessor.context(), dict[int, T]()
    advance(0, len(requests))
    for number in sorted(range(len(requests)), key=lambda n: requests[n].prompt):
        made[number] = judge(requests[number], context)
        advance(len(made), len(requests))
    return [made[number] for number in range(len(requests))]
