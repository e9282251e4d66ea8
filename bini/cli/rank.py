"""`bini rank`: patents for a product, or products for a claim, riskiest first."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bini.cli.console import (
    AdapterOption,
    Language,
    LogOption,
    LogTextsOption,
    ModelOption,
    adapter_of,
    notice,
    open_log,
    out,
    progress,
    read,
)
from bini.errors import InputError

if TYPE_CHECKING:
    from bini.domain.monitoring.log import AssessmentLog
    from bini.evaluation.ranking import Entry

KEPT = Path("outputs/rank")
"""Where assessed pairs are kept."""


def rank(
    product: Annotated[
        str | None, typer.Option("--product", help="Product description: text, @file, or - for standard input.")
    ] = None,
    patents: Annotated[
        Path | None, typer.Option("--patents", help="Patents to rank: .jsonl, .csv or .xlsx of id, title, claim(s).")
    ] = None,
    claim: Annotated[str | None, typer.Option("--claim", help="One patent claim: text or @file.")] = None,
    products: Annotated[
        Path | None, typer.Option("--products", help="Products to rank: .jsonl, .csv or .xlsx of id, title, product.")
    ] = None,
    suite: Annotated[
        Path | None, typer.Option("--suite", help="A folder of labelled queries: measure how good the order is.")
    ] = None,
    model: ModelOption = "tuned-1b",
    adapter: AdapterOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the ranking, or the suite's scores, as JSON.")] = False,
    file: Annotated[
        Path | None, typer.Option("--out", help="Write the ranking too: .csv or .xlsx; of a suite .json.")
    ] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the table.")] = Language.KO,
    log: LogOption = None,
    log_texts: LogTextsOption = False,
) -> None:
    """Order patents for a product, or products for a claim, by risk; goes on where it was stopped."""
    kept = open_log(log, log_texts)
    match product, patents, claim, products, suite:
        case str(query), Path() as listed, None, None, None:
            _rank_list(_patents_for(query, listed), model, adapter, as_json, file, lang, kept)
        case None, None, str(query), Path() as listed, None:
            _rank_list(_products_for(query, listed), model, adapter, as_json, file, lang, kept)
        case None, None, None, None, Path() as folder:
            _rank_suite(folder, model, adapter, as_json, file)
        case _:
            raise InputError(
                "give --product with --patents, --claim with --products, or --suite alone", "see: bini rank --help"
            )


def _patents_for(product: str, listed: Path) -> "list[Entry]":
    from bini.domain.candidates import PATENTS
    from bini.domain.untrusted import clean_text

    return _entries(clean_text(read(product, "product"), "product description"), listed, PATENTS)


def _products_for(claim: str, listed: Path) -> "list[Entry]":
    from bini.domain.candidates import PRODUCTS
    from bini.domain.claims import split_claim
    from bini.domain.untrusted import clean_text

    text = clean_text(read(claim, "claim"), "claim")
    split_claim(text)
    _tell_citation("the claim", text)
    return _entries(text, listed, PRODUCTS)


def _entries(query: str, listed: Path, columns: "Sequence[str]") -> "list[Entry]":
    """The rows of a list; all that can be told of them without a model is told here."""
    from bini.domain.candidates import read_candidates
    from bini.evaluation.ranking import entry_of

    entries = []
    for candidate in read_candidates(listed, columns):
        entries.append(entry_of(candidate, query))
        where = f"{listed.name}, line {candidate.line}"
        if entries[-1].problem:
            notice(f"{where}: {entries[-1].problem}; it gets no rank")
        if candidate.column == "claim":
            _tell_citation(f"{where}: the claim", candidate.text)
    return entries


def _tell_citation(what: str, claim: str) -> None:
    from bini.domain.claims import find_citations

    if cited := next(find_citations(claim), None):
        notice(f"{what} cites “{claim[cited.start : cited.end]}”: only what is written here is judged")


def _rank_list(
    entries: "Sequence[Entry]",
    model: str,
    adapter: Path | None,
    as_json: bool,
    file: Path | None,
    lang: Language,
    log: "AssessmentLog | None",
) -> None:
    from bini.domain.charts.ranking import ranking_form, terminal_ranking, write_ranking

    if file:
        ranking_form(file)
    from bini.evaluation.ranking import rank as rank_entries
    from bini.evaluation.run import system_of

    system = system_of(model, adapter_of(adapter, model), notice)
    with progress("ranking", "pairs") as advance:
        ranking = rank_entries(system, entries, KEPT, advance, log)
    if file:
        write_ranking(file, ranking, lang.value)
        notice(f"ranking: {file}")
    if as_json:
        sys.stdout.write(ranking.model_dump_json(indent=2) + "\n")
        return
    out.print(terminal_ranking(ranking, lang.value))


def _rank_suite(folder: Path, model: str, adapter: Path | None, as_json: bool, file: Path | None) -> None:
    from bini.domain.ranking_suite import load_suite

    if file and file.suffix.lower() != ".json":
        raise InputError(f"{file}: a suite's scores are JSON", "give a name that ends in .json")
    queries = load_suite(folder)
    from bini.evaluation.ranking_suite import rank_suite, suite_tables
    from bini.evaluation.run import system_of
    from bini.files import write_json

    system = system_of(model, adapter_of(adapter, model), notice)
    with progress("ranking", "pairs") as advance:
        scores = rank_suite(system, queries, KEPT, advance)
    if file:
        write_json(file, scores.model_dump(mode="json"))
        notice(f"scores: {file}")
    if as_json:
        sys.stdout.write(scores.model_dump_json(indent=2) + "\n")
        return
    out.print(suite_tables(scores))
