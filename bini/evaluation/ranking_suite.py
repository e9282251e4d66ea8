"""A ranking suite, end to end: queries are ranked like users' lists and scored beside orders made without a model."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from bini.domain.ranking import order_key
from bini.domain.ranking_suite import Query
from bini.domain.schema import Assessment
from bini.evaluation.baselines import word_share
from bini.evaluation.predict import System
from bini.evaluation.ranking import Entry, Pair, judge
from bini.evaluation.ranking_score import GroupRanking, Judged, Mean, compare
from bini.files import sha256

Scorer = Callable[[Query], Sequence[float]]
"""The scores of a query's candidates, larger is riskier."""


class SuiteRanking(BaseModel):
    """What a system and the baselines reached on a suite.

    Parameters
    ----------
    suite_sha256
        Digest of its queries and labels.
    unassessed
        Candidates that the system could not assess; they stand last.
    groups
        All queries; by what is asked; and all queries with their near candidates alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    suite_sha256: str
    unassessed: int
    groups: tuple[GroupRanking, ...]


def rank_suite(
    system: System, queries: Sequence[Query], folder: Path, advance: Callable[[int, int, str], None]
) -> SuiteRanking:
    """Rank the candidates of every query and score the orders.

    Parameters
    ----------
    system
        Who judges; asked with the labelled elements of each claim.
    queries
        A suite, as `bini.domain.ranking_suite.load_suite` reads it.
    folder
        Where assessed pairs are kept.
    advance
        Told pairs done, pairs in all, and which candidate is at work.
    """
    entries = [Entry(c.id, pairs=(_pair(query, n),)) for query in queries for n, c in enumerate(query.candidates)]
    found = [assessment for _, assessment in judge(system, entries, folder, advance)]
    own: dict[str, Sequence[float]] = {}
    after = 0
    for query in queries:
        own[query.id] = _places(found[after : after + len(query.candidates)])
        after += len(query.candidates)
    systems: dict[str, Scorer] = {
        system.name: lambda query: own[query.id],
        "random order (expectation)": lambda query: [0.0] * len(query.candidates),
        "word overlap": lambda query: [word_share(p.claim, p.product) for p in _pairs(query)],
        "character TF-IDF cosine": _cosines,
    }
    claims, products = [q for q in queries if q.claim], [q for q in queries if q.product]
    groups = [
        _group("all queries", queries, systems),
        *([_group("a claim, its products", claims, systems)] if claims else []),
        *([_group("a product, its patents", products, systems)] if products else []),
        _group("near candidates alone", queries, systems, near=True),
    ]
    return SuiteRanking(
        system=system.name,
        suite_sha256=sha256("".join(query.model_dump_json() for query in queries)),
        unassessed=found.count(None),
        groups=tuple(groups),
    )


def _pair(query: Query, number: int) -> Pair:
    candidate = query.candidates[number]
    claim, product = (query, candidate) if query.claim else (candidate, query)
    return Pair(product.text, claim.text, claim.elements)


def _pairs(query: Query) -> list[Pair]:
    return [_pair(query, number) for number in range(len(query.candidates))]


def _places(found: Sequence[Assessment | None]) -> list[float]:
    """Order keys as numbers: what has the same key has the same number, what was not assessed the least."""
    keys = sorted({order_key(assessment) for assessment in found if assessment})
    return [float(keys.index(order_key(assessment))) if assessment else -1.0 for assessment in found]


def _cosines(query: Query) -> Sequence[float]:
    """Cosine of character n-grams, weighted over the texts of this query alone."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True).fit_transform(
        [query.text, *(candidate.text for candidate in query.candidates)]
    )
    return [float(cosine) for cosine in linear_kernel(vectors[:1], vectors[1:])[0]]


def _group(name: str, queries: Sequence[Query], systems: dict[str, Scorer], near: bool = False) -> GroupRanking:
    def judged(query: Query, score: Scorer) -> Judged:
        kept = [(c.level, value) for c, value in zip(query.candidates, score(query), strict=True) if c.near or not near]
        return Judged([level for level, _ in kept], [value for _, value in kept])

    return compare(name, {system: [judged(query, score) for query in queries] for system, score in systems.items()})


def suite_tables(scores: SuiteRanking) -> RenderableType:
    """The scores for a rich console, a table a group."""
    parts: list[RenderableType] = []
    for group in scores.groups:
        title = f"{group.group}: {group.queries} queries, {group.candidates} candidates, {group.high} 높음"
        table = Table(title=title, title_justify="left", header_style="bold", box=None, padding=(0, 1, 0, 0))
        table.add_column("order", overflow="fold")
        for key in (*group.systems[0].measures, "lead"):
            table.add_column(key.replace("_at_", "@"), justify="right", no_wrap=True)
        for row in group.systems:
            lead = "" if row is group.systems[0] else _told(row.first_ahead)
            table.add_row(Text(row.name), *(_told(mean) for mean in row.measures.values()), lead)
        parts += [table, ""]
    note = f"95 % intervals by bootstrap over queries; lead: {scores.system} ahead of the order in NDCG, query by query"
    missing = f"; not assessed: {scores.unassessed}" if scores.unassessed else ""
    return Group(*parts, Text(note + missing, "dim"))


def _told(mean: Mean) -> str:
    interval = f"\n{mean.interval[0]:.2f}–{mean.interval[1]:.2f}" if mean.interval else ""
    return f"{mean.value:.3f}{interval}"
