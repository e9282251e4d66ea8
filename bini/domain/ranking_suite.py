"""Ranking suites: queries with labelled candidates, one YAML file a query.

A query is a claim whose candidates are products, or a product whose candidates are claims.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bini.domain.cases import Case, Text
from bini.domain.labels import RiskLevel
from bini.errors import DataError

HINT = "eval/ranking/README.md shows a query's file"

Source = Literal["binibench", "written", "read"]
"""How a label arose: it is BiniBench's of this very pair; the candidate was written for the query and labelled then; or
both texts are BiniBench's and the pair was judged by reading them."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Side(_Strict):
    """A claim with its elements, verbatim and in order, or a product."""

    id: Text
    claim: Text | None = None
    elements: tuple[Text, ...] = ()
    product: Text | None = None

    @property
    def text(self) -> str:
        """The claim or the product."""
        return self.claim or self.product or ""


class LabelledCandidate(_Side):
    """One candidate of a query.

    Parameters
    ----------
    decided_by
        Numbers, from 1, of the elements that the level rests on: of 낮음 those that are 미대응, of 애매 those that are
        판단불가, of 높음 none.
    near
        Whether it lies in the field of the query, so that field alone does not tell it from a match.
    """

    level: RiskLevel
    decided_by: tuple[int, ...]
    reason: Text
    near: bool
    source: Source


class Query(_Side):
    """A query with its candidates."""

    candidates: Annotated[tuple[LabelledCandidate, ...], Field(min_length=2)]


def load_suite(folder: Path) -> list[Query]:
    """Read the queries in a folder, by file name.

    Raises
    ------
    DataError
        If there are fewer than two queries, or a file breaks the form; names file, candidate and what is wrong.
    """
    queries = [_load(path) for path in sorted(folder.glob("*.yaml"))]
    if len(queries) < 2:
        raise DataError(f"{folder} holds fewer than two queries (.yaml)", HINT)
    repeated = [name for name, count in Counter(query.id for query in queries).items() if count > 1]
    if repeated:
        raise DataError(f"{folder}: the query {repeated[0]!r} stands more than once", "each id must be unique")
    return queries


def refuse_ranked(cases: Iterable[Case], folder: Path) -> None:
    """Refuse to train on claims of the ranking suite in a folder.

    Raises
    ------
    DataError
        Naming the first such case and the folder.
    """
    claims = {side.claim for query in load_suite(folder) for side in (query, *query.candidates)}
    for case in cases:
        if case.claim_text in claims:
            raise DataError(
                f"the claim of {case.case_id} stands in the ranking suite {folder.name}",
                "suites are never trained on: take the case out of the training data",
            )


def _load(path: Path) -> Query:
    try:
        query = Query.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror})", "check the name of the file") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataError(f"{path}, {field}: {first['msg']}", HINT) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not valid YAML in UTF-8", HINT) from error
    problem = next(_problems(query), None)
    if problem:
        raise DataError(f"{path}, {problem}", HINT)
    return query


def _problems(query: Query) -> Iterator[str]:
    for side in (query, *query.candidates):
        if (side.claim is None) is (side.product is None) or (side.claim is None) is bool(side.elements):
            yield f"{side.id}: neither a product nor a claim with its elements"
        if any(element not in side.text for element in side.elements):
            yield f"{side.id}: an element is no piece of the claim"
    for candidate in query.candidates:
        if (candidate.claim is None) is (query.claim is None):
            yield f"{candidate.id}: a claim ranks products, a product ranks claims"
        if (candidate.level is RiskLevel.HIGH) is bool(candidate.decided_by):
            yield f"{candidate.id}: elements decide a level exactly when it is not 높음"
        if not set(candidate.decided_by) <= set(range(1, len(query.elements or candidate.elements) + 1)):
            yield f"{candidate.id}: decided_by names an element that is not there"
    if len({candidate.id for candidate in query.candidates}) < len(query.candidates):
        yield "an id of a candidate stands more than once"
    if not any(candidate.level is RiskLevel.HIGH for candidate in query.candidates):
        yield "no candidate is 높음, so that there is nothing to find"
